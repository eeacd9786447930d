import { exists } from "../../base/files.ts";
import { deviceKey, type Gpu, visibleDevices } from "../../host/gpus.ts";

/** Whether the driver of NVIDIA is at work here, in a Linux of its own or in one inside Windows. */
export function hasNvidiaGpu(gpus: readonly Gpu[]): boolean {
  return gpus.length > 0 || exists("/dev/nvidiactl") || exists("/dev/dxg");
}

/**
 * Which GPUs a container gets: those that the study names, else those that CUDA_VISIBLE_DEVICES leaves
 * visible, else all. Inside they are counted from 0, so that variable itself stays outside. Boards go by their UUIDs
 * where the driver tells them: numbers are counted by whoever reads them.
 */
export function gpuArguments(
  devices: readonly string[],
  { visible, gpus }: { readonly visible: string | undefined; readonly gpus: readonly Gpu[] },
): string[] {
  if (devices.length === 0 && visible === undefined) return ["--gpus", "all"];
  const named = devices.length > 0 ? devices : visibleDevices(visible, gpus);
  const keys = named.map((name) => deviceKey(name, gpus));
  // The value is a line of CSV: without its quotes the second device would be an option of its own.
  return keys.length === 0 ? [] : ["--gpus", `"device=${keys.join(",")}"`];
}
