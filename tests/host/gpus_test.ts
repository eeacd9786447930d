import assert from "node:assert/strict";
import { deviceKey, readGpus, visibleDevices } from "../../lib/host/gpus.ts";
import { FIRST_UUID, nvidiaTree, THIRD_UUID } from "../support/nvidia.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("readGpus() counts GPUs as nvidia-smi does: by address, without those that are left out", () => {
  using folder = new TempFolder();
  assert.deepEqual(readGpus(nvidiaTree(folder)), [
    { index: 0, model: "NVIDIA H100 80GB HBM3", uuid: FIRST_UUID, bus: "0000:21:00.0", minor: 1 },
    { index: 1, model: "NVIDIA H100 80GB HBM3", uuid: null, bus: "0000:81:00.0", minor: 3 },
    { index: 2, model: "NVIDIA H100 80GB HBM3", uuid: THIRD_UUID, bus: "0000:c1:00.0", minor: 0 },
  ]);
});

Deno.test("readGpus() is empty where there is no driver, or one that tells nothing", () => {
  using folder = new TempFolder();
  assert.deepEqual(readGpus(folder.at("missing")), []);
  Deno.mkdirSync(folder.at("gpus", "0000:01:00.0"), { recursive: true });
  assert.deepEqual(readGpus(folder.at("gpus")), []);
  folder.write("gpus/0000:01:00.0/information", "");
  assert.deepEqual(readGpus(folder.at("gpus")), [{
    index: 0,
    model: "unknown",
    uuid: null,
    bus: "0000:01:00.0",
    minor: null,
  }]);
});

Deno.test("a GPU whose folder tells nothing keeps its number, and the others theirs", () => {
  using folder = new TempFolder();
  const root = nvidiaTree(folder);
  const [first = ""] = [...Deno.readDirSync(root)].map(({ name }) => name).sort();
  Deno.removeSync(`${root}/${first}/information`);
  const gpus = readGpus(root);
  assert.deepEqual([gpus[0]?.uuid, deviceKey("0", gpus), deviceKey("2", gpus)], [null, "0", THIRD_UUID]);
  // A list without the first is no other numbering.
  assert.deepEqual([deviceKey("2", gpus.slice(1)), visibleDevices(undefined, gpus.slice(1))], [THIRD_UUID, [
    "1",
    "2",
  ]]);
});

Deno.test("deviceKey() is the UUID, whoever names the device how, and otherwise the name", () => {
  using folder = new TempFolder();
  const gpus = readGpus(nvidiaTree(folder));
  const cases: readonly (readonly [device: string, key: string])[] = [
    ["0", FIRST_UUID],
    ["1", "1"],
    ["2", THIRD_UUID],
    ["3", "3"],
    ["GPU-cccc", THIRD_UUID],
    [THIRD_UUID, THIRD_UUID],
    ["GPU-", "GPU-"],
    ["GPU-dddd", "GPU-dddd"],
    ["gpu-CCCC", THIRD_UUID],
    [THIRD_UUID.toUpperCase(), THIRD_UUID],
    ["0000:c1:00.0", THIRD_UUID],
    ["00000000:C1:00.0", THIRD_UUID],
    ["c1:00.0", THIRD_UUID],
    ["0000:c2:00.0", "0000:c2:00.0"],
    ["MIG-1234", "MIG-1234"],
    ["card0", "card0"],
  ];
  for (const [device, key] of cases) assert.equal(deviceKey(device, gpus), key, device);
  assert.equal(deviceKey("0", []), "0");
});

Deno.test("visibleDevices() reads CUDA_VISIBLE_DEVICES as CUDA does", () => {
  using folder = new TempFolder();
  const gpus = readGpus(nvidiaTree(folder));
  const cases: readonly (readonly [variable: string | undefined, devices: readonly string[]])[] = [
    [undefined, ["0", "1", "2"]],
    ["", []],
    ["-1", []],
    ["NoDevFiles", []],
    ["2", ["2"]],
    ["2, 0", ["2", "0"]],
    ["0,-1,2", ["0"]],
    ["GPU-cccc,MIG-x", ["GPU-cccc", "MIG-x"]],
  ];
  for (const [variable, devices] of cases) {
    assert.deepEqual(visibleDevices(variable, gpus), devices, variable ?? "unset");
  }
  assert.deepEqual(visibleDevices(undefined, []), []);
});
