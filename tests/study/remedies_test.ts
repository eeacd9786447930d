/** Every remedy that a message of a study file names is followed here to its end: it must be one that works. */
import { deepStrictEqual, ok } from "node:assert/strict";
import type { Override } from "../../lib/study/study.ts";
import { tell } from "./_tell.ts";

/** A study with a mistake, the remedy as it is told, and the study once that was followed. */
type Remedy = readonly [hint: string, mistaken: string, followed: string];

const M = "model: m\n";
const C = "model: none\nbackend: command\n";
const L = "model: m.gguf\nbackend: llamacpp\n";

const U = "model: m\nbackend: openai\nopenai:\n  base_url: http://127.0.0.1:8000/v1\n";
const S = "model: m\nbackend: openai\nopenai: { server:";
const ARGV = 'argv: [llama-server, -m, "{model}", --port, "{port}"]';

const REMEDIES: readonly Remedy[] = [
  ['did you mean "model"?', "modle: m\n", M],
  [
    'openai: { server: { kind: sglang, argv: [python3, -m, sglang.launch_server, --model-path, "{model}", --port, "{port}"] } }',
    "model: m\nbackend: sglang\n",
    `${S} { kind: sglang, argv: [python3, -m, sglang.launch_server, --model-path, "{model}", --port, "{port}"] } }\n`,
  ],
  [
    "openai: { base_url: http://127.0.0.1:11434/v1 }",
    `${M}backend: ollama\n`,
    `${M}backend: openai\nopenai: { base_url: http://127.0.0.1:11434/v1 }\n`,
  ],
  ["write backend: tensorrt", `${M}backend: TRT-LLM\n`, `${M}backend: tensorrt\n`],
  ["write backend: pytorch", `${M}backend: [vllm, transformers]\n`, `${M}backend: [vllm, pytorch]\n`],
  ["write backend: llamacpp", "model: m.gguf\nbackend: llama.cpp\n", L],
  [
    "write quantization: fp8, or kv_cache_dtype: fp8_e5m2",
    `${M}backend: vllm\nvllm: { engine: { quantization: fp8_e5m2 } }\n`,
    `${M}backend: vllm\nvllm: { engine: { kv_cache_dtype: fp8_e5m2 } }\n`,
  ],
  ['did you mean "execution.n_cycles"?', `${M}n_cycles: 3\n`, `${M}execution: { n_cycles: 3 }\n`],
  ['did you mean "pytorch.batch_size"?', `${M}batch_size: 3\n`, `${M}pytorch: { batch_size: 3 }\n`],
  [
    "did you mean pytorch.length_penalty or vllm.",
    `${M}length_penalty: 1\n`,
    `${M}pytorch: { length_penalty: 1 }\n`,
  ],
  ['did you mean "n"?', `${M}num_samples: 3\n`, `${M}n: 3\n`],
  ["write decoder: { top_k: ... }", `${M}decoder.top_k: 3\n`, `${M}decoder: { top_k: 3 }\n`],
  [
    "write vllm: { engine: { max_num_seqs: ... } }",
    "model: m\nbackend: vllm\nvllm.engine.max_num_seqs: 3\n",
    "model: m\nbackend: vllm\nvllm: { engine: { max_num_seqs: 3 } }\n",
  ],
  ["put a space after the colon", `${M}warmup: {n_warmup:3}\n`, `${M}warmup: {n_warmup: 3}\n`],
  ["put a space after the colon", "model:m\n", "model: m\n"],
  ["a study file starts with model: ...", "", M],
  ["a study file starts with model: ...", "- m\n", M],
  [
    'did you mean "openai.base_url"?',
    "model: m\nbackend: openai\nopenai: { url: http://127.0.0.1:8000/v1 }\n",
    U,
  ],
  // "api" is nearer, and not what is meant.
  [
    'did you mean "openai.load.rate"?',
    `${U}  qps: 3\n`,
    `${U}  load: { arrivals: poisson, rate: 3 }\n`,
  ],
  [
    'did you mean "openai.load.concurrency"?',
    `${U}  load: { max_concurrency: 3 }\n`,
    `${U}  load: { concurrency: 3 }\n`,
  ],
  ["write llama-server", `${S} { kind: llama.cpp, ${ARGV} } }\n`, `${S} { kind: llama-server, ${ARGV} } }\n`],
  [
    "write poisson",
    `${U}  load: { arrivals: exponential, rate: 3 }\n`,
    `${U}  load: { arrivals: poisson, rate: 3 }\n`,
  ],
  ["known keys: backend", `${M}energy: { sort: auto }\n`, `${M}energy: { backend: auto }\n`],
  ['did you mean "batch_size"?', `${M}pytorch: { bacth_size: 4 }\n`, `${M}pytorch: { batch_size: 4 }\n`],
  [
    'did you mean "vllm.engine.max_num_seqs"?',
    "model: m\nbackend: vllm\nvllm: { max_num_seqs: 4 }\n",
    "model: m\nbackend: vllm\nvllm: { engine: { max_num_seqs: 4 } }\n",
  ],
  [
    "move it to the top level of the file",
    `${M}experiments: [{ n: 1, execution: { n_cycles: 2 } }]\n`,
    `${M}experiments: [{ n: 1 }]\nexecution: { n_cycles: 2 }\n`,
  ],
  [
    "it cannot be combined with the other keys here",
    `${M}dataset: { n: 3, jsonl: f }\n`,
    `${M}dataset: { jsonl: f }\n`,
  ],
  ["to try several values, write sweep: { n: [...] }", `${M}n: [1, 2]\n`, `${M}sweep: { n: [1, 2] }\n`],
  [
    "use at most 15 digits",
    `${M}random_seed: 12345678901234567890\n`,
    `${M}random_seed: 123456789012345\n`,
  ],
  ['put it in quotes: "7"', "model: 7\n", 'model: "7"\n'],
  ['did you mean "llamacpp"?', `${M}backend: lamacpp\n`, `${M}backend: llamacpp\n`],
  ['did you mean "on"?', `${L}llamacpp: { flash_attn: true }\n`, `${L}llamacpp: { flash_attn: on }\n`],
  [
    "write [python3, w.py]",
    `${C}command: { argv: python3 w.py }\n`,
    `${C}command: { argv: [python3, w.py] }\n`,
  ],
  ['put it in quotes: "3"', `${C}command: { argv: [sleep, 3] }\n`, `${C}command: { argv: [sleep, "3"] }\n`],
  ["add command: { argv: [program, argument] }", C, `${C}command: { argv: [program, argument] }\n`],
  [
    "add openai: { base_url: http://127.0.0.1:8000/v1 }",
    "model: m\nbackend: openai\n",
    "model: m\nbackend: openai\nopenai: { base_url: http://127.0.0.1:8000/v1 }\n",
  ],
  [
    "set flash_attn: auto",
    `${L}llamacpp: { flash_attn: off, cache_type_v: q8_0 }\n`,
    `${L}llamacpp: { flash_attn: auto, cache_type_v: q8_0 }\n`,
  ],
  [
    "keep one",
    `${C}command: { argv: [a], env: { A: x }, env_from: [A] }\n`,
    `${C}command: { argv: [a], env_from: [A] }\n`,
  ],
  [
    "keep one",
    `${M}pytorch: { load_in_4bit: true, load_in_8bit: true }\n`,
    `${M}pytorch: { load_in_4bit: true }\n`,
  ],
  [
    "add torch_compile: true to pytorch",
    `${M}pytorch: { torch_compile_mode: default }\n`,
    `${M}pytorch: { torch_compile_mode: default, torch_compile: true }\n`,
  ],
  [
    "remove one of them",
    `${M}pytorch: { cache_implementation: static, use_cache: false }\n`,
    `${M}pytorch: { cache_implementation: static }\n`,
  ],
  [
    "add num_speculative_tokens",
    "model: m\nbackend: vllm\nvllm: { engine: { speculative_model: s } }\n",
    "model: m\nbackend: vllm\nvllm: { engine: { speculative_model: s, num_speculative_tokens: 2 } }\n",
  ],
  ["use the field", `${M}passthrough_kwargs: { n: 3 }\n`, `${M}n: 3\n`],
  [
    "use pytorch.trust_remote_code",
    `${M}passthrough_kwargs: { trust_remote_code: true }\n`,
    `${M}pytorch: { trust_remote_code: true }\n`,
  ],
  [
    "set backend: llamacpp, or remove it",
    `${M}llamacpp: { n_threads: 2 }\n`,
    `${M}backend: llamacpp\nllamacpp: { n_threads: 2 }\n`,
  ],
  [
    "add llamacpp to backend, or remove the key",
    `${M}backend: pytorch\nsweep: { llamacpp.n_threads: [1, 2] }\n`,
    `${M}backend: [pytorch, llamacpp]\nsweep: { llamacpp.n_threads: [1, 2] }\n`,
  ],
  [
    "write decoder.top_k: [...]",
    `${M}sweep: { decoder: { top_k: [1, 2] } }\n`,
    `${M}sweep: { decoder.top_k: [1, 2] }\n`,
  ],
  [
    "to change one key, sweep decoder.<key>",
    `${M}decoder: { top_k: 3 }\nsweep: { decoder: [{ top_p: 0.5 }] }\n`,
    `${M}decoder: { top_k: 3 }\nsweep: { decoder.top_p: [0.5] }\n`,
  ],
  [
    "execution.n_cycles repeats experiments",
    `${M}sweep: { n: [1, 1] }\n`,
    `${M}sweep: { n: [1] }\nexecution: { n_cycles: 6 }\n`,
  ],
  [
    "sweep fewer values, or reduce execution.n_cycles",
    `${M}sweep: { n: [1, 2] }\nexecution: { n_cycles: 900000 }\n`,
    `${M}sweep: { n: [1, 2] }\nexecution: { n_cycles: 9 }\n`,
  ],
  [
    "sweep fewer values, or reduce execution.max_cycles",
    `${M}execution: { until: { ttft_ms: 2% }, max_cycles: 1000000000 }\n`,
    `${M}execution: { until: { ttft_ms: 2% }, max_cycles: 9 }\n`,
  ],
  [
    "write 90",
    `${M}execution: { grace_seconds: 1:30 }\n`,
    `${M}execution: { grace_seconds: 90 }\n`,
  ],
  [
    "write 7200",
    `${M}execution: { study_timeout_seconds: 2h }\n`,
    `${M}execution: { study_timeout_seconds: 7200 }\n`,
  ],
  ["write 32", `${M}n: "32"\n`, `${M}n: 32\n`],
  ["write 32", `${M}n: 32.0\n`, `${M}n: 32\n`],
  ["write 10", `${M}n: 010\n`, `${M}n: 10\n`],
  ["write false", `${M}decoder: { do_sample: no }\n`, `${M}decoder: { do_sample: false }\n`],
  ["write auto", `${M}energy: { backend: codecarbon }\n`, `${M}energy: { backend: auto }\n`],
  [
    "it rounds to 0 as a 64-bit number: write 0",
    `${M}decoder: { temperature: 1e-400 }\n`,
    `${M}decoder: { temperature: 0 }\n`,
  ],
  [
    "put it in quotes",
    `${C}command: { argv: [a] }\nparams: { x: 12345678901234567890 }\n`,
    `${C}command: { argv: [a] }\nparams: { x: "12345678901234567890" }\n`,
  ],
  [
    "use another name",
    `${C}command: { argv: [a], env: { LLEM_X: x } }\n`,
    `${C}command: { argv: [a], env: { MY_X: x } }\n`,
  ],
  [
    "remove it; llem sets it from execution.devices",
    `${C}command: { argv: [a], env: { CUDA_VISIBLE_DEVICES: "1" } }\nexecution: { devices: [0] }\n`,
    `${C}command: { argv: [a] }\nexecution: { devices: [0] }\n`,
  ],
  [
    "list the GPUs in execution.devices",
    `${C}command: { argv: [a], env: { CUDA_VISIBLE_DEVICES: "1" } }\n`,
    `${C}command: { argv: [a] }\nexecution: { devices: [1] }\n`,
  ],
  [
    "write command.env_from: [API_TOKEN]",
    `${C}command: { argv: [a], env: { API_TOKEN: abcdefghijkl } }\n`,
    `${C}command: { argv: [a], env_from: [API_TOKEN] }\n`,
  ],
  ['did you mean "pytorch"?', `${M}runners: { pytroch: local }\n`, `${M}runners: { pytorch: local }\n`],
  ["remove one of them", `${M}n: 8\ndataset: { n: 4 }\n`, `${M}dataset: { n: 4 }\n`],
  [
    "a study uses one runner per backend",
    `${M}experiments: [{ n: 1, runners: { pytorch: local } }, { n: 2, runners: { pytorch: docker } }]\n`,
    `${M}experiments: [{ n: 1, runners: { pytorch: docker } }, { n: 2, runners: { pytorch: docker } }]\n`,
  ],
  ["write { n: 3 } for 3 synthetic prompts", `${M}dataset: 3\n`, `${M}dataset: { n: 3 }\n`],
  // What is no YAML.
  ["check its indentation", "model: [a] b\n", 'model: "[a] b"\n'],
  ["keep one", "model: a\nmodel: b\n", "model: b\n"],
  ["remove the line", "%YAML 1.1\n---\nmodel: m\n", "---\nmodel: m\n"],
  ["a study is one document: join them, or split the file", "model: m\n---\nn: 1\n", "model: m\nn: 1\n"],
  ['close it with "', 'model: "m\n', 'model: "m"\n'],
  ["write key: value", "model: m\nn\n", "model: m\nn: 1\n"],
  ["start every key in the same column", "model: m: n\n", 'model: "m: n"\n'],
  ["remove it", "model: m\nwarmup: { n_warmup: 1 }}\n", "model: m\nwarmup: { n_warmup: 1 }\n"],
  ["remove it", "model: m\nwarmup: { , n_warmup: 1 }\n", "model: m\nwarmup: { n_warmup: 1 }\n"],
  [
    "align it with them",
    "model: m\nwarmup: { n_warmup: 1 }\n  n: 1\n",
    "model: m\nwarmup: { n_warmup: 1 }\nn: 1\n",
  ],
  ["write [a, b]", "model: m\nsweep:\n  n: - 1\n", "model: m\nsweep:\n  n: [1, 2]\n"],
  ["put the value in quotes", "model: @m\n", 'model: "@m"\n'],
  ["use single quotes", 'model: "\\q"\n', "model: '\\q'\n"],
  ["write the text in single quotes", 'model: "a"b"\n', "model: 'a\"b'\n"],
  ["add base_url: http", "model: m\nbackend: openai\nopenai: { api: chat }\n", `${U}  api: chat\n`],
  ["keep one", `${U}  server: { argv: [s, "{port}"] }\n`, U],
  ['add argv: [llama-server, -m, "{model}", --port, "{port}"]', `${S} {} }\n`, `${S} { ${ARGV} } }\n`],
  ['add --port, "{port}"', `${S} { argv: [s] } }\n`, `${S} { argv: [s, --port, "{port}"] } }\n`],
  ["write /health", `${S} { ${ARGV}, ready_path: health } }\n`, `${S} { ${ARGV}, ready_path: /health } }\n`],
  ["leave out what llem sets", `${U}  body: { stream: true }\n`, U],
  [
    "set openai.load.arrivals: poisson",
    `${U}  load: { rate: 2 }\n`,
    `${U}  load: { arrivals: poisson, rate: 2 }\n`,
  ],
  [
    "add seconds to openai.load",
    `${U}  load: { arrivals: ramp, rate: 1, to: 2 }\n`,
    `${U}  load: { arrivals: ramp, rate: 1, to: 2, seconds: 3 }\n`,
  ],
  [
    "a limit of requests in flight is openai.load.max_in_flight",
    `${U}  concurrency: 4\n  load: { arrivals: poisson, rate: 2 }\n`,
    `${U}  load: { arrivals: poisson, rate: 2, max_in_flight: 4 }\n`,
  ],
  ["keep one: they", `${U}  concurrency: 4\n  load: { concurrency: 2 }\n`, `${U}  concurrency: 4\n`],
  ["remove it, or change the backend", `${M}measure: { steady: true }\n`, `${U}measure: { steady: true }\n`],
  [
    "add turns: 2 to dataset",
    `${U}dataset: { n: 1, think_time_s: 1 }\n`,
    `${U}dataset: { n: 1, think_time_s: 1, turns: 2 }\n`,
  ],
  ["add one of ttft_ms", `${U}slo: { share: 0.9 }\n`, `${U}slo: { ttft_ms: 1 }\n`],
  [
    "add slo: { ttft_ms: 500, tpot_ms: 50 }",
    `${U}search: { over: openai.concurrency, from: 1, to: 2 }\n`,
    `${U}search: { over: openai.concurrency, from: 1, to: 2 }\nslo: { ttft_ms: 500, tpot_ms: 50 }\n`,
  ],
  [
    "write openai.api_key_env: NAME",
    `${U}  headers: { Authorization: Bearer abcdefgh }\n`,
    `${U}  api_key_env: NAME\n`,
  ],
  [
    "write openai.server.env_from: [HF_TOKEN]",
    `${S} { ${ARGV}, env: { HF_TOKEN: abcdefgh } } }\n`,
    `${S} { ${ARGV}, env_from: [HF_TOKEN] } }\n`,
  ],
];

