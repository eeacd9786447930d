import type { Affinity } from "../../process/affinity.ts";
import { threadVariables } from "./slot_environment.ts";
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
  if (!hasServer || cpus === null || cpus.length < ENOUGH_CPUS || isShared(place)) {
    return { worker: all, server: all };
  }
  return { worker: { cpus: cpus.slice(-1), numa }, server: { cpus: cpus.slice(0, -1), numa } };
}

/** The same place with the cores that are left to the server, and a thread for each. */
export function serverPlace(place: AttemptPlace | undefined): AttemptPlace | undefined {
  const cores = place?.own?.cores ?? null;
  if (place?.own === undefined || cores === null) return place;
  const left = Math.min(cores, cpuParts(place, true).server?.cpus?.length ?? cores);
  return { ...place, env: threadVariables(left), own: { ...place.own, cores: left } };
}

/** More CPUs than the hardware threads of its cores are those of other slots, too. */
function isShared({ cpus, own }: AttemptPlace): boolean {
  return (cpus?.length ?? 0) > 2 * (own?.cores ?? Infinity);
}
