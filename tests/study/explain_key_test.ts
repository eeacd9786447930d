import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { formatIssue } from "../../lib/base/issue.ts";
import { isJsonObject, type Json } from "../../lib/base/json.ts";
import { isSynthetic } from "../../lib/experiment/config.ts";
import { ownerOf } from "../../lib/experiment/sections.ts";
import { makePlan } from "../../lib/plan/make_plan.ts";
import { explanationRecord, explanationText } from "../../lib/report/explanation_text.ts";
import { flatten } from "../../lib/results/varied.ts";
import { explainKey, type KeyExplanation } from "../../lib/study/explain_key.ts";
import { followPath } from "../../lib/study/follow_path.ts";
import type { Layers } from "../../lib/study/layered_tree.ts";
import { readLayers } from "../../lib/study/read_study.ts";
import type { Override } from "../../lib/study/study.ts";
import { studyShape } from "../../lib/study/study_schema.ts";
import { NO_USER_CONFIG, readUserConfig, type UserConfig } from "../../lib/study/user_config.ts";

const BASE = "random_seed: 9\ndecoder: { top_p: 0.5 }\n";

function layersOf(
  text: string,
  overrides: readonly Override[] = [],
  user: UserConfig = NO_USER_CONFIG,
): Layers {
  return { source: { file: "study.yaml", text, readFile: () => BASE }, overrides, user };
}

function explained(key: string, layers: Layers): readonly KeyExplanation[] {
  const { study, issues } = readLayers(layers);
  ok(study !== null, issues.map(formatIssue).join("\n"));
  const explanations = explainKey(key, {
    layers,
    study,
    execution: { ...study.execution, cycle_gap_seconds: 0 },
  });
  ok(!("message" in explanations), JSON.stringify(explanations));
  return explanations;
}

const STUDY = `base: base.yaml
backend: llamacpp
model: tiny-random
decoder: { preset: deterministic, top_k: 7 }
sweep:
  llamacpp.n_threads: [1, 2]
  n: [5, "6", 0]
execution: { n_cycles: 2 }
`;

const LINES: readonly (readonly [key: string, line: string])[] = [
  ["llamacpp.n_threads", "1 from study.yaml:6:24 (sweep); 2 from study.yaml:6:27 (sweep)"],
  [
    "n",
    "5 from study.yaml:7:7 (sweep); 6 from study.yaml:7:10 (sweep); 0 from study.yaml:7:15 (sweep), skipped: not valid here",
  ],
  ["sweep.llamacpp.n_threads", "1 from study.yaml:6:24 (sweep); 2 from study.yaml:6:27 (sweep)"],
  ["decoder.top_k", "7 from study.yaml:4:42"],
  ["decoder.temperature", "0 from preset deterministic, study.yaml:4:20"],
  ["decoder.top_p", "0.5 from base.yaml:2:19 (base)"],
  ["decoder.min_p", "null (default)"],
  ["random_seed", "9 from base.yaml:1:14 (base)"],
  ["max_output_tokens", "3 from --set"],
  ["max_input_tokens", "512 (default)"],
  ["execution.n_cycles", "2 from study.yaml:8:24"],
  ["execution.retries", "4 from ~/config.yaml:1:23 (user configuration)"],
  ["execution.cycle_order", "shuffled (default)"],
  ["execution.cycle_gap_seconds", "0 (default)"],
  ["runners.vllm", "docker from ~/config.yaml:2:18 (user configuration)"],
  ["runners.pytorch", "local from LLEM_RUNNER_PYTORCH"],
  ["backend", "llamacpp from study.yaml:2:10"],
  ["vllm.engine.block_size", "null (default) (for backend vllm, but this study runs llamacpp)"],
  ["dataset", "aienergyscore (default)"],
  ["dataset.input_len", "512 (default) (this form of dataset has no such key)"],
];

const USER = readUserConfig(
  { file: "~/config.yaml", text: "execution: { retries: 4 }\nrunners: { vllm: docker }\n" },
  { LLEM_RUNNER_PYTORCH: "local" },
).config ?? NO_USER_CONFIG;

for (const [key, line] of LINES) {
  Deno.test(`explainKey() says where ${key} comes from`, () => {
    const layers = layersOf(STUDY, [{ path: "max_output_tokens", source: "--set", text: "3" }], USER);
    strictEqual(explanationText(explained(key, layers)).replace(/^[\w.]+: /, ""), `${line}\n`);
  });
}

Deno.test("explainKey() explains every path of a section, also those that only a sweep names", () => {
  const layers = layersOf(
    "model: m\nbackend: command\ncommand: { argv: [a] }\nsweep: { params.x: [1, 2], params.y.z: [q] }\n",
  );
  strictEqual(
    explanationText(explained("params", layers)),
    "params.x: 1 from study.yaml:4:21 (sweep); 2 from study.yaml:4:24 (sweep)\nparams.y.z: q from study.yaml:4:41 (sweep)\n",
  );
  deepStrictEqual(
    explained("decoder", layers).map(({ path }) => path),
    [
      "temperature",
      "do_sample",
      "top_k",
      "top_p",
      "repetition_penalty",
      "min_p",
      "min_new_tokens",
      "preset",
    ].map((key) => `decoder.${key}`),
  );
});

Deno.test("explainKey() tells experiments from the fields they share", () => {
  const layers = layersOf(
    "model: m\nn: 3\nexperiments:\n  - { n: 4 }\n  - { decoder: { preset: creative } }\n",
  );
  strictEqual(
    explanationText(explained("n", layers)),
    "n: 4 from study.yaml:4:10 (experiments); 3 from study.yaml:2:4\n",
  );
  strictEqual(
    explanationText(explained("decoder.temperature", layers)),
    "decoder.temperature: 1 (default); 0.8 from preset creative, study.yaml:5:26\n",
  );
});

