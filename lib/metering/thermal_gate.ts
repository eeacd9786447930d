import { type Patience, realTime } from "../base/abort.ts";
import type { ThermalGateFacts } from "../results/energy/facts.ts";
import { coolingDown } from "./messages.ts";

/** How near to its reference a board must be (rule R11). */
const TOLERANCE_C = 2;
const LOOK_MS = 500;
/**
 * Beside neighbours whose heat it takes up, a board may never get back to where it was alone. It counts as settled where it has
 * fallen by no more than so much in so long: by exponential cooling with a time constant of a minute it is then within some 4 C
 * of where it will end.
 */
const STEADY_C = 1;
const STEADY_S = 15;

/** Degrees Celsius by uuid. */
export type Temperatures = ReadonlyMap<string, number>;

/** What a gate needs. */
export interface GateParts {
  /** The last known temperatures of the boards that runs use. */
  readonly read: () => Temperatures;
  /** What they are to come back to. */
  readonly reference: Temperatures;
  /** The longest wait. */
  readonly limitS: number;
  /** True where a board that cools no further is let through, too: it has neighbours. Left out where it has none. */
  readonly bySlope?: boolean;
  /** Hears once that there is something to wait for. */
  readonly onWait: (text: string) => void;
  /** The real time where it is left out. */
  readonly time?: Patience;
}

/**
 * Waits until every board is back near its reference, or, with neighbours, cools no further, or the time is up. Null where no board
 * tells a temperature.
 */
export async function passThermalGate(
  { read, reference, limitS, bySlope = false, onWait, time = realTime }: GateParts,
  ...signals: readonly AbortSignal[]
): Promise<ThermalGateFacts | null> {
  const beganMs = time.nowMs();
  const falls = new Falls();
  for (let first = true;; first = false) {
    const now = read();
    const board = hottest(now, reference);
    if (board === null) return null;
    const waited_s = (time.nowMs() - beganMs) / 1000;
    falls.look(waited_s, now);
    const isBack = board.over_c <= TOLERANCE_C;
    const isSteady = bySlope && falls.isSteady;
    if (isBack || isSteady || waited_s >= limitS || signals.some(({ aborted }) => aborted)) {
      const facts = {
        waited_s: first ? 0 : waited_s,
        reference_c: board.reference_c,
        reached: isBack || isSteady,
      };
      if (!bySlope) return facts;
      return { ...facts, by: isBack ? "reference" : isSteady ? "slope" : "limit" };
    }
    if (first) onWait(coolingDown(board.now_c, board.reference_c));
    await time.pause(Math.min(LOOK_MS, Math.max(0, (limitS - waited_s) * 1000)), ...signals);
  }
}

interface Hottest {
  readonly over_c: number;
  readonly now_c: number;
  readonly reference_c: number;
}

/** The board furthest above its reference. */
function hottest(now: Temperatures, reference: Temperatures): Hottest | null {
  const known = [...now].flatMap(([uuid, now_c]) => {
    const reference_c = reference.get(uuid);
    return reference_c === undefined ? [] : [{ over_c: now_c - reference_c, now_c, reference_c }];
  });
  return known.sort((a, b) => b.over_c - a.over_c)[0] ?? null;
}

/** What boards have cooled by of late. */
class Falls {
  #looks: { readonly at_s: number; readonly now: Temperatures }[] = [];

  look(at_s: number, now: Temperatures): void {
    this.#looks.push({ at_s, now });
    // The youngest that is old enough is the one to compare with.
    const old = this.#looks.findLastIndex((look) => at_s - look.at_s >= STEADY_S);
    if (old > 0) this.#looks = this.#looks.slice(old);
  }

  /** True where that has been watched for long enough, and none has fallen by more than a little. */
  get isSteady(): boolean {
    const [first, last] = [this.#looks[0], this.#looks.at(-1)];
    if (first === undefined || last === undefined || last.at_s - first.at_s < STEADY_S) return false;
    return [...last.now].every(([uuid, celsius]) => (first.now.get(uuid) ?? celsius) - celsius <= STEADY_C);
  }
}
