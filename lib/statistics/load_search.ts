/** The loads among which the highest that keeps a promise is looked for. */
export interface LoadRange {
  readonly from: number;
  readonly to: number;
  /** It ends where the two loads around the limit are no further apart than this share of the lower one. */
  readonly resolution: number;
  /** Loads are whole numbers, which end it where two follow each other. */
  readonly whole: boolean;
}

/**
 * How a load did:
 * - met: it kept the promise
 * - missed: it did not
 * - overloaded: it did in the window, in which the queue grew, so that it would not have for long
 * - not_sent: it did, under less than this load
 * - unjudged: nobody can tell
 * - failed: it did not run to its end
 */
export type LoadVerdict = "met" | "missed" | "overloaded" | "not_sent" | "unjudged" | "failed";

/** How far a search has come. */
export interface LoadBracket {
  /** The highest load that keeps the promise; null where none is known to. */
  readonly kept: number | null;
  /** The lowest load above it that does not; null where none is known. */
  readonly missed: number | null;
  /** The load to try next; null where the search is over. */
  readonly next: number | null;
}

/**
 * Looks for the highest load: from `from` upwards, each the double of the one before, to the first that does not keep the
 * promise; then between the last two, on a logarithmic scale. `keeps` says how a load did, null where it has not been
 * tried. Nothing else decides: the same answers lead the same way, whenever they came.
 */
export function bracketLoad(range: LoadRange, keeps: (load: number) => boolean | null): LoadBracket {
  let kept: number | null = null;
  let missed: number | null = null;
  for (const load of rising(range)) {
    const does = keeps(load);
    if (does === null) return { kept, missed, next: load };
    if (!does) {
      missed = load;
      break;
    }
    kept = load;
  }
  while (kept !== null && missed !== null) {
    const between = middle(range, kept, missed);
    if (between === null) break;
    const does = keeps(between);
    if (does === null) return { kept, missed, next: between };
    if (does) kept = between;
    else missed = between;
  }
  return { kept, missed, next: null };
}

/** The most loads that a search may try, whatever it finds. */
export function mostLoads(range: LoadRange): number {
  const steps = [...rising(range)];
  return steps.reduce((most, missed, index) => {
    const kept = steps[index - 1];
    return Math.max(most, index + 1 + (kept === undefined ? 0 : depth(range, kept, missed)));
  }, 0);
}

/** How several runs at one load did together: as all of them did, else as the worst; null where one is not over. */
export function togetherVerdict(verdicts: readonly (LoadVerdict | null)[]): LoadVerdict | null {
  if (verdicts.includes(null)) return null;
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? null;
}

const WORST_FIRST: readonly LoadVerdict[] = ["missed", "overloaded", "failed", "not_sent", "unjudged", "met"];

function* rising({ from, to }: LoadRange): Generator<number> {
  for (let load = from; load < to; load *= 2) yield load;
  yield to;
}

/** Null where the two are close enough. */
function middle({ resolution, whole }: LoadRange, low: number, high: number): number | null {
  if (high <= low * (1 + resolution)) return null;
  const exact = Math.sqrt(low) * Math.sqrt(high);
  if (whole) return high - low <= 1 ? null : Math.min(Math.max(Math.round(exact), low + 1), high - 1);
  // A load that can be read, where that lies between the two.
  const short = Number(exact.toPrecision(1 + Math.ceil(-Math.log10(resolution))));
  return low < short && short < high ? short : exact;
}

function depth(range: LoadRange, low: number, high: number): number {
  const between = middle(range, low, high);
  return between === null ? 0 : 1 + Math.max(depth(range, low, between), depth(range, between, high));
}
