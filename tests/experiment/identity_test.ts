import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "../../lib/base/json.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { hash16 } from "../../lib/base/canonical_json.ts";
import { remoteCodeOf } from "../../lib/experiment/remote_code.ts";
import { configHash, designHash, meaningOf } from "../../lib/experiment/identity.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { planOf } from "../study/_tell.ts";
import { leafFields, valuesFor } from "./_samples.ts";

function configOf(draft: JsonObject): ExperimentConfig {
  const config = resolveConfig({ model: "m", ...draft });
  if (config === null) throw new Error(`No configuration: ${JSON.stringify(draft)}`);
  return config;
}

function hashOf(draft: JsonObject): string {
  return configHash(configOf(draft));
}

/** Identities that must never change, since stored studies are resumed by them: the text hashed, and its hash. */
const GOLDEN: readonly (readonly [draft: JsonObject, text: string, hash: string])[] = [
  [{ model: "gpt2" }, '{"model":"gpt2","pytorch":{"trust_remote_code":false}}', "ef4f19cad77acd71"],
  [
    { model: "gpt2", pytorch: { trust_remote_code: true } },
    '{"model":"gpt2","pytorch":{"trust_remote_code":true}}',
    "d73328205735e068",
  ],
  [
    { model: "tiny-random", backend: "llamacpp", dataset: { n: 8 }, llamacpp: { n_threads: 2 } },
    '{"backend":"llamacpp","dataset":{"n":8},"llamacpp":{"n_threads":2},"model":"tiny-random"}',
    "5dc4c9b731d7ab76",
  ],
  [
    { model: "none", backend: "command", command: { argv: ["python3", "worker.py"] }, params: { batch: 4 } },
    '{"backend":"command","command":{"argv":["python3","worker.py"]},"model":"none","params":{"batch":4}}',
    "de293834679caa71",
  ],
  [
    { model: "m", backend: "vllm", decoder: { preset: "creative" }, vllm: { engine: { max_num_seqs: 64 } } },
    '{"backend":"vllm","decoder":{"repetition_penalty":1.1,"temperature":0.8,"top_p":0.9},"model":"m","vllm":{"engine":{"max_num_seqs":64,"trust_remote_code":false}}}',
    "8ec72a2ce037f038",
  ],
  [
    { model: "gpt2", precision: "fp32", pytorch: { batch_size: 4 }, energy: { backend: null } },
    '{"energy":{"backend":null},"model":"gpt2","precision":"fp32","pytorch":{"batch_size":4,"trust_remote_code":false}}',
    "b6e0d20f63ae2b5e",
  ],
];

for (const [draft, text, hash] of GOLDEN) {
  Deno.test(`configHash() gives ${hash} for ${text}`, () => {
    deepStrictEqual(meaningOf(configOf(draft)), JSON.parse(text));
    strictEqual(hashOf(draft), hash);
  });
}

const served = (more: JsonObject): JsonObject => ({ backend: "openai", openai: { base_url: "u", ...more } });
const started = (server: JsonObject, more: JsonObject = {}): JsonObject => ({
  backend: "openai",
  openai: { server: { argv: ["llama-server", "--port", "{port}"], ...server }, ...more },
});