const OPTIONS: readonly (readonly [hint: string, mistaken: Override, followed: Override])[] = [
  [
    "write --set key=value, such as --set decoder.top_k=1",
    { source: "--set", path: "decoder..top_k", text: "1" },
    { source: "--set", path: "decoder.top_k", text: "1" },
  ],
  [
    "set n to change it in all experiments",
    { source: "--set", path: "experiments.0.n", text: "1" },
    { source: "--set", path: "n", text: "1" },
  ],
  [
    "put the value in quotes inside those of the shell",
    { source: "--set", path: "model", text: "a #b" },
    { source: "--set", path: "model", text: '"a #b"' },
  ],
  [
    "write null there, or put the value in quotes",
    { source: "--set", path: "warmup", text: "{ n_warmup: }" },
    { source: "--set", path: "warmup", text: "{ n_warmup: 1 }" },
  ],
  [
    "with \\n for the end of a line",
    { source: "--set", path: "model", text: "'a\n\nb'" },
    { source: "--set", path: "model", text: '"a\\n\\nb"' },
  ],
];

Deno.test("every remedy that a message of a study file names is one that works", () => {
  for (const [hint, mistaken, followed] of REMEDIES) {
    const told = tell(mistaken);
    ok(
      [...told.errors, ...told.warnings].some((line) => line.includes(hint)),
      `${hint}: ${JSON.stringify(told, null, 1)}`,
    );
    const then = tell(followed);
    deepStrictEqual(then.errors, [], hint);
    ok(!then.warnings.some((line) => line.includes(hint)), `${hint} is told again: ${then.warnings}`);
  }
});

Deno.test("every remedy that a message of an option names is one that works", () => {
  for (const [hint, mistaken, followed] of OPTIONS) {
    const { errors } = tell(M, [mistaken]);
    ok(errors.some((line) => line.includes(hint)), `${hint}: ${errors.join("\n")}`);
    deepStrictEqual(tell(M, [followed]).errors, [], hint);
  }
});
