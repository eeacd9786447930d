/** The texts of the plots of single runs. */
import { plural } from "../../../../base/text.ts";

const SETTING = "experiment";

export const LATENCY = {
  times: {
    ttft_ms: { label: "TTFT" },
    tpot_ms: { label: "TPOT" },
    itl_ms: { label: "ITL" },
    e2e_ms: { label: "E2E" },
  },
  share: "share of requests",
  legend: "Lines",
  layers: { runs: "each run", pooled: "runs pooled" },
  n: "n",
  cycle: "cycle",
  setting: SETTING,
};

export function latencyTitle(label: string): string {
  return `${label} of requests`;
}

export function runNameText(name: string, cycle: number): string {
  return `${name}, cycle ${cycle}`;
}

export function pooledNameText(name: string): string {
  return `${name}, all runs`;
}

export function limitText(limit: number): string {
  return `limit ${limit} ms`;
}

export function percentileHead(share: number): string {
  return `p${Math.round(share * 100)} ms`;
}

export function latencyText(
  { label, runs, low, high, limit, fromRecord, pooled = null }: {
    readonly label: string;
    /** How many lines there are of the requests of several runs together; null where each run has its own. */
    readonly pooled?: number | null;
    readonly runs: number;
    /** Of the medians, in ms. */
    readonly low: string;
    readonly high: string;
    readonly limit: number | null;
    readonly fromRecord: boolean;
  },
): string {
  const lines = pooled === null
    ? `one line for each of ${plural(runs, "run")}`
    : `one line for each of ${plural(pooled, "experiment")}, of the requests of its runs together`;
  return `The share of requests whose ${label} is at most so long, ${lines}. ` +
    (low === high ? `The median is ${low} ms.` : `Medians are ${low} to ${high} ms.`) +
    (limit === null ? "" : ` The study's limit is ${limit} ms.`) +
    (fromRecord
      ? " Where requests are not at hand, a line goes through the percentiles of the run's record."
      : "");
}

export const TIMELINE = {
  title: "What ran when",
  kinds: { load: "load", warmup: "warm-up", measure: "measured", idle: "idle", other: "other phase" },
  rest: "start and end",
  failure: "did not complete",
  all: "all runs",
  run: "run",
  attempt: "attempt",
  outcome: "outcome",
  length: "seconds",
  setting: SETTING,
};

export function timelineAxis(unit: string): string {
  return `${unit} since the study began`;
}

/** `place`: where it was made, of a study with several runs at a time; null for any other. */
export function attemptText(
  name: string,
  attempt: number,
  outcome: string,
  seconds: string,
  place: string | null,
): string {
  return `${name}, attempt ${attempt}: ${outcome}, ${seconds} s${place === null ? "" : `, ${place}`}`;
}

/** `boards`: their UUIDs; left out where they are not known. */
export function slotText(slot: string, boards: string | undefined): string {
  return `slot ${slot}${boards === undefined ? "" : ` (${boards})`}`;
}

export function outcomeWord(outcome: string): string {
  return outcome.replaceAll("_", " ");
}

export function cycleText(cycle: number): string {
  return `cycle ${cycle}`;
}

export function beginHead(unit: string): string {
  return `begin, ${unit}`;
}

export function timelineText(
  { attempts, failed, time, unit, busy }: {
    readonly attempts: number;
    readonly failed: number;
    readonly time: string;
    readonly unit: string;
    readonly busy: string;
  },
): string {
  return `${plural(attempts, "attempt")} in ${time} ${unit}, of which attempts took ${busy} %; ` +
    (failed === 0 ? "all completed." : `${failed} did not complete.`) + " What is empty is a gap or a wait.";
}

export const ENERGY = {
  perToken: "J/token",
  perRun: "J/run",
  parts: { bare: "idle machine", context: "context", loaded: "loaded model", active: "work" },
  setting: SETTING,
};

export function energySplitTitle(unit: string): string {
  return `Where the joules go, ${unit}`;
}

export function energyPartText(name: string, part: string, value: string, unit: string): string {
  return `${name}, ${part}: ${value} ${unit}`;
}

export function energySplitText(
  { unit, least, most, isUseful }: {
    readonly unit: string;
    readonly least: string;
    readonly most: string;
    readonly isUseful: boolean;
  },
): string {
  return `${unit} of each experiment, mean over its runs: what the boards draw idle, with a context, with the loaded model, and ` +
    `above that.` + (isUseful ? ` Work is ${least === most ? least : `${least} to ${most}`} % of it.` : "");
}

export const HEAT = {
  temperature: {
    title: "Temperature of the boards",
    axis: "degrees C",
    range: "from the start or end of the window",
    point: "highest",
    low: "start or end, C",
    high: "highest, C",
  },
  clocks: {
    title: "Clocks of the boards",
    axis: "SM clock, MHz",
    range: "down to the lowest",
    point: "mean",
    low: "lowest, MHz",
    high: "mean, MHz",
  },
  order: "run",
  throttled: "throttled",
  causes: "throttled by",
  cycle: "cycle",
  setting: SETTING,
};

export function heatRunText(index: number, name: string, low: string, high: string): string {
  return `run ${index}, ${name}: ${low} to ${high}`;
}

export function heatText(
  { kind, runs, low, high, throttled }: {
    readonly kind: "temperature" | "clocks";
    readonly runs: number;
    readonly low: string;
    readonly high: string;
    readonly throttled: number;
  },
): string {
  const what = kind === "temperature" ? `${low} to ${high} degrees C` : `${low} to ${high} MHz`;
  return `The ${kind === "temperature" ? "hottest" : "slowest"} board in the measured window of ${
    plural(runs, "run")
  }, in their ` +
    `order: ${what}. ` +
    (throttled === 0 ? "No run was throttled." : `${plural(throttled, "run")} throttled.`);
}

/** What the page's script says of traces that can be zoomed into. */
export const TRACE_WORDS = {
  title: "Power of",
  choose: "Zoom into the power of",
  whole: "Whole run",
  hint: "drag over a part to zoom",
  seconds: "s since the first phase began",
  watts: "W",
};

export const POWER = {
  title: "Power over a run",
  time: "s since the first phase of the run began",
  watts: "W",
  measured: "measured",
  idle: "idle machine",
  name: "run",
  deviceName: "board",
  least: "lowest W",
  most: "highest W",
  seconds: "seconds",
  counter: "counter, J",
  integral: "integral of readings, J",
  ratio: "counter / integral",
};

export function boardText(index: number, uuid: string): string {
  return `board ${index}: ${uuid.slice(0, 12)}`;
}

export function powerText(
  { runs, devices, traced, choice }: {
    readonly runs: number;
    readonly devices: number;
    readonly traced: number;
    readonly choice: "flagged" | "all" | "none";
  },
): string {
  const told = choice === "none"
    ? "No trace is in the page to be zoomed into."
    : `The traces of ${
      plural(traced, choice === "all" ? "run" : "flagged run")
    } are in the page to be zoomed into.`;
  return `From the smallest to the largest reading of ${plural(devices, "board")} at each moment, of ${
    plural(runs, "run")
  }: flagged ones and the first of each experiment, as many as there is room for. ${told}`;
}