/** Drafts that say the same in different words. */
const EQUAL: readonly (readonly [what: string, drafts: readonly JsonObject[]])[] = [
  ["one request at a time", [
    served({}),
    served({ concurrency: 1 }),
    served({ load: { concurrency: 1 } }),
    served({ load: { arrivals: "closed", seed: 7 } }),
  ]],
  ["the short form of a closed load", [
    served({ concurrency: 4 }),
    served({ load: { concurrency: 4 } }),
    served({ concurrency: 4, load: { concurrency: 4 } }),
  ]],
  ["what a load leaves open", [
    served({ load: { arrivals: "gamma", rate: 2 } }),
    served({ load: { arrivals: "gamma", rate: 2.0, shape: 1, seed: 42, max_in_flight: null } }),
  ]],
  ["how a server is reached and watched", [
    served({}),
    served({ api_key_env: "KEY", ca_file: "ca.pem" }),
    served({ api_key_env: "OTHER", prefix_cache: "reset", body: {} }),
  ]],
  ["how a server of our own is spelt", [
    started({ argv: ["./bin/s", "{port}"] }),
    started({ argv: ["bin/../bin/s", "{port}"], kind: "other", lifetime: "run" }),
    started({ argv: ["bin/s", "{port}"], ready_path: "/ready" }),
  ]],
  ["the value of a secret of a server", [
    started({ env: { API_TOKEN: "one" } }),
    started({ env: { API_TOKEN: "two" } }),
    started({ env_from: ["API_TOKEN"] }),
  ]],
  ["the spelling of a trace", [
    served({ load: { arrivals: "trace", file: "t.csv" } }),
    served({ load: { arrivals: "trace", file: "./x/../t.csv", speed: 1 } }),
  ]],
  ["the order of keys", [{ n: 3, random_seed: 4, decoder: { top_k: 1, top_p: 0.5 } }, {
    decoder: { top_p: 0.5, top_k: 1 },
    random_seed: 4,
    n: 3,
  }]],
  ["a default and its absence", [{}, {
    n: 100,
    backend: "pytorch",
    precision: "bf16",
    warmup: { enabled: true },
  }]],
  ["null and absence", [{}, {
    pytorch: null,
    lora: null,
    passthrough_kwargs: null,
    decoder: { min_p: null },
  }]],
  ["an empty section and none", [{}, { pytorch: {}, params: {}, passthrough_kwargs: {} }]],
  ["the engine's own default and null", [{}, {
    pytorch: { batch_size: 1, use_cache: true, torch_compile: null },
  }]],
  ["a section of nulls and none", [{ backend: "vllm" }, {
    backend: "vllm",
    vllm: { engine: { swap_space: 4 }, sampling: {} },
  }]],
  ["a preset and its values", [
    { decoder: { preset: "creative" } },
    { decoder: { temperature: 0.8, top_p: 0.9, repetition_penalty: 1.1 } },
    { decoder: { preset: "factual", temperature: 0.8, top_p: 0.9, repetition_penalty: 1.1 } },
  ]],
  ["sections of other backends", [{ backend: "llamacpp" }, {
    backend: "llamacpp",
    pytorch: { batch_size: 8 },
    params: { x: 1 },
    vllm: { engine: { block_size: 8 } },
  }]],
  ["where output goes", [{}, { output_dir: "/tmp/a" }, { output_dir: "b" }]],
  ["limits that synthetic prompts do not have", [
    { dataset: { n: 5 } },
    { dataset: { n: 5, input_len: 512, seed: 42 }, n: 7, max_input_tokens: 3, max_output_tokens: 9 },
  ]],
  ["a precision that the model file brings", [{ backend: "llamacpp" }, {
    backend: "llamacpp",
    precision: "fp32",
  }]],
  [
    "how the path of a model file is spelt",
    ["m.gguf", "./m.gguf", "sub/../m.gguf", ".//m.gguf", "x/.././m.gguf"].map(
      (model) => ({ model, backend: "llamacpp" }),
    ),
  ],
  [
    "how a path out of the folder is spelt",
    ["../m", "./../m/", "a/../../m", "..//m"].map((model) => ({ model })),
  ],
  ["how a path in the home is spelt", ["~/m", "~//m/", "~/x/../m"].map((model) => ({ model }))],
  [
    "how a folder that could be a hub's name is spelt",
    ["./m/", "m/", "x/../m", "./m"].map((model) => ({ model })),
  ],
  [
    "how a file of prompts is spelt",
    ["p.jsonl", "./p.jsonl", "a/../p.jsonl"].map((jsonl) => ({ dataset: { jsonl } })),
  ],
  ["how a dataset's name of a file is spelt", ["p.jsonl", ".//p.jsonl"].map((dataset) => ({ dataset }))],
  [
    "how an adapter's folder is spelt",
    ["a/b", "./a/b/", "a//b"].map((adapter_path) => ({ lora: { adapter_path } })),
  ],
  [
    "how a folder of libraries is spelt",
    ["lib", "./lib", "lib/"].map((library_dir) => ({
      backend: "llamacpp",
      llamacpp: { library_dir },
    })),
  ],
  [
    "how an interpreter is spelt",
    ["./python", ".//python", "x/../python"].map((python) => ({ pytorch: { python } })),
  ],
  [
    "how a program and its script are spelt",
    [
      ["./bin/run", "w.py"],
      ["bin//run", "w.py"],
      ["x/../bin/run", "w.py"],
    ].map(commandOf),
  ],
  [
    "how a script after an interpreter is spelt",
    [
      ["python3", "-u", "w.py", "./x"],
      ["python3", "-u", "./w.py", "./x"],
      ["python3", "-u", "a/../w.py", "./x"],
    ].map(commandOf),
  ],
  ["the sign of zero", [{ decoder: { temperature: 0 } }, { decoder: { temperature: -0 } }]],
];

for (const [what, drafts] of EQUAL) {
  Deno.test(`configHash() does not see ${what}`, () => {
    strictEqual(
      new Set(drafts.map(hashOf)).size,
      1,
      JSON.stringify(drafts.map((draft) => meaningOf(configOf(draft)))),
    );
  });
}

