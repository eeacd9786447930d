/**
 * Failures of vLLM that no machine without GPUs, or without a hub, has: their texts as vLLM's sources and its users'
 * reports have them, and what stands in the logs of its processes. No vLLM is imported.
 */
import assert from "node:assert/strict";
import { PYTHON_FOLDER } from "../../../support/python_forks.ts";
import { testPython } from "../../../support/python_worker.ts";
import { TempFolder } from "../../../support/temp_folder.ts";

interface Failure {
  readonly error_type: string;
  readonly message: string;
  readonly traceback: string;
  readonly retryable: boolean;
}

function run(program: string, env: Readonly<Record<string, string>> = {}): string {
  const child = new Deno.Command(testPython(), {
    args: ["-c", program],
    env: { PYTHONPATH: PYTHON_FOLDER, ...env },
    stderr: "inherit",
  }).outputSync();
  return new TextDecoder().decode(child.stdout);
}

/** The error frames for exceptions of these classes with these texts. */
function framesOf(texts: readonly (readonly [kind: string, text: string])[]): Failure[] {
  return JSON.parse(run(
    `
import json, os
from llem_worker.engines.vllm.engine import name_failure
from llem_worker.failures import error_frame
def made(kind, text):
    return type(kind, (Exception,), {})(text)
print(json.dumps([error_frame(made(*text), name_failure) for text in json.loads(os.environ["TEXTS"])]))
`,
    { TEXTS: JSON.stringify(texts) },
  ));
}

