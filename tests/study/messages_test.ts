import { deepStrictEqual } from "node:assert/strict";
import { tell } from "./_tell.ts";

type Case = readonly [name: string, text: string, told: readonly string[]];

const SERVED = "model: m\nbackend: openai\nopenai:\n  base_url: u\n";
const POISSON = `${SERVED}  load: { arrivals: poisson, rate: 2 }\n`;

const MISTAKES: readonly Case[] = [
  ["a misspelt key", "modle: gpt2\nmodel: gpt2\n", [
    'study.yaml:1:1 modle: is not a known key (did you mean "model"?)',
  ]],
  ["a key nobody knows", "model: m\nfrobnicate: 1\n", ["study.yaml:2:1 frobnicate: is not a known key"]],
  ["a key of another block", "model: m\nn_cycles: 3\n", [
    'study.yaml:2:1 n_cycles: is not a known key (did you mean "execution.n_cycles"?)',
  ]],
  ["a key of a backend's section", "model: m\nbatch_size: 3\n", [
    'study.yaml:2:1 batch_size: is not a known key (did you mean "pytorch.batch_size"?)',
  ]],
  ["a key known in many places", "model: m\nlength_penalty: 1\n", [
    "study.yaml:2:1 length_penalty: is not a known key (did you mean pytorch.length_penalty or vllm.beam_search.length_penalty or tensorrt.beam_search.length_penalty?)",
  ]],
  ["a former name", "model: m\nnum_samples: 3\n", [
    'study.yaml:2:1 num_samples: is not a known key (did you mean "n"?)',
  ]],
  ["a dotted key that is not nested", "model: m\ndecoder.top_k: 3\n", [
    "study.yaml:2:1 decoder.top_k: is not a known key (write decoder: { top_k: ... })",
  ]],
  ["a colon without a space in a flow mapping", "model: m\nwarmup: {n_warmup:3}\n", [
    "study.yaml:2:10 warmup.n_warmup:3: is not a known key (put a space after the colon)",
  ]],
  ["a nested misspelt key", "model: m\nbackend: llamacpp\nllamacpp: { n_thread: 4 }\n", [
    'study.yaml:3:13 llamacpp.n_thread: is not a known key (did you mean "n_threads"?)',
  ]],
  ["a few keys to choose from", "model: m\nenergy: { sort: auto }\n", [
    "study.yaml:2:11 energy.sort: is not a known key (known keys: backend)",
  ]],
  ["a key that is known deep within another section", "model: m\nenergy: { kind: auto }\n", [
    "study.yaml:2:11 energy.kind: is not a known key (known keys: backend)",
  ]],
  ["a near miss in an open section", "model: m\npytorch: { bacth_size: 4 }\n", [
    'study.yaml:2:12 pytorch.bacth_size: is not a known key (did you mean "batch_size"?)',
  ]],
  ["a key of a section one level deeper", "model: m\nbackend: vllm\nvllm: { max_num_seqs: 4 }\n", [
    'study.yaml:3:9 vllm.max_num_seqs: is not a known key (did you mean "vllm.engine.max_num_seqs"?)',
  ]],
  ["text where a number is due", "model: m\nn: abc\n", [
    'study.yaml:2:4 n: must be a whole number >= 1, found "abc"',
  ]],
  ["a fraction where a whole number is due", "model: m\nn: 1.5\n", [
    "study.yaml:2:4 n: must be a whole number >= 1, found 1.5",
  ]],
  ["nothing where a number is due", "model: m\nn:\n", [
    "study.yaml:2:3 n: must be a whole number >= 1, found nothing",
  ]],
  ["a list where a number is due", "model: m\nn: [1, 2]\n", [
    "study.yaml:2:4 n: must be a whole number >= 1, found a list (to try several values, write sweep: { n: [...] })",
  ]],
  ["a number below its range", "model: m\nn: 0\n", [
    "study.yaml:2:4 n: must be a whole number >= 1, found 0",
  ]],
  ["a number outside its range", "model: m\ndecoder: { temperature: 2.5 }\n", [
    "study.yaml:2:25 decoder.temperature: must be a number from 0 to 2, found 2.5",
  ]],
  ["not a number", "model: m\ndecoder: { top_p: .nan }\n", [
    "study.yaml:2:19 decoder.top_p: must be a number from 0 to 1, found .nan",
  ]],
  ["a number with too many digits", "model: m\nrandom_seed: 12345678901234567890\n", [
    "study.yaml:2:14 random_seed: must be a whole number, found 12345678901234567890 (use at most 15 digits)",
  ]],
  ["an infinite duration", "model: m\nexecution: { experiment_timeout_seconds: .inf }\n", [
    "study.yaml:2:42 execution.experiment_timeout_seconds: must be a number > 0 and <= 31622400, or null, found .inf",
  ]],
  ["a duration of nothing", "model: m\nexecution: { grace_seconds: 0 }\n", [
    "study.yaml:2:29 execution.grace_seconds: must be a number > 0 and <= 31622400, found 0",
  ]],
  ["a duration of years", "model: m\nexecution: { study_timeout_seconds: 1e12 }\n", [
    "study.yaml:2:37 execution.study_timeout_seconds: must be a number > 0 and <= 31622400, or null, found 1e12",
  ]],
  ["an unquoted number for text", "model: 7\n", [
    'study.yaml:1:8 model: must be non-empty text, found 7 (put it in quotes: "7")',
  ]],
  ["an empty text", "model: ''\n", ['study.yaml:1:8 model: must be non-empty text, found ""']],
  ["text where true or false is due", "model: m\ndecoder: { do_sample: maybe }\n", [
    'study.yaml:2:23 decoder.do_sample: must be true or false, found "maybe"',
  ]],
  ["a word nobody knows", "model: m\nbackend: lamacpp\n", [
    'study.yaml:2:10 backend: must be one of llamacpp, command, pytorch, vllm, tensorrt, openai, found "lamacpp" (did you mean "llamacpp"?)',
  ]],
  ["a true where on is due", "model: m\nbackend: llamacpp\nllamacpp: { flash_attn: true }\n", [
    'study.yaml:3:25 llamacpp.flash_attn: must be one of auto, on, off, found true (did you mean "on"?)',
  ]],
  ["a mapping where text is due", "model: { path: m }\n", [
    "study.yaml:1:8 model: must be non-empty text, found a mapping",
  ]],
  ["a list where a mapping is due", "model: m\ndecoder: [1]\n", [
    "study.yaml:2:10 decoder: must be a mapping (key: value), found a list",
  ]],
  ["text where a mapping is due", "model: m\nwarmup: 5\n", [
    "study.yaml:2:9 warmup: must be a mapping (key: value), found 5",
  ]],
  ["a dataset that is neither form", "model: m\ndataset: 3\n", [
    "study.yaml:2:10 dataset: must be text or a mapping with n or a mapping with jsonl or a mapping with hub, found 3 (write { n: 3 } for 3 synthetic prompts)",
  ]],
  ["a dataset of both forms", "model: m\ndataset: { n: 3, jsonl: f }\n", [
    "study.yaml:2:18 dataset.jsonl: is not a known key (it cannot be combined with the other keys here)",
  ]],
  ["a dataset without what it needs", "model: m\ndataset: { input_len: 3 }\n", [
    "study.yaml:2:10 dataset.n: is missing, must be a whole number >= 1",
  ]],
  ["a program that is an empty list", "model: m\nbackend: command\ncommand: { argv: [] }\n", [
    "study.yaml:3:18 command.argv: must be a non-empty list, found an empty list",
  ]],
  ["a program that is no list", "model: m\nbackend: command\ncommand: { argv: python3 w.py }\n", [
    'study.yaml:3:18 command.argv: must be a non-empty list, found "python3 w.py" (write [python3, w.py])',
  ]],
  ["a number in a program", "model: m\nbackend: command\ncommand: { argv: [sleep, 3] }\n", [
    'study.yaml:3:26 command.argv.1: must be non-empty text, found 3 (put it in quotes: "3")',
  ]],
  ["an environment that is no text", "model: m\nbackend: command\ncommand: { argv: [a], env: { N: 3 } }\n", [
    'study.yaml:3:33 command.env.N: must be text, found 3 (put it in quotes: "3")',
  ]],
  ["an infinite parameter", "model: m\nbackend: command\ncommand: { argv: [a] }\nparams: { x: .inf }\n", [
    "study.yaml:4:14 params.x: must be a finite number, found .inf",
  ]],
  [
    "a parameter that loses its digits",
    "model: m\nbackend: command\ncommand: { argv: [a] }\nparams: { x: 12345678901234567890 }\n",
    ["study.yaml:4:14 params.x: cannot be stored exactly as a number, found 12345678901234567890 (put it in quotes)"],
  ],
  ["no model", "n: 3\n", ["study.yaml:1:1 model: is missing, must be non-empty text"]],
  ["no command", "model: m\nbackend: command\n", [
    "study.yaml:1:1 command: is missing: backend command needs a program to run (add command: { argv: [program, argument] })",
  ]],
  ["no server", "model: m\nbackend: openai\n", [
    "study.yaml:1:1 openai: is missing: backend openai needs the address of a server (add openai: { base_url: http://127.0.0.1:8000/v1 })",
  ]],
  ["a server without an address", "model: m\nbackend: openai\nopenai: { concurrency: 2 }\n", [
    "study.yaml:3:1 openai: must have exactly one of base_url and server, found none (add base_url: http://127.0.0.1:8000/v1)",
  ]],
  [
    "two servers",
    'model: m\nbackend: openai\nopenai:\n  base_url: u\n  server: { argv: [s, "{port}"] }\n',
    ["study.yaml:5:3 openai.server: cannot be combined with openai.base_url: llem starts the one, the other runs already (keep one)"],
  ],
  ["a fixed port", "model: m\nbackend: openai\nopenai: { server: { argv: [s, --port, '80'] } }\n", [
    'study.yaml:3:21 openai.server.argv: does not say {port}: llem chooses a free port for every start of the server (add --port, "{port}")',
  ]],
  [
    "a port without quotes",
    "model: m\nbackend: openai\nopenai: { server: { argv: [s, --port, {port}] } }\n",
    [
      'study.yaml:3:39 openai.server.argv.2: must be non-empty text, found a mapping (put it in quotes: "{port}")',
    ],
  ],
  [
    "a server's command line as one text",
    "model: m\nbackend: openai\nopenai: { server: { argv: 's --port {port}' } }\n",
    [
      'study.yaml:3:27 openai.server.argv: must be a list, found "s --port {port}" (write [s, --port, "{port}"])',
    ],
  ],
  ["the same as one item", "model: m\nbackend: openai\nopenai: { server: { argv: ['s --port {port}'] } }\n", [
    'study.yaml:3:21 openai.server.argv: begins with "s --port {port}", which is several words (give each word as an item of its own)',
  ]],
  [
    "a misspelt model",
    "model: m\nbackend: openai\nopenai: { server: { argv: [s, '{modell}', '{port}'] } }\n",
    [
      "study.yaml:3:21 openai.server.argv: contains {modell}, which stands for nothing ({port} and {model} are known)",
    ],
  ],
  ["a key in place of its variable's name", `${SERVED}  api_key_env: sk-1234\n`, [
    "study.yaml:5:3 openai.api_key_env: must be the name of an environment variable; the key itself stays out of studies (export OPENAI_API_KEY=... and write api_key_env: OPENAI_API_KEY)",
  ]],
  ["a rate in a closed loop", `${SERVED}  load: { rate: 2 }\n`, [
    "study.yaml:5:11 openai.load.rate: needs arrivals: poisson or constant or gamma or ramp, but openai.load.arrivals is closed (set openai.load.arrivals: poisson, or remove rate)",
  ]],
  ["a concurrency with open arrivals", `${SERVED}  load: { arrivals: poisson, concurrency: 2 }\n`, [
    "study.yaml:5:3 openai.load: needs rate with arrivals: poisson (add rate to openai.load)",
    "study.yaml:5:30 openai.load.concurrency: needs arrivals: closed, but openai.load.arrivals is poisson (set openai.load.arrivals: closed, or remove concurrency)",
  ]],
  ["two concurrencies", `${SERVED}  load: { concurrency: 4 }\n  concurrency: 8\n`, [
    "study.yaml:5:11 openai.load.concurrency: is 4, but openai.concurrency is 8 (keep one: they are one setting)",
  ]],
  ["conversations without a server", "model: m\ndataset: { n: 1, turns: 3 }\n", [
    "study.yaml:2:18 dataset.turns: is a setting of backend openai, but backend is pytorch (remove it, or change the backend)",
  ]],
  ["a promise of nothing", `${SERVED}slo: { share: 0.9 }\n`, [
    "study.yaml:5:1 slo: has no limit (add one of ttft_ms, tpot_ms, itl_ms, e2e_ms)",
  ]],
  [
    "a search that leads nowhere",
    `${SERVED}  load: { arrivals: poisson }\nsearch: { over: openai.load.rate, from: 9, to: 8 }\nslo: { ttft_ms: 5 }\n`,
    [
      "study.yaml:6:44 search.to: must be greater than search.from (9)",
    ],
  ],
  ["a search without a promise", `${POISSON}search: { over: openai.load.rate, from: 1, to: 8 }\n`, [
    "study.yaml:6:1 search.until: needs slo at the top level of the file (add slo: { ttft_ms: 500, tpot_ms: 50 })",
  ]],
  [
    "a search of everything wrong",
    `${SERVED}slo: { ttft_ms: 5 }\nsearch: { over: decoder.top_k, from: 8, to: 8 }\nexperiments: [{ n: 1 }]\n`,
    [
      "study.yaml:6:1 search: cannot be combined with experiments (use shared fields and sweep)",
      "study.yaml:6:11 search.over: must be one of openai.load.rate, openai.load.concurrency, openai.concurrency",
      "study.yaml:6:41 search.to: must be greater than search.from (8)",
    ],
  ],
  [
    "a search on another backend",
    "model: m\nbackend: pytorch\nslo: { e2e_ms: 1 }\n" +
    "search: { over: openai.load.rate, from: 1, to: 8 }\n",
    [
      "study.yaml:4:41 search.over: applies to backend openai, but this study runs pytorch (set backend: openai)",
    ],
  ],
  [
    "what is searched and swept",
    `${POISSON}slo: { ttft_ms: 5 }\nsearch: { over: openai.load.rate, from: 1, to: 8 }\nsweep: { openai.load.rate: [1, 2] }\n`,
    ["study.yaml:7:11 search.over: is swept as well, by sweep.openai.load.rate (keep one)"],
  ],
  ["a section of another backend", "model: m\nbackend: llamacpp\npytorch: { batch_size: 2 }\n", [
    "study.yaml:3:1 pytorch: is for backend pytorch, but this study runs llamacpp (set backend: pytorch, or remove it)",
  ]],
  ["parameters nobody reads", "model: m\nbackend: llamacpp\nparams: { x: 1 }\n", [
    "study.yaml:3:1 params: is for backend command, but this study runs llamacpp (set backend: command, or remove it)",
  ]],
  ["4 and 8 bits", "model: m\npytorch: { load_in_4bit: true, load_in_8bit: true }\n", [
    "study.yaml:2:32 pytorch.load_in_8bit: cannot be true together with pytorch.load_in_4bit (keep one)",
  ]],
  ["a compile mode without compiling", "model: m\npytorch: { torch_compile_mode: max-autotune }\n", [
    "study.yaml:2:12 pytorch.torch_compile_mode: needs pytorch.torch_compile: true (add torch_compile: true to pytorch)",
  ]],
  ["a 4-bit option without 4 bits", "model: m\npytorch: { bnb_4bit_quant_type: nf4 }\n", [
    "study.yaml:2:12 pytorch.bnb_4bit_quant_type: needs pytorch.load_in_4bit: true (add load_in_4bit: true to pytorch)",
  ]],
  [
    "a cache form without a cache",
    "model: m\npytorch: { use_cache: false, cache_implementation: static }\n",
    ["study.yaml:2:30 pytorch.cache_implementation: needs the cache, but pytorch.use_cache is false (remove one of them)"],
  ],
  [
    "a draft model without its tokens",
    "model: m\nbackend: vllm\nvllm: { engine: { speculative_model: s } }\n",
    ["study.yaml:3:19 vllm.engine.speculative_model: needs vllm.engine.num_speculative_tokens (add num_speculative_tokens)"],
  ],
  [
    "two sizes of one cache",
    "model: m\nbackend: vllm\nvllm: { engine: { kv_cache_memory_bytes: 9, gpu_memory_utilization: 0.5 } }\n",
    ["study.yaml:3:19 vllm.engine.kv_cache_memory_bytes: cannot be combined with vllm.engine.gpu_memory_utilization (keep one)"],
  ],
  [
    "sampling and beams",
    "model: m\nbackend: vllm\nvllm: { sampling: { n: 1 }, beam_search: { beam_width: 2 } }\n",
    ["study.yaml:3:29 vllm.beam_search: cannot be combined with vllm.sampling (keep one)"],
  ],
  ["two adapters", "model: m\nlora: { adapter_id: a, adapter_path: b }\n", [
    "study.yaml:2:1 lora: must have exactly one of adapter_id and adapter_path, found both",
  ]],
  ["no adapter", "model: m\nlora: { merge_weights: true }\n", [
    "study.yaml:2:1 lora: must have exactly one of adapter_id and adapter_path, found none",
  ]],
  ["a passed key that has a field", "model: m\npassthrough_kwargs: { model: x }\n", [
    "study.yaml:2:1 passthrough_kwargs: contains model, which is a field of the experiment (use the field)",
  ]],
  [
    "a quantised cache without flash attention",
    "model: m\nbackend: llamacpp\nllamacpp: { flash_attn: off, cache_type_v: q8_0 }\n",
    ["study.yaml:3:30 llamacpp.cache_type_v: is q8_0, which needs flash attention, but llamacpp.flash_attn is off (set flash_attn: auto)"],
  ],
  [
    "a micro-batch above the batch",
    "model: m\nbackend: llamacpp\nllamacpp: { n_batch: 64, n_ubatch: 128 }\n",
    ["study.yaml:3:26 llamacpp.n_ubatch: must be at most llamacpp.n_batch (64), found 128"],
  ],
  ["a sweep that is no mapping", "model: m\nsweep: [n]\n", [
    "study.yaml:2:8 sweep: must be a mapping (dotted key: list of values), found a list",
  ]],
  ["an empty list in a sweep", "model: m\nsweep: { n: [] }\n", [
    "study.yaml:2:13 sweep.n: is an empty list: there is nothing to run",
  ]],
  ["a swept key nobody knows", "model: m\nsweep: { decoder.tempreature: [0, 1] }\n", [
    'study.yaml:2:10 sweep.decoder.tempreature: is not a known key (did you mean "temperature"?)',
  ]],
  ["a swept key below a number", "model: m\nsweep: { n.x: [1] }\n", [
    "study.yaml:2:10 sweep.n.x: is not a known key: n is not a section",
  ]],
  ["a swept key of the study", "model: m\nsweep: { execution.n_cycles: [1, 2] }\n", [
    "study.yaml:2:10 sweep.execution.n_cycles: applies to the whole study and cannot be swept",
  ]],
  [
    "a swept key of a backend that does not run",
    "model: m\nbackend: vllm\nsweep: { pytorch.batch_size: [1, 2] }\n",
    ["study.yaml:3:10 sweep.pytorch.batch_size: applies to backend pytorch, but this sweep runs vllm (add pytorch to backend, or remove the key)"],
  ],
  ["a nested sweep", "model: m\nsweep:\n  decoder:\n    temperature: [0, 1]\n", [
    "study.yaml:3:3 sweep.decoder: must be a list of values, found a mapping of lists (write decoder.temperature: [...])",
  ]],
  ["a swept section with a misspelt key", "model: m\nsweep: { decoder: [{ tempreature: 0 }] }\n", [
    'study.yaml:2:22 sweep.decoder.tempreature: is not a known key (did you mean "temperature"?)',
  ]],
  ["a sweep that leaves nothing", "model: m\nsweep: { n: [0, -1] }\n", [
    "study.yaml:2:8 sweep: leaves nothing to run: all 2 points are invalid: n must be a whole number >= 1, found 0 | n must be a whole number >= 1, found -1",
  ]],
  [
    "a sweep over more than can be planned",
    "model: m\nsweep: { n: [1, 2], random_seed: [1, 2] }\nexecution: { n_cycles: 1000000 }\n",
    ["study.yaml:2:8 sweep: makes 4 experiments x 1,000,000 cycles = 4,000,000 runs; a plan can have at most 1,000,000 (sweep fewer values, or reduce execution.n_cycles)"],
  ],
  ["experiments that are no list", "experiments: { model: m }\n", [
    "study.yaml:1:14 experiments: must be a list of experiments, found a mapping",
  ]],
  ["no experiments", "model: m\nexperiments: []\n", [
    "study.yaml:2:14 experiments: is an empty list: there is nothing to run",
  ]],
  ["an experiment that is no mapping", "experiments: [gpt2]\n", [
    'study.yaml:1:15 experiments.0: must be a mapping (key: value), found "gpt2"',
  ]],
  ["a mistake in an experiment", "model: m\nexperiments:\n  - n: 3\n  - n: 0\n", [
    "study.yaml:4:8 experiments.1.n: must be a whole number >= 1, found 0",
  ]],
  ["a study's key in an experiment", "model: m\nexperiments:\n  - { n: 3, execution: { n_cycles: 2 } }\n", [
    "study.yaml:3:13 experiments.0.execution: is not a known key (move it to the top level of the file)",
  ]],
  [
    "a foreign section in an experiment",
    "model: m\nexperiments:\n  - { vllm: { engine: { block_size: 8 } } }\n",
    ["study.yaml:3:7 experiments.0.vllm: is for backend vllm, but this experiment runs pytorch (set backend: vllm, or remove it)"],
  ],
  [
    "a value of few that does not fit",
    "model: m\nbackend: vllm\nvllm: { engine: { attention: { flash_attn_version: 5 } } }\n",
    [
      "study.yaml:3:52 vllm.engine.attention.flash_attn_version: must be one of 2, 3, 4 or null, found 5",
    ],
  ],
  ["a runner nobody knows", "model: m\nrunners: { vllm: podman }\n", [
    'study.yaml:2:18 runners.vllm: must be local, docker or docker:<image>, found "podman"',
  ]],
  ["a runner that is refused by name", "model: m\nrunners: { vllm: 'singularity:x.sif' }\n", [
    'study.yaml:2:18 runners.vllm: must be local, docker or docker:<image>, found "singularity:x.sif" (singularity is not supported)',
  ]],
  ["a runner of no backend", "model: m\nrunners: { vlm: docker }\n", [
    'study.yaml:2:12 runners.vlm: is not a backend (did you mean "vllm"?)',
  ]],
  ["a base that is not there", "base: other.yaml\nmodel: m\n", [
    "study.yaml:1:7 base: cannot read other.yaml: the file does not exist",
  ]],
  ["a list of a cycle order", "model: m\nexecution: { cycle_order: random }\n", [
    'study.yaml:2:27 execution.cycle_order: must be one of sequential, interleaved, shuffled, reverse, latin_square or null, found "random"',
  ]],
  [
    "two runners for one backend",
    "model: m\nexperiments:\n  - { n: 1, runners: { pytorch: local } }\n  - { n: 2, runners: { pytorch: docker } }\n" +
    "  - { n: 3, runners: { pytorch: local } }\n",
    [
      "study.yaml:4:24 experiments.1.runners.pytorch: is docker, but experiments.0 sets local for the same backend " +
      "(a study uses one runner per backend)",
    ],
  ],
  ["no name", "model: m\nname: 2024\n", [
    'study.yaml:2:7 name: must be non-empty text, or null, found 2024 (put it in quotes: "2024")',
  ]],
];

