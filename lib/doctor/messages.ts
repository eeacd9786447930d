/** Texts for people about this machine: one function each, nothing else. */
import { LIBRARY_FLOOR } from "../engines/llamacpp/library_floor.ts";

/** `others` is a number of CPUs, such as 1.6. */
export function othersUse(others: number, cpus: number): string {
  return `other processes use ${others.toFixed(1)} of ${cpus} CPUs`;
}

/** The remedy for a busy machine. */
export function stopOthers(): string {
  return "stop other programs (see top)";
}

/** The docker program and its daemon. */
export function dockerMissing(): string {
  return "the docker program is not installed";
}

/** `program` is a path. */
export function dockerSilent(program: string): string {
  return `${program} is installed, but its daemon does not answer`;
}

/** `program` is a path; `mode` is empty where the daemon runs as root. */
export function dockerWorks(program: string, version: string, mode: "rootless" | ""): string {
  const suffix = mode === "" ? "" : ` (${mode})`;
  return `${program}, daemon ${version}${suffix}; runners: docker can be used`;
}

/** What docker is for; `backends` is never empty. */
export function dockerNeededBy(backends: readonly string[]): string {
  return `only needed for runners: { ${backends.map((backend) => `${backend}: docker`).join(", ")} }`;
}

/** The libraries of the system; null is unknown. */
export function systemLibraries(glibc: string | null, glibcxx: string | null): string {
  const version = (known: string | null): string => known ?? "(unknown version)";
  return `glibc ${version(glibc)}, GLIBCXX ${
    version(glibcxx)
  } (llamacpp needs ${LIBRARY_FLOOR.glibc} and ${LIBRARY_FLOOR.glibcxx})`;
}

/** `type` is the file system; null is unknown. */
export function resultsWritable(folder: string, type: string | null): string {
  return `${folder} is writable${type === null ? "" : ` (${type})`}`;
}

export function resultsNotWritable(folder: string, reason: string): string {
  return `${folder} is not writable: ${reason}`;
}

/** The remedy for a folder of results that cannot be used. */
export function chooseOtherResults(): string {
  return "choose another folder with -o, or with output.results_dir in the user configuration";
}

/** Workers are started from elsewhere; `where` says that results can be written. */
export function noexecResults(where: string, workers: string): string {
  return `${where}; it is mounted noexec, so workers are started from ${workers}`;
}

/** Neither the results nor the cache may hold programs. */
export function noexecEverywhere(where: string): string {
  return `${where}; it is mounted noexec, and so is the cache: workers are started from the llem binary itself, ` +
    "so do not replace it while a study runs";
}

/** A folder above the results that every user may write to. */
export function openResults(where: string, folder: string): string {
  return `${where}; every user can write to ${folder}, so other users can replace the results`;
}

/** The remedy for such a folder. */
export function closeResults(folder: string): string {
  return `chmod o-w ${folder}, or ${chooseOtherResults()}`;
}

