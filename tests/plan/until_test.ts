import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { tQuantile } from "../../lib/base/student_t.ts";
import type { Run } from "../../lib/experiment/run.ts";
import { runKey } from "../../lib/experiment/run.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import { lookAt, mayRun, mostRuns, nextCycle, type Results } from "../../lib/plan/until.ts";
import { planRecord, planText } from "../../lib/report/plan_text.ts";
import type { Look } from "../../lib/statistics/look.ts";
import { Random } from "../support/random.ts";
import { planOf, tell } from "../study/_tell.ts";

/** A study of so many experiments, with these settings of `execution`. */
function textOf(experiments: number, execution: string): string {
  const values = Array.from({ length: experiments }, (_, index) => index + 1).join(", ");
  return `model: m\nbackend: command\ncommand: { argv: [w] }\nsweep: { params.x: [${values}] }\n` +
    `execution: { ${execution} }\n`;
}

const untilOf = (experiments: number, execution = ""): Plan =>
  planOf(textOf(experiments, `until: { score: 2% }${execution === "" ? "" : `, ${execution}`}`));

/** Which of the experiments of {@link textOf} a run is of, from 1. */
const place = ({ config }: Pick<Run, "config">): number => Number(config.params["x"]);

/** A run without a value has failed; NaN is one that completed and has no such metric. */
type ValueAt = (experiment: number, cycle: number) => number | null;

function resultsOf(plan: Plan, valueAt: ValueAt): Results {
  const places = new Map(plan.runs.map((run) => [run.config_hash, place(run)]));
  const at = (run: Pick<Run, "config_hash" | "cycle">): number | null =>
    valueAt(places.get(run.config_hash) ?? 0, run.cycle);
  return {
    hasCompleted: (run) => at(run) !== null,
    valueOf: (run) => {
      const value = at(run);
      return value === null || Number.isNaN(value) ? null : value;
    },
  };
}

/** Grows a plan as a runner does; every run is over when the next cycle is asked for. `blockS` is how long a cycle takes. */
function grown(plan: Plan, valueAt: ValueAt, blockS = 0): { runs: Run[]; looks: Look[] } {
  const results = resultsOf(plan, valueAt);
  const runs = [...plan.runs];
  const looks: Look[] = [];
  for (;;) {
    const cycles = runs.at(-1)?.cycle ?? 0;
    const look = lookAt(plan, runs, results, cycles * blockS);
    looks.push(look);
    if (look.decision !== "continue") return { runs, looks };
    runs.push(...nextCycle(plan, runs, results));
  }
}

/** Half of the 95 % interval of the mean of logarithms, as a share: written out once more. */
function halfWidth(values: readonly number[]): number {
  const logs = values.map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const squares = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  const n = logs.length;
  return Math.expm1(tQuantile(0.975, n - 1) * Math.sqrt(squares / (n - 1) / n));
}

/** Values that scatter by about `variation` around one that is an experiment's own. */
function noise(seed: number, variation: number, factor: (experiment: number) => number = () => 1): ValueAt {
  const known = new Map<string, number>();
  const random = new Random(seed);
  for (let cycle = 1; cycle <= 60; cycle++) {
    for (let experiment = 1; experiment <= 5; experiment++) {
      const sum = random.next() + random.next() + random.next() - 1.5;
      known.set(`${experiment}/${cycle}`, 10 * Math.exp(2 * variation * sum));
    }
  }
  return (experiment, cycle) => (known.get(`${experiment}/${cycle}`) ?? NaN) * factor(experiment);
}

const shape = ({ index, config_hash, cycle, gap_before }: Run): unknown[] => [
  index,
  config_hash,
  cycle,
  gap_before,
];

Deno.test("cycles that are added have the order that a plan of as many cycles has from the start", () => {
  const gaps = "experiment_gap_seconds: 5, cycle_gap_seconds: 9";
  const never: ValueAt = (experiment, cycle) => experiment + cycle;
  for (const order of ["interleaved", "shuffled", "reverse", "latin_square"]) {
    for (const experiments of [1, 2, 3, 5]) {
      const limits = `min_cycles: 3, max_cycles: 11, cycle_order: ${order}, ${gaps}`;
      const fixed = planOf(textOf(experiments, `n_cycles: 11, cycle_order: ${order}, ${gaps}`));
      const { runs } = grown(untilOf(experiments, limits), never);
      deepStrictEqual(runs.map(shape), fixed.runs.map(shape), `${order} ${experiments}`);
    }
  }
});

