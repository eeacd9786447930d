import { unreachable } from "../../base/unreachable.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import { type Explanation, type FailureRule, rule } from "./rule.ts";

/** What makes a run of this backend need less memory on its device. */
function smaller({ backend }: ExperimentConfig): string {
  switch (backend) {
    case "llamacpp":
      return "lower llamacpp.n_gpu_layers, n_parallel or n_ctx, or take a more strongly quantised model";
    case "pytorch":
      return "lower pytorch.batch_size or the prompt and output lengths, or load the weights in 8 or 4 bits " +
        "(pytorch.load_in_8bit, load_in_4bit)";
    case "vllm":
      return "lower vllm.engine.max_model_len, max_num_seqs or gpu_memory_utilization, or share the model " +
        "among more GPUs (tensor_parallel_size)";
    case "tensorrt":
      return "lower tensorrt.max_batch_size or the prompt and output lengths, or use more GPUs (tp_size)";
    case "command":
    case "openai":
      return "use a smaller model, batch or context, or a device with more memory";
    default:
      return unreachable(backend);
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const WHO = "End it (nvidia-smi shows who it is), or name another device in execution.devices.";

/** The memory of a GPU. What says whose it is comes first. */
export const GPU_MEMORY_RULES: readonly FailureRule[] = [
  {
    // torch names the other processes where it can see them. Below 1 GiB that is a desktop and not the cause.
    pattern: /CUDA out of memory.*? Process (\d+) has (\d[\d.]* GiB) memory in use/,
    explain: ([, pid, size]) => ({
      cause: `The GPU's memory is full; process ${pid} (its number outside a container) holds ${size} of it.`,
      remedy: WHO,
    }),
  },
  {
    pattern:
      /Free memory on device (?:\S+ )?\((\S+)\/(\S+) GiB\) on startup is less than desired GPU memory utilization/,
    explain: ([, free, total]) => ({
      cause:
        `Only ${free} of the GPU's ${total} GiB are free: another process, perhaps one left over, holds the rest.`,
      remedy: `${WHO} Or lower vllm.engine.gpu_memory_utilization.`,
    }),
  },
  {
    pattern:
      /larger than (?:the available KV cache memory|the maximum number of tokens that can be stored in KV cache)|No available memory for the cache blocks/,
    explain: () => ({
      cause: "The GPU has no room for the KV cache of one sequence beside the weights.",
      remedy: "Lower vllm.engine.max_model_len, or raise gpu_memory_utilization or tensor_parallel_size.",
    }),
  },
  {
    pattern:
      /(?:CUDA|HIP)(?: error:)? out of memory|cudaErrorMemoryAllocation|cuda(?:Malloc\w{0,20}|HostAlloc)\b.*?(?:failed|out of memory)|CUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED|torch\.(?:cuda\.)?OutOfMemoryError|(?:failed|unable) to allocate (?:CUDA|ROCm|HIP|Vulkan)\w* (?:\w+ )?buffer|\bcuda_?out_?of_?memory\b/i,
    explain: (_, config) => ({
      cause: "The GPU's memory was full.",
      remedy: `${capital(smaller(config))}; nvidia-smi shows whether another process holds memory.`,
    }),
  },
];

/** What to do where the machine, or the part of it that the job may use, has too little memory. */
function moreMemory(config: ExperimentConfig): string {
  return `${
    capital(smaller(config))
  }; or give it more memory: the limit of a container, cgroup or Slurm job (--mem) counts, too.`;
}

/** The kernel took the worker, or a process of it. */
export function oomExplanation(config: ExperimentConfig): Explanation {
  return {
    cause: "The memory of the machine, or of the container or job this runs in, was full.",
    remedy: moreMemory(config),
  };
}

/** The memory of the machine. */
export const HOST_MEMORY_RULES: readonly FailureRule[] = [
  rule(
    /unable to (?:open|allocate) shared memory|out of shared memory|\/dev\/shm.*No space left|insufficient shared memory/i,
    "Shared memory (/dev/shm) is full or too small.",
    "Enlarge it (docker run --shm-size=8g, or mount -o remount,size=8g /dev/shm), or use fewer processes.",
  ),
  {
    pattern:
      /std::bad_alloc|(?:^|(?<!except)\s)(?:[\w.]+\.)?MemoryError(?::|\s*$)|not enough memory: you tried to allocate|can't allocate memory|\[Errno 12\]|\bCannot allocate memory|Unable to allocate [\d.]+ \w+ for an array|(?:failed|unable) to (?:mmap|allocate) .*buffer|memory allocation of \d+ bytes failed|JavaScript heap out of memory/m,
    explain: (_, config) => ({
      cause: "The machine, or the limit of its container, job or ulimit -v, had no memory left.",
      remedy: moreMemory(config),
    }),
  },
  {
    pattern: /\bout of memory\b/i,
    explain: (_, config) => ({
      cause: "Memory ran out, on the device or on the machine.",
      remedy: moreMemory(config),
    }),
  },
];
