import { LLEM_VERSION } from "../base/version.ts";
import { readGpus } from "./gpus.ts";

/** environment.json: what the numbers of a study depend on, outside its configuration. Unknown is null. */
export interface Environment {
  readonly schema: "llem.environment/1";
  readonly collected_at: string;
  readonly llem_version: string;
  readonly deno_version: string;
  readonly host: string;
  readonly os: string;
  readonly kernel: string;
  readonly cpu_model: string | null;
  readonly cpu_governor: string | null;
  /** Logical CPUs this process may use. */
  readonly cpus: number;
  readonly memory_bytes: number;
  readonly nvidia_driver: string | null;
  readonly gpus: readonly string[];
  /** Docker, podman, Kubernetes ...; null outside a container. */
  readonly container: string | null;
}

/** Looks at the machine; files only, a few milliseconds, never an error. */
export function readEnvironment(): Environment {
  return {
    schema: "llem.environment/1",
    collected_at: new Date().toISOString(),
    llem_version: LLEM_VERSION,
    deno_version: Deno.version.deno,
    host: Deno.hostname(),
    os: /^PRETTY_NAME="?(.*?)"?$/m.exec(read("/etc/os-release") ?? "")?.[1] ?? Deno.build.os,
    kernel: Deno.osRelease(),
    cpu_model: /^model name\s*:\s*(.*)$/m.exec(read("/proc/cpuinfo") ?? "")?.[1] ?? null,
    cpu_governor: read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")?.trim() ?? null,
    cpus: navigator.hardwareConcurrency,
    memory_bytes: Deno.systemMemoryInfo().total,
    nvidia_driver:
      /Kernel Module\s+(?:for \S+\s+)?(\d[\d.]*)/.exec(read("/proc/driver/nvidia/version") ?? "")?.[1] ??
        null,
    gpus: readGpus().map(({ model, uuid, bus }) => `${model} ${uuid ?? ""} ${bus}`.replace(/\s+/g, " ")),
    container: container(),
  };
}

/** True where an NVIDIA or AMD compute device is visible: runs may then hold a GPU, and gaps let it cool. */
export function hasGpu(): boolean {
  return exists("/dev/nvidia0") || exists("/dev/kfd");
}

function container(): string | null {
  if (exists("/.dockerenv")) return "docker";
  if (exists("/run/.containerenv")) return "podman";
  if (Deno.env.get("KUBERNETES_SERVICE_HOST") !== undefined) return "kubernetes";
  return Deno.env.get("container") ?? null;
}

function read(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
