import { exists } from "../base/files.ts";
import { hasGpuNode } from "../base/gpu_nodes.ts";
import { ownVariable } from "../base/own_environment.ts";
import { LLEM_VERSION } from "../base/version.ts";
import type { JsonObject } from "../base/json.ts";
import { recordedVariables } from "./environment_variables.ts";
import { readGpus } from "./gpus.ts";
import { type Machine, readMachine } from "./machine.ts";

/** environment.json: what the numbers of a study depend on, outside its configuration. Unknown is null. */
export interface Environment extends Machine {
  readonly schema: "llem.environment/1";
  readonly collected_at: string;
  readonly llem_version: string;
  readonly deno_version: string;
  readonly host: string;
  readonly os: string;
  readonly kernel: string;
  readonly cpu_model: string | null;
  /** Logical CPUs this process may use. */
  readonly cpus: number;
  readonly memory_bytes: number;
  readonly nvidia_driver: string | null;
  readonly gpus: readonly string[];
  /** Docker, podman, Kubernetes ...; null outside a container. */
  readonly container: string | null;
  /** Null outside a job. */
  readonly slurm: { readonly job_id: string; readonly partition: string | null } | null;
  /** The variables of the environment that may be recorded; never all of them. */
  readonly variables: Readonly<Record<string, string>>;
  /** What is metered, with its facts; null where no meter was asked. */
  readonly devices: readonly EnvironmentDevice[] | null;
  /** The kinds of meter that are not here, and why; null where none was asked. */
  readonly meters_absent: readonly EnvironmentAbsence[] | null;
}

/** A device as a meter tells of it (lib/meter, MeterDevice). */
export interface EnvironmentDevice {
  readonly uuid: string;
  readonly name: string;
  readonly kind: string;
  readonly meter: string;
  readonly power: string | null;
  readonly counter: boolean;
  readonly mig: { readonly enabled: boolean } | null;
  readonly absent: Readonly<Record<string, string>>;
  readonly facts: JsonObject;
}

/** A kind of meter that is not here (lib/meter, AbsentMeter). */
export interface EnvironmentAbsence {
  readonly meter: string;
  readonly reason: string;
  readonly remedy: string | null;
}

/** The same environment with what a meter told of its devices when it came up. */
export function withMeterDevices(
  environment: Environment,
  devices: readonly EnvironmentDevice[],
  absent: readonly EnvironmentAbsence[] = [],
): Environment {
  return { ...environment, devices, meters_absent: absent };
}

type Env = Readonly<Record<string, string | undefined>>;

/** Looks at the machine; files only, a few milliseconds, never an error. */
export function readEnvironment(env: Env = Deno.env.toObject()): Environment {
  return {
    schema: "llem.environment/1",
    collected_at: new Date().toISOString(),
    llem_version: LLEM_VERSION,
    deno_version: Deno.version.deno,
    host: Deno.hostname(),
    os: /^PRETTY_NAME="?(.*?)"?$/m.exec(read("/etc/os-release") ?? "")?.[1] ?? Deno.build.os,
    kernel: Deno.osRelease(),
    cpu_model: /^model name\s*:\s*(.*)$/m.exec(read("/proc/cpuinfo") ?? "")?.[1] ?? null,
    cpus: navigator.hardwareConcurrency,
    memory_bytes: Deno.systemMemoryInfo().total,
    nvidia_driver:
      /Kernel Module\s+(?:for \S+\s+)?(\d[\d.]*)/.exec(read("/proc/driver/nvidia/version") ?? "")?.[1] ??
        null,
    gpus: readGpus().map(({ model, uuid, bus }) => `${model} ${uuid ?? ""} ${bus}`.replace(/\s+/g, " ")),
    container: container(),
    slurm: slurmJob(env),
    variables: recordedVariables(env),
    devices: null,
    meters_absent: null,
    ...readMachine(),
  };
}

/**
 * True where an NVIDIA or AMD compute device is visible: runs may then hold a GPU, and gaps let it cool. A container may
 * see any one of several boards.
 */
export function hasGpu(dev = "/dev"): boolean {
  return hasGpuNode(dev);
}

function slurmJob({ SLURM_JOB_ID, SLURM_JOB_PARTITION }: Env): Environment["slurm"] {
  if (SLURM_JOB_ID === undefined) return null;
  return { job_id: SLURM_JOB_ID, partition: SLURM_JOB_PARTITION ?? null };
}

function container(): string | null {
  if (exists("/.dockerenv")) return "docker";
  if (exists("/run/.containerenv")) return "podman";
  if (ownVariable("KUBERNETES_SERVICE_HOST") !== undefined) return "kubernetes";
  return ownVariable("container") ?? null;
}

function read(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}
