/** A process at one moment. */
export interface ProcessSample {
  readonly atMs: number;
  readonly rssMb: number;
  readonly peakRssMb: number;
  /** CPU time of the process and of its children that have ended. */
  readonly cpuMs: number;
  /** CPU time of the process alone, all its threads. */
  readonly ownCpuMs: number;
  readonly descriptors: number;
  /** Children that live or are still to be collected. */
  readonly children: number;
}

const EVERY_MS = 100;
/** The kernel counts CPU time for /proc in hundredths of a second. */
const MS_PER_TICK = 10;
/** Index of utime, counted from the state field; stime and the same of the children follow (proc_pid_stat(5)). */
const UTIME_AT = 11;

/** Looks at a process again and again until it has ended. */
export function watchProcess(pid: number): { readonly samples: readonly ProcessSample[] } & Disposable {
  const samples: ProcessSample[] = [];
  const look = (): void => {
    try {
      samples.push(takeSample(pid));
    } catch {
      // It has ended.
    }
  };
  look();
  const timer = setInterval(look, EVERY_MS);
  return { samples, [Symbol.dispose]: () => clearInterval(timer) };
}

function takeSample(pid: number): ProcessSample {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const megabytes = (key: string): number => {
    const kilobytes = new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
    if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no ${key}`); // a zombie
    return Number(kilobytes) * 1024 / 1e6;
  };
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(UTIME_AT).map(Number);
  return {
    atMs: Date.now(),
    rssMb: megabytes("VmRSS"),
    peakRssMb: megabytes("VmHWM"),
    cpuMs: (user + system + childrenUser + childrenSystem) * MS_PER_TICK,
    ownCpuMs: (user + system) * MS_PER_TICK,
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
    children: countChildren(pid),
  };
}

function countChildren(pid: number): number {
  const lists = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) =>
    Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).split(" ").filter((child) => child !== "")
  );
  return lists.flat().length;
}
