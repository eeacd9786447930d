import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { SummaryBuilder } from "../../lib/archive/summary_builder.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { type Run, runKey } from "../../lib/experiment/run.ts";
import { JournalFold, type StudyState } from "../../lib/journal/fold.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import { comparedConfigs, searchBounds, type SearchStep, secretsOf } from "../../lib/plan/search.ts";
import { planText } from "../../lib/report/plan_text.ts";
import { foundLine } from "../../lib/report/search/search_line.ts";
import { SloTally } from "../../lib/results/goodput.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { type FoundLoad, verdictOf } from "../../lib/results/search_summary.ts";
import { type SentLoad, sentLoadOf } from "../../lib/results/sent_load.ts";
import { searchSource } from "../../lib/runner/run_source.ts";
import type { LoadVerdict } from "../../lib/statistics/load_search.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import type { Slo } from "../../lib/study/slo_schema.ts";
import { COMPLETED, CRASHED, measurementOf, recordOf, recordOfRun } from "../support/records.ts";
import { planOf, tell } from "../study/_tell.ts";

const SERVED = "model: m\nbackend: openai\nslo: { ttft_ms: 500 }\n";
const RATE = `${SERVED}openai: { base_url: u, load: { arrivals: poisson } }
search: { over: openai.load.rate, from: 1, to: 64 }
execution: { n_cycles: 2, cycle_order: interleaved }
`;
const BOTH_APIS = `${RATE}sweep: { openai.api: [chat, completions] }\n`;

function rateOf({ config }: { readonly config: ExperimentConfig }): number {
  return config.openai?.load.rate ?? NaN;
}

interface Simulated {
  /** In the order in which they were made. */
  readonly made: readonly Run[];
  readonly steps: readonly SearchStep[];
  /** As the summary would have it. */
  readonly found: readonly FoundLoad[];
}

/** The runs of a search whose verdicts come from `judge`, null for one that is stopped; `before` has been made by then. */
function simulate(
  plan: Plan,
  judge: (run: Run) => LoadVerdict | null,
  before: readonly Run[] = [],
): Simulated {
  const summary = new SummaryBuilder(realDisk, "/nowhere", plan, new JournalFold().state);
  const made: Run[] = [];
  const added = before.filter(({ index }) => index > plan.runs.length);
  const steps: SearchStep[] = [];
  const take = (run: Run): void => {
    const verdict = judge(run);
    if (verdict !== null && plan.slo !== null) summary.take({ record: judged(run, verdict, plan.slo) });
  };
  summary.grow(added);
  before.forEach(take);
  const known = new Set(before.map(runKey));
  const source = searchSource(plan, plan.runs.filter((run) => !known.has(runKey(run))), {
    verdictOf: (run) => summary.verdictOf(run),
    tell: (step) => steps.push(step),
  });
  for (;;) {
    const state: StudyState = { ...new JournalFold().state, added };
    const more = source.grow(state);
    summary.grow(more);
    added.push(...more);
    const run = source.next(state);
    if (run === null) return { made, steps, found: summary.summary().search?.found ?? [] };
    made.push(run);
    take(run);
  }
}

function judged(run: Run, verdict: LoadVerdict, limits: Slo): ResultRecord {
  const outcome = verdict === "failed" ? CRASHED : COMPLETED;
  const record = recordOfRun(run, { outcome });
  if (verdict === "failed") return record;
  const met = verdict === "unjudged" ? null : verdict === "met";
  return { ...record, slo: { ...new SloTally(limits).verdict({ windowS: 1, energyJ: null }), met } };
}

const upTo = (limit: number) => (run: Run): LoadVerdict => rateOf(run) <= limit ? "met" : "missed";

Deno.test("a search makes every probe in all cycles, one after the other, numbered on", () => {
  const plan = planOf(RATE);
  const { made, found, steps } = simulate(plan, upTo(5.2));
  deepStrictEqual(
    made.map((run) => `${run.index}: ${rateOf(run)} cycle ${run.cycle}`).slice(0, 6),
    ["1: 1 cycle 1", "2: 1 cycle 2", "3: 2 cycle 1", "4: 2 cycle 2", "5: 4 cycle 1", "6: 4 cycle 2"],
  );
  deepStrictEqual([...new Set(made.map(rateOf))], [1, 2, 4, 8, 5.66, 4.76, 5.19, 5.42]);
  deepStrictEqual(made.map(({ index }) => index), made.map((_, place) => place + 1));
  deepStrictEqual(steps.map(({ next }) => next), [2, 4, 8, 5.66, 4.76, 5.19, 5.42, null]);
  const [only] = found;
  deepStrictEqual([only?.kind, only?.highest?.load, only?.below?.load, only?.above?.load], [
    "found",
    5.19,
    4.76,
    5.42,
  ]);
  deepStrictEqual(only?.highest?.cycles, ["met", "met"]);
  const joules = {
    ...only,
    highest: { ...only?.highest, j_per_output_token: 0.42, energy_verdict: "marginal" },
  };
  ok(/: 5.19 \(.*0.42 J\/token marginal\); 5.42 does not/.test(foundLine("r", joules as FoundLoad)));
  deepStrictEqual(only?.probes.map(({ load }) => load), [1, 2, 4, 4.76, 5.19, 5.42, 5.66, 8]);
});

