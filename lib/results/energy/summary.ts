import { rootOfSquares } from "../../base/numbers.ts";
import { type Spread, spread } from "../../statistics/spread.ts";
import { ENERGY_VERDICTS, type EnergyMethod, type EnergyVerdict } from "./record.ts";
import type { RunEnergy } from "./run_energy.ts";

/** Energy over the cycles of an experiment. */
export interface EnergySummary {
  /** How many runs have which verdict. */
  readonly verdicts: Readonly<Record<EnergyVerdict, number>>;
  /** The worst of them. */
  readonly verdict: EnergyVerdict;
  readonly methods: readonly EnergyMethod[];
  /** How many different sets of devices the runs were measured on. */
  readonly boards: number;
  readonly energy_j: CombinedEnergy | null;
  readonly j_per_output_token: CombinedEnergy | null;
  /** The parts of the half width of `energy_j`, in joules: what differs from run to run, */
  readonly random_j: number | null;
  /** what is the same in all runs of one board and no repeat shows (k = 2), null where nobody tells it apart, */
  readonly common_j: number | null;
  /** and what the gain of the sensors adds (k = 2), where the runs are of several boards; else null. */
  readonly gain_j: number | null;
}

/** A mean over cycles with its errors. Those that are `relative` are shares of the mean. */
export interface CombinedEnergy {
  readonly mean: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
  /** The geometric mean; null for a single value and where one is not positive. */
  readonly geomean: number | null;
  /** Both ends of the 95 % interval, with all errors below; null where none is known. */
  readonly low95: number | null;
  readonly high95: number | null;
  /** How it was made: on logarithms, or on the values themselves, as one of them is not positive. */
  readonly interval: "log" | "plain";
  /** Half width of the 95 % interval over repeats, or what is random in one run by its own account if that is wider. */
  readonly random_relative: number | null;
  /** What all windows have in common (k = 2): repeats do not make it smaller. */
  readonly common_relative: number | null;
  /** What the sensors' gains add (k = 2), where the runs are of several boards. */
  readonly gain_relative: number | null;
  /** The runs' own expanded uncertainty (root mean square), in the unit of the mean, as are the next two. */
  readonly budget: number | null;
  /** Half width of the 95 % interval over repeats; null for one. */
  readonly repeat: number | null;
  /** `relative` times the mean. */
  readonly combined: number | null;
  /**
   * All errors in quadrature, as a share: on logarithms, so that the upper end is the geometric mean times 1 + this. Where the
   * parts are not told apart, the wider of a run's own uncertainty and the spread of repeats.
   */
  readonly relative: number | null;
}

/** Null where no run has energy. */
export function summariseEnergy(runs: readonly (RunEnergy | null)[]): EnergySummary | null {
  const known = runs.filter((run) => run !== null);
  if (known.length === 0) return null;
  const count = (verdict: EnergyVerdict): number => known.filter((run) => run.verdict === verdict).length;
  const verdicts = {
    resolved: count("resolved"),
    marginal: count("marginal"),
    unattributable: count("unattributable"),
  };
  const energy_j = combine(known, ({ headline_j }) => headline_j);
  const part = (relative: number | null | undefined): number | null =>
    energy_j === null ? null : times(relative ?? null, energy_j.mean);
  return {
    verdicts,
    verdict: ENERGY_VERDICTS.findLast((verdict) => verdicts[verdict] > 0) ?? "unattributable",
    methods: [...new Set(known.map(({ method }) => method).filter((method) => method !== null))],
    boards: new Set(known.map(boardsOf)).size,
    energy_j,
    j_per_output_token: combine(known, (run) => run.j_per_output_token),
    random_j: part(energy_j?.random_relative),
    common_j: part(energy_j?.common_relative),
    gain_j: part(energy_j?.gain_relative),
  };
}

/** What one run says of its errors, as shares of its joules. */
interface ToldRun {
  readonly value: number;
  readonly total: number | null;
  readonly random: number | null;
  /** Undefined where it does not tell the parts apart. */
  readonly common: number | null | undefined;
  readonly gain: number | null;
  readonly boards: string;
}

