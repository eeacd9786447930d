/**
 * What every setting of a study becomes on each release of vLLM: pure functions over the names that these releases have,
 * as they were read from their packages (tests/fixtures/vllm/releases.json). No vLLM is imported.
 */
import assert from "node:assert/strict";
import type { Json, JsonObject } from "../../../../lib/base/json.ts";
import { resolveConfig } from "../../../../lib/experiment/resolve_config.ts";
import { leafFields, valuesFor } from "../../../experiment/_samples.ts";
import { PYTHON_FOLDER } from "../../../support/python_forks.ts";
import { testPython } from "../../../support/python_worker.ts";

/** A part of a study for backend vllm. */
interface Case {
  readonly release: string;
  readonly engine?: JsonObject;
  readonly sampling?: JsonObject;
  readonly beam_search?: JsonObject;
  /** Further keys of the section. */
  readonly section?: JsonObject;
  readonly more?: JsonObject;
}

/** What the worker makes of it, or how it refuses it. */
interface Made {
  readonly refused?: string;
  readonly engine?: JsonObject;
  readonly variables?: JsonObject;
  readonly sampling?: JsonObject;
  readonly beams?: JsonObject | null;
  readonly n?: number;
  readonly notes?: readonly string[];
  readonly revision?: string | null;
  /** The longest sequence of the workload. */
  readonly longest?: number;
  readonly lengths?: readonly [least: number | null, most: number];
}

const PROGRAM = `
import json, sys
from llem_worker.engines.vllm.lengths import longest_sequence, with_own_lengths
from llem_worker.engines.vllm.names import NESTED, Names
from llem_worker.engines.vllm.settings import read_settings
from llem_worker.errors import WorkerError

def names(history):
    known, all = {}, {}
    for step in history:
        for kind in {*step["added"], *step["gone"]}:
            gone = set(step["gone"].get(kind, ()))
            known[kind] = frozenset((known.get(kind, frozenset()) | set(step["added"].get(kind, ()))) - gone)
        words = {kind: known[kind] for kind in ("kv_cache_dtype", "quantization", "attention_backend")}
        nested = {kind: known[kind] for kind in NESTED if kind in known}
        all[step["release"]] = Names(
            step["release"], known["engine"], known["sampling"], known["beams"], nested, words
        )
    return all

def made(release, config):
    try:
        config = with_own_lengths({"config": config})["config"]
        settings = read_settings(config, RELEASES[release], "/nowhere")
        drafts = settings.engine.get("speculative_config", {}).get("num_speculative_tokens", 0)
        return {
            "engine": settings.engine,
            "variables": settings.variables,
            "sampling": settings.sampling,
            "beams": settings.beams,
            "n": settings.n,
            "notes": [text for text, _ in settings.notes],
            "revision": settings.revision,
            "longest": longest_sequence(config, drafts),
            "lengths": [config["decoder"]["min_new_tokens"], config["max_output_tokens"]],
        }
    except WorkerError as error:
        return {"refused": f"{error.error_type}: {error.message}"}

given = json.load(sys.stdin)
RELEASES = names(given["history"])
results = [made(release, config) for release, config in given["cases"]]
print(json.dumps(results, default=sorted))
`;

const HISTORY = JSON.parse(
  Deno.readTextFileSync(new URL("../../../fixtures/vllm/releases.json", import.meta.url)),
) as readonly { readonly release: string }[];
const RELEASES = HISTORY.map(({ release }) => release);
/** Fields whose samples are no values of theirs. */
const SPECIAL: Readonly<Record<string, Json>> = {
  "vllm.engine.kv_cache_dtype": "fp8",
  "vllm.engine.quantization": "awq",
  "vllm.engine.attention.backend": "FLASHINFER",
  "vllm.engine.speculative_config": { method: "ngram" },
  "vllm.engine.compilation_config": { cudagraph_mode: "NONE" },
};
const [OLDEST = "", NEWEST = ""] = [RELEASES[0], RELEASES.at(-1)];

