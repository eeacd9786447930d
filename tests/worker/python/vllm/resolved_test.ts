/**
 * The comparison of what is asked with what an engine has, over settings as vLLM keeps them. No vLLM is imported; a real one
 * is in _settings.ts.
 */
import assert from "node:assert/strict";
import type { Json } from "../../../../lib/base/json.ts";
import { PYTHON_FOLDER } from "../../../support/python_forks.ts";
import { testPython } from "../../../support/python_worker.ts";

const PROGRAM = `
import json, sys
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from llem_worker.engines.vllm.asked import Asked
from llem_worker.engines.vllm.resolved import check_as_asked, resolved_settings
from llem_worker.errors import WorkerError

class Mode(Enum):
    NONE = 0
    VLLM_COMPILE = 3

class Torch:
    def __str__(self):
        return "torch.bfloat16"

@dataclass
class Model:
    dtype: Any = field(default_factory=Torch)
    max_model_len: int = 640
    quantization: Any = "gptq_marlin"
    enforce_eager: bool = False
    hf_token: str = "hf_secret"
    hf_config: Any = None
    served_model_name: str = "x" * 300

@dataclass
class Cache:
    block_size: int = 16
    cache_dtype: str = "fp8_e4m3"
    enable_prefix_caching: bool = False

@dataclass
class Scheduler:
    policy: str = "fcfs"
    async_scheduling: bool = True
    scheduler_cls: Any = None

@dataclass
class Parallel:
    world_size: int = 1
    disable_custom_all_reduce: bool = True
    master_port: int = 29501

@dataclass
class Uva:
    cpu_offload_gb: float = 2.0

@dataclass
class Offload:
    uva: Uva = field(default_factory=Uva)

@dataclass
class Attention:
    backend: Any = None
    flash_attn_version: Any = 3

@dataclass
class Speculative:
    method: str = "mtp"
    num_speculative_tokens: int = 2
    moe_backend: Any = None

@dataclass
class Kernel:
    moe_backend: str = "triton"

@dataclass
class Compilation:
    mode: Mode = Mode.NONE
    custom_ops: list = field(default_factory=lambda: ["none", "+rms_norm"])
    cudagraph_capture_sizes: list = field(default_factory=lambda: [1, 2, 4])
    splitting_ops: list = field(default_factory=lambda: list(range(65)))

@dataclass
class Config:
    model_config: Model = field(default_factory=Model)
    cache_config: Cache = field(default_factory=Cache)
    scheduler_config: Scheduler = field(default_factory=Scheduler)
    parallel_config: Parallel = field(default_factory=Parallel)
    offload_config: Offload = field(default_factory=Offload)
    attention_config: Attention = field(default_factory=Attention)
    speculative_config: Speculative = field(default_factory=Speculative)
    kernel_config: Kernel = field(default_factory=Kernel)
    compilation_config: Compilation = field(default_factory=Compilation)
    lora_config: Any = None

def compared(place, name, value, attention):
    try:
        check_as_asked([Asked("setting", place, name, value)], Config(), tuple(attention))
    except WorkerError as error:
        return error.message.partition(":")[0]

cases = json.load(sys.stdin)
print(json.dumps({"compared": [compared(*case) for case in cases], "recorded": resolved_settings(Config())}))
`;

type Case = readonly [place: string | null, name: string, value: Json, attention: readonly string[]];

/** What is asked, and what the engine has instead; null where it is as asked. */
const CASES: readonly (readonly [one: Case, instead: string | null])[] = [
  [["model_config", "dtype", "bfloat16", []], null],
  [["model_config", "dtype", "float32", []], "bfloat16"],
  [[null, "max_model_len", 640, []], null],
  [[null, "max_model_len", 512, []], "640"],
  [[null, "max_model_len", -1, []], null],
  [[null, "block_size", 32, []], "16"],
  [[null, "enforce_eager", true, []], "False"],
  [[null, "quantization", "gptq", []], null],
  [[null, "quantization", "awq", []], "gptq_marlin"],
  [[null, "kv_cache_dtype", "fp8", []], null],
  [[null, "kv_cache_dtype", "auto", []], null],
  [[null, "kv_cache_dtype", "fp8_e5m2", []], "fp8_e4m3"],
  [[null, "scheduling_policy", "priority", []], "fcfs"],
  [[null, "async_scheduling", false, []], "True"],
  [[null, "disable_custom_all_reduce", false, []], null],
  [[null, "cpu_offload_gb", 2, []], null],
  [[null, "cpu_offload_gb", 3, []], "2.0"],
  [[null, "moe_backend", "triton", []], null],
  [[null, "moe_backend", "cutlass", []], "triton"],
  [[null, "cudagraph_capture_sizes", [4, 1], []], null],
  [[null, "cudagraph_capture_sizes", [4, 8], []], "[1, 2, 4]"],
  [[null, "nobody_knows_where", 3, []], null],
  [[null, "hf_overrides", { a: 1 }, []], null],
  [["attention_config", "backend", "FLASH_ATTN", ["FLASH_ATTN"]], null],
  [["attention_config", "backend", "AUTO", ["FLASH_ATTN"]], null],
  [["attention_config", "backend", "FLASH_ATTN", ["CPU_ATTN", "FLEX_ATTENTION"]], "CPU_ATTN, FLEX_ATTENTION"],
  [["attention_config", "flash_attn_version", 2, []], "3"],
  [["speculative_config", "method", "deepseek_mtp", []], null],
  [["speculative_config", "method", "ngram", []], "mtp"],
  [["speculative_config", "num_speculative_tokens", 4, []], "2"],
  [["compilation_config", "mode", 0, []], null],
  [["compilation_config", "mode", "none", []], null],
  [["compilation_config", "mode", 3, []], "NONE"],
  [["compilation_config", "custom_ops", ["none"], []], null],
  [["lora_config", "max_loras", 2, []], null],
];

const child = new Deno.Command(testPython(), {
  args: ["-c", PROGRAM],
  env: { PYTHONPATH: PYTHON_FOLDER },
  stdin: "piped",
  stdout: "piped",
  stderr: "inherit",
}).spawn();
const stdin = child.stdin.getWriter();
await stdin.write(new TextEncoder().encode(JSON.stringify(CASES.map(([one]) => one))));
await stdin.close();
const { compared, recorded } = JSON.parse(new TextDecoder().decode((await child.output()).stdout));

CASES.forEach(([[place, name, value, attention], instead], index) => {
  const asked = `${place ?? ""} ${name} ${JSON.stringify(value)} ${attention.join(" ")}`.trim();
  Deno.test(`an engine ${instead === null ? "computes as asked" : `has ${instead}`}: ${asked}`, () => {
    const said: string | null = compared[index];
    assert.equal(said?.replace(/.* computes with /, "") ?? null, instead);
  });
});

Deno.test("resolved_settings() has what is plain, short and no secret", () => {
  assert.deepEqual(recorded.model_config, {
    dtype: "bfloat16",
    max_model_len: 640,
    quantization: "gptq_marlin",
    enforce_eager: false,
  });
  assert.deepEqual(recorded.offload_config, { uva: { cpu_offload_gb: 2 } });
  assert.deepEqual(recorded.parallel_config, { world_size: 1, disable_custom_all_reduce: true });
  assert.deepEqual(recorded.attention_config, { flash_attn_version: 3 });
  assert.deepEqual(recorded.compilation_config, {
    mode: "NONE",
    custom_ops: ["none", "+rms_norm"],
    cudagraph_capture_sizes: [1, 2, 4],
  });
  assert.ok(!("lora_config" in recorded));
});
