import { allowedCpus } from "../../lib/process/affinity.ts";
import type { Need } from "./needs.ts";

/** CPUs that tests may run on. Asked at import: the library that tells is opened once for all, and not within a test. */
export const OWN_CPUS: readonly number[] = allowedCpus() ?? [];

export const TWO_CPUS: Need = { what: "two CPUs", isMet: () => OWN_CPUS.length >= 2 };

/** `Cpus_allowed_list` of a process or one of its threads, as /proc has it; empty once it is gone. proc(5). */
export function allowedList(pid: number | "self", tid?: string): string {
  const folder = tid === undefined ? `/proc/${pid}` : `/proc/${pid}/task/${tid}`;
  try {
    return /^Cpus_allowed_list:\s*(\S+)/m.exec(Deno.readTextFileSync(`${folder}/status`))?.[1] ?? "";
  } catch {
    return "";
  }
}
