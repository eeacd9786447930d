import { sleep } from "../base/abort.ts";
import type { PowerReading } from "../meter/update_period.ts";
import { MeterClient } from "../meter/meter_client.ts";
import { selfProgram } from "../host/self_program.ts";
import type { MeterName } from "../meter/meter.ts";
import type { DoctorMeter } from "./doctor.ts";

/** Every kind of meter of this machine: doctor tells of those that are missing, too. */
const REAL_METERS: readonly MeterName[] = ["nvml", "amd", "rapl"];

/** Fast enough to see a sensor of 10 ms change, for long enough to see one of 100 ms change ten times (rule R3). */
const FAST = { period_ms: 2, seconds: 1.2 };

/** The meter as doctor asks it: a process for each question. */
export function doctorMeter(env: Readonly<Record<string, string>>): DoctorMeter {
  const { program, args } = selfProgram();
  const start = (meters: readonly MeterName[], period_ms: number): ReturnType<typeof MeterClient.start> =>
    MeterClient.start({ program, args, env }, { meters, period_ms });
  return {
    async readMeter() {
      const client = await start(REAL_METERS, 1000);
      if ("reason" in client) return client;
      await using meter = client;
      // What a first look at all devices finds wrong counts as early.
      await meter.edge();
      return { ...meter.hello, troubles: meter.early };
    },
    async readPowerFast(uuid) {
      const client = await start(["nvml", "amd"], FAST.period_ms);
      if ("reason" in client) return [];
      await using meter = client;
      const index = meter.hello.devices.findIndex((device) => device.uuid === uuid);
      const readings: PowerReading[] = [];
      using _ = meter.listen((message) => {
        if (message.type !== "power") return;
        const [t_ns, power_w] = [message.t_ns[index], message.power_w[index]];
        if (t_ns !== undefined && typeof power_w === "number") readings.push({ t_ns, power_w });
      });
      await sleep(FAST.seconds * 1000);
      return readings;
    },
  };
}
