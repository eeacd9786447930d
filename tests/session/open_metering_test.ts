import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { baselineStore, meteredText } from "../../lib/session/open_metering.ts";
import { runDevices } from "../../lib/session/boards/run_boards.ts";
import type { MeterDevice } from "../../lib/meter/meter.ts";
import type { BareReading } from "../../lib/metering/bare_baseline.ts";
import { TempFolder } from "../support/temp_folder.ts";

const FACTS: JsonObject = { driver_version: "570.1", power_limit_w: 350, persistence_mode: true, ecc: false };

function gpu(uuid: string, facts: JsonObject = FACTS): MeterDevice {
  const rest = { power: "instant", counter: true, mig: null, absent: {} } as const;
  return { uuid, name: "a board", kind: "gpu", meter: "nvml", facts, ...rest };
}

function reading(power_w: number): BareReading {
  return { power_w, sd_w: 0.1, seconds: 30, taken_at: new Date().toISOString(), temperature_c: 30 };
}

Deno.test("baselines are found again under the same conditions, and under no others", () => {
  using folder = new TempFolder();
  const taken = { A: reading(60), B: reading(70) };
  baselineStore(folder.path, [gpu("A"), gpu("B")]).save(taken);
  // Exactly what was taken: the conditions are nothing that a record would show.
  assert.deepEqual(baselineStore(folder.path, [gpu("A"), gpu("B")]).load(), taken);
  for (
    const change of [
      { driver_version: "580.2" },
      { power_limit_w: 300 },
      { persistence_mode: false },
      { ecc: true },
    ]
  ) {
    const changed = [gpu("A", { ...FACTS, ...change }), gpu("B")];
    assert.deepEqual(baselineStore(folder.path, changed).load(), { B: taken.B }, JSON.stringify(change));
  }
  assert.deepEqual(baselineStore(folder.path, [gpu("C")]).load(), {});
});

Deno.test("without a folder for caches, or one that cannot be written, nothing is kept and nothing fails", () => {
  using folder = new TempFolder();
  const file = folder.write("file", "");
  for (const cache of [null, file]) {
    const store = baselineStore(cache, [gpu("A")]);
    store.save({ A: reading(60) });
    assert.deepEqual(store.load(), {});
  }
});

Deno.test("the boards of a study: those it names, else those that CUDA sees, else all", () => {
  const boards = {
    devices: [gpu("GPU-a", { pci_bus_id: "0000:01:00.0" }), gpu("GPU-b", { pci_bus_id: "0000:02:00.0" })],
  };
  const named = ["1"];
  assert.equal(runDevices([], boards, {}), null);
  assert.deepEqual(runDevices([], boards, { CUDA_VISIBLE_DEVICES: "0" }), ["GPU-a"]);
  assert.deepEqual(runDevices(named, boards, { CUDA_VISIBLE_DEVICES: "0" }), ["GPU-b"]);
  assert.deepEqual(runDevices([], boards, { CUDA_VISIBLE_DEVICES: "" }), []);
  assert.equal(runDevices([], boards, { SLURM_JOB_ID: "7", CUDA_VISIBLE_DEVICES: "0" }), null);
});

Deno.test("an instance (MIG) stands for its board: as its name tells, else where only one board is cut", () => {
  const cut = { ...gpu("GPU-b"), mig: { enabled: true } };
  assert.deepEqual(runDevices(["MIG-GPU-a/3/0", "MIG-GPU-a/4/0"], { devices: [gpu("GPU-a"), cut] }, {}), [
    "GPU-a",
  ]);
  assert.deepEqual(runDevices(["MIG-5f1c"], { devices: [gpu("GPU-a"), cut] }, {}), ["GPU-b"]);
  assert.deepEqual(runDevices(["MIG-5f1c"], { devices: [{ ...cut, uuid: "GPU-c" }, cut] }, {}), ["MIG-5f1c"]);
});

Deno.test("the line on energy names the meters of these runs: no boards where none of them can use a GPU", () => {
  const cpu: MeterDevice = { ...gpu("package-0"), name: "package-0", kind: "cpu", meter: "rapl" };
  const boards = [gpu("GPU-a"), gpu("GPU-b")];
  const onGpu = { holds_gpu: true, meters: ["nvml", "rapl"] } as const;
  const onCpu = { ...onGpu, holds_gpu: false };
  const idle = "GPUs are recorded as idle peers";
  const none = `none for these runs (CPU only, and no RAPL counter is read); ${idle}`;
  assert.equal(meteredText(boards, [onCpu, onGpu]), "metering a board x 2 by nvml");
  assert.equal(meteredText(boards, [onCpu]), none);
  assert.equal(meteredText([...boards, cpu], [onCpu]), `metering package-0 by rapl; ${idle}`);
  assert.equal(meteredText([...boards, cpu], [{ ...onCpu, meters: ["nvml"] }]), none);
  assert.equal(meteredText([cpu], [onCpu]), "metering package-0 by rapl");
});
