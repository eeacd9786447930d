import { servedLoad } from "../../lib/experiment/engines/openai/load.ts";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { formatIssue } from "../../lib/base/issue.ts";
import type { Json } from "../../lib/base/json.ts";
import { makePlan } from "../../lib/plan/make_plan.ts";
import { readPath } from "../../lib/experiment/read_path.ts";
import { assumedSettings } from "../../lib/session/messages.ts";
import { completeFlags } from "../../lib/study/complete_flags.ts";
import { studyFromFlags } from "../../lib/study/read_study.ts";
import type { Override } from "../../lib/study/study.ts";
import { planOf, tell } from "./_tell.ts";

function set(path: string, text: string): Override {
  return { path, source: "--set", text };
}

const SEQUENTIAL = set("execution", "{ n_cycles: 1, cycle_order: sequential }");

Deno.test("applyOverrides() wins over the file's fields, at any depth", () => {
  const plan = planOf("model: m\nn: 5\ndecoder: { top_k: 3 }\n", [
    set("n", "7"),
    set("decoder.temperature", "0.5"),
    { path: "execution.n_cycles", source: "--cycles", value: 2 },
  ]);
  const config = plan.runs[0]?.config;
  deepStrictEqual([config?.n, config?.decoder.top_k, config?.decoder.temperature], [7, 3, 0.5]);
  strictEqual(plan.n_cycles, 2);
});

Deno.test("applyOverrides() reads YAML values: lists, mappings, words, nothing", () => {
  const plan = planOf("model: m\nbackend: command\nparams: { a: 1, d: 4 }\ndecoder: { min_p: 0.5 }\n", [
    set("command", "{ argv: [sh, -c, 'exit 0'] }"),
    set("params.b", "[[x, 2]]"),
    set("params.c", "true"),
    set("decoder.min_p", ""),
  ]);
  deepStrictEqual(plan.runs[0]?.config.params, { a: 1, b: ["x", 2], c: true, d: 4 });
  deepStrictEqual(plan.runs[0]?.config.command?.argv, ["sh", "-c", "exit 0"]);
  strictEqual(plan.runs[0]?.config.decoder.min_p, null);
});

const QUOTED = `put the value in quotes inside those of the shell, such as 'key="value"'`;
const LOST: readonly (readonly [texts: readonly string[], problem: string])[] = [
  [["%Y-%m-%d", "%"], "contains what YAML reads as a directive (%), which would change the value"],
  [
    ["#5", "5 # five", "null # none", "[1, # one\n 2]", " #"],
    "contains what YAML reads as a comment (#), which",
  ],
  [
    ["---", "--- x", "x\n---\n", "---\na: 1"],
    "contains what YAML reads as a document start marker (---), which",
  ],
  [["...", "x\n...\n"], "contains what YAML reads as a document end marker (...), which"],
  [["&a x", "[&a 1, 2]"], "contains what YAML reads as an anchor (&), which"],
  [["\ufeffx"], "contains what YAML reads as a byte order mark, which"],
  [["*a"], "contains what YAML reads as an alias (*), which"],
  [["!t x", "!", "!!str 5"], "contains what YAML reads as a tag (!), which"],
  [["|", "|\n x", ">-\n x", "a: | b"], "contains what YAML reads as a block scalar header (| or >), which"],
  [
    ["x:", "- ", "-", "{ a }", "{ a: }", "[1, { b: }]", "? x"],
    "contains a key or a list item without a value",
  ],
  [
    ["NULL", "[1, NULL]"],
    "contains NULL, which YAML reads as null (write null there, or put the value in quotes",
  ],
  [
    ["Null", "{ a: Null }"],
    "contains Null, which YAML reads as null (write null there, or put the value in quotes",
  ],
  [
    ["{<<: {b: 1}}", "<<: { b: 1 }", "[{ << : { b: 1 } }]", "? <<\n: {b: 1}"],
    "contains what YAML reads as a merge",
  ],
  [["0.1e-400", "-1e-999"], "rounds to 0 as a 64-bit number, found "],
  [["a\nb", '"a\nb"', "'a\nb'"], "contains a line break, which YAML would replace with a space"],
  [["@file", "\`x\`"], "starts with a character that YAML reserves"],
];