/** Class and text of the exception; the name, whether a retry may help, and what the message says. */
const TEXTS:
  readonly (readonly [kind: string, text: string, type: string, retryable: boolean, says: RegExp])[] = [
    [
      "ValueError",
      "Free memory on device cuda:1 (3.5/79.1 GiB) on startup is less than desired GPU memory utilization (0.92, 72.77 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.",
      "gpu_busy",
      true,
      /^GPU 1 has 3\.5 of its 79\.1 GiB free, and .*gpu_memory_utilization 0\.92 takes 72\.77 GiB: another program/,
    ],
    [
      "ValueError",
      "Free memory on device (3.5/79.1 GiB) on startup is less than desired GPU memory utilization (0.9, 71.19 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.",
      "gpu_busy",
      true,
      /^The GPU has 3\.5 of its 79\.1 GiB free/,
    ],
    [
      "AssertionError",
      "Error in memory profiling. Initial free memory 60.1 GiB, current free memory 77.5 GiB. This happens when other processes sharing the same container release GPU memory while vLLM is profiling during initialization.",
      "gpu_busy",
      true,
      /returned memory of the GPU .*\(60\.1, then 77\.5 GiB\)\. .*a retry can succeed\.$/,
    ],
    [
      "OutOfMemoryError",
      "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 1 has a total capacity of 79.10 GiB of which 512.00 MiB is free.",
      "cuda_oom",
      false,
      /^GPU 1 is out of memory: 20\.00 GiB requested, .*Lower vllm\.engine\.gpu_memory_utilization, max_num_seqs/,
    ],
    [
      "RuntimeError",
      "CUDA out of memory occurred when warming up sampler with 1024 dummy requests. Please try lowering `max_num_seqs` or `gpu_memory_utilization` when initializing the engine.",
      "cuda_oom",
      false,
      /warming up sampler with 1024 dummy requests/,
    ],
    [
      "ValueError",
      "To serve at least one request with the models's max seq len (32768), (4.00 GiB KV cache is needed, which is larger than the available KV cache memory (1.50 GiB). Based on the available memory, the estimated maximum model length is 12288. Try increasing `gpu_memory_utilization` or decreasing `max_model_len` when initializing the engine.",
      "kv_cache_too_small",
      false,
      /request of 32768 tokens .* takes 4\.00 GiB, and there are 1\.50 GiB; about 12288 tokens fit\. Lower max_model_len to 12288 or less/,
    ],
    [
      "ValueError",
      "The model's max seq len (131072) is larger than the maximum number of tokens that can be stored in KV cache (24512). Try increasing `gpu_memory_utilization` or decreasing `max_model_len` when initializing the engine.",
      "kv_cache_too_small",
      false,
      /request of 131072 tokens .*about 24512 tokens fit/,
    ],
    [
      "ValueError",
      "World size (4) is larger than the number of available GPUs (2) in this node. If this is intentional and you are using:\n- ray, set '--distributed-executor-backend ray'.",
      "too_few_gpus",
      false,
      /^The run needs 4 GPUs .*, and vLLM sees 2\. Lower them, or assign more GPUs/,
    ],
    [
      "ValueError",
      "Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your Tesla T4 GPU has compute capability 7.5. You can use float16 instead by explicitly setting the `dtype` flag in CLI, for example: --dtype=half.",
      "unsupported_setting",
      false,
      /^precision: bf16 needs a GPU of compute capability 8\.0 or newer\. Your Tesla T4 GPU has compute capability 7\.5\. Use precision: fp16\.$/,
    ],
    [
      "ValueError",
      "The quantization method fp8 is not supported for the current GPU. Minimum capability: 89. Current capability: 75.",
      "unsupported_setting",
      false,
      /not supported for the current GPU\. Minimum capability: 89\. Current capability: 75\. Remove that setting/,
    ],
    [
      "GatedRepoError",
      "401 Client Error. (Request ID: Root=1)\n\nCannot access gated repo for url https://huggingface.co/meta-llama/Llama-3.1-8B/resolve/main/config.json.\nAccess to model meta-llama/Llama-3.1-8B is restricted. You must have access to it and be authenticated to access it. Please log in.",
      "model_gated",
      false,
      /^The hub grants no access to meta-llama\/Llama-3\.1-8B\. Accept its terms .*HF_TOKEN/,
    ],
    [
      "RepositoryNotFoundError",
      "401 Client Error. (Request ID: Root=1)\n\nRepository Not Found for url: https://huggingface.co/api/models/nobody/nothing/revision/main.\nPlease make sure you specified the correct `repo_id` and `repo_type`.\nIf you are trying to access a private or gated repo, make sure you are authenticated.",
      "model_not_found",
      false,
      /^The hub has no model nobody\/nothing, or it is private\. Correct the name, or set HF_TOKEN/,
    ],
    [
      "RuntimeError",
      "NCCL error: unhandled system error (run with NCCL_DEBUG=INFO for details)",
      "cuda_error",
      false,
      /NCCL_DEBUG=INFO adds details\.$/,
    ],
    [
      "VLLMValidationError",
      "This model's maximum context length is 512 tokens. However, your prompt contains 600 input tokens, which exceeds this limit even without any output tokens. (parameter=input_tokens, value=600)",
      "prompt_too_long",
      false,
      /^A prompt of 600 tokens does not fit into vllm\.engine\.max_model_len 512\. Raise that/,
    ],
    [
      "VLLMValidationError",
      "Token id 99999 is out of vocabulary (parameter=input_tokens)",
      "bad_request",
      false,
      /^vLLM refuses a request: Token id 99999 is out of vocabulary\. Correct/,
    ],
    [
      "VLLMValidationError",
      "The decoder prompt cannot be empty",
      "bad_request",
      false,
      /: The decoder prompt cannot be empty\. Correct/,
    ],
    [
      "VLLMValidationError",
      "min_tokens must be less than or equal to max_tokens=4, got 8.",
      "bad_request",
      false,
      /: min_tokens must be less than or equal to max_tokens=4, got 8\. Correct/,
    ],
    [
      "VLLMValidationError",
      "Got lora_request x but LoRA is not enabled! (parameter=lora_request, value=x)",
      "bad_request",
      false,
      /: Got lora_request x but LoRA is not enabled\. Correct/,
    ],
    [
      "LoRAAdapterNotFoundError",
      "Loading lora adapter failed: No adapter found for /home/me/adapter",
      "adapter_not_found",
      false,
      /^There is no adapter at \/home\/me\/adapter: correct the path/,
    ],
    [
      "ValueError",
      "Available memory on node 0 (22.18/23.54 GiB) on kv cache allocation is less than requested memory for kv (74.51 GiB). Decrease --kv-cache-memory-bytes, VLLM_CPU_KVCACHE_SPACE, or reduce CPU memory used by other processes.",
      "out_of_memory",
      false,
      /^The KV cache takes 74\.51 GiB, and 22\.18 of the machine's 23\.54 GiB are available\. Lower /,
    ],
    [
      "ValueError",
      "Unable to configure handler 'vllm'",
      "bad_setting",
      false,
      /cannot set up its logging: Unable to configure handler 'vllm'\. Correct VLLM_LOGGING_LEVEL/,
    ],
    [
      "ValidationError",
      "1 validation error for StructuredOutputsConfig\nbackend\n  Input should be 'auto' [type=literal_error, input_value='nope', input_type=str]",
      "bad_setting",
      false,
      /: vllm\.engine\.structured_outputs_config\.backend = 'nope': Input should be 'auto'\. Correct/,
    ],
    [
      "ValidationError",
      "1 validation error for SchedulerConfig\npolicy\n  Input should be 'fcfs' [type=literal_error, input_value='nope', input_type=str]",
      "bad_setting",
      false,
      /: vllm\.engine\.scheduling_policy = 'nope': Input should be 'fcfs'\. Correct/,
    ],
    [
      "ValueError",
      "No tokenizer registered for tokenizer_mode='nope'.",
      "bad_setting",
      false,
      /refuses a setting: No tokenizer registered for tokenizer_mode='nope'\. Correct/,
    ],
    [
      "ValueError",
      "Invalid logits processor FQCN 'x.Y'. Expected format: '<module>:<type>'",
      "bad_setting",
      false,
      /refuses a setting: Invalid logits processor FQCN 'x\.Y'\. Correct/,
    ],
    [
      "ValueError",
      "Cannot find any of ['bits'] in the model's quantization config.",
      "model_failed",
      false,
      /^A value of the model's config\.json cannot be right: Cannot find any of \['bits'\] in/,
    ],
    [
      "VLLMValidationError",
      "The decoder prompt (length 2048) plus the number of requested output tokens (at least 1) is longer than the maximum model length of 2048. Make sure that it is no smaller.",
      "prompt_too_long",
      false,
      /^A prompt of 2048 tokens does not fit into vllm\.engine\.max_model_len 2048\./,
    ],
    [
      "RuntimeError",
      "Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore_DP0': -9}",
      "engine_died",
      true,
      /^vLLM's process EngineCore_DP0 ended while it started \(signal 9\)\. The kernel kills so where memory ends/,
    ],
    [
      "EngineDeadError",
      "EngineCore encountered an issue. See stack trace (above) for the root cause.",
      "engine_died",
      true,
      /^A process of vLLM ended during the run\. See worker\.log\.$/,
    ],
  ];

