import type { AbsentMeter } from "../meter.ts";
import * as messages from "./messages.ts";

/** What was found below the powercap tree. */
export interface RaplSurroundings {
  readonly root: string;
  /** `none`: no zone. `masked`: zones are listed, but nothing is behind them. `no_package`: none of them is a package. */
  readonly tree: "none" | "masked" | "no_package";
  readonly in_container: boolean;
  /** The CPU says that a hypervisor runs it. */
  readonly virtual: boolean;
}

/** Why no zone of energy can be found, and what would bring one. */
export function explainNoZones({ root, tree, in_container, virtual }: RaplSurroundings): AbsentMeter {
  if (tree === "masked") return absent(messages.countersMasked(root), messages.maskedRemedy());
  if (tree === "no_package") return absent(messages.noPackageZone(root), null);
  if (virtual) return absent(messages.noCountersInVm(root), null);
  return absent(messages.noCounters(root, in_container), messages.noCountersRemedy(in_container));
}

/** None of the zones can be read. */
export function explainUnreadable(
  why: "permission" | "other",
  text: string,
  inContainer: boolean,
): AbsentMeter {
  return why === "permission"
    ? absent(messages.countersForRootOnly(text), messages.permissionRemedy(inContainer))
    : absent(messages.countersUnreadable(text), null);
}

function absent(reason: string, remedy: string | null): AbsentMeter {
  return { meter: "rapl", reason, remedy };
}
