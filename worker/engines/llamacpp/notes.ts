import { hasGpuNode } from "../../../lib/base/gpu_nodes.ts";
import type { LlamacppConfig } from "../../../lib/experiment/engines/llamacpp.ts";
import type { NoteFrame } from "../../../lib/protocol/frame.ts";
import type { AssetFolder } from "./assets.ts";
import type { LoadedEngine } from "./load_engine.ts";
import type { LoadLog } from "./load_log.ts";
import { longestRequest } from "./prompts.ts";
import { batchNotFull, beyondTraining, cpuOnly, unpackedForThisRun } from "./messages.ts";

/** What a reader of the result should know about how this run was set up. */
export function loadNotes(
  { engine, prompts, report }: LoadedEngine,
  config: LlamacppConfig,
  log: LoadLog,
  assets: AssetFolder | null,
): NoteFrame[] {
  const notes: NoteFrame[] = [];
  const warn = (code: string, text: string): void => {
    notes.push({ type: "note", level: "warning", code, text });
  };
  if (assets !== null && assets.excuse !== null) {
    warn("assets_not_cached", unpackedForThisRun(assets.excuse));
  }
  if (report.offloadedLayers === 0 && config.n_gpu_layers !== 0 && hasGpuNode()) {
    warn("cpu_only", cpuOnly());
  }
  if (prompts.length < config.n_parallel) {
    warn(
      "batch_not_full",
      batchNotFull(config.n_parallel, prompts.length),
    );
  }
  const trained = engine.library.llama.llama_model_n_ctx_train(engine.model.pointer);
  const longest = longestRequest(prompts);
  if (longest > trained) {
    warn(
      "beyond_training_context",
      beyondTraining(longest, trained),
    );
  }
  for (const text of log.warnings) notes.push({ type: "note", level: "info", code: "engine_log", text });
  return notes;
}
