import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "../../lib/base/json.ts";
import {
  type Outcome,
  OUTCOME_KINDS,
  type OutcomeKind,
  type RunError,
} from "../../lib/experiment/outcome.ts";
import type { Explanation } from "../../lib/engines/failure_rule.ts";
import { explainOutcome, hintOf } from "../../lib/report/explain_outcome.ts";
import type { AttemptFacts, ResultRecord } from "../../lib/results/record.ts";
import { configOf } from "../support/plans.ts";
import { COMPLETED, recordOf } from "../support/records.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const HELLO = { backend: "b", versions: {}, devices: [], pid: 7 };

function errorOf(type: string, message: string, traceback: string | null = null): RunError {
  return { type, message, traceback, retryable: null };
}

function ended(kind: OutcomeKind, error: RunError, change: Partial<Outcome> = {}): Outcome {
  return { kind, exit_code: null, signal: null, flags: [], error, ...change };
}

const crashed = (signal: string, flags: Outcome["flags"] = []): Outcome =>
  ended("crashed", errorOf(signal, `The worker was killed by ${signal} without a result`), { signal, flags });
const exited = (exit_code: number, flags: Outcome["flags"] = []): Outcome =>
  ended("crashed", errorOf("exit_code", `The worker exited with code ${exit_code} without a result`), {
    exit_code,
    flags,
  });
const limit = (name: string, flags: Outcome["flags"] = []): Outcome =>
  ended("timed_out", errorOf(`timeout_${name}`, "The run took longer than 5 s and was killed"), {
    signal: "SIGKILL",
    flags,
  });
const failed = (type: string, message: string, traceback: string | null = null): Outcome =>
  ended("failed", errorOf(type, message, traceback), { exit_code: 1 });
const notStarted = (errno: string, message: string): Outcome =>
  ended("spawn_failed", errorOf(errno, message));

function recordWith(
  outcome: Outcome,
  facts: Partial<AttemptFacts> = {},
  draft: JsonObject = {},
): ResultRecord {
  return recordOf({ outcome, worker: HELLO, ...facts }, configOf(draft));
}

function explained(record: ResultRecord): Explanation {
  const explanation = explainOutcome(record);
  assert.ok(explanation !== null, JSON.stringify(record.outcome));
  return explanation;
}

