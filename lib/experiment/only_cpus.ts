/** A CPU as workers name it: `cpu: ...`, `CPU: ...`; libraries of llama.cpp that compute on the CPU have names of their own. */
const CPU_NAME = /^(cpu|blas|accelerate|amx)\b/i;

/**
 * True where a worker said in its hello that it computes on CPUs and on nothing else. One that named nothing said nothing:
 * it may have used a GPU.
 */
export function namesOnlyCpus(devices: readonly string[]): boolean {
  return devices.length > 0 && devices.every((device) => CPU_NAME.test(device));
}
