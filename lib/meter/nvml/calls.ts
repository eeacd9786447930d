import type { MeterTrouble } from "../meter.ts";
import { readingsFailed } from "./messages.ts";
import { FUNCTION_NOT_FOUND, isAbsentCode, returnCode, withRetry } from "./return_codes.ts";

/** Trouble that comes and goes is told again after this time, not each time. */
const QUIET_MS = 60_000;

/** A trouble, and of one that a call is: which one, and what it returned. */
export interface CallTrouble extends MeterTrouble {
  readonly call?: { readonly feature: string; readonly returned: number };
}

/**
 * Calls on one board, judged by the policy of return codes. What is absent is asked for once and never again; nothing
 * is asked of a board that was lost, whose driver may not answer.
 */
export class Calls {
  /** Why a feature cannot be read, by its name. */
  readonly absent: Record<string, string> = {};
  readonly #worked = new Set<string>();
  readonly #failing = new Set<string>();
  readonly #toldMs = new Map<string, number>();
  readonly #uuid: string;
  readonly #report: (trouble: CallTrouble) => void;
  #isLost = false;

  constructor(uuid: string, report: (trouble: CallTrouble) => void) {
    this.#uuid = uuid;
    this.#report = report;
  }

  /** The board is gone: nothing is read any more. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** True once any call has succeeded. */
  get hasAnswered(): boolean {
    return this.#worked.size > 0;
  }

  /** True where the call has succeeded and its buffers hold the answer. */
  read(feature: string, call: () => number): boolean {
    if (this.#isLost || feature in this.absent) return false;
    return this.judge(feature, withRetry(call));
  }

  /** What a code means for a feature: true for success; tells trouble where it is some. */
  judge(feature: string, code: number): boolean {
    if (this.#isLost || feature in this.absent) return false;
    const { verdict, text } = returnCode(code);
    switch (verdict) {
      case "ok":
        this.#worked.add(feature);
        this.#failing.delete(feature);
        return true;
      case "nothing":
        return false;
      case "lost":
        this.#isLost = true;
        this.#tell("lost", feature, code);
        return false;
      case "permission":
        this.#tell("permission", feature, code);
        this.#leaveOut(feature, text);
        return false;
      case "absent":
      case "no_library":
        if (this.#leaveOut(feature, text)) return false;
        break;
    }
    this.#tell("read", feature, code);
    return false;
  }

  /** Notes that a feature is absent for a reason that no return code tells. */
  miss(feature: string, reason: string): void {
    this.absent[feature] ??= reason;
  }

  /** A counter began anew. That is an event of its own, each time. */
  tellReset(text: string): void {
    this.#report({ code: "reset", device: this.#uuid, text, remedy: null });
  }

  /** True where the feature has never worked: then it is not asked for again. */
  #leaveOut(feature: string, reason: string): boolean {
    if (this.#worked.has(feature)) return false;
    this.absent[feature] = reason;
    return true;
  }

  #tell(code: MeterTrouble["code"], feature: string, returned: number): void {
    const isNew = !this.#failing.has(feature);
    this.#failing.add(feature);
    const key = `${code} ${feature}`;
    const nowMs = performance.now();
    const lastMs = this.#toldMs.get(key);
    if (!isNew || (lastMs !== undefined && nowMs - lastMs < QUIET_MS)) return;
    this.#toldMs.set(key, nowMs);
    const { text: reason, remedy } = returnCode(returned);
    const text = readingsFailed([feature], this.#uuid, reason);
    this.#report({ code, device: this.#uuid, text, remedy, call: { feature, returned } });
  }
}

/** Calls a function that the driver may lack. */
export function callIfThere<T extends readonly unknown[]>(
  symbol: ((...parameters: T) => number) | null,
  ...parameters: T
): number {
  return symbol === null ? FUNCTION_NOT_FOUND : symbol(...parameters);
}

/** The first of two calls that is there: newer drivers have the first, older ones the second. */
export function either(newer: () => number, older: () => number): number {
  const code = newer();
  return isAbsentCode(code) ? older() : code;
}
