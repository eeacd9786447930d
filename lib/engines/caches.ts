/**
 * Where the engines of a study keep what they compile, in its directory: one place for all its runs, or one for each board of a
 * pool. The worker's caches.py has the same name.
 */
export const CACHE_FOLDER = ".llem-cache";

/** The variables that name such folders of engines and of what they stand on. */
export const CACHE_VARIABLES: readonly string[] = [
  "VLLM_CACHE_ROOT",
  "TORCHINDUCTOR_CACHE_DIR",
  "TRITON_CACHE_DIR",
  "FLASHINFER_WORKSPACE_BASE",
  "CUDA_CACHE_PATH",
];
