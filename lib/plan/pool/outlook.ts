import type { ExperimentConfig } from "../../experiment/config.ts";
import type { Run } from "../../experiment/run.ts";
import type { EarlierTimes } from "../estimate.ts";
import type { Plan } from "../plan.ts";
import type { Chain } from "./chain.ts";
import { chainsOf } from "./chains.ts";
import { ALONE_REASONS, type AloneReason, type ConfigDemand, runDemand } from "./demand.ts";
import { forecast, oneByOneSeconds, type RunSeconds } from "./forecast.ts";
import type { BoardSet, PoolMode } from "./pool.ts";
import { type OffReason, resolveMode } from "./resolve_mode.ts";

/** Boards on which runs would be made, and how that is known. */
export interface OutlookBoards {
  readonly names: BoardSet;
  readonly from: "named" | "found" | "assumed";
  readonly sets: (count: number) => readonly BoardSet[];
}

/** What several runs at a time would come to: for `plan`. */
export interface Outlook {
  readonly mode: PoolMode | "off";
  /** Why `auto` is `off`; null else. */
  readonly why: OffReason | null;
  readonly boards: number;
  readonly boards_from: OutlookBoards["from"];
  readonly chains: number;
  /** Boards that can work at the same time. */
  readonly width: number;
  readonly idle_boards: number;
  readonly time: OutlookTime | null;
  /** Experiments beside whose runs nothing runs, by the reason. */
  readonly alone: readonly { readonly reason: AloneReason; readonly experiments: number }[];
  /** Changes of the study that let more boards work. */
  readonly advice: readonly OutlookAdvice[];
}

/** How long the runs take, and how long one after the other. */
export interface OutlookTime {
  /** Null where the times are assumed: no earlier study made these runs here. */
  readonly studies: number | null;
  readonly seconds: number;
  readonly off_seconds: number;
  /** Of that, what measured windows take where there is one at a time; null where they overlap. */
  readonly measured_seconds: number | null;
}

export interface OutlookAdvice {
  readonly kind: "pair_by" | "cycles";
  /** The fields, or the number of cycles. */
  readonly value: readonly string[] | number;
  readonly width: number;
  /** Null where more runs are made than before. */
  readonly seconds: number | null;
}

/** Where nothing is known of a run, it is taken to load and to be measured for so long each. */
export const ASSUMED_SECONDS = 60;
/** More runs than this would take the scheduler seconds in made-up time. */
const MOST_FORECAST = 20_000;
const MOST_CYCLES_ADVISED = 20;
/** Advice is given for what takes less than this share of the time. */
const WORTH = 0.9;

/** What would come of several runs at a time; null where a demand of boards is not known or the study makes one at a time. */
export function outlookOf(
  plan: Plan,
  demandOf: (config: ExperimentConfig) => ConfigDemand,
  boards: OutlookBoards,
  earlier: EarlierTimes,
): Outlook | null {
  const { execution: { parallel, quiet, pair_by }, runs } = plan;
  if (parallel === "off") return null;
  const configs = [...new Map(runs.map(({ config_hash, config }) => [config_hash, config])).values()];
  const demands = configs.map(demandOf);
  const n_boards = boards.names.length;
  const { mode, why } = resolveMode(parallel, demands, n_boards);
  const alone = ALONE_REASONS.map((reason) => ({
    reason,
    experiments: demands.filter((demand) => demand.kind === "known" && demand.alone === reason).length,
  })).filter(({ experiments }) => experiments > 0);
  const base = { mode, why, boards: n_boards, boards_from: boards.from, alone };
  if (mode === "off" || demands.some(({ kind }) => kind !== "known")) {
    return { ...base, chains: 0, width: 0, idle_boards: 0, time: null, advice: [] };
  }
  const chainsBy = (fields: readonly string[]): Chain[] =>
    chainsOf(runs, ({ config }) => runDemand(demandOf(config)), fields);
  const secondsOf = timesOf(earlier);
  const look = (chains: readonly Chain[]): Looked =>
    lookAt({ mode, quiet, boards: boards.names, sets: boards.sets, chains }, plan, secondsOf);
  const chains = chainsBy(pair_by);
  const now = look(chains);
  const isKnown = configs.length > 0 && runs.every(({ config_hash }) => earlier.run_s.has(config_hash));
  const off_seconds = oneByOneSeconds(plan, secondsOf);
  const models = new Set(configs.map(({ model }) => model)).size;
  const measured_seconds = mode === "shared"
    ? null
    : runs.reduce((sum, run) => sum + secondsOf(run).measure_s, 0);
  const advice: OutlookAdvice[] = [];
  // Where measured windows take nearly all of the time, more boards would only wait for them.
  const isBound = now.seconds !== null && (measured_seconds ?? 0) > WORTH * now.seconds;
  if (now.width < n_boards && !isBound) {
    if (pair_by.length === 0 && models > 1) {
      const { width, seconds } = look(chainsBy(["model"]));
      const isSooner = seconds === null || now.seconds === null || seconds < WORTH * now.seconds;
      if (width > now.width && isSooner) advice.push({ kind: "pair_by", value: ["model"], width, seconds });
    }
    const cycles = cyclesFor(n_boards, plan.n_cycles, chains);
    if (cycles !== null) {
      const width = Math.min(n_boards, Math.floor(now.width * cycles / plan.n_cycles));
      if (width > now.width) advice.push({ kind: "cycles", value: cycles, width, seconds: null });
    }
  }
  return {
    ...base,
    chains: chains.length,
    width: now.width,
    idle_boards: n_boards - now.width,
    time: now.seconds === null ? null : {
      studies: isKnown ? earlier.studies : null,
      seconds: now.seconds,
      off_seconds,
      measured_seconds,
    },
    advice,
  };
}

interface Looked {
  readonly width: number;
  readonly seconds: number | null;
}

/** The width by the scheduler, or for a plan that is too long for that, by what its chains ask for. */
function lookAt(
  parts: Parameters<typeof forecast>[0],
  plan: Plan,
  secondsOf: (run: Run) => RunSeconds,
): Looked {
  if (plan.runs.length > MOST_FORECAST) {
    const asked = parts.chains.reduce((sum, { exclusive, boards }) => sum + (exclusive ? 0 : boards), 0);
    return { width: Math.min(parts.boards.length, asked), seconds: null };
  }
  const { seconds, most_boards } = forecast(parts, plan, secondsOf);
  return { width: most_boards, seconds };
}

/** A number of cycles with which all boards would work; null where it is no small one. */
function cyclesFor(n_boards: number, n_cycles: number, chains: readonly Chain[]): number | null {
  const asked = chains.reduce((sum, { exclusive, boards }) => sum + (exclusive ? 0 : boards), 0);
  if (asked === 0) return null;
  const cycles = Math.ceil(n_boards * n_cycles / asked);
  return cycles > n_cycles && cycles <= MOST_CYCLES_ADVISED ? cycles : null;
}

function timesOf({ run_s, window_s }: EarlierTimes): (run: Run) => RunSeconds {
  return ({ config_hash, config }) => {
    const all = run_s.get(config_hash);
    const measure_s = window_s?.get(config_hash) ?? config.measure.min_seconds ?? ASSUMED_SECONDS;
    if (all === undefined) return { load_s: ASSUMED_SECONDS, measure_s };
    return { load_s: Math.max(0, all - measure_s), measure_s: Math.min(all, measure_s) };
  };
}
