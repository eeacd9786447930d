import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Run } from "../../lib/experiment/run.ts";
import { makePlan } from "../../lib/plan/make_plan.ts";
import type { Gaps, Plan, PlanFacts } from "../../lib/plan/plan.ts";
import { readStudy } from "../../lib/study/read_study.ts";
import { planOf, tell } from "../study/_tell.ts";

function planWith(gaps: Gaps, execution: string, holdsGpu?: PlanFacts["holdsGpu"]): Plan {
  const text = `model: m\nsweep: { n: [1, 2] }\nexecution: ${execution}\n`;
  const { study } = readStudy({ file: "study.yaml", text }, []);
  const plan = study === null
    ? null
    : makePlan(study, { gaps, ...holdsGpu === undefined ? {} : { holdsGpu } }).plan;
  ok(plan !== null);
  return plan;
}

function gapText(runs: readonly Run[]): string {
  return runs.map(({ gap_before }) => gap_before ?? "-").join(" ");
}

const MACHINE = { experiment_s: 60, cycle_s: 300 };

const GAPS: readonly (readonly [execution: string, gaps: Gaps, before: string])[] = [
  ["{ n_cycles: 2, cycle_order: interleaved }", MACHINE, "- experiment cycle experiment"],
  ["{ n_cycles: 2, cycle_order: shuffled }", MACHINE, "- experiment cycle experiment"],
  ["{ n_cycles: 2, cycle_order: sequential }", MACHINE, "- experiment experiment experiment"],
  [
    "{ n_cycles: 2, cycle_order: interleaved, cycle_gap_seconds: 0 }",
    { ...MACHINE, cycle_s: 0 },
    "- experiment - experiment",
  ],
  [
    "{ n_cycles: 2, cycle_order: interleaved, experiment_gap_seconds: 0 }",
    { ...MACHINE, experiment_s: 0 },
    "- - cycle -",
  ],
  [
    "{ n_cycles: 2, cycle_order: sequential, experiment_gap_seconds: 0 }",
    { ...MACHINE, experiment_s: 0 },
    "- - - -",
  ],
  ["{ n_cycles: 2, cycle_order: interleaved, experiment_gap_seconds: 1.5 }", {
    ...MACHINE,
    experiment_s: 1.5,
  }, "- experiment cycle experiment"],
];

for (const [execution, gaps, before] of GAPS) {
  Deno.test(`makePlan() puts gaps ${before} for ${execution}`, () => {
    const plan = planWith(MACHINE, execution);
    deepStrictEqual(plan.gaps, gaps);
    strictEqual(gapText(plan.runs), before);
  });
}

/** Of two experiments, `n=1` holds a GPU. Interleaved: n=1, n=2, n=1, n=2. */
const MIXED: readonly (readonly [execution: string, before: string])[] = [
  ["{ n_cycles: 3, cycle_order: interleaved }", "- - cycle - cycle -"],
  ["{ n_cycles: 2, cycle_order: sequential }", "- experiment - -"],
  // n=1, n=2, n=2, n=1: what warmed the GPU was in the cycle before.
  ["{ n_cycles: 2, cycle_order: reverse }", "- - - cycle"],
  // A gap of the study itself stands between any two runs, and lets GPUs cool as well.
  ["{ n_cycles: 2, cycle_order: interleaved, experiment_gap_seconds: 1 }", "- experiment - experiment"],
  ["{ n_cycles: 2, cycle_order: interleaved, cycle_gap_seconds: 0 }", "- - - -"],
];

for (const [execution, before] of MIXED) {
  Deno.test(`makePlan() lets only runs that hold a GPU wait for it to cool: ${before} for ${execution}`, () => {
    const plan = planWith(MACHINE, execution, ({ n }) => n === 1);
    strictEqual(gapText(plan.runs), before);
  });
}

Deno.test("makePlan() plans no gap where no run holds a GPU, and keeps those that the study gives", () => {
  const execution = "{ n_cycles: 2, cycle_order: interleaved, experiment_gap_seconds: 2 }";
  const none = planWith(MACHINE, "{ n_cycles: 2, cycle_order: interleaved }", () => false);
  deepStrictEqual([none.gaps, gapText(none.runs)], [{ experiment_s: 0, cycle_s: 0 }, "- - - -"]);
  const given = planWith(MACHINE, execution, () => false);
  deepStrictEqual([given.gaps, gapText(given.runs)], [
    { experiment_s: 2, cycle_s: 0 },
    "- experiment - experiment",
  ]);
});

Deno.test("makePlan() puts no gaps where neither study nor machine asks for any", () => {
  strictEqual(
    gapText(planWith({ experiment_s: 0, cycle_s: 0 }, "{ n_cycles: 2, cycle_order: interleaved }").runs),
    "- - - -",
  );
});

Deno.test("makePlan() numbers runs from 1 and cycles of each experiment from 1", () => {
  const { runs } = planWith(MACHINE, "{ n_cycles: 3, cycle_order: shuffled, shuffle_seed: 5 }");
  deepStrictEqual(runs.map(({ index }) => index), [1, 2, 3, 4, 5, 6]);
  for (const hash of new Set(runs.map(({ config_hash }) => config_hash))) {
    deepStrictEqual(runs.filter((run) => run.config_hash === hash).map(({ cycle }) => cycle), [1, 2, 3]);
  }
});

