import { gpuDevice } from "../support/meter_devices.ts";
import assert from "node:assert/strict";
import { type GpuProcess, type MeterDevice, NO_STATE } from "../../lib/meter/meter.ts";
import { Recorder } from "../../lib/meter/recorder.ts";

function device(uuid: string): MeterDevice {
  return gpuDevice({ uuid, name: uuid });
}

const DEVICES = [device("A"), device("B")];

function recorder(own: (pid: number) => boolean | "assumed" = () => true): Recorder {
  return new Recorder(DEVICES, (pid) => ({ name: `p${pid}`, own: own(pid) }));
}

function process(pid: number, memory_bytes: number | null = null) {
  return { pid, memory_bytes, kind: "compute" as const };
}

Deno.test("power goes to its device with its own time; what was not read leaves no reading", () => {
  const taken = recorder();
  taken.take({ type: "power", t_ns: [0, 5], power_w: [10, null] });
  taken.take({ type: "power", t_ns: [1e9, 1e9 + 5], power_w: [10, 20] });
  const [a, b] = taken.recording().devices;
  assert.equal(a?.power.energyJ(0, 1e9), 10);
  assert.deepEqual([b?.power.firstNs, b?.power.lastNs], [1e9 + 5, 1e9 + 5]);
});

Deno.test("readings that no board can have are counted and are in no curve", () => {
  const taken = recorder();
  taken.take({ type: "power", t_ns: [0, 5], power_w: [null, 20], impossible_w: [0, null] });
  const [a, b] = taken.recording().devices;
  assert.deepEqual([a?.power.samples, a?.impossible?.samples, b?.power.samples, b?.impossible], [
    0,
    1,
    1,
    undefined,
  ]);
});

Deno.test("a counter that could not be read stands as null, not as nothing", () => {
  const taken = recorder();
  taken.take({ type: "counter", device: 0, t_ns: 1, edge: 1, energy_j: 5, throttle_ns: null });
  taken.take({ type: "counter", device: 0, t_ns: 2, edge: null, energy_j: null, throttle_ns: null });
  taken.take({ type: "counter", device: 9, t_ns: 3, edge: null, energy_j: 1, throttle_ns: null });
  const [a, b] = taken.recording().devices;
  assert.deepEqual(a?.counters.map(({ energy_j }) => energy_j), [5, null]);
  assert.deepEqual(b?.counters, []);
});

Deno.test("a process is asked for once a board, and is seen from its first to its last sight with the most it held", () => {
  const asked: number[] = [];
  const taken = recorder((pid) => {
    asked.push(pid);
    return pid === 1;
  });
  const sights = [[process(1, 10)], [process(1, 30), process(2)], [process(1, 20)]];
  sights.forEach((processes, index) =>
    taken.take({ ...NO_STATE, type: "state", device: 0, t_ns: index, processes })
  );
  taken.take({ ...NO_STATE, type: "state", device: 1, t_ns: 9, processes: [process(1)] });
  assert.deepEqual(asked, [1, 2, 1]);
  const seen = { name: "p1", own: true, kind: "compute" };
  assert.deepEqual(taken.recording().processes, [
    { ...seen, pid: 1, device: "A", first_ns: 0, last_ns: 2, memory_bytes: 30 },
    {
      name: "p2",
      own: false,
      kind: "compute",
      pid: 2,
      device: "A",
      first_ns: 1,
      last_ns: 1,
      memory_bytes: null,
    },
    { ...seen, pid: 1, device: "B", first_ns: 9, last_ns: 9, memory_bytes: null },
  ]);
});

Deno.test("states are kept without their lists of processes, each with its device", () => {
  const taken = recorder();
  const statesOf = (index: number) => taken.recording().devices[index]?.states;
  assert.deepEqual(statesOf(0), []);
  taken.take({ ...NO_STATE, type: "state", device: 0, t_ns: 1, temperature_c: 40, processes: [process(1)] });
  assert.deepEqual(statesOf(0), [{ ...NO_STATE, t_ns: 1, temperature_c: 40 }]);
  assert.deepEqual(statesOf(1), []);
});

Deno.test("the meter's own share is that between what it told first and last; null where it told once", () => {
  const taken = recorder();
  taken.take({ type: "self", t_ns: 0, cpu_s: 1, rss_bytes: 1 });
  assert.equal(taken.recording().meter_cpu_share, null);
  taken.take({ type: "self", t_ns: 10e9, cpu_s: 1.5, rss_bytes: 1 });
  assert.equal(taken.recording().meter_cpu_share, 0.05);
});

Deno.test("days of samples, and a flood of processes and troubles, take bounded memory and keep their ends", () => {
  const taken = recorder();
  for (let t = 0; t < 200_000; t++) {
    taken.take({ type: "counter", device: 0, t_ns: t, edge: null, energy_j: t, throttle_ns: null });
  }
  for (let pid = 0; pid < 5_000; pid++) {
    taken.take({ ...NO_STATE, type: "state", device: 0, t_ns: pid, processes: [process(pid)] });
    taken.take({ type: "trouble", t_ns: pid, code: "read", device: "A", text: `${pid}`, remedy: null });
  }
  const { devices: [a], processes, troubles } = taken.recording();
  const times = a?.counters.map(({ t_ns }) => t_ns) ?? [];
  assert.ok(times.length <= 50_000);
  assert.deepEqual([times[0], times.at(-1)], [0, 199_999]);
  assert.ok(times.every((t, index) => index === 0 || t > (times[index - 1] ?? NaN)));
  assert.deepEqual([processes.length, troubles.length], [1_000, 100]);
});

Deno.test("a process on a GPU is what it was seen to do that draws most, in whatever order it is seen", () => {
  const recorder = new Recorder([device("A")], () => ({ name: null, own: false }));
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

Deno.test("power of devices that are not the run's own is kept once a second, its own whole", () => {
  const taken = new Recorder(DEVICES, () => ({ name: null, own: false }), [1]);
  for (let step = 0; step <= 100; step++) {
    taken.take({ type: "power", t_ns: [step * 5e7, step * 5e7 + 3], power_w: [10, 20] });
  }
  const [a, b] = taken.recording().devices;
  assert.deepEqual([a?.power.samples, b?.power.samples], [101, 6]);
  assert.equal(Math.round(b?.power.energyJ(0, 5e9) ?? 0), 100);
});
