import assert from "node:assert/strict";
import { type GpuProcess, type MeterDevice, NO_STATE } from "../../lib/meter/meter.ts";
import { Recorder } from "../../lib/meter/recorder.ts";

const DEVICE: MeterDevice = {
  uuid: "GPU-a",
  name: "Fake board",
  kind: "gpu",
  meter: "nvml",
  power: "instant",
  counter: true,
  mig: null,
  absent: {},
  facts: {},
};

Deno.test("a process on a GPU is what it was seen to do that draws most, in whatever order it is seen", () => {
  const recorder = new Recorder([DEVICE], () => ({ name: null, own: false }));
  const see = (t_ns: number, ...processes: readonly (readonly [number, GpuProcess["kind"]])[]): void =>
    recorder.take({
      type: "state",
      device: 0,
      t_ns,
      ...NO_STATE,
      processes: processes.map(([pid, kind]) => ({ pid, kind, memory_bytes: null })),
    });
  see(1, [1, "graphics"], [2, "compute"], [2, "graphics"], [3, "mps"]);
  see(2, [1, "graphics"], [2, "graphics"], [3, "graphics"], [4, "graphics"]);
  see(3, [4, "compute"]);
  assert.deepEqual(recorder.recording().processes.map(({ pid, kind }) => [pid, kind]), [
    [1, "graphics"],
    [2, "compute"],
    [3, "mps"],
    [4, "compute"],
  ]);
});
