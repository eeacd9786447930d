import { z } from "zod";
import { count, open, openSection, usual } from "./_fields.ts";

/** Options of TensorRT-LLM; null is its own default. Other keys are handed to it with a warning. */
export const tensorrtSchema = openSection({
  max_batch_size: usual(8, open(count()).describe("prompts generated together at most")),
  tp_size: open(count()).describe("GPUs that share each layer"),
  quantization: open(z.enum(["int8_sq", "int4_awq", "fp8"])).describe("form of the weights"),
  engine_path: open(z.string()).describe("an engine that was built before"),
});
