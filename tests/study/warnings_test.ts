import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { planOf, tell } from "./_tell.ts";

type Case = readonly [name: string, text: string, told: readonly string[]];

const base = { "base.yaml": "sweep: { n: [1] }\nname: x\nn: 3\n" };

const ACCEPTED: readonly Case[] = [
  ["a quoted number", "model: m\nn: '10'\n", ['study.yaml:2:4 n: read "10" as the number 10 (write 10)']],
  ["a number with underscores", "model: m\nn: 1_000\n", [
    'study.yaml:2:4 n: read "1_000" as the number 1000 (write 1000)',
  ]],
  ["a fraction that is whole", "model: m\nmax_output_tokens: 32.0\n", [
    "study.yaml:2:20 max_output_tokens: read 32.0 as the whole number 32 (write 32)",
  ]],
  ["an exponent", "model: m\nmax_output_tokens: 1e2\n", [
    "study.yaml:2:20 max_output_tokens: read 1e2 as the whole number 100 (write 100)",
  ]],
  ["a leading zero", "model: m\nn: 010\n", [
    "study.yaml:2:4 n: read 010 as the decimal number 10, not as octal (write 10)",
  ]],
  ["true for 1", "model: m\nrandom_seed: true\n", [
    "study.yaml:2:14 random_seed: read true as the number 1 (write 1)",
  ]],
  ["0 for false", "model: m\nwarmup: { enabled: 0 }\n", [
    "study.yaml:2:20 warmup.enabled: read 0 as false (write false)",
  ]],
  ["a word of older YAML", "model: m\nwarmup: { enabled: no }\nbaseline: { enabled: Off }\n", [
    'study.yaml:2:20 warmup.enabled: read the text "no" as false (write false)',
    'study.yaml:3:22 baseline.enabled: read the text "Off" as false (write false)',
  ]],
  ["a quoted word", "model: m\ndecoder: { do_sample: 'false' }\n", [
    'study.yaml:2:23 decoder.do_sample: read the text "false" as false (write false)',
  ]],
  [
    "a quoted choice of numbers",
    "model: m\nbackend: vllm\nvllm: { engine: { attention: { flash_attn_version: '3' } } }\n",
    [
      'study.yaml:3:52 vllm.engine.attention.flash_attn_version: read the text "3" as the number 3 (write 3)',
    ],
  ],
  ["a key for the engine", "model: m\npytorch: { low_cpu_mem_usage: true }\n", [
    "study.yaml:2:12 pytorch.low_cpu_mem_usage: is not a known key; it is passed to the engine unchanged",
  ]],
  ["a swept key for the engine", "model: m\nsweep: { pytorch.low_cpu_mem_usage: [true, false] }\n", [
    "study.yaml:2:10 sweep.pytorch.low_cpu_mem_usage: is not a known key; it is passed to the engine unchanged",
  ]],
  ["a lax value in a sweep", "model: m\nsweep: { n: ['1', 2] }\n", [
    'study.yaml:2:14 sweep.n: read "1" as the number 1 (write 1)',
  ]],
  [
    "a section that a sweep replaces",
    "model: m\ndecoder: { top_k: 3 }\nsweep: { decoder: [{ top_p: 0.5 }] }\n",
    ["study.yaml:3:10 sweep.decoder: each value replaces the whole shared decoder section (to change one key, sweep decoder.<key>)"],
  ],
  ["more than half left out", "model: m\nsweep: { n: [0, -1, 1] }\n", [
    "study.yaml:2:8 sweep: more than half of its points are invalid and are skipped: 2 of 3 (the first: n must be a whole number >= 1, found 0)",
  ]],
  ["equal experiments", "model: m\nsweep: { n: [1, 2, 1] }\n", [
    "study.yaml:2:20: 1 of 3 experiments duplicates an earlier one and is skipped; the first is here (execution.n_cycles repeats experiments)",
  ]],
  ["a base with a sweep", "base: base.yaml\nmodel: m\n", [
    "base.yaml:1:1 sweep: has no effect in a base file",
  ]],
];

for (const [name, text, told] of ACCEPTED) {
  Deno.test(`readStudy() accepts ${name} with a warning`, () => {
    // What these measure is too short for energy, which is another warning.
    const { plan, errors, warnings } = tell(`${text}energy: { backend: null }\n`, [], base);
    deepStrictEqual(errors, []);
    deepStrictEqual(warnings, told);
    strictEqual(plan !== null, true);
  });
}

Deno.test("readStudy() takes a lax value for what it means", () => {
  const text = `model: m
n: "10"
max_output_tokens: 32.0
max_input_tokens: 1_000
random_seed: true
decoder: { temperature: "0.5", do_sample: No, top_p: .5e0, top_k: " 3 " }
warmup: { enabled: 0 }
`;
  const { n, max_output_tokens, max_input_tokens, random_seed, decoder, warmup } =
    planOf(text).runs[0]?.config ?? {};
  deepStrictEqual([n, max_output_tokens, max_input_tokens, random_seed], [10, 32, 1000, 1]);
  deepStrictEqual([decoder?.temperature, decoder?.do_sample, decoder?.top_p, decoder?.top_k], [
    0.5,
    false,
    0.5,
    3,
  ]);
  strictEqual(warmup?.enabled, false);
});

Deno.test("readStudy() does not warn about spellings on the command line, which has no quotes", () => {
  const { warnings, plan } = tell("model: m\n", [
    { path: "n", source: "--set", text: "'10'" },
    { path: "warmup.enabled", source: "--set", text: "no" },
    { path: "random_seed", source: "--seed", value: "7" },
  ]);
  deepStrictEqual(warnings, []);
  deepStrictEqual([plan?.runs[0]?.config.n, plan?.runs[0]?.config.random_seed], [10, 7]);
});
