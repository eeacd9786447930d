import { monotonicNs } from "../base/clock.ts";
import { descendsFrom } from "../process/ownership.ts";
import type { Tags } from "../process/tagged.ts";
import type { RunBeside } from "../results/energy/facts.ts";

/** Who is on the machine: a run, or a server that starts or waits for its next run. */
export interface Present {
  /** Empty for a server. */
  readonly run_id: string;
  /** Its slot: what is of one slot is not beside itself. */
  readonly slot: object;
  /** The uuids of the boards of its slot; null where nothing keeps it from any. */
  readonly devices: readonly string[] | null;
  /** Sets of variables, each of which is in the environment of some of its processes, and of no others. */
  readonly tags: readonly Tags[];
}

/** How long somebody is, or was, there. */
interface Stay {
  readonly who: Present;
  readonly begin_ns: number;
  end_ns: number | null;
}

/** Whoever has entered and not left. */
export interface Presence {
  /** Leaves; once is enough. */
  leave(): void;
  /** Those of other slots that were there at some time of it, each with its own time, whose end is now for those there still. */
  beside(): RunBeside[];
  /** The run of another slot that a process belongs to; null where it is none that is there now. */
  runOf(pid: number): string | null;
}

/** Who of a study is on the machine: the attempts and servers that are recorded now, and what each of them had beside it. */
export class Company {
  /** With those that each has met. */
  readonly #present = new Map<Stay, Stay[]>();
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
    const stay: Stay = { who, begin_ns: nowNs(), end_ns: null };
    const isElsewhere = (other: Stay): boolean => other.who.slot !== who.slot;
    const met = [...this.#present.keys()].filter(isElsewhere);
    for (const [other, theirs] of this.#present) if (isElsewhere(other)) theirs.push(stay);
    this.#present.set(stay, met);
    this.#entries += 1;
    return {
      leave: () => {
        stay.end_ns ??= nowNs();
        this.#present.delete(stay);
      },
      beside: () =>
        met.map(({ who: { run_id, devices }, begin_ns, end_ns }) => (
          { run_id, devices: devices ?? [], begin_ns, end_ns: end_ns ?? nowNs() }
        )),
      runOf: (pid) => {
        const isOf = ({ who }: Stay): boolean => who.tags.some((tags) => descendsFrom(pid, tags));
        const others = [...this.#present.keys()].filter(({ who }) => who.run_id !== "");
        return others.find((other) => isElsewhere(other) && isOf(other))?.who.run_id ?? null;
      },
    };
  }
}

function nowNs(): number {
  return Number(monotonicNs());
}
