import { z } from "zod";
import { count, open, openSection, usual } from "./_fields.ts";

/** Options of the PyTorch engine; null is the library's own default. Other keys are handed to it with a warning. */
export const pytorchSchema = openSection({
  batch_size: usual(1, open(count()).describe("prompts generated together; 1")),
  attn_implementation: usual(
    "sdpa",
    open(z.enum(["sdpa", "flash_attention_2", "flash_attention_3", "eager"])),
  ),
  torch_compile: usual(false, open(z.boolean())),
  torch_compile_mode: usual("default", open(z.string()).describe("needs torch_compile: true")),
  torch_compile_backend: usual("inductor", open(z.string()).describe("needs torch_compile: true")),
  load_in_4bit: usual(false, open(z.boolean())),
  load_in_8bit: usual(false, open(z.boolean())),
  bnb_4bit_compute_dtype: open(z.enum(["float16", "bfloat16", "float32"])).describe(
    "needs load_in_4bit: true",
  ),
  bnb_4bit_quant_type: open(z.enum(["nf4", "fp4"])).describe("needs load_in_4bit: true"),
  bnb_4bit_use_double_quant: open(z.boolean()).describe("needs load_in_4bit: true"),
  use_cache: usual(true, open(z.boolean())),
  cache_implementation: open(z.enum(["static", "offloaded_static", "sliding_window"])),
  num_beams: open(count()),
  early_stopping: open(z.boolean()),
  length_penalty: open(z.number()),
  no_repeat_ngram_size: open(count(0)),
  prompt_lookup_num_tokens: open(count()),
  device_map: usual("auto", open(z.string())),
  max_memory: open(z.record(z.string(), z.json())).describe(
    "memory by device, such as { 0: 20GiB, cpu: 60GiB }",
  ),
  revision: open(z.string()),
  trust_remote_code: usual(true, open(z.boolean())),
  num_processes: open(count()),
});