function combine(
  runs: readonly RunEnergy[],
  pick: (run: RunEnergy) => number | null,
): CombinedEnergy | null {
  const told = runs.flatMap((run): ToldRun[] => {
    const value = pick(run);
    if (value === null) return [];
    const { headline_j, common_uncertainty_j: common } = run;
    const share = (error_j: number | null | undefined): number | null =>
      (error_j ?? null) === null || headline_j === null || headline_j === 0
        ? null
        : (error_j ?? 0) / Math.abs(headline_j);
    return [{
      value,
      total: share(run.uncertainty_j),
      random: share(run.random_uncertainty_j),
      common: common === undefined ? undefined : share(common),
      gain: share(run.gain_uncertainty_j),
      boards: boardsOf(run),
    }];
  });
  const found = spread(told.map(({ value }) => value));
  return found === null ? null : withErrors(found, told);
}

/** The 95 % interval of the mean by its parts. On logarithms a share is a standard error of the logarithm (JCGM 100:2008, 5.1). */
function withErrors(found: Spread, told: readonly ToldRun[]): CombinedEnergy {
  const { mean, median, min, max, n, geomean, relative95 } = found;
  const isLog = min > 0;
  const own = rootMeanSquare(told.map(({ total }) => total));
  const halfOfRepeats = isLog
    ? onScale(relative95, true)
    : found.ci95 === null
    ? null
    : shareOf(found.ci95, mean);
  const isSplit = told.every(({ common }) => common !== undefined);
  const common = isSplit ? rootMeanSquare(told.map((run) => run.common ?? null)) : null;
  const gain = gainBetween(told);
  const inRun = rootMeanSquare(told.map((run) => run.random));
  const random = isSplit
    ? widest(halfOfRepeats, inRun === null ? null : inRun / Math.sqrt(n))
    : widest(halfOfRepeats, onScale(own, isLog));
  const parts = [random, common, gain].filter((part) => part !== null);
  // One run says itself how well it is known.
  const half = n === 1 ? onScale(own, isLog) : parts.length === 0 ? null : rootOfSquares(parts);
  const relative = offScale(half, isLog);
  const middle = geomean ?? mean;
  return {
    mean,
    median,
    min,
    max,
    n,
    geomean,
    low95: half === null ? null : isLog ? middle / Math.exp(half) : middle - half * Math.abs(middle),
    high95: half === null ? null : isLog ? middle * Math.exp(half) : middle + half * Math.abs(middle),
    interval: isLog ? "log" : "plain",
    random_relative: n === 1 ? isSplit ? inRun : own : offScale(random, isLog),
    common_relative: common,
    gain_relative: gain,
    budget: rootMeanSquare(told.map(({ total, value }) => times(total, value))),
    repeat: times(offScale(halfOfRepeats, isLog), mean),
    combined: times(relative, mean),
    relative,
  };
}

/** Boards share no gain, so those of a mean over several average out; null for one. */
function gainBetween(told: readonly ToldRun[]): number | null {
  if (told.every(({ boards }) => boards === told[0]?.boards)) return null;
  const groups = [...Map.groupBy(told, ({ boards }) => boards).values()];
  const gain = rootMeanSquare(told.map((run) => run.gain));
  if (gain === null) return null;
  return gain * rootOfSquares(groups.map(({ length }) => length / told.length));
}

function boardsOf({ boards = [] }: RunEnergy): string {
  return boards.join(" ");
}

/** A share above the value as a distance of logarithms. */
function onScale(share: number | null, isLog: boolean): number | null {
  return share === null || !isLog ? share : Math.log1p(share);
}

function offScale(half: number | null, isLog: boolean): number | null {
  return half === null || !isLog ? half : Math.expm1(half);
}

function widest(one: number | null, other: number | null): number | null {
  return one === null ? other : Math.max(one, other ?? 0);
}

function times(share: number | null, value: number): number | null {
  return share === null ? null : share * Math.abs(value);
}

function shareOf(width: number, value: number): number | null {
  return width === 0 ? 0 : value === 0 ? null : width / Math.abs(value);
}

/** Of those that are known; null where none is. */
function rootMeanSquare(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : rootOfSquares(known) / Math.sqrt(known.length);
}
