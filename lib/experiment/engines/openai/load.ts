import { z } from "zod";
import { isJsonObject, type Json, type JsonObject } from "../../../base/json.ts";
import { note } from "../../field_notes.ts";
import { count, open } from "../../fields.ts";
import { isGiven } from "../../rule_forms.ts";
import type { Rule, RuleBreak } from "../../rule.ts";
import { concurrencyDiffers, loadFieldNeeded, loadFieldUnused, shortFormUnused } from "../messages.ts";

/** When the next request of a load is sent: when one ends (`closed`), or by a clock of its own, drawn before the start. */
export const ARRIVALS = ["closed", "constant", "poisson", "gamma", "ramp", "trace"] as const;
export type Arrivals = typeof ARRIVALS[number];

/** What other load generators call these. */
const FORMER_ARRIVALS: Readonly<Record<string, Arrivals>> = {
  "closed-loop": "closed",
  "closed_loop": "closed",
  "concurrent": "closed",
  "exponential": "poisson",
  "fixed": "constant",
  "replay": "trace",
};

const positive = (): z.ZodNumber => z.number().gt(0);

/** Requests over time, as a study file gives them; {@link servedLoad} says what they come to. */
export const loadSchema = z.strictObject({
  arrivals: note(
    z.enum(ARRIVALS).default("closed").describe(
      "closed: concurrency requests in flight; the others send by a schedule",
    ),
    { formerValues: FORMER_ARRIVALS },
  ),
  concurrency: open(count()).describe("closed: requests in flight; null is 1"),
  rate: open(positive()).describe("requests per second; of a ramp at its start"),
  to: open(positive()).describe("ramp: requests per second at its end"),
  seconds: open(positive().max(366 * 86_400)).describe("ramp: its length"),
  shape: open(positive()).describe("gamma: below 1 is burstier than poisson; null is 1"),
  seed: z.int().default(42).describe("seed of the schedule"),
  max_in_flight: open(count()).describe("most requests in flight; others wait, and count as late"),
  file: open(z.string().min(1)).describe(
    "trace: Azure, BurstGPT or Mooncake file, relative to the study file",
  ),
  speed: open(positive()).describe("trace: 2 replays it in half the time; null is 1"),
});

type LoadConfig = z.output<typeof loadSchema>;

/** The load of a run with everything filled in; rates are requests per second. */
export type ServedLoad =
  | { readonly kind: "closed"; readonly concurrency: number }
  | (OpenLoad & { readonly kind: "constant" | "poisson"; readonly rate: number })
  | (OpenLoad & { readonly kind: "gamma"; readonly rate: number; readonly shape: number })
  | (OpenLoad & {
    readonly kind: "ramp";
    readonly rate: number;
    readonly to: number;
    readonly seconds: number;
  })
  | (OpenLoad & {
    readonly kind: "trace";
    /** As the study names it: relative to the folder of the study file. */
    readonly file: string;
    readonly speed: number;
  });

interface OpenLoad {
  readonly seed: number;
  /** Null is no limit. */
  readonly max_in_flight: number | null;
}

/** The load of a section that keeps the rules; throws for one that does not, which no plan lets through. */
export function servedLoad(
  { load, concurrency }: { readonly load: LoadConfig; readonly concurrency: number | null },
): ServedLoad {
  const { arrivals, seed, max_in_flight } = load;
  const opened = { seed, max_in_flight };
  switch (arrivals) {
    case "closed":
      return { kind: arrivals, concurrency: load.concurrency ?? concurrency ?? 1 };
    case "constant":
    case "poisson":
      return { kind: arrivals, ...opened, rate: given(load, "rate") };
    case "gamma":
      return { kind: arrivals, ...opened, rate: given(load, "rate"), shape: load.shape ?? 1 };
    case "ramp":
      return {
        kind: arrivals,
        ...opened,
        rate: given(load, "rate"),
        to: given(load, "to"),
        seconds: given(load, "seconds"),
      };
    case "trace":
      return { kind: arrivals, ...opened, file: given(load, "file"), speed: load.speed ?? 1 };
  }
}

