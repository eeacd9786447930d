/**
 * Pressure stall information: how long tasks stood still for want of CPU, memory or I/O. Source: the kernel's
 * accounting/psi. Null is what cannot be told: a kernel without CONFIG_PSI, or booted with psi=0.
 */
import { readKernelFile } from "../base/files.ts";

/** Seconds since boot. Only differences mean something. `some`: at least one task stood still; `full`: all did. */
export interface Pressure {
  readonly cpu_some_s: number | null;
  readonly memory_some_s: number | null;
  readonly memory_full_s: number | null;
  readonly io_some_s: number | null;
  readonly io_full_s: number | null;
}

/** Of the whole machine; null where the kernel tells none of it. Never throws. */
export function readMachinePressure(root = ""): Pressure | null {
  return readPressure((resource) => `${root}/proc/pressure/${resource}`);
}

/** Of a control group of version 2; null where the kernel tells none of it. Never throws. */
export function readGroupPressure(cgroup: string): Pressure | null {
  return readPressure((resource) => `${cgroup}/${resource}.pressure`);
}

/** Tasks that ran or were ready to run, on average over the last minute; null where /proc does not tell. */
export function readLoadPerMinute(root = ""): number | null {
  const load = Number.parseFloat(read(`${root}/proc/loadavg`) ?? "");
  return Number.isFinite(load) ? load : null;
}

function readPressure(fileOf: (resource: string) => string): Pressure | null {
  const [cpu, memory, io] = ["cpu", "memory", "io"].map((resource) => read(fileOf(resource)));
  const pressure = {
    cpu_some_s: stallSeconds(cpu, "some"),
    memory_some_s: stallSeconds(memory, "some"),
    memory_full_s: stallSeconds(memory, "full"),
    io_some_s: stallSeconds(io, "some"),
    io_full_s: stallSeconds(io, "full"),
  };
  return Object.values(pressure).every((value) => value === null) ? null : pressure;
}

/** The kernel counts microseconds: `some avg10=0.00 avg60=0.00 avg300=0.00 total=1234`. */
function stallSeconds(text: string | null | undefined, kind: "some" | "full"): number | null {
  const total = new RegExp(`^${kind} .*total=(\\d+)$`, "m").exec(text ?? "")?.[1];
  return total === undefined ? null : Number(total) / 1e6;
}

function read(path: string): string | null {
  try {
    return readKernelFile(path);
  } catch {
    return null;
  }
}
