import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { makePlan } from "../../lib/plan/make_plan.ts";
import { readStudy } from "../../lib/study/read_study.ts";
import { planOf, tell } from "../study/_tell.ts";

/** The warnings about short windows that a study text gets. */
function told(text: string): string[] {
  return tell(text).warnings.filter((warning) => warning.includes("too short for energy"));
}

Deno.test("a study is told once of windows that are too short for energy, with the first place and the number", () => {
  deepStrictEqual(told("model: m\nsweep:\n  n: [100, 1, 2]\n"), [
    // What the user never wrote stands nowhere.
    "study.yaml: the measured window of 2 of 3 experiments may be too short for energy: a run generates at most " +
    "128 tokens; energy needs a window of at least 10 s (set measure.min_seconds: 30, or energy.backend: null to meter " +
    "nothing)",
  ]);
  deepStrictEqual(told("model: m\nmeasure: { min_seconds: 2 }\n"), [
    "study.yaml:2:12 measure.min_seconds: the measured window may be too short for energy: it lasts 2 s; energy needs a " +
    "window of at least 10 s (set measure.min_seconds: 30, or energy.backend: null to meter nothing)",
  ]);
  const entry = "model: m\nn: 100\nexperiments:\n  - { n: 99 }\n  - { measure: { min_seconds: 3 } }\n";
  match(
    told(entry)[0] ?? "",
    /^study\.yaml:5:5 measure\.min_seconds: .* of 1 of 2 experiments .* it lasts 3 s;/,
  );
});

Deno.test("nobody is told of short windows where nothing can be metered", () => {
  const { study } = readStudy({ file: "study.yaml", text: "model: m\nsweep: { n: [1, 2] }\n" }, []);
  const warningsOf = (hasMeter: (config: ExperimentConfig) => boolean): string[] => {
    if (study === null) throw new Error("The study does not check");
    return makePlan(study, { gaps: { experiment_s: 0, cycle_s: 0 }, hasMeter }).warnings
      .map(({ message }) => message);
  };
  deepStrictEqual([warningsOf(() => true).length, warningsOf(() => false).length], [1, 0]);
  match(warningsOf(({ n }) => n === 2)[0] ?? "", /of 1 of 2 experiments/);
});

Deno.test("a window that is asked for by time counts whatever the workload, synthetic prompts by their own numbers", () => {
  const short = (text: string): boolean => told(text).length > 0;
  strictEqual(short("model: m\nn: 1\nmeasure: { min_seconds: 10 }\n"), false);
  strictEqual(short("model: m\nmeasure: { min_seconds: 9.5 }\n"), true);
  strictEqual(short("model: m\ndataset: { n: 2, output_len: 100 }\n"), true);
  strictEqual(short("model: m\nn: 1\ndataset: { n: 50, output_len: 100 }\n"), false);
});

Deno.test("nobody is told who meters nothing, tries llem out, has enough to do, or brings a worker of his own", () => {
  for (
    const text of [
      "model: m\n",
      "model: m\nn: 1\nenergy: { backend: null }\n",
      "model: tiny-random\nbackend: llamacpp\nn: 1\n",
      "model: none\nbackend: command\ncommand: { argv: [true] }\nn: 1\n".replace("[true]", '["true"]'),
    ]
  ) deepStrictEqual(told(text), [], text);
});

Deno.test("an energy backend of llenergymeasure is read as what meters the same, and hashes like it", () => {
  const hash = (backend: string): string | undefined =>
    planOf(`model: m\nenergy: { backend: ${backend} }\n`).runs[0]?.config_hash;
  strictEqual(hash("zeus"), hash("nvml"));
  strictEqual(hash("codecarbon"), hash("auto"));
  strictEqual(hash("auto") === hash("nvml"), false);
  const { warnings, plan } = tell("model: m\nsweep: { energy.backend: [zeus, nvml, codecarbon] }\n");
  deepStrictEqual(warnings.slice(0, 2), [
    'study.yaml:2:27 sweep.energy.backend: read "zeus" as nvml (write nvml)',
    'study.yaml:2:39 sweep.energy.backend: read "codecarbon" as auto (write auto)',
  ]);
  deepStrictEqual(plan?.runs.slice(0, 2).map(({ config }) => config.energy.backend).sort(), ["auto", "nvml"]);
});
