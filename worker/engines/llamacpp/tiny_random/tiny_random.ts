import { TINY_RANDOM } from "../asset_manifest.ts";
import { type Random, randomFrom } from "../../../../lib/base/random.ts";
import { type MetadataValue, type Tensor, writeGguf } from "./gguf_writer.ts";

const SEED = 20_250_101;
const LAYERS = 2;
const WIDTH = 64;
/** 32 wide, so that the block-quantised KV cache types fit a head. */
const HEADS = 2;
const FEED_FORWARD = 192;
const CONTEXT_TOKENS = 4096;

/**
 * A whole llama model as a GGUF file: two layers, width 64, a vocabulary of single bytes, random weights.
 * It computes nothing of use; it makes every path of the engine run in milliseconds and with no download.
 */
export function tinyRandomGguf(): Uint8Array<ArrayBuffer> {
  return writeGguf({ ...describe(), ...vocabulary() }, tensors(randomFrom(SEED)));
}

function describe(): Record<string, MetadataValue> {
  const u32 = (value: number): MetadataValue => ({ type: "u32", value });
  const string = (value: string): MetadataValue => ({ type: "string", value });
  return {
    "general.architecture": string("llama"),
    "general.name": string(TINY_RANDOM),
    "general.description": string("Random weights: made to exercise an engine, not to answer anything."),
    "general.file_type": u32(1), // mostly f16
    "llama.block_count": u32(LAYERS),
    "llama.context_length": u32(CONTEXT_TOKENS),
    "llama.embedding_length": u32(WIDTH),
    "llama.feed_forward_length": u32(FEED_FORWARD),
    "llama.attention.head_count": u32(HEADS),
    "llama.attention.head_count_kv": u32(HEADS),
    "llama.attention.layer_norm_rms_epsilon": { type: "f32", value: 1e-5 },
    "llama.rope.dimension_count": u32(WIDTH / HEADS),
    "llama.vocab_size": u32(tokens().length),
  };
}

const TOKEN_TYPE = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;
type Token = { readonly text: string; readonly type: keyof typeof TOKEN_TYPE };

/** Three special tokens, the mark that stands for a space, and the 256 bytes. */
function tokens(): Token[] {
  const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");
  return [
    { text: "<unk>", type: "unknown" },
    { text: "<s>", type: "control" },
    { text: "</s>", type: "control" },
    { text: "\u2581", type: "normal" },
    ...Array.from({ length: 256 }, (_, byte): Token => ({ text: `<0x${hex(byte)}>`, type: "byte" })),
  ];
}

function vocabulary(): Record<string, MetadataValue> {
  const list = tokens();
  return {
    "tokenizer.ggml.model": { type: "string", value: "llama" },
    "tokenizer.ggml.tokens": { type: "string[]", value: list.map(({ text }) => text) },
    "tokenizer.ggml.scores": { type: "f32[]", value: list.map(() => 0) },
    "tokenizer.ggml.token_type": { type: "i32[]", value: list.map(({ type }) => TOKEN_TYPE[type]) },
    "tokenizer.ggml.unknown_token_id": { type: "u32", value: 0 },
    "tokenizer.ggml.bos_token_id": { type: "u32", value: 1 },
    "tokenizer.ggml.eos_token_id": { type: "u32", value: 2 },
    "tokenizer.ggml.add_bos_token": { type: "bool", value: true },
    "tokenizer.ggml.add_eos_token": { type: "bool", value: false },
    "tokenizer.ggml.add_space_prefix": { type: "bool", value: false },
  };
}

function tensors(random: Random): Tensor[] {
  const words = tokens().length;
  const weight = (name: string, rows: number, columns: number): Tensor => ({
    name: `${name}.weight`,
    shape: [columns, rows],
    data: uniform(random, rows * columns, columns),
  });
  const ones = (name: string): Tensor => ({
    name: `${name}.weight`,
    shape: [WIDTH],
    data: new Float32Array(WIDTH).fill(1),
  });
  const layer = (at: string): Tensor[] => [
    ones(`${at}.attn_norm`),
    ...["attn_q", "attn_k", "attn_v", "attn_output"].map((name) => weight(`${at}.${name}`, WIDTH, WIDTH)),
    ones(`${at}.ffn_norm`),
    weight(`${at}.ffn_gate`, FEED_FORWARD, WIDTH),
    weight(`${at}.ffn_up`, FEED_FORWARD, WIDTH),
    weight(`${at}.ffn_down`, WIDTH, FEED_FORWARD),
  ];
  return [
    weight("token_embd", words, WIDTH),
    ...Array.from({ length: LAYERS }, (_, index) => layer(`blk.${index}`)).flat(),
    ones("output_norm"),
    weight("output", words, WIDTH),
  ];
}

/** Values of variance 1 / inputs, so that a signal neither dies nor grows from layer to layer. */
function uniform(random: Random, count: number, inputs: number): Float16Array<ArrayBuffer> {
  const limit = Math.sqrt(3 / inputs);
  return Float16Array.from({ length: count }, () => limit * (random() / 2 ** 31 - 1));
}
