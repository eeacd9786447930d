/**
 * Settings that workers of earlier versions (llamacpp, before `measurement.settings`) told among their metrics. They stay in the
 * records that have them; statistics over a number that was set say nothing.
 */
export const SETTINGS_IN_METRICS: ReadonlySet<string> = new Set([
  "n_batch",
  "n_ctx",
  "n_ctx_seq",
  "n_gpu_layers",
  "n_parallel",
  "n_threads",
  "n_threads_batch",
  "n_ubatch",
]);