for (const [name, text, told] of MISTAKES) {
  Deno.test(`readStudy() explains ${name}`, () => deepStrictEqual(tell(text).errors, told));
}

Deno.test("readStudy() tells every mistake at once, in file order", () => {
  const text = `modle: tiny
n: abc
backend: lamacpp
decoder: { temprature: 1, top_k: -1, top_p: 3 }
llamacpp: { n_thread: 3 }
execution: { n_cycle: 0, n_cycles: 0 }
sweep: { n: [], llamacpp.n_thread: [1] }
experiments: [{ n: 0 }]
`;
  deepStrictEqual(tell(text).errors, [
    'study.yaml:1:1 modle: is not a known key (did you mean "model"?)',
    'study.yaml:2:4 n: must be a whole number >= 1, found "abc"',
    "study.yaml:3:10 backend: must be one of llamacpp, command, pytorch, vllm, tensorrt, openai, " +
    'found "lamacpp" (did you mean "llamacpp"?)',
    'study.yaml:4:12 decoder.temprature: is not a known key (did you mean "temperature"?)',
    "study.yaml:4:34 decoder.top_k: must be a whole number >= 0, found -1",
    "study.yaml:4:45 decoder.top_p: must be a number from 0 to 1, found 3",
    'study.yaml:5:13 llamacpp.n_thread: is not a known key (did you mean "n_threads"?)',
    'study.yaml:6:14 execution.n_cycle: is not a known key (did you mean "n_cycles"?)',
    "study.yaml:6:36 execution.n_cycles: must be a whole number >= 1, or null, found 0",
    "study.yaml:7:13 sweep.n: is an empty list: there is nothing to run",
    'study.yaml:7:17 sweep.llamacpp.n_thread: is not a known key (did you mean "n_threads"?)',
    "study.yaml:8:20 experiments.0.n: must be a whole number >= 1, found 0",
  ]);
});

