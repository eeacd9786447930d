import type { MeterDevice } from "../../lib/meter/meter.ts";

/** A board as a meter tells of it, made up; what is given stands in the place of what is usual. */
export function gpuDevice(given: Partial<MeterDevice> = {}): MeterDevice {
  return {
    uuid: "GPU-a",
    name: "Fake board",
    kind: "gpu",
    meter: "nvml",
    power: "instant",
    counter: true,
    mig: null,
    absent: {},
    facts: {},
    ...given,
  };
}