Deno.test("a plan begins with min_cycles, and a single experiment keeps its sequential order", () => {
  const plan = untilOf(2);
  deepStrictEqual([plan.n_cycles, plan.runs.length, mostRuns(plan)], [6, 12, 40]);
  const single = planOf(
    "model: m\nbackend: command\ncommand: { argv: [w] }\nexecution: { until: { score: 0.02 } }\n",
  );
  deepStrictEqual([single.cycle_order, single.runs.length, mostRuns(single)], ["sequential", 6, 20]);
  const { runs } = grown(single, (_, cycle) => cycle);
  deepStrictEqual(runs.map(({ cycle }) => cycle), Array.from({ length: 20 }, (_, index) => index + 1));
});

Deno.test("a study ends where every experiment has met the width at two looks in a row, whatever the difference", () => {
  const ends = new Set<string>();
  for (let seed = 1; seed <= 60; seed++) {
    const valueAt = noise(seed, seed % 2 === 0 ? 0.012 : 0.06);
    const plan = untilOf(2, "max_cycles: 30");
    const { looks } = grown(plan, valueAt);
    const met = (cycle: number): boolean =>
      [1, 2].every((experiment) => {
        const values = Array.from({ length: cycle }, (_, index) => valueAt(experiment, index + 1) ?? NaN);
        return halfWidth(values) <= 0.02;
      });
    let end = 7;
    while (end < 30 && !(met(end - 1) && met(end))) end++;
    const last = looks.at(-1);
    strictEqual(last?.cycle, end);
    const decision = met(end - 1) && met(end) ? "met" : "max_cycles";
    strictEqual(last?.decision, decision);
    deepStrictEqual(looks.map(({ cycle }) => cycle), looks.map((_, index) => index + 6));
    ends.add(decision);
    // How far the experiments lie apart makes no difference.
    for (const factor of [1, 0.5, 1.03]) {
      const apart = grown(plan, noise(seed, seed % 2 === 0 ? 0.012 : 0.06, (one) => one === 2 ? factor : 1));
      strictEqual(apart.looks.at(-1)?.cycle, end);
    }
  }
  deepStrictEqual([...ends].sort(), ["max_cycles", "met"]);
});

Deno.test("lookAt() names the widest, and counts who has met the width", () => {
  const plan = untilOf(5, "min_cycles: 3");
  const valueAt: ValueAt = (experiment, cycle) => 10 + (cycle % 2) * 0.01 * experiment ** 3;
  const { looks } = grown(plan, valueAt);
  const [first] = looks;
  deepStrictEqual(
    first?.metrics.map(({ metric, target, met, of, widest }) => [metric, target, met, of, widest.length]),
    [["score", 0.02, 0, 5, 3]],
  );
  const widths = first?.metrics[0]?.widest.map(({ width }) => width) ?? [];
  deepStrictEqual(widths, widths.toSorted((one, other) => other - one));
  ok((widths[0] ?? 0) > 0.1);
});

Deno.test("a failed run is no look: its experiment needs another cycle, and the others are asked no more of", () => {
  const even: ValueAt = (experiment, cycle) => 10 + experiment + 0.01 * (cycle % 2);
  const plan = untilOf(2);
  strictEqual(grown(plan, even).looks.at(-1)?.cycle, 7);
  const failsOnce = (at: number): ValueAt => (experiment, cycle) =>
    experiment === 1 && cycle === at ? null : even(experiment, cycle);
  // The sixth value comes with cycle 7, the second look with cycle 8.
  const { looks } = grown(plan, failsOnce(3));
  deepStrictEqual(looks.map(({ cycle, decision }) => [cycle, decision]), [
    [6, "continue"],
    [7, "continue"],
    [8, "met"],
  ]);
  deepStrictEqual(looks[0]?.metrics[0]?.widest[0]?.n, 5);
  strictEqual(grown(plan, failsOnce(7)).looks.at(-1)?.cycle, 8);
  // Two looks that lie around a failed run are in a row.
  const wide: ValueAt = (experiment, cycle) =>
    experiment === 1 ? cycle === 7 ? null : 10 : [10, 10, 10, 10, 10, 14][cycle - 1] ?? 10;
  const apart = grown(plan, wide).looks;
  strictEqual(apart.find(({ metrics: [score] }) => score?.met === 1)?.cycle, 8);
});

