import type { ExperimentConfig } from "../../experiment/config.ts";
import { ENGINES } from "../../engines/engines.ts";
import type { Explanation, FailureRule } from "../../engines/failure_rule.ts";
import { LISTED_BACKENDS } from "../../engines/listed.ts";
import {
  gpuMemoryFull,
  hostMemoryFull,
  killedForMemory,
  sharedMemoryFull,
  someMemoryFull,
} from "./messages.ts";
import { rule } from "./rule.ts";

/** What makes a run of this backend need less memory on its device. */
function smaller({ backend }: Pick<ExperimentConfig, "backend">): string {
  return ENGINES[backend].failures.less_memory;
}

/** The memory of a GPU. The rules that name the holder come first. */
export const GPU_MEMORY_RULES: readonly FailureRule[] = [
  ...LISTED_BACKENDS.flatMap((backend) => ENGINES[backend].failures.gpu_memory_rules),
  {
    pattern:
      /(?:CUDA|HIP)(?: error:)? out of memory|cudaErrorMemoryAllocation|cuda(?:Malloc\w{0,20}|HostAlloc)\b.*?(?:failed|out of memory)|CUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED|torch\.(?:cuda\.)?OutOfMemoryError|(?:failed|unable) to allocate (?:CUDA|ROCm|HIP|Vulkan)\w* (?:\w+ )?buffer|\bcuda_?out_?of_?memory\b/i,
    explain: (_, config) => gpuMemoryFull(smaller(config)),
  },
];

/** The kernel killed the worker, or one of its processes. */
export function oomExplanation(config: Pick<ExperimentConfig, "backend">): Explanation {
  return killedForMemory(smaller(config));
}

/** The memory of the machine. */
export const HOST_MEMORY_RULES: readonly FailureRule[] = [
  rule(
    /unable to (?:open|allocate) shared memory|out of shared memory|\/dev\/shm.*No space left|insufficient shared memory/i,
    sharedMemoryFull(),
  ),
  {
    pattern:
      /std::bad_alloc|(?:^|(?<!except)\s)(?:[\w.]+\.)?MemoryError(?::|\s*$)|not enough memory: you tried to allocate|can't allocate memory|\[Errno 12\]|\bCannot allocate memory|Unable to allocate [\d.]+ \w+ for an array|(?:failed|unable) to (?:mmap|allocate) .*buffer|memory allocation of \d+ bytes failed|JavaScript heap out of memory/m,
    explain: (_, config) => hostMemoryFull(smaller(config)),
  },
  {
    pattern: /\bout of memory\b/i,
    explain: (_, config) => someMemoryFull(smaller(config)),
  },
];
