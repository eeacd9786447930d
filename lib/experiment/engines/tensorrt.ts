import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { count, open, openSection, REMOTE_CODE, usual } from "../fields.ts";

/** Options of TensorRT-LLM; null is its own default. Other keys are handed to it with a warning. */
export const tensorrtSchema = openSection({
  max_batch_size: usual(8, open(count()).describe("prompts generated together at most")),
  tp_size: open(count()).describe("GPUs that share each layer"),
  quantization: open(z.enum(["int8_sq", "int4_awq", "fp8"])).describe("form of the weights"),
  trust_remote_code: usual(false, open(z.boolean()).describe(REMOTE_CODE)),
  engine_path: open(z.string()).describe("an engine that was built before"),
});

/** TensorRT-LLM. */
export const tensorrt = {
  section: open(tensorrtSchema).describe(
    "backend tensorrt: options of the engine; null is its own default",
  ),
  needs_section: null,
  fields: {},
  rules: [],
  upstream: { keys_of_ours: [] },
  former_names: {},
  precision: "asked",
  models: "hub",
  path_fields: { "tensorrt.engine_path": "file" },
  model_names: [],
  revision: null,
  variable_fields: null,
  secret_fields: { arguments: null, address: null },
  remote_code: { path: "tensorrt.trust_remote_code", formerly: null },
  concurrency: null,
  workload_known: true,
  variables: [],
} satisfies EngineDeclaration;