function given<Key extends "rate" | "to" | "seconds" | "file">(
  load: LoadConfig,
  key: Key,
): NonNullable<LoadConfig[Key]> {
  const value = load[key];
  if (value === null) throw new Error(`A load with ${load.arrivals} arrivals has no ${key}`);
  return value;
}

/** What each way of arriving cannot do without. */
const NEEDED: Readonly<Record<Arrivals, readonly string[]>> = {
  closed: [],
  constant: ["rate"],
  poisson: ["rate"],
  gamma: ["rate"],
  ramp: ["rate", "to", "seconds"],
  trace: ["file"],
};

const OPEN = ARRIVALS.filter((arrivals) => arrivals !== "closed");

/** The ways of arriving for which a field means something. */
const USED_BY: Readonly<Record<string, readonly Arrivals[]>> = {
  concurrency: ["closed"],
  rate: ["poisson", "constant", "gamma", "ramp"],
  to: ["ramp"],
  seconds: ["ramp"],
  shape: ["gamma"],
  max_in_flight: OPEN,
  file: ["trace"],
  speed: ["trace"],
};

const LOAD = "openai.load";
const ARRIVALS_PATH = `${LOAD}.arrivals`;
const SHORT = "openai.concurrency";

function arrivalsOf(value: Json | undefined): Arrivals | null {
  return ARRIVALS.find((name) => name === (value ?? "closed")) ?? null;
}

/** The rules of a load, one for each field, so that all mistakes come at once. */
export const loadRules: readonly Rule[] = [
  ...Object.entries(USED_BY).map(([key, users]): Rule => (read): RuleBreak | null => {
    const [path, arrivals] = [`${LOAD}.${key}`, arrivalsOf(read(ARRIVALS_PATH))];
    if (arrivals === null || !isGiven(read, path) || users.includes(arrivals)) return null;
    return { at: path, fields: [path, ARRIVALS_PATH], ...loadFieldUnused(key, arrivals, users) };
  }),
  ...["rate", "to", "seconds", "file"].map((key): Rule => (read): RuleBreak | null => {
    const [path, arrivals] = [`${LOAD}.${key}`, arrivalsOf(read(ARRIVALS_PATH))];
    if (arrivals === null || !NEEDED[arrivals].includes(key) || isGiven(read, path)) return null;
    return { at: LOAD, fields: [path, ARRIVALS_PATH], ...loadFieldNeeded(key, arrivals) };
  }),
  (read) => {
    const arrivals = arrivalsOf(read(ARRIVALS_PATH));
    if (!isGiven(read, SHORT) || arrivals === null || arrivals === "closed") return null;
    return { at: SHORT, fields: [SHORT, ARRIVALS_PATH], ...shortFormUnused(arrivals) };
  },
  (read) => {
    const long = `${LOAD}.concurrency`;
    const [one, other] = [read(SHORT), read(long)];
    if (typeof one !== "number" || typeof other !== "number" || one === other) return null;
    return { at: long, fields: [SHORT, long], ...concurrencyDiffers(other, one) };
  },
];

/** A section in which a closed load is written in the one way that counts: its number in the short form, 1 left out. */
export function withOneSpelling(section: JsonObject): JsonObject {
  const { load, concurrency } = section;
  if (!isJsonObject(load)) return concurrency === 1 ? { ...section, concurrency: null } : section;
  const { arrivals } = load;
  const usual = withoutUsual(load, arrivals);
  if (arrivalsOf(arrivals) !== "closed") return { ...section, load: usual };
  // A closed loop draws nothing, so its seed makes no difference.
  const { concurrency: own, seed: _, ...rest } = usual;
  const number = own ?? concurrency ?? null;
  return { ...section, load: rest, concurrency: number === 1 ? null : number };
}

/** What null stands for, left out. */
function withoutUsual(load: JsonObject, arrivals: Json | undefined): JsonObject {
  const shape = arrivals === "gamma" && load.shape === 1 ? null : load.shape ?? null;
  const speed = arrivals === "trace" && load.speed === 1 ? null : load.speed ?? null;
  return { ...load, shape, speed };
}
