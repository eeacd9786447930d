import type { ExperimentConfig } from "../../../lib/experiment/config.ts";
import type { LlamacppConfig } from "../../../lib/experiment/engines/llamacpp.ts";
import type { Assignment } from "../../../lib/protocol/assignment.ts";
import { WorkerError } from "../../worker_error.ts";
import { assignmentNotResolved, fieldNotSupported } from "./messages.ts";

/** Fields for other engines. To run without them, in silence, would label a result with a setting it never had. */
const UNSUPPORTED = ["lora", "passthrough_kwargs"] as const satisfies readonly (keyof ExperimentConfig)[];

/** The engine's section of the configuration; refuses what this engine cannot do. */
export function supportedConfig({ config }: Assignment): LlamacppConfig {
  for (const field of UNSUPPORTED) {
    if ((config[field] ?? null) !== null) {
      throw new WorkerError("bad_setting", fieldNotSupported(field));
    }
  }
  if (config.llamacpp !== null) return config.llamacpp;
  throw new WorkerError("bad_assignment", assignmentNotResolved());
}