Deno.test("texts of vLLM that only GPUs and hubs bring about have names of ours", () => {
  const frames = framesOf(TEXTS.map(([kind, text]) => [kind, text]));
  for (const [index, [, text, type, retryable, says]] of TEXTS.entries()) {
    const frame = frames[index];
    assert.ok(frame);
    assert.deepEqual([frame.error_type, frame.retryable], [type, retryable], `${text}: ${frame.message}`);
    assert.match(frame.message, says);
  }
});

/** What is raised by a line of this file, in a function of this name, and what the message says. */
const PLACES: readonly (readonly [file: string, name: string, raised: string, says: RegExp])[] = [
  [
    "vllm/model_executor/model_loader/weight_utils.py",
    "filter_duplicate_safetensors_files",
    "FileNotFoundError('Weight files referenced in index but missing: 2-of-2')",
    /^A file with weights is damaged or not complete: .* missing: 2-of-2\. Download the model again/,
  ],
  [
    "vllm/model_executor/model_loader/weight_utils.py",
    "pt_weights_iterator",
    "pickle.UnpicklingError('Weights only load failed. In PyTorch 2.6, we changed the default')",
    /not complete: UnpicklingError: Weights only load failed\. Download the model again/,
  ],
  [
    "vllm/model_executor/model_loader/default_loader.py",
    "load_weights",
    "ValueError('no parameter named x. The available parameters belonging to (L) are: a, b')",
    /^The weights do not fit the model's config\.json: ValueError: no parameter named x\. Download/,
  ],
  [
    "transformers/tokenization_utils_base.py",
    "_from_pretrained",
    "json.JSONDecodeError('Expecting a comma', '', 0)",
    /^The model's tokenizer cannot be read: JSONDecodeError: Expecting a comma: line 1 .*\. Download/,
  ],
  [
    "transformers/models/auto/tokenization_auto.py",
    "get_tokenizer_config",
    "json.JSONDecodeError('Expecting a comma', '', 0)",
    /^The model's tokenizer cannot be read/,
  ],
  [
    "vllm/model_executor/model_loader/utils.py",
    "initialize_model",
    "ValueError('Unknown RoPE scaling type nope')",
    /^vLLM cannot build the model .*: ValueError: Unknown RoPE scaling type nope\. If you did not change/,
  ],
  [
    "transformers/models/llama/configuration_llama.py",
    "validate_architecture",
    "ZeroDivisionError('integer modulo by zero')",
    /^A value of the model's config\.json cannot be right: ZeroDivisionError: integer modulo by zero\./,
  ],
  [
    "transformers_modules/mine/code.py",
    "forward",
    "NameError('x is not defined')",
    /^The Python code that came with the model failed: NameError: x is not defined\. It may have been/,
  ],
];

