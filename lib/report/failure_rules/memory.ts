import type { ExperimentConfig } from "../../experiment/config.ts";
import { ENGINES } from "../../engines/engines.ts";
import type { Explanation, FailureRule } from "../../engines/failure_rule.ts";
import { LISTED_BACKENDS } from "../../engines/listed.ts";
import { rule } from "./rule.ts";

/** What makes a run of this backend need less memory on its device. */
function smaller({ backend }: Pick<ExperimentConfig, "backend">): string {
  return ENGINES[backend].failures.less_memory;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The memory of a GPU. What says whose it is comes first. */
export const GPU_MEMORY_RULES: readonly FailureRule[] = [
  ...LISTED_BACKENDS.flatMap((backend) => ENGINES[backend].failures.gpu_memory_rules),
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
function moreMemory(config: Pick<ExperimentConfig, "backend">): string {
  return `${
    capital(smaller(config))
  }; or give it more memory: the limit of a container, cgroup or Slurm job (--mem) counts, too.`;
}

/** The kernel took the worker, or a process of it. */
export function oomExplanation(config: Pick<ExperimentConfig, "backend">): Explanation {
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
