import type { ExperimentConfig } from "../../experiment/config.ts";

/** The folder of another build of the library, as it is named; empty where the run uses the one inside this program. */
export function namedLibrary(
  { llamacpp }: Pick<ExperimentConfig, "llamacpp">,
  env: Readonly<Record<string, string | undefined>>,
): string {
  return llamacpp?.library_dir ?? env["LLEM_LLAMACPP_DIR"] ?? "";
}