Deno.test("configHash() of a model's own code never equals one of an llem that left a default out", () => {
  // What an earlier llem hashed of these, by its default of true.
  const before = ['{"model":"m"}', '{"backend":"vllm","model":"m"}', '{"backend":"tensorrt","model":"m"}'];
  const former = new Set(before.map((text) => hash16(JSON.parse(text))));
  for (const backend of ["pytorch", "vllm", "tensorrt"]) {
    const path = remoteCodeOf(configOf({ backend }))?.path.split(".") ?? [];
    const hashes = [undefined, null, false, true].map((value) =>
      hashOf(value === undefined ? { backend } : put({ model: "m", backend }, path, value))
    );
    const [absent, open, off, on] = hashes;
    deepStrictEqual([open, off], [absent, absent]);
    notStrictEqual(on, off);
    ok(hashes.every((hash) => !former.has(hash)), backend);
  }
});

function commandOf(argv: readonly string[]): JsonObject {
  return { model: "none", backend: "command", command: { argv } };
}

const DIFFERENT: readonly (readonly [what: string, drafts: readonly JsonObject[]])[] = [
  ["what a server is sent, and which it is", [
    served({}),
    served({ base_url: "v" }),
    served({ api: "chat" }),
    served({ body: { temperature: 0 } }),
    served({ body: { temperature: 1 } }),
    served({ headers: { "X-Route": "a" } }),
    served({ prefix_cache: "allow" }),
    served({ concurrency: 2 }),
    served({ load: { arrivals: "constant", rate: 2 } }),
    served({ load: { arrivals: "poisson", rate: 2 } }),
    served({ load: { arrivals: "poisson", rate: 2, seed: 1 } }),
    served({ load: { arrivals: "poisson", rate: 2, max_in_flight: 9 } }),
    served({ load: { arrivals: "gamma", rate: 2 } }),
    served({ load: { arrivals: "gamma", rate: 2, shape: 2 } }),
    started({}),
    started({ kind: "llama-server" }),
    started({ lifetime: "group" }),
    started({ image: "ghcr.io/x" }),
    started({ env: { A: "1" } }),
    started({ env_from: ["B"] }),
    started({ argv: ["llama-server", "-np", "2", "--port", "{port}"] }),
  ]],
  ["conversations and steady windows", [
    { ...served({}), dataset: { n: 5 } },
    { ...served({}), dataset: { n: 5, prefix_len: 3 } },
    { ...served({}), dataset: { n: 5, turns: 2 } },
    { ...served({}), dataset: { n: 5, turns: 2, think_time_s: 1 } },
    { ...served({}), dataset: { n: 5 }, measure: { steady: true } },
  ]],
  ["energy off and energy by default", [{}, { energy: { backend: null } }, { energy: { backend: "nvml" } }]],
  ["beam search by its presence", [{ backend: "vllm" }, { backend: "vllm", vllm: { beam_search: {} } }]],
  [
    "values and types of parameters",
    [
      { x: 1 },
      { x: "1" },
      { x: null },
      { x: [1] },
      { x: { y: 1 } },
      { x: true },
      {},
    ].map((params) => ({ backend: "command", command: { argv: ["a"] }, params })),
  ],
  ["keys handed on to the engine", [{}, { pytorch: { new_key: 1 } }, { pytorch: { new_key: null } }]],
  ["the forms of the dataset", [{}, { dataset: "other" }, { dataset: { jsonl: "other" } }, {
    dataset: { n: 100 },
  }]],
  ["a folder and what may be a name of the hub", [
    { model: "gpt2" },
    { model: "./gpt2" },
    { model: "a/gpt2" },
    {
      model: "./a/gpt2",
    },
  ]],
  [
    "the model inside the program and a file of its name",
    ["tiny-random", "./tiny-random"].map((model) => ({
      model,
      backend: "llamacpp",
    })),
  ],
  ["the home and a folder called ~", [{ model: "~/m" }, { model: "./~/m" }, { model: "~/../m" }, {
    model: "../m",
  }]],
  [
    "a program of PATH and one of the folder",
    [
      ["run"],
      ["./run"],
      ["run", "./x"],
      ["run", "x"],
      ["python3", "-c", "./x"],
      ["python3", "-c", "x"],
    ].map(commandOf),
  ],
  ["the precision of a command", [{ backend: "command", command: { argv: ["a"] } }, {
    backend: "command",
    command: { argv: ["a"] },
    precision: "fp32",
  }]],
];

for (const [what, drafts] of DIFFERENT) {
  Deno.test(`configHash() tells apart ${what}`, () =>
    strictEqual(new Set(drafts.map(hashOf)).size, drafts.length));
}