Deno.test("readStudy() tells a mistake in the shared fields once, however many experiments stand over them", () => {
  const text =
    "model: m\nn: 0\ndataset: { input_len: 3 }\nexperiments: [{ random_seed: 1 }, { random_seed: 2 }]\n";
  deepStrictEqual(tell(text).errors, [
    "study.yaml:2:4 n: must be a whole number >= 1, found 0",
  ]);
  const without = text.replace("n: 0\n", "");
  deepStrictEqual(tell(without).errors, [
    "study.yaml:2:10 experiments.0.dataset.n: is missing, must be a whole number >= 1",
  ]);
});

Deno.test("readStudy() counts columns in characters", () => {
  const text = 'model: "\u{1F600}\u{1F600}"\nwarmup: { n_warmup: 1, x: 1 } # \u{1F600}\n';
  const glued = '{ model: "\u{1F600}", n: 0 }\n';
  deepStrictEqual(tell(text).errors.map((line) => line.split(" ")[0]), ["study.yaml:2:24"]);
  deepStrictEqual(tell(glued).errors, ["study.yaml:1:18 n: must be a whole number >= 1, found 0"]);
});

Deno.test("readStudy() reports a misspelt key once: it is not missing as well", () => {
  const text = `modle: gpt2
backend: llamacpp
n: -3
llamacpp: { n_thread: 4 }
execution: { n_cycles: 0 }
`;
  deepStrictEqual(tell(text).errors, [
    'study.yaml:1:1 modle: is not a known key (did you mean "model"?)',
    "study.yaml:3:4 n: must be a whole number >= 1, found -3",
    'study.yaml:4:13 llamacpp.n_thread: is not a known key (did you mean "n_threads"?)',
    "study.yaml:5:24 execution.n_cycles: must be a whole number >= 1, or null, found 0",
  ]);
  // A key that is near to nothing leaves the model missing.
  deepStrictEqual(tell("flavour: gpt2\n").errors.length, 2);
});