Deno.test("applyOverrides() refuses a value that would come out as less than was typed, and names its key", () => {
  for (const [texts, problem] of LOST) {
    for (const text of texts) {
      const { plan, errors } = tell("model: m\nbackend: command\ncommand: { argv: [a] }\n", [
        set("params.x", text),
      ]);
      deepStrictEqual([plan, errors.length], [null, 1], text);
      ok(errors[0]?.startsWith(`--set params.x: ${problem}`), `${text}: ${errors[0]}`);
      ok(/quotes|lines/.test(errors[0] ?? ""), errors[0]);
    }
  }
  const { errors } = tell("model: m\n", [{ path: "n", source: "-n", text: "#5" }]);
  deepStrictEqual(errors, [
    `-n n: contains what YAML reads as a comment (#), which would change the value (${QUOTED})`,
  ]);
});

Deno.test("applyOverrides() takes null, ~ and nothing for nothing, and every other value whole", () => {
  const values: readonly (readonly [text: string, value: Json])[] = [
    ...["", " ", "null", "~"].map((text) => [text, null] as const),
    ["nULL", "nULL"],
    ['"NULL"', "NULL"],
    ["<<", "<<"],
    ["{ a: << }", { a: "<<" }],
    ["[[0, 0.0, 0e-9, 1e-300]]", [0, 0, 0, 1e-300]],
    ["'%Y-%m-%d'", "%Y-%m-%d"],
    ['"a # b"', "a # b"],
    ["a#b", "a#b"],
    ["12:30", "12:30"],
    ["https://host/#part", "https://host/#part"],
    ["[[1, ~, { a: null }]]", [1, null, { a: null }]],
    ['{\n "a": [1,\n 2] }', { a: [1, 2] }],
    ["a: b", { a: "b" }],
    ["- - 1\n  - 2", [1, 2]],
    ["''", ""],
  ];
  for (const [text, value] of values) {
    const plan = planOf("model: m\nbackend: command\ncommand: { argv: [a] }\n", [set("params.x", text)]);
    deepStrictEqual(plan.runs[0]?.config.params, { x: value }, text);
  }
});

Deno.test("applyOverrides() gives text where text is due, whatever it looks like", () => {
  const plan = planOf("model: m\n", [set("model", "007"), set("name", "1.50")]);
  deepStrictEqual([plan.runs[0]?.config.model, plan.name], ["007", "1.50"]);
});

Deno.test("applyOverrides() ends the sweep of what it sets, and says so", () => {
  const { plan, warnings } = tell("model: m\nsweep: { n: [1, 2, 3], random_seed: [1, 2] }\n", [
    set("n", "9"),
    SEQUENTIAL,
  ]);
  deepStrictEqual(plan?.runs.map(({ config }) => [config.n, config.random_seed]), [[9, 1], [9, 2]]);
  deepStrictEqual(warnings, ["--set n: this value replaces the sweep of n"]);
});

Deno.test("applyOverrides() sets a key inside the values of a swept section", () => {
  const { plan } = tell("model: m\nsweep: { decoder: [{ top_k: 1 }, { temperature: 1, top_k: 2 }] }\n", [
    set("decoder.temperature", "0.25"),
    SEQUENTIAL,
  ]);
  deepStrictEqual(plan?.runs.map(({ config }) => [config.decoder.top_k, config.decoder.temperature]), [[
    1,
    0.25,
  ], [2, 0.25]]);
});

