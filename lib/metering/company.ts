import { monotonicNs } from "../base/clock.ts";
import { descendsFrom } from "../process/ownership.ts";
import type { Tags } from "../process/tagged.ts";
import type { RunBeside } from "../results/energy/facts.ts";

/** A run that is on the machine, or the start of its server. */
export interface Present {
  /** Empty for the start of a server, which is no run yet. */
  readonly run_id: string;
  /** The uuids of the boards of its slot; null where nothing keeps it from any. */
  readonly devices: readonly string[] | null;
  /** Sets of variables, each of which is in the environment of some of its processes, and of no others. */
  readonly tags: readonly Tags[];
}

/** Somebody who is, or was, there. */
interface Stay {
  readonly who: Present;
  readonly begin_ns: number;
  end_ns: number | null;
  /** Who was there at some time of it. */
  readonly met: Stay[];
}

/** Whoever has entered and not left. */
export interface Presence {
  /** Leaves; once is enough. */
  leave(): void;
  /** Runs that were there at some time of it, each with its own time, whose end is now for those that are there still. */
  beside(): RunBeside[];
  /** The run, other than this one, that a process belongs to; null where it is none that is there now. */
  runOf(pid: number): string | null;
}

/** Who of a study is on the machine: the attempts that are recorded now, and what each of them had beside it. */
export class Company {
  readonly #present = new Set<Stay>();
  #entries = 0;

  /** How often somebody has entered so far. */
  get entries(): number {
    return this.#entries;
  }

  /** True while nobody is there. */
  get isEmpty(): boolean {
    return this.#present.size === 0;
  }

  enter(who: Present): Presence {
    const stay: Stay = { who, begin_ns: nowNs(), end_ns: null, met: [...this.#present] };
    for (const other of this.#present) other.met.push(stay);
    this.#present.add(stay);
    this.#entries += 1;
    return {
      leave: () => {
        stay.end_ns ??= nowNs();
        this.#present.delete(stay);
      },
      beside: () =>
        stay.met.map(({ who: { run_id, devices }, begin_ns, end_ns }) => (
          { run_id, devices: devices ?? [], begin_ns, end_ns: end_ns ?? nowNs() }
        )),
      runOf: (pid) => {
        const isOf = ({ who }: Stay): boolean => who.tags.some((tags) => descendsFrom(pid, tags));
        return [...this.#present].find((other) => other !== stay && isOf(other))?.who.run_id ?? null;
      },
    };
  }
}

function nowNs(): number {
  return Number(monotonicNs());
}
