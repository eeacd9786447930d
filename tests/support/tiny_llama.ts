/** A tiny language model with random weights, for tests of engines: real files, seconds on a CPU, texts without sense. */
import { join } from "node:path";
import { Random } from "./random.ts";
import { type Tensor, writeSafetensors } from "./safetensors.ts";
import { BOS, EOS, tinyTokenizer, vocabulary } from "./tiny_tokenizer.ts";

/** Sizes of the model; its name in the record is tiny-random. */
export const TINY_LLAMA = {
  layers: 2,
  width: 64,
  heads: 4,
  kvHeads: 2,
  headWidth: 16,
  innerWidth: 128,
  maxPositions: 2048,
  vocabulary: vocabulary().length,
} as const;

/** Rank of the adapter that writeTinyLora() writes. */
export const TINY_LORA_RANK = 4;

const { layers, width, heads, kvHeads, innerWidth, maxPositions } = TINY_LLAMA;
const VOCABULARY = TINY_LLAMA.vocabulary;

/** What a caller may have otherwise. */
export interface TinyLlamaOptions {
  readonly seed?: number;
  /** Width of an attention head; vLLM on a CPU has no kernel for the usual 16, and one for 32. */
  readonly headWidth?: number;
}

/** Writes the folder of a Llama with random weights (the same seed gives the same ones) and returns its path. */
export function writeTinyLlama(
  folder: string,
  { seed = 1, headWidth = TINY_LLAMA.headWidth }: TinyLlamaOptions = {},
): string {
  Deno.mkdirSync(folder, { recursive: true });
  const config = { ...CONFIG, head_dim: headWidth };
  const files = { "config.json": config, "generation_config.json": GENERATION, ...tinyTokenizer() };
  for (const [name, content] of Object.entries(files)) writeJson(join(folder, name), content);
  writeSafetensors(join(folder, "model.safetensors"), weights(new Random(seed), headWidth));
  return folder;
}

/** Writes the folder of a low-rank adapter (peft) on the tiny Llama; it changes what the model says. */
export function writeTinyLora(
  folder: string,
  { seed = 2, headWidth = TINY_LLAMA.headWidth }: TinyLlamaOptions = {},
): string {
  Deno.mkdirSync(folder, { recursive: true });
  writeJson(join(folder, "adapter_config.json"), ADAPTER);
  const random = new Random(seed);
  const tensors: Record<string, Tensor> = {};
  for (let layer = 0; layer < layers; layer++) {
    for (const [name, outputs] of [["q_proj", heads * headWidth], ["v_proj", kvHeads * headWidth]] as const) {
      const at = `base_model.model.model.layers.${layer}.self_attn.${name}`;
      tensors[`${at}.lora_A.weight`] = noise(random, [TINY_LORA_RANK, width], 0.2);
      tensors[`${at}.lora_B.weight`] = noise(random, [outputs, TINY_LORA_RANK], 0.5);
    }
  }
  writeSafetensors(join(folder, "adapter_model.safetensors"), tensors);
  return folder;
}

const CONFIG = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  attention_bias: false,
  attention_dropout: 0,
  bos_token_id: BOS.id,
  eos_token_id: EOS.id,
  hidden_act: "silu",
  hidden_size: width,
  initializer_range: 0.02,
  intermediate_size: innerWidth,
  max_position_embeddings: maxPositions,
  mlp_bias: false,
  num_attention_heads: heads,
  num_hidden_layers: layers,
  num_key_value_heads: kvHeads,
  rms_norm_eps: 1e-5,
  rope_parameters: { rope_type: "default", rope_theta: 10000 },
  tie_word_embeddings: false,
  dtype: "float32",
  use_cache: true,
  vocab_size: VOCABULARY,
};

/** With settings of sampling, as many models bring: a run must not take them over. */
const GENERATION = {
  bos_token_id: BOS.id,
  eos_token_id: EOS.id,
  do_sample: true,
  temperature: 0.6,
  top_p: 0.9,
  repetition_penalty: 1.3,
};

const ADAPTER = {
  peft_type: "LORA",
  task_type: "CAUSAL_LM",
  base_model_name_or_path: "tiny-random",
  bias: "none",
  fan_in_fan_out: false,
  inference_mode: true,
  init_lora_weights: true,
  lora_alpha: 8,
  lora_dropout: 0,
  r: TINY_LORA_RANK,
  target_modules: ["q_proj", "v_proj"],
};

function weights(random: Random, headWidth: number): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {
    "model.embed_tokens.weight": noise(random, [VOCABULARY, width], 1),
  };
  for (let layer = 0; layer < layers; layer++) {
    for (const [name, [outputs, inputs]] of Object.entries(matrices(headWidth))) {
      tensors[`model.layers.${layer}.${name}.weight`] = noise(
        random,
        [outputs, inputs],
        1 / Math.sqrt(inputs),
      );
    }
    for (const name of ["input_layernorm", "post_attention_layernorm"]) {
      tensors[`model.layers.${layer}.${name}.weight`] = ones(width);
    }
  }
  tensors["model.norm.weight"] = ones(width);
  tensors["lm_head.weight"] = noise(random, [VOCABULARY, width], 1 / Math.sqrt(width));
  return tensors;
}

/** Outputs and inputs of the matrices of a layer. */
function matrices(headWidth: number): Readonly<Record<string, readonly [number, number]>> {
  return {
    "self_attn.q_proj": [heads * headWidth, width],
    "self_attn.k_proj": [kvHeads * headWidth, width],
    "self_attn.v_proj": [kvHeads * headWidth, width],
    "self_attn.o_proj": [width, heads * headWidth],
    "mlp.gate_proj": [innerWidth, width],
    "mlp.up_proj": [innerWidth, width],
    "mlp.down_proj": [width, innerWidth],
  };
}

/** Normally distributed around 0 (Box-Muller). */
function noise(random: Random, shape: readonly [number, number], deviation: number): Tensor {
  const values = Float32Array.from({ length: shape[0] * shape[1] }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return deviation * radius * Math.cos(2 * Math.PI * random.next());
  });
  return { shape, values };
}

function ones(length: number): Tensor {
  return { shape: [length], values: new Float32Array(length).fill(1) };
}

function writeJson(path: string, content: unknown): void {
  Deno.writeTextFileSync(path, JSON.stringify(content, null, 2));
}
