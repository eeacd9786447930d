import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { count, open, openSection, remoteCodeFlag, usual } from "../fields.ts";

/** Options of TensorRT-LLM; null is its own default. Other keys are handed to it with a warning. */
export const tensorrtSchema = openSection({
  max_batch_size: usual(8, open(count()).describe("maximum number of prompts per batch")),
  tp_size: open(count()).describe("tensor-parallel size: number of GPUs that share each layer"),
  quantization: open(z.enum(["int8_sq", "int4_awq", "fp8"])).describe("quantisation of the weights"),
  trust_remote_code: usual(false, open(remoteCodeFlag())),
  engine_path: open(z.string()).describe("prebuilt engine"),
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
  serves: null,
  meaning: null,
  variables: [],
} satisfies EngineDeclaration;
