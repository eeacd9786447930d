import type { Affinity } from "../../process/affinity.ts";
import type { AttemptPlace } from "../attempt_request.ts";

/** With fewer CPUs a server and its client share all of them. */
const ENOUGH_CPUS = 4;

/** What the processes of a run are kept to. */
export interface CpuParts {
  /** Of its worker: where a server does the work, of that server's client. */
  readonly worker: Affinity | null;
  /** Of the server that llem starts for it. */
  readonly server: Affinity | null;
}

/** A server gets the CPUs of the slot but for the last, which is its client's: neither takes time from the other. */
export function cpuParts(place: AttemptPlace | undefined, hasServer: boolean): CpuParts {
  if (place === undefined || place.cpus === null && place.numa === null) {
    return { worker: null, server: null };
  }
  const { cpus, numa } = place;
  const all = { cpus, numa };
  if (!hasServer || cpus === null || cpus.length < ENOUGH_CPUS) return { worker: all, server: all };
  return { worker: { cpus: cpus.slice(-1), numa }, server: { cpus: cpus.slice(0, -1), numa } };
}