/** `bytes` is what is left on the file system. */
export function spaceLeft(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB free`;
}

export function spaceUnknown(): string {
  return "the file system does not report its free space";
}

export function freeSpaceAdvice(): string {
  return "free some space, or choose another folder with -o";
}

export function locksWork(): string {
  return "flock works there";
}

/** `reason` is null where the system gave none. */
export function locksFail(reason: string | null): string {
  return `flock does not work there${reason === null ? "" : ` (${reason})`}`;
}

export function lockAdvice(): string {
  return "keep the results on another file system, or use llem run --no-lock if no other llem uses that folder";
}

/** No cache without a home. */
export function noCache(): string {
  return "neither XDG_CACHE_HOME nor HOME names a folder";
}

/** `trouble` is a clause. */
export function unusableCache(cache: string, trouble: string): string {
  return `${cache} cannot be used: ${trouble}`;
}

/** No meter process; `reason` is a clause. */
export function meterNotStarted(reason: string): string {
  return `the meter did not start: ${reason}`;
}

/** A board that its driver counts and that cannot be opened; `uuid` is null where it is unknown. */
export function boardDoesNotOpen(uuid: string | null, reason: string): string {
  return `${uuid === null ? "" : `${uuid}: `}the board cannot be opened: ${reason}`;
}

/** What a board reports, and what not. */
export function boardReadings(
  uuid: string,
  { counter, power, absent }: {
    readonly counter: boolean;
    readonly power: "instant" | "average_1s" | "average" | null;
    /** The reason by the name of the quantity. */
    readonly absent: Readonly<Record<string, string>>;
  },
): string {
  const present = [counter ? "energy counter" : null, power === null ? null : powerKind(power)]
    .filter((part) => part !== null).join(", ");
  const missing = Object.entries(absent).map(([name, reason]) => `${name.replaceAll("_", " ")} (${reason})`);
  const rest = missing.length === 0 ? "" : `; not available: ${missing.join(", ")}`;
  return `${uuid}: ${present === "" ? "neither energy nor power can be read" : present}${rest}`;
}

function powerKind(power: "instant" | "average_1s" | "average"): string {
  switch (power) {
    case "instant":
      return "instantaneous power";
    case "average_1s":
      return "power averaged over 1 s";
    case "average":
      return "power averaged over an unknown period";
  }
}

/** The driver unloads when the last program leaves the GPU, and its counter is reset. */
export function persistenceOff(): string {
  return "persistence mode is off: loading the driver takes a second and changes idle power";
}

export function migIsOn(): string {
  return "MIG is on: energy is measured for the whole board, including its other instances";
}

export function migAdvice(): string {
  return "reserve the whole board, or run sudo nvidia-smi -mig 0 while the board is unused";
}

/** `mode` is the driver's word, such as `vgpu`. */
export function gpuIsVirtual(mode: string): string {
  return `the GPU is virtualised (${mode}): its power readings are unreliable`;
}

export function virtualAdvice(): string {
  return "run llem on the host itself";
}

/** How often the sensor of a board publishes a new value. */
export function sensorPeriod(period_ms: number, taken_at: string): string {
  return `the power sensor updates every ${period_ms} ms (measured ${taken_at})`;
}

export function sensorPeriodUnknown(reason: string): string {
  return `the update interval of the power sensor is unknown: ${reason}`;
}

export function sensorPeriodAdvice(): string {
  return "run llem doctor again while the GPU is busy, for example during a study";
}

export function shellWorks(): string {
  return "/bin/sh and the tools it calls are installed";
}

export function shellAdvice(): string {
  return "install coreutils and grep, or busybox";
}

/** How the processes of a run are kept together. */
export function containment(kind: "group" | "cgroup" | "pidns"): string {
  switch (kind) {
    case "group":
      return "group: each run is a process group; a daemon that clears its environment can outlive a killed llem";
    case "cgroup":
      return "cgroup: each run has its own control group";
    case "pidns":
      return "pidns: each run has its own pid namespace";
  }
}

export function pidNamespaceWorks(): string {
  return "execution.containment: pidns can be used";
}

export function pidNamespaceNeededBy(): string {
  return "only needed for execution.containment: pidns";
}

export function orphansReaped(): string {
  return "orphaned processes are reaped";
}

export function orphansLost(): string {
  return "llem cannot adopt orphaned processes here: it is process 1, or the kernel refuses";
}

/** The load average stands in where the load of others is not known. */
export function loadAverage(load: number, cpus: number): string {
  return `load average ${load.toFixed(2)} on ${cpus} CPUs`;
}

export function swapInUse(bytes: number): string {
  return bytes === 0 ? "not in use" : `${Math.ceil(bytes / 1024 ** 2)} MiB in use`;
}

export function swapAdvice(): string {
  return "free memory, then run: sudo swapoff -a && sudo swapon -a";
}

export function governorAdvice(): string {
  return "sudo cpupower frequency-set -g performance";
}

export function clockSourceAdvice(): string {
  return "boot with the kernel parameter clocksource=tsc if the CPU supports it";
}

/** `product` is the name of the hypervisor's machine. */
export function virtualMachine(product: string | null): string {
  return `running in a virtual machine${product === null ? "" : ` (${product})`}`;
}

/** More boards than this are not listed. */
const MOST_BOARDS = 16;
/** Enough of a UUID to tell boards apart, as in `GPU-5a0c1234`. */
const UUID_START = 12;

interface NumberedBoard {
  readonly index: number;
  readonly uuid: string | null;
}

/** The numbers of boards; `usable` are those that the environment leaves to runs, null for all. */
export function boardNumbers(
  boards: readonly NumberedBoard[],
  usable: readonly NumberedBoard[] | null,
): string {
  const named = boards.slice(0, MOST_BOARDS)
    .map(({ index, uuid }) => uuid === null ? `${index}` : `${index} is ${uuid.slice(0, UUID_START)}`);
  const all = `${named.join(", ")}${boards.length > MOST_BOARDS ? " ..." : ""}`;
  if (usable === null) return all;
  const numbers = usable.map(({ index }) => index);
  return `${all}; runs may use ${numbers.length === 0 ? "none of them" : numbers.join(", ")}`;
}

/** Where the environment leaves no board to runs. */
export function chooseBoards(inJob: boolean): string {
  return inJob
    ? "ask Slurm for GPUs (--gpus, --gres), or name them with --devices"
    : "change CUDA_VISIBLE_DEVICES, or name GPUs with --devices";
}
