import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { readStudy } from "../../lib/study/read_study.ts";
import type { Study } from "../../lib/study/study.ts";
import { planOf, tell } from "./_tell.ts";

function studyOf(text: string): Study {
  const { study } = readStudy({ file: "study.yaml", text }, []);
  ok(study !== null);
  return study;
}

const KINDS: readonly (readonly [text: string, kind: string, cycles: number, order: string])[] = [
  ["model: m\n", "experiment", 1, "sequential"],
  ["model: m\nname: x\nexecution: { n_cycles: 4 }\n", "experiment", 4, "sequential"],
  ["model: m\nsweep: null\nexperiments: null\n", "experiment", 1, "sequential"],
  ["model: m\nsweep: { n: [1] }\n", "study", 3, "shuffled"],
  ["model: m\nsweep: {}\n", "study", 3, "shuffled"],
  ["experiments: [{ model: m }]\n", "study", 3, "shuffled"],
  ["model: m\nbackend: [pytorch, vllm]\n", "study", 3, "shuffled"],
  ["model: m\nsweep: { n: [1] }\nexecution: { n_cycles: 2 }\n", "study", 2, "shuffled"],
  ["model: m\nsweep: { n: [1] }\nexecution: { cycle_order: interleaved }\n", "study", 3, "interleaved"],
  ["model: m\nsweep: { n: [1] }\nexecution:\n", "study", 3, "shuffled"],
];

for (const [text, kind, cycles, order] of KINDS) {
  Deno.test(`readStudy() takes ${JSON.stringify(text)} for ${kind}, ${cycles} cycles, ${order}`, () => {
    const study = studyOf(text);
    deepStrictEqual([study.kind, study.execution.n_cycles, study.execution.cycle_order], [
      kind,
      cycles,
      order,
    ]);
  });
}

Deno.test("readStudy() fills in the execution block", () => {
  const { experiment_gap_seconds, cycle_gap_seconds, shuffle_seed, skip_preflight, ...rest } =
    studyOf("model: m\n").execution;
  deepStrictEqual([experiment_gap_seconds, cycle_gap_seconds, shuffle_seed, skip_preflight], [
    null,
    null,
    null,
    false,
  ]);
  deepStrictEqual(rest, {
    n_cycles: 1,
    until: null,
    min_cycles: 6,
    max_cycles: 20,
    time_budget_seconds: null,
    cycle_order: "sequential",
    experiment_timeout_seconds: null,
    startup_timeout_seconds: null,
    silence_timeout_seconds: null,
    close_timeout_seconds: 30,
    server_ready_timeout_seconds: 600,
    request_timeout_seconds: null,
    study_timeout_seconds: null,
    grace_seconds: 2,
    retries: 0,
    max_failures: null,
    retry_backoff_seconds: 1,
    give_up_after: null,
    containment: null,
    devices: [],
    parallel: "off",
    devices_per_run: null,
    pair_by: [],
    quiet: false,
    pin: "auto",
    audit: null,
  });
});

Deno.test("readStudy() takes durations from a fraction of a second to 30 days", () => {
  const { execution } = studyOf(
    "model: m\nexecution: { experiment_timeout_seconds: 0.25, study_timeout_seconds: 2592000, cycle_gap_seconds: 0 }\n",
  );
  deepStrictEqual([
    execution.experiment_timeout_seconds,
    execution.study_timeout_seconds,
    execution.cycle_gap_seconds,
  ], [
    0.25,
    2592000,
    0,
  ]);
});

for (const duration of ["0", "-1", ".nan", ".inf", "1e400", "1e12", "forever"]) {
  Deno.test(`readStudy() refuses a limit of ${duration} seconds`, () => {
    for (
      const key of [
        "experiment_timeout_seconds",
        "startup_timeout_seconds",
        "silence_timeout_seconds",
        "close_timeout_seconds",
        "grace_seconds",
      ]
    ) {
      strictEqual(tell(`model: m\nexecution: { ${key}: ${duration} }\n`).errors.length, 1, key);
    }
  });
}

Deno.test("readStudy() takes devices as a list, as one text, as numbers", () => {
  const devices = (written: string): readonly string[] =>
    studyOf(`model: m\nexecution: { devices: ${written} }\n`).execution.devices;
  deepStrictEqual(devices("[GPU-1, '2']"), ["GPU-1", "2"]);
  deepStrictEqual(devices("'0, 1'"), ["0", "1"]);
  deepStrictEqual(devices("[0, 1]"), ["0", "1"]);
  deepStrictEqual(devices("0"), ["0"]);
  deepStrictEqual(devices("''"), []);
  strictEqual(
    tell("model: m\nexecution: { devices: ' , ' }\n").errors[0],
    'study.yaml:2:23 execution.devices: must be a list, found " , "',
  );
});

Deno.test("readStudy() keeps runners of the file and of its experiments", () => {
  const study = studyOf(`
runners: { pytorch: local }
experiments:
  - { model: m }
  - { model: m, backend: vllm, runners: { vllm: "docker:img:1" } }
`);
  deepStrictEqual(study.runners, { pytorch: "local", vllm: "docker:img:1" });
  strictEqual(study.entries.length, 2);
});

Deno.test("readStudy() adds no hidden run of the shared fields beside explicit experiments", () => {
  const plan = planOf("model: m\nn: 3\nexperiments: [{ random_seed: 1 }, { random_seed: 2 }]\n");
  deepStrictEqual([plan.n_experiments, plan.runs.length], [2, 6]);
});

Deno.test("readStudy() merges an explicit experiment over the shared fields at every depth", () => {
  const { config } =
    planOf("model: m\ndecoder: { temperature: 0.5 }\nexperiments: [{ decoder: { top_p: 0.9 } }]\n").runs[0] ??
      {};
  deepStrictEqual([config?.decoder.temperature, config?.decoder.top_p], [0.5, 0.9]);
});

Deno.test("readStudy() expands an explicit experiment by a list of backends", () => {
  const plan = planOf("model: m\nexperiments: [{ backend: [vllm, pytorch], pytorch: { batch_size: 2 } }]\n");
  const configs = plan.runs.filter(({ cycle }) => cycle === 1).map(({ config }) => config);
  deepStrictEqual(configs.map(({ backend }) => backend).sort(), ["pytorch", "vllm"]);
  ok(configs.every(({ backend, pytorch }) => (pytorch === null) === (backend === "vllm")));
});

Deno.test("readStudy() lets fixed sections of several backends stand together", () => {
  const { errors, plan } = tell(`
model: m
pytorch: { batch_size: 4 }
vllm: { engine: { max_num_seqs: 64 } }
experiments: [{ backend: pytorch }, { backend: vllm }]
`);
  deepStrictEqual(errors, []);
  for (const { config } of plan?.runs ?? []) {
    strictEqual(config.pytorch?.batch_size ?? null, config.backend === "pytorch" ? 4 : null);
    strictEqual(config.vllm?.engine?.max_num_seqs ?? null, config.backend === "vllm" ? 64 : null);
  }
});

Deno.test("readStudy() ignores an empty section of another backend", () => {
  deepStrictEqual(tell("model: m\nvllm:\ntensorrt: {}\n").errors, []);
});