/** What programs print, word for word, and what must be made of it. */
const TEXTS: readonly (readonly [text: string, cause: RegExp, remedy: RegExp])[] = [
  // The memory of a GPU.
  [
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.64 GiB of which 1.62 GiB is free. Including non-PyTorch memory, this process has 22.01 GiB memory in use. Of the allocated memory 20.94 GiB is allocated by PyTorch, and 635.53 MiB is reserved by PyTorch but unallocated.",
    /^The GPU's memory was full\.$/,
    /smaller model, batch or context/,
  ],
  [
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.64 GiB of which 1.62 GiB is free. Process 12345 has 20.03 GiB memory in use. Including non-PyTorch memory, this process has 1.98 GiB memory in use.",
    /full; process 12345 .* holds 20\.03 GiB/,
    /execution\.devices/,
  ],
  [
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.64 GiB of which 1.62 GiB is free. Process 900 has 350.00 MiB memory in use. Including non-PyTorch memory, this process has 21.50 GiB memory in use.",
    /^The GPU's memory was full\.$/,
    /./,
  ],
  [
    "ValueError: Free memory on device (3.51/23.64 GiB) on startup is less than desired GPU memory utilization (0.9, 21.28 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.",
    /Only 3\.51 of the GPU's 23\.64 GiB are free/,
    /gpu_memory_utilization/,
  ],
  [
    "ValueError: Free memory on device cuda:0 (3.51/23.64 GiB) on startup is less than desired GPU memory utilization (0.9, 21.28 GiB).",
    /Only 3\.51 of/,
    /nvidia-smi/,
  ],
  [
    "ValueError: To serve at least one request with the models's max seq len (131072), (16.00 GiB KV cache is needed, which is larger than the available KV cache memory (5.12 GiB). Based on the available memory, the estimated maximum model length is 41920.",
    /no room for the KV cache/,
    /max_model_len/,
  ],
  [
    "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.",
    /KV cache/,
    /gpu_memory_utilization/,
  ],
  ["RuntimeError: CUDA error: out of memory", /GPU's memory was full/, /./],
  [
    "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 13312.00 MiB on device 0: cudaMalloc failed: out of memory",
    /GPU's memory was full/,
    /./,
  ],
  [
    "ggml_gallocr_reserve_n_impl: failed to allocate CUDA0 buffer of size 2148073472",
    /GPU's memory was full/,
    /./,
  ],
  ["llama_model_load: error loading model: unable to allocate CUDA0 buffer", /GPU's memory was full/, /./],
  [
    "torch.cuda.OutOfMemoryError: HIP out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacty of 15.98 GiB",
    /GPU's memory was full/,
    /./,
  ],
  [
    "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    /GPU's memory was full/,
    /./,
  ],
  ["cudaErrorMemoryAllocation: out of memory", /GPU's memory was full/, /./],
  [
    "[TensorRT-LLM][ERROR] CUDA runtime error in ::cudaMallocAsync(ptr, n, mMemPool->getPool(), mCudaStream->get()): out of memory",
    /GPU's memory was full/,
    /./,
  ],
  // The memory of the machine.
  [
    "RuntimeError: [enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 1073741824000 bytes. Error code 12 (Cannot allocate memory)",
    /machine.* had no memory left/,
    /--mem/,
  ],
  [
    "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc",
    /machine.* had no memory left/,
    /./,
  ],
  ["Traceback (most recent call last):\nMemoryError", /machine.* had no memory left/, /./],
  [
    "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 745. GiB for an array with shape (100000, 1000000) and data type float64",
    /machine.* had no memory left/,
    /./,
  ],
  [
    "ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 53687091232",
    /machine.* had no memory left/,
    /./,
  ],
  ["OSError: [Errno 12] Cannot allocate memory", /machine.* had no memory left/, /./],
  [
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    /machine.* had no memory left/,
    /./,
  ],
  ["fatal error: out of memory", /on the device or on the machine/, /./],
  [
    "RuntimeError: unable to open shared memory object </torch_123_456> in read-write mode: No space left on device (28)",
    /\/dev\/shm/,
    /--shm-size/,
  ],
  // Programs, libraries and modules.
  [
    "ImportError: libcudart.so.12: cannot open shared object file: No such file or directory",
    /shared library libcudart\.so\.12 is not installed/,
    /LD_LIBRARY_PATH/,
  ],
  [
    "./server: error while loading shared libraries: libtorch.so: cannot open shared object file: No such file or directory",
    /shared library libtorch\.so is/,
    /./,
  ],
  [
    "ImportError: libcuda.so.1: cannot open shared object file: No such file or directory",
    /NVIDIA driver, libcuda\.so\.1, was not found/,
    /--gpus all/,
  ],
  [
    "./worker: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by ./worker)",
    /needs GLIBC_2\.38/,
    /container|newer system/,
  ],
  [
    "ImportError: /usr/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /opt/x.so)",
    /needs GLIBCXX_3\.4\.32/,
    /./,
  ],
  [
    "ImportError: /v/flash_attn_2_cuda.cpython-310-x86_64-linux-gnu.so: undefined symbol: _ZN3c104cuda9SetDeviceEi",
    /are incompatible/,
    /same release/,
  ],
  ["ModuleNotFoundError: No module named 'vllm'", /no module vllm/, /pip install/],
  ["/usr/bin/python3: No module named transformers.models", /no module transformers\.models/, /./],
  [
    "importlib.metadata.PackageNotFoundError: No package metadata was found for bitsandbytes",
    /no package bitsandbytes/,
    /pip/,
  ],
  ["./worker.sh: line 4: nvcc: command not found", /calls nvcc, which is not in PATH/, /PATH/],
  ["./worker.sh: 4: nvcc: not found", /calls nvcc, which/, /./],
  ["OSError: /opt/lib.so: wrong ELF class: ELFCLASS32", /another kind of processor/, /uname -m/],
  ["Illegal instruction (core dumped)", /lacks instructions \(AVX2/, /./],
  // Drivers and devices.
  [
    "RuntimeError: The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver",
    /driver is too old/,
    /Update the driver/,
  ],
  [
    "CUDA error: CUDA driver version is insufficient for CUDA runtime version",
    /driver is too old/,
    /nvidia-smi/,
  ],
  [
    "RuntimeError: CUDA error: no kernel image is available for execution on the device",
    /compute capability of this GPU/,
    /./,
  ],
  [
    "NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch installation.",
    /compute capability/,
    /./,
  ],
  [
    "ggml_cuda_init: failed to initialize CUDA: no CUDA-capable device is detected",
    /found no GPU/,
    /nvidia-smi/,
  ],
  [
    "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver",
    /found no GPU/,
    /./,
  ],
  ["RuntimeError: No CUDA GPUs are available", /found no GPU/, /CUDA_VISIBLE_DEVICES|execution\.devices/],
  ["RuntimeError: CUDA error: invalid device ordinal", /GPU that does not exist/, /nvidia-smi -L/],
  [
    "RuntimeError: CUDA error: CUDA-capable device(s) is/are busy or unavailable",
    /exclusive mode/,
    /compute mode/,
  ],
  ["AssertionError: Torch not compiled with CUDA enabled", /CPU-only build/, /CUDA version/],
  [
    "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 535.183",
    /old kernel module/,
    /Reboot/,
  ],
  ["RuntimeError: CUDA error: uncorrectable ECC error encountered", /hardware fault/, /Xid/],
  [
    "RuntimeError: CUDA error: an illegal memory access was encountered",
    /illegal memory access: a defect/,
    /CUDA_LAUNCH_BLOCKING=1/,
  ],
  ["RuntimeError: CUDA error: device-side assert triggered", /illegal memory access: a defect/, /./],
  [
    "torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/NCCLUtils.hpp:275, unhandled system error",
    /communication between the GPUs failed/,
    /NCCL_DEBUG/,
  ],
  // Models.
  [
    "OSError: You are trying to access a gated repo.\nMake sure to have access to it at https://huggingface.co/meta-llama/Llama-3.1-8B.\n401 Client Error.",
    /gated or private/,
    /HF_TOKEN/,
  ],
  [
    "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://huggingface.co/x/resolve/main/config.json",
    /gated or private/,
    /licence/,
  ],
  [
    "OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached files.",
    /hub could not be reached/,
    /hf download/,
  ],
  [
    "(MaxRetryError('HTTPSConnectionPool(host=\\'huggingface.co\\', port=443): Max retries exceeded with url: /x (Caused by NameResolutionError(\"<urllib3.connection.HTTPSConnection object>: Failed to resolve 'huggingface.co' ([Errno -3] Temporary failure in name resolution)\"))'), '(Request ID: 1)')",
    /hub could not be reached/,
    /./,
  ],
  [
    "huggingface_hub.errors.LocalEntryNotFoundError: Cannot find an appropriate cached snapshot folder for the specified revision on the local disk and outgoing traffic has been disabled.",
    /hub could not be reached/,
    /./,
  ],
  [
    "OSError: meta-lama/Llama is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
    /Neither a local folder nor a model of the hub/,
    /spelling of model/,
  ],
  [
    "huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error. (Request ID: Root=1)\n\nRepository Not Found for url: https://huggingface.co/api/models/x.",
    /Neither a local folder/,
    /./,
  ],
  [
    "OSError: ./models/x does not appear to have a file named config.json. Checkout 'https://huggingface.co/./models/x/tree/main' for available files.",
    /lacks a file/,
    /config\.json/,
  ],
  [
    "ValueError: The repository for x/y contains custom code which must be executed to correctly load the model. You can inspect the repository content at https://hf.co/x/y. Please pass the argument `trust_remote_code=True` to allow custom code to be run.",
    /code of its own/,
    /pytorch\.trust_remote_code/,
  ],
  [
    "gguf_init_from_file_impl: invalid magic characters: 'vers', expected 'GGUF'",
    /Git LFS pointer/,
    /git lfs pull/,
  ],
  [
    "gguf_init_from_file_impl: invalid magic characters: 'PK??', expected 'GGUF'",
    /damaged, incomplete or of another/,
    /./,
  ],
  [
    "llama_model_load: error loading model: tensor 'blk.31.ffn_down.weight' data is not within the file bounds, model is corrupted or incomplete",
    /damaged, incomplete/,
    /download it again/,
  ],
  [
    "safetensors_rust.SafetensorError: Error while deserializing header: MetadataIncompleteBuffer",
    /damaged, incomplete/,
    /SHA-256/,
  ],
  [
    "RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory",
    /damaged, incomplete/,
    /./,
  ],
  [
    "llama_model_load: error loading model: error loading model architecture: unknown model architecture: 'qwen9'",
    /architecture \(qwen9\)/,
    /Update the engine/,
  ],
  [
    "ValueError: The checkpoint you are trying to load has model type `qwen9` but Transformers does not recognize this architecture.",
    /architecture \(qwen9\)/,
    /./,
  ],
  [
    "ValueError: Model architectures ['FooForCausalLM'] are not supported for now. Supported architectures: dict_keys([])",
    /architecture \('FooForCausalLM'\)/,
    /./,
  ],
  [
    "ValueError: The quantization method awq_marlin is not supported for the current GPU. Minimum capability: 80. Current capability: 70.",
    /form of quantisation/,
    /newer GPU/,
  ],
  [
    "ValueError: Unknown quantization type, got foo - supported types are: ['awq', 'bitsandbytes_4bit']",
    /form of quantisation/,
    /./,
  ],
  [
    "ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your Tesla V100-SXM2-32GB GPU has compute capability 7.0.",
    /too old for the number format/,
    /precision: fp16/,
  ],
  [
    "RuntimeError: FlashAttention only supports Ampere GPUs or newer.",
    /attention that the run asks for/,
    /sdpa/,
  ],
  [
    "ValueError: The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.",
    /longer than the context/,
    /input_len/,
  ],
  [
    "BadRequestError: This model's maximum context length is 2048 tokens. However, you requested 3000 tokens",
    /longer than the context/,
    /./,
  ],
  [
    "RuntimeError: probability tensor contains either `inf`, `nan` or element < 0",
    /NaN or infinity/,
    /precision: bf16 or fp32/,
  ],
  // The operating system.
  ["OSError: [Errno 28] No space left on device: '/tmp/x'", /disk .* is full/, /df -h/],
  ["OSError: [Errno 122] Disk quota exceeded", /quota/, /HF_HOME/],
  ["OSError: [Errno 30] Read-only file system: '/root-cache'", /read-only/, /HF_HOME/],
  ["OSError: [Errno 98] Address already in use", /port .* is taken/, /ss -ltnp/],
  ["Error: listen EADDRINUSE: address already in use 127.0.0.1:8000", /port .* is taken/, /./],
  ["OSError: [Errno 24] Too many open files: '/x'", /limit of open files/, /ulimit -n/],
  ["RuntimeError: can't start new thread", /limit of processes and threads/, /ulimit -u/],
  [
    "OpenBLAS blas_thread_init: pthread_create failed for thread 3 of 8: Resource temporarily unavailable",
    /limit of processes and threads/,
    /OMP_NUM_THREADS/,
  ],
  ["PermissionError: [Errno 13] Permission denied: '/data/model'", /cannot use \/data\/model/, /ls -l/],
  ["./worker.sh: line 4: /dev/kfd: Permission denied", /cannot use a file or device/, /render/],
  ["ConnectionRefusedError: [Errno 111] Connection refused", /does not answer/, /port/],
  ["FileNotFoundError: [Errno 2] No such file or directory: '/models/x'", /missing: \/models\/x/, /path/],
  ["cat: prompts.txt: No such file or directory", /A file is missing/, /./],
];

Deno.test("explainOutcome() understands what programs print, in an error frame or at the end of a log", () => {
  for (const [text, cause, remedy] of TEXTS) {
    const colored = `\x1b[31m(EngineCore pid=7)\x1b[0m ERROR 11-24 13:00:00 [core.py:1] `;
    const logs = [text.split("\n"), [
      "before",
      ...text.split("\n"),
      "RuntimeError: Engine core initialization failed.",
    ]];
    const records = [
      recordWith(failed("RuntimeError", text)),
      recordWith(failed("RuntimeError", "Engine core initialization failed.", `Traceback:\n${text}\n`)),
      recordWith(failed("RuntimeError", "Engine core initialization failed."), {
        log_tail: [`${colored}x`, text],
      }),
      ...logs.map((log_tail) => recordWith(exited(1), { log_tail })),
      recordWith(crashed("SIGABRT"), { log_tail: logs[1] ?? [] }),
    ];
    for (const record of records) {
      const explanation = explained(record);
      assert.match(explanation.cause, cause, text);
      assert.match(explanation.remedy, remedy, text);
    }
  }
});

Deno.test("explainOutcome() takes the specific text for the cause, wherever it stands", () => {
  const log_tail = [
    "RuntimeError: CUDA error: out of memory",
    "PermissionError: [Errno 13] Permission denied: '/tmp/x'",
    "FileNotFoundError: [Errno 2] No such file or directory: '/tmp/y'",
  ];
  for (const lines of [log_tail, log_tail.toReversed()]) {
    assert.match(explained(recordWith(exited(1), { log_tail: lines })).cause, /GPU's memory/);
  }
});

Deno.test("explainOutcome() believes the worker before its log", () => {
  const record = recordWith(failed("OSError", "[Errno 28] No space left on device"), {
    log_tail: ["CUDA error: out of memory"],
  });
  assert.match(explained(record).cause, /disk/);
});

Deno.test("explainOutcome() names the settings of the backend that ran", () => {
  const text = "CUDA error: out of memory";
  const cases: readonly (readonly [draft: JsonObject, setting: RegExp])[] = [
    [{ backend: "llamacpp", model: "tiny-random" }, /llamacpp\.n_gpu_layers/],
    [{ backend: "pytorch", model: "m" }, /pytorch\.batch_size/],
    [{ backend: "vllm", model: "m" }, /vllm\.engine\.max_model_len/],
    [{ backend: "tensorrt", model: "m" }, /tensorrt\.max_batch_size/],
    [{ backend: "openai", model: "m", openai: { base_url: "http://127.0.0.1:1/v1" } }, /smaller model/],
    [{}, /smaller model/],
  ];
  for (const [draft, setting] of cases) {
    assert.match(explained(recordWith(failed("RuntimeError", text), {}, draft)).remedy, setting);
    assert.match(explained(recordWith(crashed("SIGKILL", ["oom"]), {}, draft)).remedy, /Slurm job \(--mem\)/);
  }
});

Deno.test("explainOutcome() is not led astray by source lines of a traceback", () => {
  const traceback = [
    "Traceback (most recent call last):",
    '  File "a.py", line 1, in load',
    "    model = AutoModel.from_pretrained(name, trust_remote_code=trust_remote_code)",
    "    except MemoryError:",
    "ValueError: the weights are wrong",
  ].join("\n");
  const explanation = explained(recordWith(failed("ValueError", "the weights are wrong", traceback)));
  assert.match(explanation.cause, /gave no other reason/);
});

/** Ends that speak for themselves. */
const ENDS:
  readonly (readonly [outcome: Outcome, facts: Partial<AttemptFacts>, cause: RegExp, remedy: RegExp])[] = [
    [
      crashed("SIGKILL", ["oom"]),
      {},
      /memory of the machine, or of the container or job/,
      /limit of a container/,
    ],
    [exited(137, ["oom"]), { log_tail: ["CUDA error: out of memory"] }, /memory of the machine/, /./],
    [crashed("SIGKILL"), {}, /killed from outside/, /journalctl/],
    [crashed("SIGKILL"), { log_tail: ["Permission denied"] }, /killed from outside/, /./],
    [crashed("SIGSEGV"), {}, /accessed invalid memory/, /PYTHONFAULTHANDLER/],
    [
      crashed("SIGABRT"),
      { log_tail: ["GGML_ASSERT(n > 0) failed"] },
      /failed assertion/,
      /llem show DIR --failed/,
    ],
    [crashed("SIGBUS"), {}, /truncated model.*\/dev\/shm/, /df -h/],
    [crashed("SIGILL"), {}, /AVX-512/, /processor/],
    [crashed("SIGFPE"), {}, /divided an integer by zero/, /./],
    [crashed("SIGSYS"), {}, /seccomp/, /./],
    [crashed("SIGXCPU"), {}, /ulimit -t/, /./],
    [crashed("SIGXFSZ"), {}, /ulimit -f/, /./],
    [crashed("SIGTERM"), {}, /process asked the worker to end/, /llem did not/],
    [crashed("SIGRT"), { log_tail: ["so long"] }, /^Its log ends with "so long"\.$/, /--failed/],
    [exited(139), {}, /died from SIGSEGV \(exit code 128 \+ 11\)\. Native code/, /./],
    [exited(137), {}, /died from SIGKILL/, /memory limit/],
    [exited(127), {}, /did not find a program/, /PATH/],
    [exited(126), {}, /without permission to run it/, /noexec/],
    [
      exited(3),
      { log_tail: ["first", "last \x1b[31mwords\x00", "  "] },
      /^Its log ends with "last words\?"\.$/,
      /./,
    ],
    [exited(3), {}, /printed nothing/, /by hand/],
    [
      exited(1, ["result_present"]),
      {},
      /measurement was complete; the worker failed while shutting down/,
      /./,
    ],
    [crashed("SIGSEGV", ["result_present"]), {}, /shutting down\. Native code/, /./],
    [
      limit("total"),
      {
        phases: [{ name: "load", begin_ns: 1n, end_ns: 2n }, { name: "measure", begin_ns: 3n, end_ns: null }],
      },
      /in phase "measure"/,
      /execution\.experiment_timeout_seconds/,
    ],
    [
      limit("total"),
      { phases: [{ name: "load", begin_ns: 1n, end_ns: 2n }] },
      /"load", had ended/,
      /less to do/,
    ],
    [limit("startup"), { worker: null }, /sent and printed nothing/, /execution\.startup_timeout_seconds/],
    [limit("startup"), { worker: null, log_tail: ["Loading"] }, /ends with "Loading"/, /hello/],
    [limit("silence"), {}, /no phase and printed nothing/, /progress frames/],
    [limit("study"), {}, /./, /execution\.study_timeout_seconds.*--resume/],
    [limit("total", ["result_present"]), {}, /did not exit/, /exit after its result/],
    [limit("total"), { log_tail: ["CUDA error: out of memory"] }, /GPU's memory/, /./],
    [
      limit("total"),
      { log_tail: ["warning: x: Permission denied"] },
      /ends with "warning/,
      /experiment_timeout/,
    ],
    [
      ended("protocol_error", errorOf("no_result", "The worker exited with code 0 but sent no result frame")),
      { worker: null },
      /does not implement llem's worker protocol/,
      /docs\/worker-protocol\.md/,
    ],
    [
      ended("protocol_error", errorOf("no_result", "The worker exited with code 0 but sent no result frame")),
      {},
      /sent a hello frame, then ended early/,
      /result frame/,
    ],
    [
      ended("protocol_error", errorOf("broken_frame", "a frame was cut off before its line feed")),
      {},
      /middle of a frame/,
      /one call/,
    ],
    [
      ended(
        "protocol_error",
        errorOf("broken_frame", "a frame of 99999999 bytes is over the limit of 64 MiB"),
      ),
      {},
      /too large/,
      /run_dir/,
    ],
    [
      ended(
        "protocol_error",
        errorOf("broken_frame", "a frame of 999999 bytes is nested deeper than the limit of 64 levels"),
      ),
      {},
      /too large/,
      /run_dir/,
    ],
    [
      ended(
        "protocol_error",
        errorOf("broken_frame", "result frame: output_tokens is NaN, and a finite number is needed"),
      ),
      {},
      /NaN or an infinity/,
      /Send null/,
    ],
    [
      ended("protocol_error", errorOf("broken_frame", "input_tokens: -5")),
      {},
      /does not follow the protocol/,
      /log/,
    ],
    [
      ended("interrupted", errorOf("SIGINT", "The study was stopped by SIGINT")),
      { log_tail: ["out of memory"] },
      /study was asked to stop/,
      /--resume/,
    ],
    [
      ended("lost", errorOf("lost", "The runner died")),
      {},
      /out-of-memory killer.*machine went down/,
      /--resume/,
    ],
    [ended("unkillable", errorOf("unkillable", "The worker lives on")), {}, /driver/, /Xid/],
    [ended("unkillable", errorOf("unremoved_container", "no")), {}, /Docker cannot stop/, /docker rm -f/],
    [notStarted("docker_failed", "Docker could not start"), {}, /daemon refused/, /journalctl -u docker/],
    [notStarted("docker_not_executable", "cannot be"), {}, /no permission to run/, /docker:<image>/],
    [notStarted("docker_not_found", "has no"), {}, /does not contain this interpreter/, /pytorch\.python/],
    [notStarted("E2BIG", "Cannot start /w: Argument list too long (os error 7)"), {}, /128 kB/, /params/],
    [notStarted("ENOENT", "Cannot start /w: No such file (os error 2)"), {}, /interpreter/, /head -1/],
    [notStarted("EACCES", "Cannot start /w: Permission denied (os error 13)"), {}, /noexec/, /./],
    [notStarted("ENOEXEC", "Cannot start /w: Exec format error (os error 8)"), {}, /processor/, /uname/],
    [
      notStarted("EAGAIN", "Cannot start /w: Resource temporarily unavailable"),
      {},
      /limit of processes of the user/,
      /ulimit -u/,
    ],
    [notStarted("EMFILE", "Cannot start /w: Too many open files"), {}, /open files/, /ulimit -n/],
    [
      notStarted("ENFILE", "Cannot start /w: Too many open files in system"),
      {},
      /machine reached/,
      /file-max/,
    ],
    [notStarted("ENOMEM", "Cannot start /w: Cannot allocate memory"), {}, /no memory left/, /free -h/],
    [notStarted("ETXTBSY", "Cannot start /w: Text file busy (os error 26)"), {}, /open for writing/, /./],
    [notStarted("ELOOP", "Cannot start /w: Too many symbolic links"), {}, /ELOOP/, /by hand/],
    [failed("internal_error", "The worker failed unexpectedly: x"), {}, /defect/, /report/],
    [
      failed("ValueError", "the weights are wrong"),
      { log_tail: ["loading", "oh"] },
      /ends with "oh"/,
      /--failed/,
    ],
  ];

Deno.test("explainOutcome() explains every way to end", () => {
  for (const [outcome, facts, cause, remedy] of ENDS) {
    const { cause: foundCause, remedy: foundRemedy } = explained(recordWith(outcome, facts));
    assert.match(foundCause, cause, JSON.stringify(outcome));
    assert.match(foundRemedy, remedy, JSON.stringify(outcome));
  }
  const kinds = new Set(ENDS.map(([{ kind }]) => kind));
  assert.deepEqual(OUTCOME_KINDS.filter((kind) => !kinds.has(kind)), ["completed"]);
});

Deno.test("explainOutcome() says nothing where all is well or all is said", () => {
  const said: readonly (readonly [outcome: Outcome, draft: JsonObject])[] = [
    [COMPLETED, {}],
    [notStarted("EACCES", "/w is not executable. Run: chmod +x /w"), {}],
    [
      failed(
        "not_gguf",
        'Cannot load model x: it is no GGUF file (its head is "PK"). Convert it to GGUF first.',
      ),
      { backend: "llamacpp", model: "x" },
    ],
    [
      failed("model_not_found", 'Cannot load model "x": /x does not exist. Name a GGUF file (relative ...'),
      { backend: "llamacpp", model: "x" },
    ],
    [
      failed("context_too_large", "A context of 9 tokens needs 9 bytes. Lower n_parallel"),
      { backend: "llamacpp", model: "x" },
    ],
  ];
  for (const [outcome, draft] of said) {
    assert.equal(explainOutcome(recordWith(outcome, {}, draft)), null, JSON.stringify(outcome));
    assert.equal(hintOf(recordWith(outcome, {}, draft)), null);
  }
  // The same types from a worker of one's own say nothing about its messages.
  assert.notEqual(explainOutcome(recordWith(failed("not_gguf", "no"))), null);
  const denied = failed("model_not_found", "Cannot load model /m: Permission denied (os error 13).");
  const record = recordWith(denied, {}, { backend: "llamacpp", model: "/m" });
  assert.match(explained(record).cause, /permission denied/);
});

Deno.test("explainOutcome() writes whole sentences that a terminal can show in one line", () => {
  const all = [
    ...ENDS.map(([outcome, facts]) => recordWith(outcome, facts)),
    ...TEXTS.map(([text]) => recordWith(failed("E", text))),
  ];
  for (const record of all) {
    const { cause, remedy } = explained(record);
    for (const text of [cause, remedy]) {
      assert.match(text, /^[A-Zl].*\.$/, text);
      assert.doesNotMatch(text, /\p{Cc}/u, text);
    }
    assert.equal(hintOf(record), `${cause} ${remedy}`);
    assert.ok(cause.length + remedy.length < 440, `${cause} ${remedy}`);
  }
});

/** Error types of the embedded engine whose messages may leave out what to try; of all others the message says it. */
const IN_NEED_OF_A_HINT = ["bad_assignment", "engine_error", "internal_error", "model_not_found"];

Deno.test("explainOutcome() knows every error type of our own worker", () => {
  const folders = ["worker", "worker/engines/llamacpp"].map((name) => join(ROOT, name));
  const sources = folders.flatMap((folder) =>
    [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".ts"))
      .map(({ name }) => Deno.readTextFileSync(join(folder, name)))
  );
  const named = sources.flatMap((text) => [
    ...text.matchAll(/WorkerError\(\s*"(\w+)"|return \["(\w+)", |: "(internal_error)"/g),
  ]);
  const types = new Set(named.map(([, one, two, three]) => one ?? two ?? three ?? ""));
  assert.ok(types.size > 15, [...types].join(", "));
  const llamacpp = { backend: "llamacpp", model: "x" };
  const hinted = [...types].filter((type) =>
    explainOutcome(recordWith(failed(type, "no"), {}, llamacpp)) !== null
  );
  assert.deepEqual(hinted.sort(), IN_NEED_OF_A_HINT);
});

/** The same of the Python worker, by engine: there the library's own words decide, by their rules or the log. */
const PYTHON_IN_NEED_OF_A_HINT = {
  pytorch: ["adapter_failed", "cuda_oom", "engine_error", "internal_error", "model_failed"],
  vllm: ["cuda_oom", "engine_died", "engine_error", "internal_error"],
};

for (const [backend, inNeed] of Object.entries(PYTHON_IN_NEED_OF_A_HINT)) {
  Deno.test(`explainOutcome() knows every error type of our Python worker with ${backend}`, () => {
    const folder = join(ROOT, "worker", "python", "llem_worker");
    const sources = ["", `engines/${backend}`, `engines/${backend}/failures`].flatMap((name) =>
      existsSync(join(folder, name))
        ? [...Deno.readDirSync(join(folder, name))].filter((entry) => entry.name.endsWith(".py"))
          .map((entry) => Deno.readTextFileSync(join(folder, name, entry.name)))
        : []
    );
    const types = new Set(
      sources.flatMap((text) =>
        [
          ...text.matchAll(/(?:WorkerError|_fail)\(\s*"(\w+)"/g),
          // Rows of a table: a pattern, then the type.
          ...text.matchAll(/_Row\((?:(?!_Row)[^])*?"([a-z_]+)",/g),
        ].map(([, type]) => type ?? "")
      ),
    );
    assert.ok(types.size > 15, [...types].join(", "));
    const hinted = [...types].filter((type) =>
      explainOutcome(recordWith(failed(type, "no"), {}, { backend, model: "x" })) !== null
    );
    assert.deepEqual(hinted.sort(), inNeed);
  });
}

Deno.test("explainOutcome() takes no time for a hostile text", () => {
  const nasty = [
    "a".repeat(500),
    ": ".repeat(250),
    "CUDA out of memory Process ".repeat(18),
    "'[Errno 13] ".repeat(40),
  ];
  const log_tail = Array.from({ length: 40 }, (_, index) => nasty[index % nasty.length] ?? "");
  const message = "x".repeat(5_000_000);
  const startedMs = performance.now();
  explainOutcome(recordWith(failed(message, message, message), { log_tail }));
  explainOutcome(recordWith(exited(1), { log_tail: Array.from({ length: 40 }, () => "y".repeat(500)) }));
  assert.ok(performance.now() - startedMs < 5000);
});

Deno.test("explainOutcome() has nothing to add where the study stood still: the run is made again", () => {
  const error = errorOf("suspended", "The study stood still for 3.0 s (Ctrl-Z, or the machine slept): ...");
  assert.equal(
    explainOutcome(recordOf({ outcome: ended("interrupted", error, { flags: ["suspended"] }) })),
    null,
  );
});

Deno.test("hintOf() names the study's directory in commands, so that they can be pasted", () => {
  const record = recordWith(crashed("SIGRT"), { log_tail: ["so long"] });
  assert.match(hintOf(record) ?? "", /llem show DIR --failed/);
  assert.match(hintOf(record, "out/a b") ?? "", /llem show 'out\/a b' --failed/);
  const lost = recordWith(ended("lost", errorOf("lost", "The runner died")));
  assert.match(hintOf(lost, "out/s$&") ?? "", /llem run --resume 'out\/s\$&' reruns it/);
});

Deno.test("explainOutcome() says what an engine waited for, where its log ends with that", () => {
  const draft = { backend: "tensorrt", model: "m" };
  const waiting = ["[TensorRT-LLM][INFO] Initializing MPI with thread mode 3"];
  const hung = explained(recordWith(limit("silence"), { log_tail: waiting }, draft));
  assert.match(hung.cause, /waiting for Open MPI/);
  assert.match(hung.remedy, /srun --mpi=pmix/);
  const later = explained(recordWith(limit("silence"), { log_tail: [...waiting, "loading weights"] }, draft));
  assert.doesNotMatch(later.cause, /MPI/);
});