Deno.test("a probe is the experiment that a sweep would make of its load", () => {
  const { made } = simulate(planOf(RATE), upTo(1.5));
  const swept = planOf(
    RATE.replace(/search: .*\n/, "sweep: { openai.load.rate: [1, 2, 1.41, 1.68, 1.54, 1.47] }\n"),
  );
  deepStrictEqual(
    new Set(made.map(({ config_hash }) => config_hash)),
    new Set(swept.runs.map(({ config_hash }) => config_hash)),
  );
});

Deno.test("every experiment of a sweep is searched by itself, in rounds", () => {
  const { made, found } = simulate(
    planOf(BOTH_APIS),
    (run) => upTo(run.config.openai?.api === "chat" ? 0.5 : 64)(run),
  );
  deepStrictEqual(made.map((run) => `${run.config.openai?.api} ${rateOf(run)}`).slice(0, 8), [
    "chat 1",
    "completions 1",
    "chat 1",
    "completions 1",
    "completions 2",
    "completions 2",
    "completions 4",
    "completions 4",
  ]);
  deepStrictEqual(found.map(({ kind, varied, highest }) => [kind, varied, highest?.load ?? null]), [
    ["none", { "openai.api": "chat" }, null],
    ["at_most", { "openai.api": "completions" }, 64],
  ]);
});

Deno.test("a probe counts as met where all its cycles met it; one that failed or cannot be judged did not", () => {
  const noisy = simulate(
    planOf(RATE),
    (run) => rateOf(run) === 4 && run.cycle === 2 ? "missed" : upTo(5)(run),
  );
  deepStrictEqual([noisy.found[0]?.highest?.load, noisy.found[0]?.above?.cycles], [3.83, ["met", "missed"]]);
  for (const verdict of ["failed", "unjudged"] as const) {
    const [found] = simulate(planOf(RATE), (run) => rateOf(run) > 1 ? verdict : "met").found;
    deepStrictEqual([found?.highest?.load, found?.above?.verdict], [1, verdict]);
    ok(found !== undefined && foundLine("openai.load.rate", found).includes("counts as not met"));
  }
});

Deno.test("a run that sent less than its load, or overloaded the server, has not met the slo", () => {
  const sent = { achieved_share: null, most_in_flight: null, overloaded: false };
  const of = (change: Partial<SentLoad>, whole: boolean): LoadVerdict | null =>
    verdictOf({ status: "completed", slo: { met: true }, sent: { ...sent, ...change } }, { load: 8, whole });
  deepStrictEqual([of({}, true), of({}, false)], ["met", "met"]);
  deepStrictEqual([of({ most_in_flight: 8 }, true), of({ most_in_flight: 7 }, true)], ["met", "not_sent"]);
  deepStrictEqual([of({ achieved_share: 0.96 }, false), of({ achieved_share: 0.9 }, false)], [
    "met",
    "not_sent",
  ]);
  deepStrictEqual([of({ achieved_share: 0.9, overloaded: true }, false)], ["overloaded"]);
  deepStrictEqual(
    verdictOf({ status: "completed", slo: { met: false }, sent }, { load: 8, whole: true }),
    "missed",
  );
  const serving = { load: { achieved_share: 0.5, most_in_flight: 3, offered_rate: 8 } };
  const record = recordOf({ measurement: measurementOf({ serving }) });
  deepStrictEqual(sentLoadOf(record), { achieved_share: 0.5, most_in_flight: 3, overloaded: false });
  strictEqual(sentLoadOf(recordOf()), null);
});

Deno.test("a search that is gone on with makes no probe twice and finds the same", () => {
  const plan = planOf(BOTH_APIS);
  const whole = simulate(plan, upTo(5.2));
  for (let cut = 0; cut <= whole.made.length; cut++) {
    const rest = simulate(plan, upTo(5.2), whole.made.slice(0, cut));
    // Runs of a round that was cut are in the journal, which this has not: what is left of it is planned again.
    const all = [...whole.made.slice(0, cut), ...rest.made].map(runKey);
    strictEqual(new Set(all).size, all.length);
    deepStrictEqual(new Set(all), new Set(whole.made.map(runKey)));
    deepStrictEqual(rest.found, whole.found);
  }
});

