import type { ExperimentConfig } from "../experiment/config.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Whether a run holds a GPU, as far as its configuration tells: that of a worker of one's own only its author knows. */
export function gpuUse({ backend, llamacpp }: ExperimentConfig, env: Env): "yes" | "no" | "unknown" {
  switch (backend) {
    case "pytorch":
    case "vllm":
    case "tensorrt":
      return "yes";
    case "llamacpp": {
      // The library inside the program knows no GPU.
      const library = llamacpp?.library_dir ?? env["LLEM_LLAMACPP_DIR"] ?? "";
      return library !== "" && llamacpp?.n_gpu_layers !== 0 ? "yes" : "no";
    }
    case "command":
    case "openai":
      return "unknown";
  }
}