Deno.test("makePlan() merges equal experiments and says where the first of them is", () => {
  const { plan, warnings } = tell(
    "model: m\nsweep: { n: [10, 20] }\nexperiments:\n  - { n: 20, decoder: { top_k: 50 } }\n",
  );
  strictEqual(plan?.n_experiments, 2);
  deepStrictEqual(warnings, [
    "study.yaml:4:5: 1 of 3 experiments duplicates an earlier one and is skipped; the first is here " +
    "(execution.n_cycles repeats experiments)",
  ]);
});

Deno.test("makePlan() fills in every default, and only the used backend's section", () => {
  const { config } = planOf("model: m\nbackend: llamacpp\n").runs[0] ?? {};
  deepStrictEqual([config?.llamacpp?.n_batch, config?.warmup.n_warmup, config?.params], [2048, 5, {}]);
  deepStrictEqual([config?.command, config?.pytorch, config?.vllm, config?.tensorrt, config?.openai], [
    null,
    null,
    null,
    null,
    null,
  ]);
});

Deno.test("makePlan() writes a preset out", () => {
  const { decoder } = planOf("model: m\ndecoder: { preset: creative, top_p: 0.5 }\n").runs[0]?.config ?? {};
  deepStrictEqual([decoder?.temperature, decoder?.top_p, decoder?.repetition_penalty, decoder?.preset], [
    0.8,
    0.5,
    1.1,
    "creative",
  ]);
});

Deno.test("makePlan() runs the grid's experiments before the listed ones", () => {
  const plan = planOf(
    "model: m\nsweep: { n: [1, 2] }\nexperiments: [{ n: 9 }]\nexecution: { n_cycles: 1, cycle_order: sequential }\n",
  );
  deepStrictEqual(plan.runs.map(({ config }) => config.n), [1, 2, 9]);
});

Deno.test("makePlan() refuses what could never end, whatever its size", () => {
  const values = JSON.stringify(Array.from({ length: 100 }, (_, index) => index + 1));
  const keys = [
    "n",
    "random_seed",
    "max_input_tokens",
    "max_output_tokens",
    "decoder.top_k",
    "warmup.n_warmup",
  ];
  const sweep = keys.map((key) => `${key}: ${values}`).join(", ");
  const { errors } = tell(`model: m\nsweep: { ${sweep} }\n`);
  ok(errors[0]?.includes("makes 1,000,000,000,000 experiments x 3 cycles"), errors[0]);
});

const LOADED = "model: m\nbackend: openai\nopenai:\n  base_url: u\n";

Deno.test("makePlan() sweeps the loads of a server, and leaves out points that are none", () => {
  const rates = planOf(`${LOADED}  load: { arrivals: poisson }\nsweep: { openai.load.rate: [1, 2, 4] }\n`);
  deepStrictEqual([rates.n_experiments, rates.skipped.length], [3, 0]);
  const mixed = planOf(
    `${LOADED}sweep: { openai.load: [{ concurrency: 1 }, { concurrency: 4 }, { arrivals: poisson, rate: 2 }, { rate: 3 }] }\n`,
  );
  deepStrictEqual([mixed.n_experiments, mixed.skipped.map(({ reason }) => reason)], [3, [
    "openai.load.rate needs arrivals: poisson or constant or gamma or ramp, but openai.load.arrivals is closed",
  ]]);
  const servers = planOf(
    'model: m\nbackend: openai\nopenai: { server: { argv: [s, "{port}"], env: { A: "1" } } }\n' +
      "sweep: { openai.server.env.A: ['1', '2'], openai.concurrency: [1, 2] }\n",
  );
  deepStrictEqual(servers.n_experiments, 4);
});

Deno.test("makePlan() judges by an slo that is no part of the identity, and begins a search with its first probe", () => {
  const text = `${LOADED}  load: { arrivals: poisson, rate: 2 }\n`;
  const [plain, judged, stricter] = ["", "slo: { ttft_ms: 500 }\n", "slo: { ttft_ms: 5, share: 1 }\n"].map((
    slo,
  ) => planOf(`${text}${slo}`));
  deepStrictEqual([plain?.slo, plain?.search], [null, null]);
  deepStrictEqual(judged?.slo, { ttft_ms: 500, tpot_ms: null, itl_ms: null, e2e_ms: null, share: 0.99 });
  deepStrictEqual(stricter?.slo?.share, 1);
  strictEqual(judged.study_design_hash, plain?.study_design_hash);
  const searched = planOf(
    `${text}slo: { ttft_ms: 500 }\nsearch: { over: openai.load.rate, from: 1, to: 64 }\nsweep: { openai.api: [chat, completions] }\n`,
  );
  deepStrictEqual(searched.search, {
    over: "openai.load.rate",
    from: 1,
    to: 64,
    resolution: 0.05,
    until: "slo",
  });
  deepStrictEqual([searched.kind, searched.n_experiments], ["study", 2]);
  ok(searched.runs.every(({ config }) => config.openai?.load.rate === 1));
});
