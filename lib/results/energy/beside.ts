import { secondsOf, type Stretch, touches } from "../../meter/stretch.ts";
import { runsNamed } from "./messages.ts";
import type { EnergyFacts, RunBeside } from "./facts.ts";

/** Runs of the same study that were there, on boards of their own, while the window was open. */
export function runsBeside({ beside = [] }: EnergyFacts, stretches: readonly Stretch[]): RunBeside[] {
  return beside.filter(({ begin_ns, end_ns }) => touches(stretches, begin_ns, end_ns));
}

/** The runs, as a text names them; a server is named where none of its runs was there. */
export function namesOfRuns(beside: readonly RunBeside[]): string {
  const boardsOf = ({ devices }: RunBeside): string => devices.join();
  const runs = beside.filter(({ run_id }) => run_id !== "");
  const named = new Set(runs.map(boardsOf));
  const servers = beside.filter((other) => other.run_id === "" && !named.has(boardsOf(other)));
  return runsNamed([...new Set([...runs, ...servers].map(({ run_id }) => run_id))]);
}

/**
 * Mean power of the metered boards that are none of the run's, over its window, by readings once a second: watts, all boards
 * together. Null where there is no window or no such board, or nothing was read of one.
 */
export function otherBoardsW(
  { recording, meters, run_devices }: EnergyFacts,
  stretches: readonly Stretch[],
): number | null {
  const seconds = secondsOf(stretches);
  if (run_devices === null || seconds <= 0) return null;
  const others = recording.devices.filter(({ device: { kind, meter, uuid } }) =>
    kind === "gpu" && meters.includes(meter) && !run_devices.includes(uuid)
  );
  if (others.length === 0) return null;
  let joules = 0;
  for (const { power } of others) {
    for (const { begin_ns, end_ns } of stretches) {
      const part = power.energyJ(begin_ns, end_ns);
      if (part === null) return null;
      joules += part;
    }
  }
  return joules / seconds;
}
