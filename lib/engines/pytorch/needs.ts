import type { ExperimentConfig } from "../../experiment/config.ts";
import type { PythonNeeds } from "../../python/python_needs.ts";

/** What every run needs; accelerate because models are placed by a device map unless the study says otherwise. */
const MODULES: readonly string[] = ["torch", "transformers", "accelerate"];

/** What runs of backend pytorch ask of their interpreter. */
export const PYTORCH_NEEDS: PythonNeeds = {
  backend: "pytorch",
  field: "pytorch.python",
  modules: MODULES,
  modulesOf: requiredModules,
  optional: ["gguf", "peft", "bitsandbytes", "flash_attn"],
  // The worker's releases.py has the same, and the reasons.
  oldest: { torch: "2.1", transformers: "4.56" },
};

/** Modules that a run cannot do without, in the order in which they are told. */
function requiredModules(config: ExperimentConfig): string[] {
  const { model, pytorch, lora, passthrough_kwargs: passed } = config;
  const attention = pytorch?.attn_implementation ?? "sdpa";
  const isGguf = model.toLowerCase().endsWith(".gguf") || passed?.["gguf_file"] !== undefined;
  const needs: readonly (readonly [module: string, isNeeded: boolean])[] = [
    ["gguf", isGguf],
    ["peft", lora !== null],
    ["bitsandbytes", pytorch?.load_in_4bit === true || pytorch?.load_in_8bit === true],
    ["flash_attn", attention === "flash_attention_2"],
    ["flash_attn_interface", attention === "flash_attention_3"],
  ];
  return [...MODULES, ...needs.filter(([, isNeeded]) => isNeeded).map(([module]) => module)];
}
