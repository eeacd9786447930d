import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readStudy } from "../../lib/study/read_study.ts";
import { planOf, tell } from "./_tell.ts";

Deno.test("mergeBase() merges at every depth, the file over its base", () => {
  const { config } = planOf("base: b.yaml\ndecoder: { top_k: 10 }\n", [], {
    "b.yaml": "model: m\nn: 4\ndecoder: { temperature: 0.7, top_k: 3 }\n",
  }).runs[0] ?? {};
  deepStrictEqual([config?.model, config?.n, config?.decoder.temperature, config?.decoder.top_k], [
    "m",
    4,
    0.7,
    10,
  ]);
});

Deno.test("mergeBase() follows a chain, each link seen from its own folder", () => {
  const asked: string[] = [];
  const files: Record<string, string> = {
    "../common/base.yaml": "base: deeper/root.yaml\nn: 2\n",
    "../common/deeper/root.yaml": "model: m\nn: 1\nrandom_seed: 9\n",
  };
  const readFile = (path: string): string | { trouble: string } => {
    asked.push(path);
    return files[path] ?? { trouble: "not there" };
  };
  const { study } = readStudy({ file: "studies/s.yaml", text: "base: ../common/base.yaml\n", readFile }, []);
  deepStrictEqual(asked, ["../common/base.yaml", "../common/deeper/root.yaml"]);
  deepStrictEqual(study?.grid?.shared, { model: "m", n: 2, random_seed: 9 });
});

Deno.test("mergeBase() stops at a circle", () => {
  const files = { "a.yaml": "base: b.yaml\nmodel: m\n", "b.yaml": "base: a.yaml\n" };
  deepStrictEqual(tell("base: a.yaml\n", [], files).errors, [
    "b.yaml:1:7 base: leads back to the same file: study.yaml -> a.yaml -> b.yaml -> a.yaml",
  ]);
  deepStrictEqual(tell("base: study.yaml\nmodel: m\n").errors, [
    "study.yaml:1:7 base: leads back to the same file: study.yaml -> study.yaml",
  ]);
});

Deno.test("mergeBase() tells mistakes in the base under its own name", () => {
  const files = { "sub/b.yaml": "model: m\nn: 0\ndecoder: { temprature: 1 }\n" };
  deepStrictEqual(tell("base: sub/b.yaml\nrandom_seed: x\n", [], files).errors, [
    'study.yaml:2:14 random_seed: must be a whole number, found "x"',
    "sub/b.yaml:2:4 n: must be a whole number >= 1, found 0",
    'sub/b.yaml:3:12 decoder.temprature: is not a known key (did you mean "temperature"?)',
  ]);
  deepStrictEqual(tell("base: sub/b.yaml\nmodel: m\n", [], { "sub/b.yaml": "a:\n\tb: 1\n" }).errors, [
    "sub/b.yaml:2:1: is indented with a tab (indent with spaces)",
  ]);
  deepStrictEqual(tell("base: sub/b.yaml\nmodel: m\n", [], { "sub/b.yaml": "- 1\n" }).errors, [
    "study.yaml:1:7 base: sub/b.yaml must be a mapping (key: value)",
  ]);
});

Deno.test("mergeBase() leaves the study's own keys of a base behind", () => {
  const files = {
    "b.yaml":
      "name: other\nmodel: m\nsweep: { n: [1, 2] }\nexecution: { n_cycles: 9 }\nrunners: { vllm: docker }\n",
  };
  const { plan, warnings } = tell("base: b.yaml\n", [], files);
  deepStrictEqual([plan?.name, plan?.n_experiments, plan?.n_cycles, plan?.kind], [null, 1, 1, "experiment"]);
  deepStrictEqual(warnings, [
    "b.yaml:3:1 sweep: has no effect in a base file",
    "b.yaml:4:1 execution: has no effect in a base file",
  ]);
});

Deno.test("mergeBase() needs a way to other files", () => {
  const { issues } = readStudy({ file: "s.yaml", text: "base: b.yaml\nmodel: m\n" }, []);
  strictEqual(issues[0]?.message, "can only be used in a study file");
});

Deno.test("mergeMaps() lets one form of a field replace the other", () => {
  const files = { "b.yaml": "model: m\ndataset: { n: 10, input_len: 4 }\n" };
  deepStrictEqual(planOf("base: b.yaml\ndataset: { jsonl: p.jsonl }\n", [], files).runs[0]?.config.dataset, {
    jsonl: "p.jsonl",
  });
  const { dataset } = planOf("base: b.yaml\ndataset: { output_len: 2 }\n", [], files).runs[0]?.config ?? {};
  deepStrictEqual(dataset, { n: 10, input_len: 4, output_len: 2, seed: 42 });
});

Deno.test("mergeMaps() lets null take a section back", () => {
  const files = {
    "b.yaml": "model: m\nbackend: vllm\nvllm: { engine: { block_size: 8 } }\ndecoder: { top_k: 3 }\n",
  };
  const { config } =
    planOf("base: b.yaml\nbackend: pytorch\nvllm: null\ndecoder: null\n", [], files).runs[0] ?? {};
  deepStrictEqual([config?.vllm, config?.decoder.top_k], [null, 50]);
});

Deno.test("readStudy() tells nothing missing that a broken base may hold", () => {
  deepStrictEqual(tell("base: gone.yaml\nn: 0\n").errors, [
    "study.yaml:1:7 base: cannot read gone.yaml: the file does not exist",
    "study.yaml:2:4 n: must be a whole number >= 1, found 0",
  ]);
  deepStrictEqual(tell("base: b.yaml\n", [], { "b.yaml": "model: [m\n" }).errors, [
    "b.yaml:2:1: the list opened with [ is not closed before this (close it with ])",
  ]);
});