Deno.test("applyOverrides() wins over explicit experiments that set the same field, and leaves the others", () => {
  const text =
    "model: m\nexperiments:\n  - { n: 1 }\n  - { random_seed: 2 }\n  - { backend: vllm, vllm: { engine: { block_size: 8 } } }\n";
  const plan = planOf(text, [set("n", "9"), set("pytorch.batch_size", "4"), SEQUENTIAL]);
  deepStrictEqual(
    plan.runs.map(({ config }) => [config.n, config.backend, config.pytorch?.batch_size ?? null]),
    [
      [9, "pytorch", 4],
      [9, "pytorch", 4],
      [9, "vllm", null],
    ],
  );
});

Deno.test("applyOverrides() adds a sweep", () => {
  const plan = planOf("model: m\n", [set("sweep.decoder.top_k", "[1, 2]"), SEQUENTIAL]);
  deepStrictEqual(plan.runs.map(({ config }) => config.decoder.top_k), [1, 2]);
  strictEqual(plan.kind, "study");
});

/** The swept values that options come to, by experiment, in the order of the plan. */
function sweptBy(text: string, overrides: readonly Override[], path: string): unknown[] {
  const { plan, errors } = tell(text, [...overrides, SEQUENTIAL]);
  deepStrictEqual(errors, []);
  return plan?.runs.map(({ config }) => readPath(config, path)) ?? [];
}

Deno.test("applyOverrides() sweeps a list with commas where a number, a flag or one of some words is due", () => {
  const llama = "model: m.gguf\nbackend: llamacpp\n";
  const cases: readonly (readonly [path: string, text: string, values: readonly Json[]])[] = [
    ["llamacpp.n_threads", "1,2,4", [1, 2, 4]],
    ["llamacpp.n_threads", "[1, 2]", [1, 2]],
    ["llamacpp.n_threads", "4", [4]],
    ["llamacpp.use_mmap", "true, false", [true, false]],
    ["llamacpp.cache_type_k", "f16,q8_0", ["f16", "q8_0"]],
    ["decoder.temperature", "0, 0.5", [0, 0.5]],
    ["model", "[a.gguf, b.gguf]", ["a.gguf", "b.gguf"]],
    ["model", "a,b.gguf", ["a,b.gguf"]],
  ];
  for (const [path, text, values] of cases) {
    deepStrictEqual(sweptBy(llama, [set(path, text)], path), values, `${path}=${text}`);
  }
  const flag: Override = { path: "precision", source: "--precision", value: "fp16,bf16" };
  deepStrictEqual(sweptBy("model: m\n", [flag], "precision"), ["fp16", "bf16"]);
  const own = "model: m\nbackend: command\ncommand: { argv: [a] }\n";
  deepStrictEqual(sweptBy(own, [set("params.x", "[1, b]")], "params.x"), [1, "b"]);
  deepStrictEqual(sweptBy(own, [set("params.x", "1,2")], "params.x"), ["1,2"]);
  deepStrictEqual(sweptBy(own, [set("params.x", "[[1, 2]]")], "params.x"), [[1, 2]]);
  deepStrictEqual(sweptBy(own, [set("command.argv", "[b, c]")], "command.argv"), [["b", "c"]]);
});

Deno.test("applyOverrides() sweeps over what a file sweeps and lists", () => {
  const both = (text: string, overrides: readonly Override[]) =>
    planOf(text, [...overrides, SEQUENTIAL]).runs.map(({ config }) => [config.n, config.random_seed]);
  const file = "model: m\nsweep: { n: [7, 8], random_seed: [1] }\n";
  deepStrictEqual(both(file, [set("n", "1,2")]), [[1, 1], [2, 1]]);
  deepStrictEqual(both(file, [set("random_seed", "3,4")]), [[7, 3], [7, 4], [8, 3], [8, 4]]);
  const listed = "model: m\nexperiments: [{ n: 7 }, { random_seed: 2 }]\n";
  deepStrictEqual(both(listed, [set("random_seed", "3,4")]), [[7, 3], [7, 4], [100, 3], [100, 4]]);
  const { warnings } = tell(file, [set("n", "1,2"), SEQUENTIAL]);
  strictEqual(warnings[0], "--set n: this value replaces the sweep of n");
  const mixed = "model: m\nexperiments: [{ backend: llamacpp }, { backend: vllm }]\n";
  const runs = planOf(mixed, [set("llamacpp.n_threads", "1,2"), SEQUENTIAL]).runs;
  deepStrictEqual(runs.map(({ config }) => config.llamacpp?.n_threads ?? null), [1, 2, null]);
  const sections = "model: m\nsweep: { decoder: [{ top_k: 1 }, { top_k: 2 }] }\n";
  deepStrictEqual(sweptBy(sections, [set("decoder.top_p", "0.1,0.2")], "decoder.top_p"), [
    0.1,
    0.2,
    0.1,
    0.2,
  ]);
});