Deno.test("what fails mostly, has no such metric or is not positive is left out, and holds nothing up", () => {
  const even = (experiment: number, cycle: number): number => 10 + experiment + 0.01 * (cycle % 2);
  const bad = (value: ValueAt): ValueAt => (experiment, cycle) =>
    experiment === 1 ? value(experiment, cycle) : even(experiment, cycle);
  const plan = untilOf(3);
  const ofFirst = (value: ValueAt): unknown[] => {
    const { runs, looks } = grown(plan, bad(value));
    const last = looks.at(-1);
    const own = runs.filter((run) => place(run) === 1).length;
    return [
      last?.decision,
      last?.cycle,
      last?.left_out.map(({ reason }) => reason),
      last?.metrics[0]?.of,
      own,
    ];
  };
  // Of what has never completed no further run is made.
  deepStrictEqual(ofFirst(() => null), ["met", 7, ["failed"], 2, 6]);
  deepStrictEqual(ofFirst((_, cycle) => cycle === 2 ? 10 : null), ["met", 7, ["failed"], 2, 7]);
  deepStrictEqual(ofFirst(() => NaN), ["met", 7, ["no_value"], 2, 7]);
  deepStrictEqual(ofFirst((_, cycle) => cycle - 3), ["met", 7, ["not_positive"], 2, 7]);
  // Half is enough to go on by.
  deepStrictEqual(ofFirst((_, cycle) => cycle % 2 === 0 ? 10 : null), ["met", 14, [], 3, 14]);
});

Deno.test("a study ends after its first look where nothing is left to be looked at", () => {
  const plan = untilOf(2);
  for (const value of [null, NaN, -1]) {
    const { looks, runs } = grown(plan, () => value);
    deepStrictEqual(looks.map(({ cycle, decision, n_left_out }) => [cycle, decision, n_left_out]), [
      [6, "none_left", 2],
    ]);
    strictEqual(runs.length, 12);
  }
});

Deno.test("every metric is asked for, and one that nobody gives holds nothing up", () => {
  const plan = planOf(textOf(1, "until: { score: 2%, other: 0.5 }"));
  const results = resultsOf(plan, (_, cycle) => 10 + 0.01 * (cycle % 2));
  const only = (metric: string): Results => ({
    ...results,
    valueOf: (run, asked) => asked === metric ? results.valueOf(run, asked) : null,
  });
  const runs = [...plan.runs, ...nextCycle(plan, plan.runs, results)];
  const look = lookAt(plan, runs, only("score"), 0);
  deepStrictEqual([look.decision, look.metrics.map(({ of }) => of)], ["met", [1, 0]]);
  deepStrictEqual(look.left_out.map(({ metric, reason }) => [metric, reason]), [["other", "no_value"]]);
});

Deno.test("a time budget ends a study at the end of a cycle, where the next one would end after it", () => {
  const wild: ValueAt = (_, cycle) => cycle;
  const ended = (budget: number, blockS: number): unknown[] => {
    const { looks } = grown(untilOf(2, `time_budget_seconds: ${budget}`), wild, blockS);
    return [looks.at(-1)?.cycle, looks.at(-1)?.decision];
  };
  deepStrictEqual(ended(100, 10), [10, "time_budget"]);
  deepStrictEqual(ended(109, 10), [10, "time_budget"]);
  deepStrictEqual(ended(110, 10), [11, "time_budget"]);
  // The first cycles are made in any case.
  deepStrictEqual(ended(1, 10), [6, "time_budget"]);
  deepStrictEqual(ended(1000, 10), [20, "max_cycles"]);
});

Deno.test("no run is made twice, and numbers go on", () => {
  const { runs } = grown(untilOf(4, "max_cycles: 15"), noise(7, 0.05));
  strictEqual(new Set(runs.map(runKey)).size, runs.length);
  deepStrictEqual(runs.map(({ index }) => index), runs.map((_, index) => index + 1));
});

