import type { Outcome } from "../../experiment/outcome.ts";
import type { RecordWarning } from "../warning.ts";
import type { EnergyFacts } from "./facts.ts";
import { othersHeldMemory } from "./messages.ts";
import { decideOwners } from "./owners.ts";

/** Less than this is a desktop, or a context without work. */
const LEAST_BYTES = 2 ** 30;

/**
 * Who else held memory of the GPUs that a failed run could use: engines that find a GPU taken do not say by whom. Empty for
 * every other outcome, and where the processes were not seen or are nobody else's.
 */
export function holderWarnings({ kind }: Pick<Outcome, "kind">, facts: EnergyFacts): RecordWarning[] {
  if (kind !== "failed" && kind !== "crashed") return [];
  const { run_devices, recording } = facts;
  const byDevice = Map.groupBy(
    decideOwners(recording.processes).filter(({ own, device, memory_bytes }) =>
      own === false && (memory_bytes ?? 0) >= LEAST_BYTES && (run_devices?.includes(device) ?? true)
    ),
    ({ device }) => device,
  );
  return [...byDevice].map(([device, holders]) => ({
    code: "gpu_held",
    text: othersHeldMemory(device, holders),
  }));
}
