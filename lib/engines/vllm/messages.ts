/** Texts for people about vLLM outside its worker: one function each, nothing else. */

/** A processor without instructions for the number format. */
export function slowPrecision(precision: string): string {
  return `backend vllm: this processor has no instructions for ${precision}, which is several times slower on it than ` +
    "fp32: set precision: fp32.";
}

/** On a CPU compiling takes longer than most measurements. */
export function compilesOnCpu(): string {
  return "backend vllm: on a CPU every run compiles the model while it loads, for minutes. " +
    "vllm.engine.enforce_eager: true leaves that out.";
}
