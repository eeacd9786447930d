import { CommandError, EXIT } from "../../base/refusal.ts";
import type { Execution } from "../../study/execution.ts";
import { sharedCap } from "./messages.ts";

/** Modules of which CPU and GPU share one power cap: what runs beside a run takes its watts. */
const MODULE = /\bG[BH]\d{3}\b/;

/** Throws CommandError where measured windows are to overlap on such a module. `names`: of the boards of this machine. */
export function refuseSharedCap(
  { parallel }: Pick<Execution, "parallel">,
  names: readonly (string | null | undefined)[],
): void {
  const found = names.find((name) => name !== null && name !== undefined && MODULE.test(name));
  if (parallel === "shared" && found !== undefined && found !== null) {
    throw new CommandError(EXIT.preflight, sharedCap(found));
  }
}
