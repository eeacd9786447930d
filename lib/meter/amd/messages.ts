/** Texts about AMD GPUs. */

// Why a GPU is not metered.

export function noAmdGpu(root: string): string {
  return `no AMD GPU found in ${root}`;
}

export function noAmdgpuSensors(cards: readonly string[]): string {
  return `no sensors (hwmon) of the amdgpu driver found for ${cards.join(", ")} (AMD)`;
}

export function loadAmdgpu(): string {
  return "load the driver: `sudo modprobe amdgpu`";
}

export function sensorsMissing(card: string): string {
  return `${card} has no sensors (hwmon) although amdgpu drives it`;
}

export function sensorsMissingRemedy(): string {
  return "See the kernel log (dmesg | grep amdgpu), then reset the GPU or reboot.";
}

export function amdGpuLeftOut(index: number, reason: string): string {
  return `AMD GPU ${index} is not metered: ${reason}`;
}

// What a GPU cannot report.

export function noPowerFile(): string {
  return "the driver provides neither power1_average nor power1_input";
}

export function readsZero(): string {
  return "reads 0: either this is the second die of a board (MI250X), whose first die reports the power of both, " +
    "or the GPU was asleep when the meter started";
}

export function counterNotChecked(): string {
  return "there is no power reading to check the counter against";
}

export function noProcessList(): string {
  return "sysfs does not list the processes that use the GPU";
}

export function noThrottleCauses(): string {
  return "the driver does not report throttle causes";
}

// The table of metrics.

export function metricsTooShort(bytes: number): string {
  return `the gpu_metrics table has only ${bytes} bytes`;
}

export function metricsSize(
  version: string,
  { expected, stated, actual }: {
    readonly expected: number;
    readonly stated: number;
    readonly actual: number;
  },
): string {
  return `gpu_metrics v${version} should have ${expected} bytes; its header says ${stated}, the file has ${actual}`;
}

export function metricsNoCounter(version: string): string {
  return `gpu_metrics v${version} reports no energy counter`;
}

export function metricsNarrowCounter(): string {
  return "gpu_metrics v1.0 has a 32-bit counter, whose overflow goes unnoticed";
}

export function metricsOfApu(version: string): string {
  return `gpu_metrics v${version} is that of an APU, which has no energy counter`;
}

export function metricsUnknown(version: string): string {
  return `gpu_metrics v${version} is not supported by llem`;
}

// Troubles of a GPU that is metered.

export function cardTrouble(card: string, name: string, text: string): string {
  return `${card} (${name}): ${text}`;
}

export function readingFailed(what: "power" | "energy", reason: string): string {
  return `its ${what} cannot be read: ${reason}`;
}

export function notANumber(file: string, text: string): string {
  return `${file} contains ${JSON.stringify(text)}`;
}

export function permissionRemedy(folder: string): string {
  return `on the host: \`sudo chmod -R a+rX ${folder}/\``;
}

export function gpuGone(): string {
  return "the GPU is gone: its sysfs folder has disappeared";
}

export function counterWentBack(): string {
  return "its energy counter went backwards; the energy counted until now is lost";
}

export function counterRejected(reason: string): string {
  return `its energy counter is unreliable and is no longer read: ${reason}`;
}

export function counterStuck(seconds: number, watts: number): string {
  return `it did not advance for ${seconds.toFixed(1)} s at ${watts.toFixed(0)} W`;
}

export function counterDiffers(seconds: number, ratio: number): string {
  return `over ${seconds.toFixed(1)} s it showed ${ratio.toFixed(2)} times the integrated power`;
}