Deno.test("applyOverrides() tells a list with commas that does not fit as a value that does not", () => {
  for (const text of ["1,,2", "1,"]) {
    const { errors } = tell("model: m\n", [set("n", text)]);
    deepStrictEqual(errors, [`--set n: must be a whole number >= 1, found "${text}"`]);
  }
});

Deno.test("an option's list with a value that its key never takes is a mistake, as that value alone is", () => {
  const issues = (...given: readonly Override[]): string[] =>
    studyFromFlags([set("model", "tiny-random"), ...given]).issues.map(formatIssue);
  const misfit = '--set llamacpp.n_threads: must be a whole number >= 1, or null, found "x"';
  deepStrictEqual(issues(set("llamacpp.n_threads", "1,x")), [misfit]);
  deepStrictEqual(issues(set("llamacpp.n_threads", "[1, x]")), [misfit]);
  deepStrictEqual(issues(set("llamacpp.n_threads", "1,2")), []);
});

Deno.test("options of synthetic prompts are refused beside a dataset that names prompts", () => {
  const given = (dataset: string): string[] =>
    studyFromFlags(
      completeFlags([
        set("model", "tiny-random"),
        { path: "dataset", value: dataset, source: "--dataset" },
        { path: "dataset.input_len", text: "5", source: "--input-len" },
      ], () => 8).overrides,
    ).issues.map(formatIssue);
  deepStrictEqual(given("p.jsonl").length, 1);
  match(
    given("p.jsonl")[0] ?? "",
    /^--input-len .*belongs to synthetic prompts, and --dataset names p\.jsonl/,
  );
});

Deno.test("completeFlags() runs all prompts of a file, or the first 100, and says so with the default backend", () => {
  const from = (count: number | null, ...given: readonly (readonly [path: string, text: string])[]) => {
    const { overrides, assumed } = completeFlags(given.map(([path, text]) => set(path, text)), () => count);
    const { study } = studyFromFlags(overrides);
    const plan = study === null ? null : makePlan(study, { gaps: { experiment_s: 0, cycle_s: 0 } }).plan;
    return [plan?.runs[0]?.config.n, assumedSettings(assumed)];
  };
  const gpt2 = "backend pytorch (the default: gpt2 is not the name of a GGUF file)";
  deepStrictEqual(from(8, ["model", "gpt2"], ["dataset", "p.jsonl"]), [
    8,
    `${gpt2}, all 8 prompts of p.jsonl`,
  ]);
  deepStrictEqual(from(101, ["model", "gpt2"], ["dataset.jsonl", "p"]), [
    100,
    `${gpt2}, the first 100 prompts of p (-n takes more)`,
  ]);
  deepStrictEqual(from(8, ["model", "gpt2"], ["dataset", "p.jsonl"], ["n", "3"]), [3, gpt2]);
  deepStrictEqual(from(null, ["model", "gpt2"], ["dataset", "p.jsonl"]), [100, gpt2]);
  deepStrictEqual(from(8, ["model", "gpt2"], ["vllm.x", "1"], ["dataset", "owner/name"])[1], null);
});

