/** llama.cpp with kernels that do the same on every processor, and for a batch the same as for each of its sequences. */
import { join } from "node:path";
import { TempFolder } from "../../../support/temp_folder.ts";
import { ASSETS } from "../../worker_process.ts";

/** With AVX, which nearly all processors have, and for the others. Neither uses FMA. */
const PLAIN = ["libggml-cpu-sandybridge.so", "libggml-cpu-x64.so"];

/**
 * A folder for `llamacpp.library_dir` without the kernels for newer processors. Those (haswell and up) multiply and add
 * in one step and round a batch in another way than a single sequence, so a text may depend on `n_parallel` with them.
 */
export function plainKernels(): TempFolder {
  const folder = new TempFolder();
  for (const name of ["libggml-base.so", "libggml.v0.5.0.so", "libllama.v0.5.0.so", ...PLAIN]) {
    Deno.symlinkSync(join(ASSETS, name), folder.at(name));
  }
  return folder;
}
