/** What headers of safetensors files say of a model: how many weights it has, and what a token is multiplied with. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/base/json.ts";
import { PYTHON_FOLDER, testPython } from "../../support/python_worker.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { writeTinyLlama } from "../../support/tiny_llama.ts";

/** Of one tensor: its format and its shape. */
type Header = readonly [dtype: string, shape: readonly number[]];

/** A model folder, and fields of its configuration. */
interface Case {
  readonly folder: string;
  readonly config?: JsonObject;
}

interface Counted {
  readonly numbers: number;
  readonly dtypes: JsonObject;
  readonly names: readonly string[];
  readonly body: number;
  readonly head: number;
  readonly width: number;
  readonly all_experts: boolean;
}

const PROGRAM = `
import json, sys
from types import SimpleNamespace
from llem_worker.shapes import multiplied
from llem_worker.weights_files import read_weights, stored_dtypes

def counted(case):
    config = SimpleNamespace(**{"hidden_size": 4, "num_hidden_layers": 2, **case.get("config", {})})
    config.get_text_config = lambda decoder: config
    try:
        weights = read_weights(case["folder"], config)
        shapes = multiplied(weights, config)
    except (OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return {
        "numbers": sum(weight.numbers for weight in weights.values()),
        "dtypes": stored_dtypes(weights.values()),
        "names": sorted(weights),
        "body": shapes.body,
        "head": shapes.head,
        "width": shapes.attention_width,
        "all_experts": shapes.all_experts,
    }

print(json.dumps([counted(case) for case in json.loads(sys.argv[1])]))
`;

