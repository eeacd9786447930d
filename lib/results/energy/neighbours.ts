import { secondsOf, type Stretch, touches } from "../../meter/stretch.ts";
import type { Boards } from "./boards.ts";
import type { EnergyFacts } from "./facts.ts";
import type { Neighbour } from "./record.ts";

/** More neighbours than this are counted, not listed. */
const MAX_LISTED = 50;

/** Processes that are not the run's and were seen on devices of the headline while the window was open; first those that compute. */
export function neighboursOf(
  { recording }: EnergyFacts,
  stretches: readonly Stretch[],
  { headline }: Boards,
): { readonly neighbours: readonly Neighbour[]; readonly more: number } {
  const boards = new Set(headline.map(({ device }) => device.uuid));
  const others = recording.processes.filter(({ own, device, first_ns, last_ns }) =>
    own === false && boards.has(device) && touches(stretches, first_ns, last_ns)
  );
  const computing = others.filter(({ kind }) => kind !== "graphics");
  const drawing = others.filter(({ kind }) => kind === "graphics");
  const neighbours = [...computing, ...drawing].slice(0, MAX_LISTED).map(
    ({ pid, name, device, kind, memory_bytes, first_ns, last_ns, run_id }) => {
      const shared = stretches.map(({ begin_ns, end_ns }) => {
        const begin = Math.max(begin_ns, first_ns);
        return { begin_ns: begin, end_ns: Math.max(begin, Math.min(end_ns, last_ns)) };
      });
      const of = run_id === undefined ? {} : { run_id };
      return { pid, name, device, ...of, kind, memory_bytes, seconds: secondsOf(shared) };
    },
  );
  return { neighbours, more: others.length - neighbours.length };
}
