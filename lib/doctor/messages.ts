/** Texts for people about this machine: one function each, nothing else. */
import { LIBRARY_FLOOR } from "../engines/llamacpp/library_floor.ts";

/** `others` is a number of CPUs, such as 1.6. */
export function othersUse(others: number, cpus: number): string {
  return `other processes use ${others.toFixed(1)} of ${cpus} CPUs`;
}

/** The remedy for a busy machine. */
export function endOthers(): string {
  return "end what else runs here: see top";
}

/** An engine that this version of llem plans studies for and cannot run. */
export function notSupported(): string {
  return "this version of llem can plan studies of it, not run them";
}

/** The remedy; `engines` is a list such as `llamacpp, pytorch, or command with a worker of your own`. */
export function useInstead(engines: string): string {
  return `use ${engines}`;
}

/** The docker program and its daemon. */
export function dockerMissing(): string {
  return "the docker program is not installed";
}

/** `program` is a path. */
export function dockerSilent(program: string): string {
  return `${program} is installed, but its daemon does not answer`;
}

/** What docker is for; `backends` is never empty. */
export function dockerNeededBy(backends: readonly string[]): string {
  return `needed only for runners: { ${backends.map((backend) => `${backend}: docker`).join(", ")} }`;
}

/** The libraries of the system; null is unknown. */
export function systemLibraries(glibc: string | null, glibcxx: string | null): string {
  const version = (known: string | null): string => known ?? "of an unknown version";
  return `glibc ${version(glibc)}, GLIBCXX ${
    version(glibcxx)
  } (llamacpp needs ${LIBRARY_FLOOR.glibc} and ${LIBRARY_FLOOR.glibcxx})`;
}

/** Workers are started from elsewhere; `where` says that results can be written. */
export function noexecResults(where: string, workers: string): string {
  return `${where}; mounted noexec, so workers are started from ${workers}`;
}

/** Neither the results nor the cache may hold programs. */
export function noexecEverywhere(where: string): string {
  return `${where}; mounted noexec, and so is the cache: workers are started from the llem program itself, ` +
    "which must not be replaced while a study runs";
}

/** A folder above the results that anybody may write to. */
export function openResults(where: string, folder: string): string {
  return `${where}; ${folder} is writable for everyone, so others can replace results`;
}

/** A cache that cannot be used; `trouble` is a clause. */
export function unusableCache(trouble: string): string {
  return `cannot be used: ${trouble}`;
}
