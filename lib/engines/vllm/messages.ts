/** Texts for people about vLLM outside its worker: one function each, nothing else. */

/** A processor without instructions for the number format. */
export function slowPrecision(precision: string): string {
  return `backend vllm: this processor has no instructions for ${precision}, which is several times slower on it than ` +
    "fp32: set precision: fp32.";
}

/** The KV cache takes that share, whatever the requests need. */
export function shareOfMachine(share: number): string {
  return `backend vllm: on a CPU, vllm.engine.gpu_memory_utilization ${share} is a share of the machine's memory, and the ` +
    "KV cache takes what the model leaves of it. Set kv_cache_memory_bytes instead, or leave it out: then llem takes 4 GiB or less.";
}

/** On a CPU compiling takes longer than most measurements. */
export function compilesOnCpu(): string {
  return "backend vllm: on a CPU every run compiles the model while it loads, for minutes. " +
    "vllm.engine.enforce_eager: true leaves that out.";
}