function configOf({ engine, sampling, beam_search, section, more }: Case): JsonObject {
  const vllm = {
    ...section,
    ...engine === undefined ? {} : { engine },
    ...sampling === undefined ? {} : { sampling },
    ...beam_search === undefined ? {} : { beam_search },
  };
  const config = resolveConfig({ model: "m", backend: "vllm", precision: "bf16", vllm, ...more });
  if (config === null) throw new Error(`No such experiment: ${JSON.stringify({ vllm, more })}`);
  return config as unknown as JsonObject;
}

/** All cases in one process. */
async function make(cases: readonly Case[]): Promise<Made[]> {
  const child = new Deno.Command(testPython(), {
    args: ["-c", PROGRAM],
    env: { PYTHONPATH: PYTHON_FOLDER },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const stdin = child.stdin.getWriter();
  const given = { history: HISTORY, cases: cases.map((one) => [one.release, configOf(one)]) };
  await stdin.write(new TextEncoder().encode(JSON.stringify(given)));
  await stdin.close();
  const { success, stdout } = await child.output();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Cases that are refused, by a part of what is said. */
const REFUSED: readonly (readonly [one: Case, said: RegExp])[] = [
  // Gone, and what took its place.
  [{ release: NEWEST, engine: { swap_space: 8 } }, /^unsupported_setting: .*swap_space .*kv_offloading_size/],
  [{ release: OLDEST, engine: { swap_space: 8 } }, /^unsupported_setting: .*swap_space has no effect/],
  [
    { release: NEWEST, engine: { attention: { use_cudnn_prefill: true } } },
    /vLLM 0\.32\.0 no longer has vllm\.engine\.attention\.use_cudnn_prefill \(gone in 0\.22\).*mla_prefill_backend/,
  ],
  [
    { release: NEWEST, engine: { attention: { use_prefill_decode_attention: true } } },
    /use_prefill_decode_attention \(gone in 0\.29\).*ROCM_ATTN/,
  ],
  [
    { release: OLDEST, engine: { quantization: "marlin" } },
    /marlin \(gone in 0\.11\).*gptq_marlin or awq_marlin/,
  ],
  [
    { release: NEWEST, engine: { quantization: "marlin" } },
    /marlin \(gone in 0\.11\).*gptq_marlin or awq_marlin/,
  ],
  [{ release: "0.28.0", engine: { quantization: "bitsandbytes" } }, /bitsandbytes \(gone in 0\.28\)/],
  [
    { release: NEWEST, engine: { compilation_config: { level: 3 } } },
    /level \(gone in 0\.18\).*compilation_config\.mode/,
  ],
  // Not there yet.
  [
    { release: "0.16.0", engine: { offload_group_size: 8 } },
    /0\.16\.0 .*offload_group_size yet \(new in 0\.17\)/,
  ],
  [{ release: OLDEST, engine: { attention: { use_prefill_query_quantization: true } } }, /new in 0\.17/],
  [{ release: OLDEST, engine: { attention: { mla_prefill_backend: "FLASHINFER" } } }, /new in 0\.21/],
  [
    { release: OLDEST, engine: { attention: { flex_attn_block_m: 16 } } },
    /flex_attn_block_m yet \(new in 0\.13\)/,
  ],
  // Words.
  [{ release: OLDEST, engine: { kv_cache_dtype: "nvfp4" } }, /does not know .*nvfp4\. It has auto, bfloat16/],
  [{ release: NEWEST, engine: { kv_cache_dtype: "fp8_e5m3" } }, /Did you mean "fp8_e5m2"\?/],
  [{ release: NEWEST, engine: { attention: { backend: "flash_atn" } } }, /Did you mean "FLASH_ATTN"\?/],
  [{ release: NEWEST, engine: { attention: { backend: "XFORMERS" } } }, /XFORMERS \(gone in 0\.12\)/],
  // Slips, those that only the installed release can tell from its own arguments.
  [{ release: NEWEST, engine: { enable_dbx: true } }, /^bad_setting: .*Did you mean "enable_dbo"\?/],
  [
    { release: NEWEST, engine: { zzz: true } },
    /^bad_setting: vLLM 0\.32\.0 has no setting vllm\.engine\.zzz\. Remove/,
  ],
  [
    { release: NEWEST, engine: { compilation_config: { cudagraf_mode: 1 } } },
    /Did you mean "cudagraph_mode"\?/,
  ],
  [{ release: NEWEST, engine: { speculative_config: { metod: "ngram" } } }, /Did you mean "method"\?/],
  [{ release: NEWEST, engine: { attention: { bakkend: "x" } } }, /Did you mean "backend"\?/],
  [{ release: NEWEST, sampling: { bad_wordz: ["a"] } }, /Did you mean "bad_words"\?/],
  [
    { release: NEWEST, more: { passthrough_kwargs: { max_num_seq: 3 } } },
    /passthrough_kwargs\.max_num_seq\. Did/,
  ],
  [
    { release: NEWEST, section: { enable_dbo: true } },
    /has no effect there: write vllm\.engine\.enable_dbo\./,
  ],
  // What the worker sets, and what has a field of its own.
  [{ release: NEWEST, engine: { seed: 3 } }, /set random_seed instead/],
  [{ release: NEWEST, engine: { dtype: "half" } }, /set precision instead/],
  [{ release: NEWEST, engine: { enable_lora: true } }, /set lora instead/],
  [{ release: NEWEST, engine: { max_lora_rank: 8 } }, /add lora/],
  [{ release: NEWEST, engine: { generation_config: "auto" } }, /the worker sets it itself/],
  [{ release: NEWEST, engine: { disable_log_stats: true } }, /the worker sets it itself/],
  [{ release: NEWEST, engine: { data_parallel_size: 2 } }, /one engine on one machine/],
  [{ release: NEWEST, sampling: { temperature: 0.5 } }, /set decoder\.temperature instead/],
  [{ release: NEWEST, sampling: { stop: ["a"] } }, /the worker sets it itself/],
  [
    { release: NEWEST, more: { passthrough_kwargs: { tensor_parallel_size: 2 } } },
    /vllm\.engine\.tensor_parallel/,
  ],
  [
    { release: NEWEST, engine: { block_size: 32 }, more: { passthrough_kwargs: { block_size: 32 } } },
    /set in vllm\.engine too/,
  ],
  [
    { release: NEWEST, engine: { attention: { backend: "FLASHINFER" }, attention_backend: "FLASHINFER" } },
    /are one setting/,
  ],
  [
    { release: NEWEST, engine: { speculative_config: { method: "ngram" }, spec_method: "mtp" } },
    /spec_method and vllm\.engine\.speculative_config\.method are one setting/,
  ],
  [
    { release: NEWEST, engine: { speculative_model: "./draft", num_speculative_tokens: 2 } },
    /^model_not_found: There is no draft model at \/nowhere\/draft/,
  ],
  // Decoding.
  [
    { release: NEWEST, sampling: { n: 2 }, more: { decoder: { do_sample: false } } },
    /greedy decoding gives one/,
  ],
  [{ release: NEWEST, sampling: { min_tokens: 200 } }, /min_tokens \(200\) is above .*\(128\)/],
  [{ release: NEWEST, beam_search: { beam_width: 2, early_stopping: true } }, /no early_stopping/],
  [{ release: NEWEST, beam_search: {} }, /no beam_width/],
  [
    { release: NEWEST, beam_search: { beam_width: 2 }, more: { decoder: { repetition_penalty: 1.1 } } },
    /no repetition penalty/,
  ],
  // Prompts that are made to a length.
  [
    { release: NEWEST, sampling: { max_tokens: 64 }, more: { dataset: { n: 2 } } },
    /exactly dataset\.output_len \(128\)/,
  ],
  [
    { release: NEWEST, sampling: { ignore_eos: false }, more: { dataset: { n: 2 } } },
    /ignore_eos cannot be false/,
  ],
  [
    { release: NEWEST, sampling: { stop_token_ids: [5] }, more: { dataset: { n: 2 } } },
    /sampling\.stop_token_ids cannot be given/,
  ],
  [
    { release: NEWEST, more: { dataset: { n: 2 }, passthrough_kwargs: { stop_token_ids: [5] } } },
    /passthrough_kwargs\.stop_token_ids cannot be given/,
  ],
];

/** Cases that are taken, with a part of what is made of them. */
const MADE: readonly (readonly [one: Case, part: Made])[] = [
  [{ release: NEWEST }, {
    engine: {
      dtype: "bfloat16",
      seed: 42,
      enable_prefix_caching: false,
      generation_config: "vllm",
      disable_log_stats: false,
    },
    sampling: { temperature: 1, top_p: 1, top_k: 50, min_p: 0, repetition_penalty: 1 },
    beams: null,
    n: 1,
    longest: 640,
    lengths: [null, 128],
  }],
  [{ release: NEWEST, more: { decoder: { do_sample: false, top_k: 7 } } }, {
    sampling: { temperature: 0, top_p: 1, top_k: 0, min_p: 0, repetition_penalty: 1 },
  }],
  // The section wins over what all engines share; synthetic prompts have the length of the dataset.
  [
    {
      release: NEWEST,
      sampling: { max_tokens: 64, min_tokens: 8 },
      more: { max_output_tokens: 32, decoder: { min_new_tokens: 2 } },
    },
    { lengths: [8, 64], longest: 576 },
  ],
  [{ release: NEWEST, beam_search: { beam_width: 3, max_tokens: 16, early_stopping: false } }, {
    beams: { temperature: 0, beam_width: 3 },
    lengths: [null, 16],
    notes: [
      "Beam search takes the likeliest texts: temperature, top_k, top_p and min_p of the decoder have no part in it.",
    ],
  }],
  [
    { release: NEWEST, sampling: { max_tokens: 128 }, more: { dataset: { n: 2, input_len: 100 } } },
    { longest: 228 },
  ],
  [
    {
      release: NEWEST,
      engine: { speculative_model: "[ngram]", num_speculative_tokens: 3 },
      more: { dataset: { n: 1 } },
    },
    { longest: 643 },
  ],
  [{ release: NEWEST, engine: { enable_prefix_caching: true, revision: "v2" } }, { revision: "v2" }],
  [{ release: OLDEST, engine: { attention: { backend: "flash_attn", use_trtllm_attention: false } } }, {
    variables: { VLLM_ATTENTION_BACKEND: "FLASH_ATTN", VLLM_USE_TRTLLM_ATTENTION: "0" },
  }],
  [{ release: NEWEST, engine: { swap_space: 4 } }, {
    notes: [
      "vllm.engine.swap_space: 4 is left out: vLLM 0.32.0 has no such setting, and the value asks for nothing.",
    ],
  }],
];

/** Arguments of the engine that a setting becomes, beside those that it always has. */
const BECOMES: readonly (readonly [release: string, engine: JsonObject, becomes: JsonObject])[] = [
  [NEWEST, { attention_backend: "triton_attn" }, { attention_config: { backend: "TRITON_ATTN" } }],
  ["0.13.0", { attention: { use_cudnn_prefill: true } }, { attention_config: { use_cudnn_prefill: true } }],
  [NEWEST, { attention: { use_cudnn_prefill: false } }, {}],
  [OLDEST, { offload_group_size: 0 }, {}],
  ["0.17.1", { offload_params: ["b", "a"] }, { offload_params: ["a", "b"] }],
  ...[OLDEST, NEWEST].flatMap((release): (readonly [string, JsonObject, JsonObject])[] => [
    [release, { speculative_model: "a/b", num_speculative_tokens: 2 }, {
      speculative_config: { model: "a/b", num_speculative_tokens: 2 },
    }],
    [release, { spec_method: "ngram", spec_tokens: 2 }, {
      speculative_config: { method: "ngram", num_speculative_tokens: 2 },
    }],
    [release, { block_size: 64, cpu_offload_gb: 2 }, { block_size: 64, cpu_offload_gb: 2 }],
    [release, { compilation_config: { mode: 3 } }, { compilation_config: { mode: 3 } }],
  ]),
];

/** Every declared field of the engine with a value of its own, on every release. */
const FIELDS = RELEASES.flatMap((release) =>
  leafFields().filter(({ path }) => path.startsWith("vllm.engine.")).map(({ path, slot }) => {
    const keys = path.split(".").slice(2);
    const value = SPECIAL[path] ?? valuesFor(slot.shape)[slot.shape.kind === "number" ? 1 : 0] ?? null;
    const engine = keys.reduceRight<Json>((below, key) => ({ [key]: below }), value) as JsonObject;
    return { path, one: { release, engine, more: { lora: { adapter_id: "a" } } } satisfies Case };
  })
);

const cases = [
  ...REFUSED.map(([one]) => one),
  ...MADE.map(([one]) => one),
  ...BECOMES.map(([release, engine]) => ({ release, engine })),
  ...FIELDS.map(({ one }) => one),
];
const all = await make(cases);

REFUSED.forEach(([one, said], index) => {
  Deno.test(`vLLM ${one.release} is not given ${describe(one)}`, () => {
    assert.match(all[index]?.refused ?? JSON.stringify(all[index]), said);
  });
});

MADE.forEach(([one, part], index) => {
  Deno.test(`vLLM ${one.release} is given ${describe(one)}`, () => {
    const { ...made } = all[REFUSED.length + index];
    assert.equal(made.refused, undefined);
    for (const [key, value] of Object.entries(part)) {
      assert.deepEqual(Object.entries(made).find(([k]) => k === key)?.[1], value, key);
    }
  });
});

BECOMES.forEach(([release, engine, becomes], index) => {
  Deno.test(`vLLM ${release}: ${JSON.stringify(engine)} becomes ${JSON.stringify(becomes)}`, () => {
    const made = all[REFUSED.length + MADE.length + index];
    assert.equal(made?.refused, undefined);
    const {
      dtype: _1,
      seed: _2,
      generation_config: _3,
      disable_log_stats: _4,
      enable_prefix_caching: _5,
      ...rest
    } = made?.engine ?? {};
    assert.deepEqual(rest, becomes);
  });
});

Deno.test("every field of the engine is given to every release, or refused by its name", () => {
  const refusals = new Map<string, string[]>();
  const given = ({ engine, variables, revision }: Made): string =>
    JSON.stringify([engine, variables, revision]);
  const nothing = given(all[REFUSED.length] ?? {});
  FIELDS.forEach(({ path, one: { release } }, index) => {
    const made = all[cases.length - FIELDS.length + index] ?? {};
    if (made.refused === undefined) return assert.notEqual(given(made), nothing, path);
    assert.ok(made.refused.startsWith("unsupported_setting: ") && made.refused.includes(path), made.refused);
    refusals.set(path, [...refusals.get(path) ?? [], release]);
  });
  const from = (release: string): readonly string[] => RELEASES.slice(RELEASES.indexOf(release));
  const until = (release: string): readonly string[] => RELEASES.slice(0, RELEASES.indexOf(release));
  const attention = "vllm.engine.attention";
  assert.deepEqual(Object.fromEntries(refusals), {
    "vllm.engine.swap_space": RELEASES,
    "vllm.engine.offload_group_size": until("0.17.1"),
    "vllm.engine.offload_num_in_group": until("0.17.1"),
    "vllm.engine.offload_prefetch_step": until("0.17.1"),
    "vllm.engine.offload_params": until("0.17.1"),
    [`${attention}.use_prefill_query_quantization`]: until("0.17.1"),
    [`${attention}.use_prefill_decode_attention`]: from("0.29.0"),
    [`${attention}.use_cudnn_prefill`]: from("0.22.1"),
    [`${attention}.disable_flashinfer_prefill`]: from("0.22.1"),
    [`${attention}.use_trtllm_ragged_deepseek_prefill`]: from("0.22.1"),
    [`${attention}.mla_prefill_backend`]: until("0.21.0"),
  });
});

function describe({ release: _, ...rest }: Case): string {
  return JSON.stringify(rest);
}