Deno.test("explainKey() follows swept sections and swept presets", () => {
  const layers = layersOf(
    "model: m\ndecoder: { top_k: 3 }\nsweep: { decoder: [{ top_k: 1 }, { preset: factual }] }\n",
  );
  strictEqual(
    explanationText(explained("decoder.top_k", layers)),
    "decoder.top_k: 1 from study.yaml:3:29 (sweep); 50 (default)\n",
  );
  strictEqual(
    explanationText(explained("decoder.temperature", layers)),
    "decoder.temperature: 1 (default); 0.3 from preset factual, study.yaml:3:44\n",
  );
  const presets = layersOf(
    "model: m\ndecoder: { top_p: 0.2 }\nsweep: { decoder.preset: [creative, null] }\n",
  );
  strictEqual(
    explanationText(explained("decoder.repetition_penalty", presets)),
    "decoder.repetition_penalty: 1.1 from preset creative, study.yaml:3:27; 1 (default)\n",
  );
  strictEqual(
    explanationText(explained("decoder.top_p", presets)),
    "decoder.top_p: 0.2 from study.yaml:2:19\n",
  );
});

Deno.test("explainKey() tells a backend that only the swept sections name", () => {
  const layers = layersOf("model: m\nsweep: { pytorch.batch_size: [1], vllm.engine.block_size: [8] }\n");
  deepStrictEqual(explained("backend", layers)[0]?.origins.map(({ value, kind }) => [value, kind]), [
    ["pytorch", "sweep"],
    ["vllm", "sweep"],
  ]);
});

Deno.test("explainKey() refuses what is no key, with the right one", () => {
  const layers = layersOf("model: m\n");
  const { study } = readLayers(layers);
  const told = (key: string): string => {
    const issue = study === null ? [] : explainKey(key, { layers, study, execution: {} });
    return "message" in issue ? formatIssue(issue) : "";
  };
  strictEqual(
    told("decoder.temprature"),
    '--explain decoder.temprature: is not a known key (did you mean "temperature"?)',
  );
  strictEqual(
    told("n_threads"),
    '--explain n_threads: is not a known key (did you mean "llamacpp.n_threads"?)',
  );
  strictEqual(told("n.x"), "--explain n.x: is not a known key");
  strictEqual(told(""), "--explain: is not a known key");
  strictEqual(
    told("sweep"),
    "--explain sweep: has no value of its own (give the path of a setting, such as decoder.temperature)",
  );
});

Deno.test("explanationText() counts the values beyond twenty, explanationRecord() has them all", () => {
  const values = Array.from({ length: 30 }, (_, index) => index + 1);
  const explanations = explained("n", layersOf(`model: m\nsweep: { n: ${JSON.stringify(values)} }\n`));
  ok(
    explanationText(explanations).endsWith("20 from study.yaml:2:62 (sweep); and 10 more\n"),
    explanationText(explanations),
  );
  const { key, explained: [first] } = explanationRecord("n", explanations) as {
    key: string;
    explained: { key: string; idle: null; values: Json[] }[];
  };
  deepStrictEqual([key, first?.key, first?.values.length, first?.values[1]], ["n", "n", 30, {
    value: 2,
    from: "sweep",
    preset: null,
    file: "study.yaml",
    line: 2,
    column: 16,
    skipped: false,
  }]);
});

const folder = new URL("../fixtures/conformance/", import.meta.url);
const studies = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
  name.endsWith(".yaml")
);

for (const name of studies) {
  const readFile = (path: string): Uint8Array | { trouble: string } => {
    try {
      return Deno.readFileSync(new URL(path, folder));
    } catch {
      return { trouble: "the file does not exist" };
    }
  };
  const layers = {
    source: { file: name, text: Deno.readFileSync(new URL(name, folder)), readFile },
    overrides: [],
    user: NO_USER_CONFIG,
  };
  const { study } = readLayers(layers);
  const plan = study === null ? null : makePlan(study, { gaps: { experiment_s: 0, cycle_s: 0 } }).plan;
  if (study === null || plan === null) continue;
  Deno.test(`explainKey() gives the values that the runs of ${name} have, and no others`, () => {
    const byPath = new Map<string, Set<string>>();
    const sweepsDataset = study.grid?.dimensions.some(({ path }) => path === "dataset") ?? false;
    for (const { config } of plan.runs) {
      for (const [path, value] of flatten(config)) {
        const owner = ownerOf(path);
        const end = followPath(studyShape(), path);
        if ((owner !== null && owner !== config.backend) || end.kind !== "slot") continue;
        if (end.slot.shape.kind === "map" || path.startsWith("dataset.")) continue;
        const values = byPath.get(path) ?? new Set();
        // Of the two places for the number of prompts the one that counts.
        const counts = path === "n" && isSynthetic(config.dataset) && !sweepsDataset
          ? config.dataset.n
          : value;
        byPath.set(path, values.add(JSON.stringify(counts)));
      }
    }
    ok(byPath.size > 20);
    for (const [path, values] of byPath) {
      const [explanation] = explained(path, layers);
      const told = explanation?.origins.filter(({ skipped, value }) => !skipped && !isJsonObject(value)) ??
        [];
      const given = path === "backend" ? told.flatMap(({ value }) => value) : told.map(({ value }) => value);
      const texts = new Set(given.map((value) => JSON.stringify(value)));
      const missing = [...values].filter((value) => !texts.has(value) && !value.startsWith("{"));
      deepStrictEqual(missing, [], `${path}: runs have what is not explained`);
      if (plan.skipped.length > 0) continue;
      deepStrictEqual(
        [...texts].filter((text) => !values.has(text)),
        [],
        `${path}: explained, but no run has it`,
      );
    }
  });
}