Deno.test("configHash() sees every field: no two values of any field are the same experiment", () => {
  const blind = new Set([
    "decoder.preset",
    "output_dir",
    "parallel",
    "command.waits_for_gate",
    "openai.api_key_env",
    "openai.ca_file",
    "openai.server.ready_path",
    // A second name of openai.concurrency, and what a closed load makes nothing of.
    "openai.load.concurrency",
    "openai.load.seed",
  ]);
  const needed: Record<string, JsonObject> = {
    command: { command: { argv: ["x"] } },
    openai: { openai: { base_url: "http://x" } },
  };
  const seen = new Map<string, string>();
  for (const { path, slot, backend } of leafFields()) {
    const values = slot.nullable ? [...valuesFor(slot.shape), null] : valuesFor(slot.shape);
    const fitting = path === "params" || path === "passthrough_kwargs" ? [{ a: 1 }, { a: 2 }] : values;
    const meanings = new Map(fitting.map((value): [string, Json] => {
      const draft = put({ model: "m", backend, ...needed[backend] }, path.split("."), value);
      return [configHash(configOf(draft)), value];
    }));
    const usual = slot.notes.libraryDefault;
    const distinct = usual === undefined || !fitting.some((value) => value === usual)
      ? fitting.length
      : fitting.length - 1;
    strictEqual(meanings.size, blind.has(path) ? meanings.size : distinct, path);
    for (const [hash, value] of meanings) {
      const name = `${path}=${JSON.stringify(value)}`;
      const isBase = value === null || value === usual || value === slot.fallback;
      if (!isBase && !blind.has(path)) ok(!seen.has(hash), `${name} is the same as ${seen.get(hash)}`);
      seen.set(hash, name);
    }
  }
  ok(seen.size > 150, String(seen.size));
});

function put(draft: JsonObject, keys: readonly string[], value: Json): JsonObject {
  const [key = "", ...rest] = keys;
  if (rest.length === 0) return { ...draft, [key]: value };
  return { ...draft, [key]: put((draft[key] ?? {}) as JsonObject, rest, value) };
}

Deno.test("configHash() of a file does not depend on how its values are spelt", () => {
  const hashes = [
    "model: m\nn: 10\ndecoder: { temperature: 0.5, do_sample: false }\n",
    "decoder:\n  do_sample: no\n  temperature: 5e-1\nn: '10'\nmodel: \"m\"\n",
    '{"model": "m", "n": 10.0, "decoder": {"temperature": 0.50, "do_sample": 0}, "version": "2.0", "name": "x"}',
    "model: m\nn: 0xA\ndecoder: &d { <<: { do_sample: false }, temperature: .5 }\nexecution: { grace_seconds: 9 }\n",
  ].map((text) => planOf(text).runs[0]?.config_hash);
  strictEqual(new Set(hashes).size, 1);
});

Deno.test("configHash() throws on nothing that a configuration may hold", () => {
  const config = configOf({ passthrough_kwargs: { a: "x" } });
  const odd = {
    "\ud800": "\udc00",
    nan: NaN,
    inf: -Infinity,
    none: undefined,
    list: [undefined, NaN],
    big: 1e308,
    __proto__: 1,
  };
  for (const passthrough_kwargs of [odd, { nested: odd }]) {
    ok(/^[0-9a-f]{16}$/.test(configHash({ ...config, passthrough_kwargs } as unknown as ExperimentConfig)));
  }
  const { passthrough_kwargs } = planOf(
    "model: m\npytorch: { max_memory: { 0: 1GiB, cpu: 2GiB } }\npassthrough_kwargs: { d: 2026-01-31 }\n",
  )
    .runs[0]?.config ?? {};
  deepStrictEqual(passthrough_kwargs, { d: "2026-01-31" });
});

Deno.test("designHash() is of the set: neither order nor repetition matters, every member does", () => {
  const [a, b, c] = ["a", "b", "c"];
  strictEqual(designHash([a, b, c]), designHash([c, a, b, a]));
  notStrictEqual(designHash([a, b]), designHash([a, b, c]));
  ok(/^[0-9a-f]{16}$/.test(designHash([])));
  strictEqual(designHash(["1d8d9029d16d46ac"]), "93a0c820bc096d66");
});

Deno.test("designHash() does not see how a study is carried out", () => {
  const design = (execution: string): string =>
    planOf(`model: m\nsweep: { n: [1, 2] }\nexecution: ${execution}\n`).study_design_hash;
  strictEqual(
    design("{}"),
    design("{ n_cycles: 7, cycle_order: interleaved, retries: 2, grace_seconds: 9, cycle_gap_seconds: 4 }"),
  );
});