Deno.test("a search waits for a run that has no verdict, and adds nothing for it", () => {
  const { made, found, steps } = simulate(
    planOf(RATE),
    (run) => rateOf(run) === 4 && run.cycle === 2 ? null : "met",
  );
  deepStrictEqual(made.map(rateOf), [1, 1, 2, 2, 4, 4]);
  deepStrictEqual([found[0]?.kind, found[0]?.highest?.load, found[0]?.next], ["open", 2, 4]);
  deepStrictEqual(steps.at(-1)?.next, 4);
});

Deno.test("a higher load that meets the slo where a lower one did not is told", () => {
  const plan = planOf(RATE.replace("n_cycles: 2", "n_cycles: 1"));
  const first = simulate(plan, (run) => rateOf(run) === 8 ? "failed" : upTo(5.2)(run));
  // As after --retry-failed: the crash at 8 is gone.
  const { found: [found] } = simulate(plan, (run) => rateOf(run) === 8 ? "met" : upTo(5.2)(run), first.made);
  deepStrictEqual(found?.highest?.load, 8);
  deepStrictEqual(found?.contradictions[0], { missed: 5.42, met: 8 });
  ok(found !== undefined && /not monotonic: 5.42 does not meet it, 8 does/.test(foundLine("r", found)));
});

Deno.test("added runs keep the gaps of the plan, and shuffled ones their own order in each round", () => {
  const text = BOTH_APIS.replace("interleaved", "shuffled") +
    "";
  const gapped = planOf(
    text.replace("n_cycles: 2", "n_cycles: 2, experiment_gap_seconds: 5, cycle_gap_seconds: 9"),
  );
  const { made } = simulate(gapped, upTo(64));
  deepStrictEqual(made.slice(3, 9).map(({ gap_before }) => gap_before), [
    "experiment",
    "cycle",
    "experiment",
    "cycle",
    "experiment",
    "cycle",
  ]);
  const orders = Array.from(
    { length: 7 },
    (_, round) => made.slice(round * 4, round * 4 + 4).map(({ config }) => config.openai?.api).join(" "),
  );
  ok(new Set(orders).size > 1);
});

Deno.test("searchBounds() and planText() say the most that a search makes", () => {
  const plan = planOf(BOTH_APIS);
  deepStrictEqual(searchBounds(plan), { experiments: 2, probes: 11, runs: 44 });
  const text = planText(plan);
  ok(text.includes("up to 11 probes for each of 2 experiments, up to 44 runs in all"), text);
  // Its own four runs have 600 s each.
  ok(text.includes("at most 7h 20m"), text);
  strictEqual(
    searchBounds(planOf(RATE.replace(/search: .*\n/, "").replace("poisson", "poisson, rate: 1"))),
    null,
  );
});

Deno.test("comparedConfigs() tells the experiments of a search apart by their load from the first one on", () => {
  const rates = comparedConfigs(planOf(RATE)).map((config) => rateOf({ config }));
  deepStrictEqual(rates, [1, 64]);
});

Deno.test("secretsOf() gives every probe what was taken out of the first one", () => {
  const plan = planOf(
    RATE.replace("base_url: u", 'base_url: u, headers: { X-Api-Key: "s3cr3t-of-mine-0123" }'),
  );
  const { made } = simulate(plan, upTo(5));
  for (const run of made) {
    ok(!JSON.stringify(run).includes("s3cr3t"));
    deepStrictEqual(secretsOf(plan, run).map(({ value }) => value), ["s3cr3t-of-mine-0123"]);
  }
});

Deno.test("makePlan() refuses a search whose highest load breaks a rule, and counts it in the design", () => {
  const { errors } = tell(
    `${SERVED}openai: { base_url: u, load: { concurrency: 1 } }\nsearch: { over: openai.concurrency, from: 1, to: 8 }\n`,
  );
  deepStrictEqual(errors, [
    "study.yaml:5:43 search.to: makes an experiment in which openai.load.concurrency is 1, but openai.concurrency is 8",
  ]);
  const ramp = RATE.replace("poisson", "ramp, to: 9, seconds: 5");
  ok(tell(ramp).errors[0]?.includes("search.over: is openai.load.rate, which arrivals: ramp change"));
  const designs = [RATE, RATE.replace("to: 64", "to: 32"), RATE.replace("to: 64", "to: 64, resolution: 0.1")];
  strictEqual(new Set(designs.map((text) => planOf(text).study_design_hash)).size, 3);
});