Deno.test("completeFlags() takes the backend from the model's name, and short synthetic prompts", () => {
  const from = (...given: readonly (readonly [path: string, text: string])[]) => {
    const { overrides, assumed } = completeFlags(given.map(([path, text]) => set(path, text)));
    const { study, issues } = studyFromFlags(overrides);
    const plan = study === null ? null : makePlan(study, { gaps: { experiment_s: 0, cycle_s: 0 } }).plan;
    const configs = plan?.runs.filter(({ cycle }) => cycle === 1).map(({ config }) => config) ?? [];
    const shown = configs.map(({ backend, dataset }) => [backend, dataset]);
    return { shown, said: assumedSettings(assumed), issues: issues.map(formatIssue) };
  };
  const prompts = { n: 8, input_len: 128, output_len: 64, seed: 42 };
  deepStrictEqual(from(["model", "some/x.gguf"]), {
    shown: [["llamacpp", prompts]],
    said: "backend llamacpp (from the name some/x.gguf), 8 synthetic prompts 128 -> 64 tokens",
    issues: [],
  });
  deepStrictEqual(from(["model", "tiny-random"], ["n", "2"], ["dataset.input_len", "16"]), {
    shown: [["llamacpp", { ...prompts, n: 2, input_len: 16 }]],
    said: "backend llamacpp (from the name tiny-random), synthetic prompts -> 64 tokens",
    issues: [],
  });
  deepStrictEqual(from(["model", "gpt2"]).shown, [["pytorch", prompts]]);
  deepStrictEqual(from(["model", "x.gguf"], ["backend", "pytorch"], ["dataset", "{ n: 1 }"]), {
    shown: [["pytorch", { n: 1, input_len: 512, output_len: 128, seed: 42 }]],
    said: null,
    issues: [],
  });
  const named = from(["model", "x.gguf"], ["dataset", "p.jsonl"], ["n", "3"]);
  deepStrictEqual(named.shown, [["llamacpp", "p.jsonl"]]);
  strictEqual(named.said, "backend llamacpp (from the name x.gguf)");
  deepStrictEqual(from(["model", "x.gguf"], ["dataset.jsonl", "p"]).shown, [["llamacpp", { jsonl: "p" }]]);
  const own = from(["model", "none"], ["backend", "command"], ["command.argv", "[a]"]);
  deepStrictEqual([own.shown, own.said], [[["command", "aienergyscore"]], null]);
  const both = from(["model", "[a.gguf, b.gguf]"], ["n", "1,2"]);
  deepStrictEqual(both.shown.map(([backend]) => backend), Array(4).fill("llamacpp"));
  deepStrictEqual(from(["model", "[a.gguf, gpt2]"]).shown.map(([backend]) => backend), [
    "pytorch",
    "pytorch",
  ]);
});

Deno.test("applyOverrides() names the option in messages", () => {
  const { errors } = tell("model: m\n", [
    set("decoder.temprature", "1"),
    set("n", "[1"),
    set("decoder..top_k", "1"),
    set("", "1"),
    set("experiments.0.n", "3"),
    { path: "execution.n_cycles", source: "--cycles", value: 0 },
    { path: "execution.cycle_order", source: "--order", value: "random" },
    { path: "execution.experiment_timeout_seconds", source: "--timeout", value: Infinity },
  ]);
  deepStrictEqual(errors, [
    "--set n: the list opened with [ is not closed before this (close it with ])",
    "--set decoder..top_k: is not a path of keys separated by dots " +
    "(write --set key=value, such as --set decoder.top_k=1)",
    "--set: is not a path of keys separated by dots (write --set key=value, such as --set decoder.top_k=1)",
    "--set experiments.0.n: refers to one experiment, which cannot be set on its own (set n to change it in all experiments)",
    '--set decoder.temprature: is not a known key (did you mean "temperature"?)',
    "--cycles execution.n_cycles: must be a whole number >= 1, or null, found 0",
    '--order execution.cycle_order: must be one of sequential, interleaved, shuffled, reverse, latin_square or null, found "random"',
    "--timeout execution.experiment_timeout_seconds: must be a number > 0 and <= 31622400, or null, found Infinity",
  ]);
});

