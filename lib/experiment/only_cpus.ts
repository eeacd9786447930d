/** A CPU as workers name it: `cpu: ...`, `CPU: ...`, `CPU0`; libraries of llama.cpp that compute on the CPU have names of their own. */
const CPU_NAME = /^(cpu[ _]?\d*|blas|accelerate|amx)\b/i;

/**
 * True where a worker said in its hello that it computes on CPUs and on nothing else. One that named nothing, or only empty
 * names, said nothing: it may have used a GPU.
 */
export function namesOnlyCpus(devices: readonly string[]): boolean {
  const named = devices.map((device) => device.trim()).filter((device) => device !== "");
  return named.length > 0 && named.every((device) => CPU_NAME.test(device));
}
