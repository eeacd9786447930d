import type { ParallelMode } from "../../study/execution.ts";
import type { ConfigDemand } from "./demand.ts";
import type { PoolMode } from "./pool.ts";

/** Why `auto` makes one run at a time. */
export type OffReason = "unknown_demand" | "no_gate" | "all_alone" | "one_board";

/** How runs are made, once it is known which and where. */
export interface ResolvedMode {
  readonly mode: PoolMode | "off";
  /** Null unless `auto` came to `off`. */
  readonly why: OffReason | null;
}

/**
 * What `execution.parallel` means for configurations with these demands, on so many boards (null: not known). `auto` is `staged`
 * where all their workers can wait to be measured and at least one of them may run beside others, else `off`.
 */
export function resolveMode(
  parallel: ParallelMode,
  demands: readonly ConfigDemand[],
  n_boards: number | null,
): ResolvedMode {
  if (parallel !== "auto") return { mode: parallel, why: null };
  const off = (why: OffReason): ResolvedMode => ({ mode: "off", why });
  if (demands.some(({ kind }) => kind !== "known")) return off("unknown_demand");
  const reasons = demands.map((demand) => demand.kind === "known" ? demand.alone : null);
  if (reasons.includes("no_gate")) return off("no_gate");
  if (reasons.every((reason) => reason !== null)) return off("all_alone");
  return n_boards !== null && n_boards < 2 ? off("one_board") : { mode: "staged", why: null };
}
