import type { Recording } from "../../meter/recording.ts";
import type { NoBoards } from "./boards.ts";
import { energyOf } from "./energy.ts";
import type { EnergyFacts, ServerWork } from "./facts.ts";
import { startToldBefore } from "./messages.ts";
import type { EnergyRecord } from "./record.ts";
import { LEAST_RISE_MIB } from "./rules.ts";

/**
 * Boards whose memory in use rose while a server started and stayed up to the end of the recording; null where none rose and
 * one does not tell.
 */
export function grownBoards({ devices }: Recording): Extract<ServerWork, { kind: "managed" }>["grown"] {
  const rises = devices.filter(({ device }) => device.kind === "gpu").map(({ device: { uuid }, states }) => {
    const known = states.flatMap(({ memory_used_bytes }) => memory_used_bytes ?? []);
    const [first, last] = [known[0], known.at(-1)];
    return { uuid, mib: first === undefined || last === undefined ? null : (last - first) / 2 ** 20 };
  });
  const grown = rises.flatMap(({ uuid, mib }) =>
    mib !== null && mib >= LEAST_RISE_MIB ? [{ uuid, mib: Math.round(mib) }] : []
  );
  return grown.length === 0 && rises.some(({ mib }) => mib === null) ? null : grown;
}

/** Processes that cannot be seen from here and came to the boards with the server. */
export function cameUnseen({ processes }: Recording): ReadonlySet<number> {
  return new Set(processes.filter(({ own }) => own === "assumed").map(({ pid }) => pid));
}

/** How far the joules of a start are to be trusted; as `energy` of a record. */
export type StartupEnergy = Pick<
  EnergyRecord,
  "uncertainty_j" | "method" | "verdict" | "verdict_reasons" | "covers"
>;

/**
 * What was drawn while a server started, over the stretch from its spawn to the answer that proved it, as a record says it.
 * `start` is what the meter saw, or why nothing; null where an earlier run has told it.
 */
export function startupEnergy(
  start: EnergyFacts | NoBoards | null,
  stretch: { readonly begin_ns: bigint; readonly end_ns: bigint },
): {
  readonly startup_energy_j: number | null;
  readonly startup_energy: StartupEnergy | null;
  readonly startup_energy_reason: string | null;
} {
  const none = (reason: string): ReturnType<typeof startupEnergy> => ({
    startup_energy_j: null,
    startup_energy: null,
    startup_energy_reason: reason,
  });
  if (start === null) return none(startToldBefore());
  if ("reason" in start) return none(start.reason);
  const found = energyOf(
    seenByItsEnd(start, Number(stretch.end_ns)),
    [{ name: "measure", ...stretch }],
    null,
  );
  if ("reason" in found) return none(found.reason);
  const { headline_j, uncertainty_j, method, verdict, verdict_reasons, covers } = found.energy;
  return {
    startup_energy_j: headline_j,
    startup_energy: { uncertainty_j, method, verdict, verdict_reasons, covers },
    startup_energy_reason: null,
  };
}

/** Boards are looked at once a second and after the end: whoever is there then has come with the server that has answered. */
function seenByItsEnd(start: EnergyFacts, endNs: number): EnergyFacts {
  const processes = start.recording.processes.map((process) => ({
    ...process,
    first_ns: process.own === false ? process.first_ns : Math.min(process.first_ns, endNs),
  }));
  return { ...start, recording: { ...start.recording, processes } };
}