Deno.test("a failure of vLLM without words is known by where it was raised", () => {
  const frames: Failure[] = JSON.parse(run(
    `
import json, os, pickle
from llem_worker.engines.vllm.engine import name_failure
from llem_worker.failures import error_frame
def made(file, name, raised):
    scope = {"json": json, "pickle": pickle}
    exec(compile(f"def {name}(): raise {raised}", f"/venv/site-packages/{file}", "exec"), scope)
    try:
        scope[name]()
    except Exception as error:
        return error_frame(error, name_failure)
print(json.dumps([made(*place) for place in json.loads(os.environ["PLACES"])]))
`,
    { PLACES: JSON.stringify(PLACES.map((place) => place.slice(0, 3))) },
  ));
  for (const [index, [file, , , says]] of PLACES.entries()) {
    assert.equal(frames[index]?.error_type, "model_failed", `${file}: ${frames[index]?.message}`);
    assert.match(frames[index]?.message ?? "", says);
  }
});

/**
 * One process keeps what another one logs, as the worker does with the processes of vLLM, of which this is none: it
 * configures its logging from the file that vLLM's read, and logs an error with that exception.
 */
function readBack(logged: string, configured: string): Failure {
  return JSON.parse(run(
    `
import json, os, subprocess, sys
from llem_worker.engines.vllm.engine import name_failure
from llem_worker.engines.vllm.failures.engine_log import end_log, keep_failures
from llem_worker.failures import error_frame
keep_failures()
subprocess.run([sys.executable, "-c", os.environ["LOGGED"]], check=True)
end_log()
error = RuntimeError("Engine core initialization failed. See root cause above. Failed core proc(s): {}")
print(json.dumps(error_frame(error, name_failure)))
`,
    { LOGGED: `${LOGGING}\n${logged}`, VLLM_LOGGING_CONFIG_PATH: configured },
  ));
}

const LOGGING = `
import json, logging.config, os
logging.config.dictConfig(json.load(open(os.environ["VLLM_LOGGING_CONFIG_PATH"])))
log = logging.getLogger("vllm.v1.engine.core")
def fail(error, cause=None):
    try:
        if cause is None:
            raise error
        try:
            raise cause
        except Exception as first:
            raise error from first
    except Exception:
        log.exception("EngineCore failed to start.")
`;

Deno.test("what a process of the engine logs of its failure is read back, whoever configures its logging", () => {
  using temp = new TempFolder();
  const log = temp.at("their.log");
  const theirs = temp.write(
    "logging.json",
    JSON.stringify({
      version: 1,
      handlers: { file: { class: "logging.FileHandler", filename: log } },
      loggers: { vllm: { handlers: ["file"], level: "INFO" } },
    }),
  );
  const [known, caused, unknown, dead, silent] = [
    `log.error("Worker proc VllmWorker-0 died unexpectedly (exit code: 0), shutting down executor.")
fail(ValueError("No available memory for the cache blocks. Try\\nincreasing"))
fail(Exception("WorkerProc initialization failed due to an exception in a background process."))`,
    `fail(RuntimeError("could not load"), OSError("It looks like the config file at '/m/config.json' is not a valid JSON file."))`,
    `fail(ArithmeticError("3 is not 4"))`,
    `log.error("Worker proc VllmWorker-1 died unexpectedly (exit code: -9), shutting down executor.")
fail(RuntimeError("cancelled"))`,
    `log.warning("all is well")`,
  ].map((logged) => readBack(logged, theirs));
  assert.equal(known?.error_type, "kv_cache_too_small");
  assert.match(
    known?.traceback ?? "",
    /^Traceback [^]*in fail[^]*\nValueError: No available [^]*increasing$/,
  );
  assert.equal(caused?.error_type, "model_failed");
  assert.match(caused?.traceback ?? "", /OSError: [^]*direct cause[^]*RuntimeError: could not load$/);
  assert.equal(unknown?.error_type, "engine_error");
  assert.equal(unknown?.message, "A process of vLLM failed: ArithmeticError: 3 is not 4");
  assert.equal(dead?.error_type, "engine_died");
  assert.match(dead?.message ?? "", /process VllmWorker-1 ended while it started \(signal 9\)\. .*dmesg/);
  assert.deepEqual([silent?.error_type, silent?.retryable], ["engine_died", true]);
  // Theirs goes where it went.
  assert.match(Deno.readTextFileSync(log), /EngineCore failed to start\.\nTraceback/);
});