function countAll(cases: readonly Case[]): (Counted | string)[] {
  const { success, stdout } = new Deno.Command(testPython(), {
    args: ["-c", PROGRAM, JSON.stringify(cases)],
    env: { PYTHONPATH: PYTHON_FOLDER },
    stderr: "inherit",
  }).outputSync();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A file of headers alone: nobody reads further. */
function writeHeaders(path: string, headers: Readonly<Record<string, Header>>): void {
  const entries = Object.entries(headers).map(([name, [dtype, shape]]) => [name, { dtype, shape }]);
  const text = new TextEncoder().encode(JSON.stringify({ __metadata__: {}, ...Object.fromEntries(entries) }));
  const bytes = new Uint8Array(8 + text.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  Deno.writeFileSync(path, bytes);
}

const EMBEDDING: Readonly<Record<string, Header>> = { "model.embed_tokens.weight": ["BF16", [10, 4]] };
const HEAD: Readonly<Record<string, Header>> = { "lm_head.weight": ["BF16", [10, 4]] };
const UP: Readonly<Record<string, Header>> = { "model.layers.0.mlp.up_proj.weight": ["BF16", [8, 4]] };

Deno.test("weights are counted as the engine with modules counts them, by files whole or in pieces", () => {
  using folder = new TempFolder();
  const tiny = writeTinyLlama(`${folder.path}/tiny`);
  const at = (name: string, files: Readonly<Record<string, Readonly<Record<string, Header>>>>): Case => {
    Deno.mkdirSync(`${folder.path}/${name}`);
    for (const [file, headers] of Object.entries(files)) {
      writeHeaders(`${folder.path}/${name}/${file}.safetensors`, headers);
    }
    return { folder: `${folder.path}/${name}` };
  };
  const pieces = at("pieces", {
    "model-1": { ...EMBEDDING, ...UP },
    "model-2": HEAD,
    "consolidated": EMBEDDING,
  });
  const index = { weight_map: { a: "model-1.safetensors", b: "model-2.safetensors" } };
  Deno.writeTextFileSync(`${pieces.folder}/model.safetensors.index.json`, JSON.stringify(index));
  const tied = {
    ...at("tied", { model: { ...EMBEDDING, ...UP, ...HEAD } }),
    config: { tie_word_embeddings: true },
  };
  const more = at("more", {
    model: {
      ...EMBEDDING,
      ...UP,
      "model.layers.0.self_attn.rotary_emb.inv_freq": ["F32", [2]],
      "h.0.attn.bias": ["F32", [1, 1, 8, 8]],
      "model.layers.2.mlp.up_proj.weight": ["BF16", [8, 4]],
      "mtp.layers.0.mlp.up_proj.weight": ["BF16", [8, 4]],
    },
  });
  const experts = {
    ...at("experts", {
      model: {
        ...EMBEDDING,
        "model.layers.0.mlp.gate.weight": ["BF16", [4, 4]],
        "model.layers.0.mlp.experts.0.up_proj.weight": ["BF16", [8, 4]],
        "model.layers.0.mlp.experts.gate_up_proj": ["BF16", [4, 8, 4]],
      },
    }),
    config: { num_experts: 4, num_experts_per_tok: 1 },
  };
  const llama = { num_attention_heads: 4, head_dim: 16 };
  const [ofTiny, ofPieces, ofTied, ofMore, ofExperts] = countAll([
    { folder: tiny, config: llama },
    pieces,
    tied,
    more,
    experts,
  ]);
  const { numbers, dtypes, body, head, width } = ofTiny as Counted;
  // As run_test.ts has them of the modules of the same model.
  assert.deepEqual([numbers, dtypes, body + head, width], [113_216, { float32: 113_216 }, 93_312, 128]);
  assert.equal((ofPieces as Counted).numbers, 40 + 32 + 40);
  assert.deepEqual([(ofTied as Counted).numbers, (ofTied as Counted).head], [40 + 32, 40]);
  assert.deepEqual((ofMore as Counted).names, [...Object.keys(EMBEDDING), ...Object.keys(UP)].sort());
  assert.deepEqual([(ofExperts as Counted).body, (ofExperts as Counted).all_experts], [
    16 + (32 + 128) / 4,
    false,
  ]);
});

Deno.test("packed weights count as what they stand for; files that do not tell say why", () => {
  using folder = new TempFolder();
  const of = (name: string, headers: Readonly<Record<string, Header>>, config: JsonObject = {}): Case => {
    Deno.mkdirSync(`${folder.path}/${name}`);
    writeHeaders(`${folder.path}/${name}/model.safetensors`, { ...EMBEDDING, ...headers });
    return { folder: `${folder.path}/${name}`, config };
  };
  const gptq: Readonly<Record<string, Header>> = {
    "model.layers.0.mlp.up_proj.qweight": ["I32", [4, 8]],
    "model.layers.0.mlp.up_proj.qzeros": ["I32", [1, 1]],
    "model.layers.0.mlp.up_proj.scales": ["F16", [1, 8]],
    "model.layers.0.mlp.up_proj.g_idx": ["I32", [32]],
  };
  Deno.mkdirSync(`${folder.path}/empty`);
  Deno.mkdirSync(`${folder.path}/page`);
  Deno.writeTextFileSync(
    `${folder.path}/page/model.safetensors`,
    "<html>not the file that was asked for</html>",
  );
  const index = { weight_map: { "lm_head.weight": "endless" } };
  Deno.mkdirSync(`${folder.path}/pipe`);
  Deno.writeTextFileSync(`${folder.path}/pipe/model.safetensors.index.json`, JSON.stringify(index));
  new Deno.Command("mkfifo", { args: [`${folder.path}/pipe/endless`] }).outputSync();
  const counted = countAll([
    of("gptq", gptq, { quantization_config: { quant_method: "gptq", bits: 4 } }),
    of("fp8", {
      "model.layers.0.mlp.up_proj.weight": ["F8_E4M3", [8, 4]],
      "model.layers.0.mlp.up_proj.weight_scale_inv": ["F32", [1, 1]],
    }),
    of("mxfp4", {
      "model.layers.0.mlp.experts.gate_up_proj_blocks": ["U8", [2, 8, 2]],
      "model.layers.0.mlp.experts.gate_up_proj_scales": ["U8", [2, 8]],
    }),
    of("compressed", { "model.layers.0.mlp.up_proj.weight_packed": ["I32", [8, 1]] }, {
      quantization_config: { config_groups: { group_0: { weights: { num_bits: 8 } } } },
    }),
    of("untold", gptq),
    { folder: `${folder.path}/empty` },
    { folder: `${folder.path}/page` },
    { folder: `${folder.path}/pipe` },
  ]);
  assert.deepEqual(counted.slice(0, 4).map((each) => (each as Counted).numbers - 40), [256, 32, 64, 32]);
  assert.deepEqual(counted.slice(4), [
    "ValueError: model.layers.0.mlp.up_proj.qweight is packed in a number of bits that config.json does not tell",
    "ValueError: the model has no safetensors file",
    "ValueError: model.safetensors is no safetensors file",
    "ValueError: endless is no safetensors file",
  ]);
});
