import type { ExperimentConfig } from "../experiment/config.ts";

/** What every run needs; accelerate because models are placed by a device map unless the study says otherwise. */
export const ENGINE_MODULES: readonly string[] = ["torch", "transformers", "accelerate"];

/** Modules that a run of backend pytorch cannot do without, in the order in which they are told. */
export function requiredModules(config: ExperimentConfig): string[] {
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
  return [...ENGINE_MODULES, ...needs.filter(([, isNeeded]) => isNeeded).map(([module]) => module)];
}

/** The oldest releases that the worker runs with; the worker's releases.py has the same, and the reasons. */
const OLDEST: ReadonlyMap<string, string> = new Map([["torch", "2.1"], ["transformers", "4.56"]]);

/** The release of a module that the worker needs at least; null where any will do. */
export function oldestRelease(module: string): string | null {
  return OLDEST.get(module) ?? null;
}

/** What pip calls a module, where that is something else. */
const PIP_NAMES: ReadonlyMap<string, string> = new Map([
  ["flash_attn", "flash-attn"],
  ["flash_attn_interface", "flash-attn-3"],
]);

/** The name under which pip installs a module. */
export function pipName(module: string): string {
  return PIP_NAMES.get(module) ?? module;
}

/** What a shell tells pip to install in place of a release that is too old. */
export function pipUpgrade(module: string): string {
  return `'${pipName(module)}>=${oldestRelease(module)}'`;
}