Deno.test("execution.until is checked with its limits", () => {
  const errorsOf = (execution: string): readonly string[] => tell(textOf(2, execution)).errors;
  const at = "study.yaml:5:14";
  deepStrictEqual(
    errorsOf("until: { score: 2% }, n_cycles: 5"),
    [
      `${at} execution.until: cannot stand beside n_cycles (study.yaml:5:46): both set how often a study repeats ` +
      "(remove one of them)",
    ].map((text) => text.replace(at, "study.yaml:5:21")),
  );
  for (
    const [execution, told] of [
      ["until: { score: 200% }", 'must be a half width between 0 and 1, such as 2% or 0.02, found "200%"'],
      ["until: { score: 2 }", "must be a number > 0 and < 1, found 2"],
      ["until: { score: [1] }", "found a list"],
      ["until: {}", "names no metric"],
      [`until: { ${"x".repeat(101)}: 2% }`, "names a metric of 101 characters; 100 are the most"],
      ["until: 2%", 'must be a mapping (key: value), or null, found "2%"'],
      ["until: { score: 2% }, min_cycles: 20", "execution.min_cycles: must be less than max_cycles (20)"],
      [
        "until: { score: 2% }, max_cycles: 5",
        "execution.max_cycles: must be greater than min_cycles (6), found 5",
      ],
      ["max_cycles: 9", "execution.max_cycles: has no effect without execution.until"],
      ["time_budget_seconds: 9", "execution.time_budget_seconds: has no effect without execution.until"],
      ["until: { score: 2% }, cycle_order: sequential", "execution.cycle_order: cannot be sequential"],
    ] as const
  ) {
    const errors = errorsOf(execution);
    ok(errors.length === 1 && errors[0]?.includes(told) === true, `${execution}: ${errors.join("; ")}`);
  }
  const searched = "model: m\nbackend: openai\nslo: { ttft_ms: 500 }\nopenai: { base_url: u }\n" +
    "search: { over: openai.concurrency, from: 1, to: 8 }\nexecution: { until: { ttft_ms: 2% } }\n";
  ok(tell(searched).errors[0]?.includes("execution.until: cannot be combined with search"));
});

Deno.test("the command line's form of repeats is above the file's", () => {
  const overridden = (text: string, path: string, value: string): Plan =>
    planOf(text, [{ path, source: "--x", text: value }]);
  const fixed = overridden(textOf(1, "until: { score: 2% }, max_cycles: 9"), "execution.n_cycles", "4");
  deepStrictEqual([fixed.execution.until, fixed.n_cycles], [null, 4]);
  const open = planOf(textOf(1, "n_cycles: 4"), [
    { path: "execution.until", source: "--until", value: { score: "5%" } },
    { path: "execution.max_cycles", source: "--max-cycles", text: "12" },
  ]);
  deepStrictEqual(
    [open.execution.until, open.n_cycles, open.execution.max_cycles],
    [{ score: 0.05 }, 6, 12],
  );
});

Deno.test("mayRun() has every experiment that a further cycle would run, where the number of cycles is open", () => {
  const plan = untilOf(3);
  const [first] = plan.runs;
  if (first === undefined) throw new Error("The plan is empty");
  deepStrictEqual(mayRun(plan, [first]).map(place).toSorted(), [1, 2, 3]);
  deepStrictEqual(mayRun(plan, []), []);
  const fixed = planOf(textOf(3, "n_cycles: 2"));
  deepStrictEqual(mayRun(fixed, fixed.runs.slice(0, 1)), fixed.runs.slice(0, 1));
});

Deno.test("planText() and planRecord() say from how many cycles to how many a study goes, and until when", () => {
  const plan = untilOf(3, "time_budget_seconds: 28800");
  const [counts, until, time] = planText(plan).split("\n");
  strictEqual(counts, "3 experiments x 6 to 20 cycles = 18 to 60 runs");
  strictEqual(
    until,
    "until score known to +-2 % for every experiment, at two looks in a row (the first after 6 cycles), or until " +
      "another cycle would end after 8h 00m",
  );
  // Sixty runs of ten minutes.
  ok(time?.includes("at most 10h 00m by the time limits of runs"), time);
  deepStrictEqual(planRecord(plan, []).study["until"], {
    widths: { score: 0.02 },
    min_cycles: 6,
    max_cycles: 20,
    time_budget_seconds: 28800,
    most_runs: 60,
  });
});
