/**
 * The one release whose structs the offsets in structs.ts describe. A library says its version through functions
 * that take no struct, so another release is refused before anything of an unknown shape crosses the border.
 */
export const RELEASE = {
  /** As file names and people write it. */
  name: "v0.5.0",
  llama_cpp: "0.5.0-dev",
  ggml: "0.25.1",
  ggml_commit: "0ad4a86",
} as const;

/** File names of one build of the release. */
export interface LibraryNames {
  readonly base: string;
  readonly ggml: string;
  readonly llama: string;
}

/** The builds we know by name, ours first; a build from source has plain names. */
export const KNOWN_BUILDS: readonly LibraryNames[] = [".v0.5.0", ".cuda.v0.5.0", ".vulkan.v0.5.0", ""].map(
  (tag) => ({ base: "libggml-base.so", ggml: `libggml${tag}.so`, llama: `libllama${tag}.so` }),
);

/** Libraries that bring a GPU, each loaded by name so that the reason of a failure is not lost. */
export const GPU_LIBRARIES = ["libggml-cuda.so", "libggml-hip.so", "libggml-vulkan.so"] as const;