Deno.test("studyFromFlags() makes one experiment of options alone", () => {
  const { study, issues } = studyFromFlags([
    { path: "model", source: "--model", value: "tiny-random" },
    { path: "backend", source: "--backend", value: "llamacpp" },
    { path: "n", source: "-n", value: "3" },
  ]);
  deepStrictEqual(issues, []);
  const plan = study === null ? null : makePlan(study, { gaps: { experiment_s: 0, cycle_s: 0 } }).plan;
  deepStrictEqual([study?.file, plan?.kind, plan?.runs.length, plan?.runs[0]?.config.n], [
    null,
    "experiment",
    1,
    3,
  ]);
});

Deno.test("studyFromFlags() says what is missing without naming a file", () => {
  deepStrictEqual(studyFromFlags([]).issues.map(formatIssue), [
    "model: is missing, must be non-empty text",
  ]);
});

Deno.test("completeFlags() measures a server without a study file, by closed loads and rates side by side", () => {
  const from = (...given: readonly (readonly [path: string, text: string])[]) => {
    const { overrides, assumed } = completeFlags(given.map(([path, text]) => set(path, text)));
    const { study, issues } = studyFromFlags(overrides);
    const plan = study === null ? null : makePlan(study, { gaps: { experiment_s: 0, cycle_s: 0 } }).plan;
    const configs = plan?.runs.map(({ config, cycle }) => cycle === 1 ? config : null) ?? [];
    const loads = configs.flatMap((config) => config?.openai ? [servedLoad(config.openai)] : []);
    const { model, backend } = plan?.runs[0]?.config ?? {};
    const order = (one: unknown): string => JSON.stringify(one);
    return {
      model,
      backend,
      loads: loads.map(order).sort(),
      said: assumedSettings(assumed),
      issues: issues.map(formatIssue),
    };
  };
  const url: readonly [string, string] = ["openai.base_url", "http://127.0.0.1:8000/v1"];
  const own = { backend: "openai", issues: [], said: "8 synthetic prompts 128 -> 64 tokens" };
  const open = '"seed":42,"max_in_flight":null';
  deepStrictEqual(from(url), { ...own, model: "served", loads: ['{"kind":"closed","concurrency":1}'] });
  deepStrictEqual(from(url, ["openai.concurrency", "1,4"], ["model", "x.gguf"]), {
    ...own,
    model: "x.gguf",
    loads: ['{"kind":"closed","concurrency":1}', '{"kind":"closed","concurrency":4}'],
  });
  deepStrictEqual(from(url, ["openai.load.rate", "2,0.5"]).loads, [
    `{"kind":"poisson",${open},"rate":0.5}`,
    `{"kind":"poisson",${open},"rate":2}`,
  ]);
  deepStrictEqual(from(url, ["openai.load.rate", "2"], ["openai.load.arrivals", "gamma"]).loads, [
    `{"kind":"gamma",${open},"rate":2,"shape":1}`,
  ]);
  const both = from(url, ["openai.load.rate", "2,8"], ["openai.concurrency", "1,4"], ["openai.api", "chat"]);
  deepStrictEqual(both, {
    ...own,
    model: "served",
    loads: [
      '{"kind":"closed","concurrency":1}',
      '{"kind":"closed","concurrency":4}',
      `{"kind":"poisson",${open},"rate":2}`,
      `{"kind":"poisson",${open},"rate":8}`,
    ],
  });
  const wrong = from(url, ["openai.load.rate", "fast"], ["openai.concurrency", "4"]).issues;
  deepStrictEqual(wrong.length, 1, wrong.join("\n"));
  deepStrictEqual(wrong[0]?.includes("openai.load.rate: must be a number > 0"), true, wrong[0]);
  deepStrictEqual(from(["openai.api", "chat"], ["model", "m"]).issues.length, 1);
  deepStrictEqual(from(url, ["backend", "vllm"]).backend, undefined);
});
