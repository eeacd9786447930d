import { type Patience, realTime } from "../base/abort.ts";
import type { ThermalGateFacts } from "../results/energy/facts.ts";
import { coolingDown } from "./messages.ts";

/** How near to its reference a board must be (rule R11). */
const TOLERANCE_C = 2;
const LOOK_MS = 500;

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
  /** Hears once that there is something to wait for. */
  readonly onWait: (text: string) => void;
  /** The real time where it is left out. */
  readonly time?: Patience;
}

/** Waits until every board is back near its reference, or the time is up. Null where no board tells a temperature. */
export async function passThermalGate(
  { read, reference, limitS, onWait, time = realTime }: GateParts,
  ...signals: readonly AbortSignal[]
): Promise<ThermalGateFacts | null> {
  const beganMs = time.nowMs();
  const hottest = ():
    | { readonly over_c: number; readonly now_c: number; readonly reference_c: number }
    | null => {
    const known = [...read()].flatMap(([uuid, now_c]) => {
      const reference_c = reference.get(uuid);
      return reference_c === undefined ? [] : [{ over_c: now_c - reference_c, now_c, reference_c }];
    });
    return known.sort((a, b) => b.over_c - a.over_c)[0] ?? null;
  };
  for (let first = true;; first = false) {
    const board = hottest();
    if (board === null) return null;
    const waited_s = (time.nowMs() - beganMs) / 1000;
    const reached = board.over_c <= TOLERANCE_C;
    if (reached || waited_s >= limitS || signals.some(({ aborted }) => aborted)) {
      return { waited_s: first ? 0 : waited_s, reference_c: board.reference_c, reached };
    }
    if (first) onWait(coolingDown(board.now_c, board.reference_c));
    await time.pause(Math.min(LOOK_MS, Math.max(0, (limitS - waited_s) * 1000)), ...signals);
  }
}
