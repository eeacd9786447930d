import { cpuUsage } from "node:process";

/** CPU time of this process, all threads, against time. */
export interface CpuFacts {
  /** Seconds of user and system time. */
  readonly cpu_s: number;
  /** CPU time per time; 1 is one core. Null where no time has passed. */
  readonly cpu_share: number | null;
}

/** Counts the CPU time of this process (getrusage(2)) from its making on. */
export class CpuMeter {
  readonly #startMs = performance.now();
  readonly #start = cpuUsage();

  facts(): CpuFacts {
    const { user, system } = cpuUsage(this.#start);
    const cpu_s = (user + system) / 1e6;
    const seconds = (performance.now() - this.#startMs) / 1000;
    return { cpu_s, cpu_share: seconds > 0 ? cpu_s / seconds : null };
  }
}
