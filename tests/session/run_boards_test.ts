import assert from "node:assert/strict";
import type { LeftOutBoard, MeterDevice } from "../../lib/meter/meter.ts";
import {
  asGpu,
  boardKey,
  cudaNames,
  deadBoards,
  migDevices,
  runDevices,
} from "../../lib/session/run_boards.ts";

function gpu(uuid: string, index: number, more: Partial<MeterDevice> = {}): MeterDevice {
  const rest = { power: "instant", counter: true, mig: null, absent: {} } as const;
  return { uuid, name: "a board", kind: "gpu", meter: "nvml", facts: { index }, ...rest, ...more };
}

function left(index: number, more: Partial<LeftOutBoard> = {}): LeftOutBoard {
  return {
    meter: "nvml",
    index,
    uuid: null,
    code: "lost",
    reason: "it is lost",
    remedy: "Reset it.",
    ...more,
  };
}

/** Board 0 and board 2 do not open. */
const TOLD = { devices: [gpu("GPU-b", 1), gpu("GPU-d", 3)], left_out: [left(0), left(2, { uuid: "GPU-c" })] };

Deno.test("a number is the driver's, and not a place in the list of those that open", () => {
  assert.deepEqual(runDevices(["1"], TOLD, {}), ["GPU-b"]);
  assert.deepEqual(runDevices(["3", "2", "0"], TOLD, {}), ["GPU-d", "GPU-c", "0"]);
  assert.deepEqual(runDevices([], TOLD, { CUDA_VISIBLE_DEVICES: "3,1" }), ["GPU-d", "GPU-b"]);
  assert.deepEqual([boardKey("1", TOLD), boardKey("2", TOLD), boardKey("GPU-d", TOLD)], [
    "GPU-b",
    "2",
    "GPU-d",
  ]);
});

Deno.test("CUDA may count without a board that does not open, so numbers reach it as uuids then", () => {
  const all = { devices: TOLD.devices };
  assert.deepEqual(cudaNames(["1", "GPU-x"], all, {}), ["1", "GPU-x"]);
  assert.deepEqual(cudaNames(["1", "GPU-x", "MIG-1"], TOLD, {}), ["GPU-b", "GPU-x", "MIG-1"]);
  assert.deepEqual(cudaNames([], TOLD, {}), []);
  assert.deepEqual(cudaNames([], TOLD, { CUDA_VISIBLE_DEVICES: "3" }), ["GPU-d"]);
  assert.deepEqual(cudaNames([], TOLD, { CUDA_VISIBLE_DEVICES: "" }), []);
  // A job counts its own.
  assert.deepEqual(
    cudaNames([], TOLD, { CUDA_VISIBLE_DEVICES: "0", SLURM_JOB_ID: "7", SLURM_JOB_GPUS: "3" }),
    [],
  );
  const amd = { devices: [gpu("AMD-1", 1, { meter: "amd" })], left_out: [left(0, { meter: "amd" })] };
  assert.deepEqual(cudaNames(["1"], amd, {}), ["1"]);
});

Deno.test("a board that is named and does not open is told by name; all others are nobody's concern", () => {
  const listed = [{ index: 0, uuid: "GPU-a", model: "", bus: "" }];
  const { devices, left_out } = TOLD;
  const told = (named: readonly string[], proc = listed) =>
    deadBoards(named, devices.map(asGpu), left_out, proc);
  assert.deepEqual(told(["1", "3", "GPU-b", "GPU-d", "GPU-zz", "7", "MIG-1", "MIG-GPU-b/1/0"]), []);
  const dead = "which does not open: it is lost. Reset it. Or name another board.";
  assert.deepEqual(told(["0"]), [`device 0 is GPU 0 (GPU-a), ${dead}`]);
  assert.deepEqual(told(["2", "GPU-c"]), [
    `device 2 is GPU 2 (GPU-c), ${dead}`,
    `device GPU-c is GPU 2 (GPU-c), ${dead}`,
  ]);
  assert.deepEqual(told(["GPU-a"]), [`device GPU-a is GPU 0 (GPU-a), ${dead}`]);
  assert.deepEqual(told(["MIG-GPU-c/3/0"]), [`device MIG-GPU-c/3/0 is GPU 2 (GPU-c), ${dead}`]);
  // The driver's list in /proc is hidden: the uuid of board 0 is not known.
  assert.deepEqual(told(["GPU-zz"], []), [
    "device GPU-zz is no board that opens, and GPU 0 does not: it is lost. Reset it. Or name another board.",
  ]);
  const mayNot = [left(0, { code: "permission" })];
  assert.deepEqual(deadBoards(["0"], [], mayNot, []), []);
});

Deno.test("the board of a slice (MIG) is the one that the driver tells, before any that its name or the machine suggest", () => {
  const cut = { mig: { enabled: true } };
  const devices = [gpu("GPU-a", 0, cut), gpu("GPU-b", 1)];
  const mig_devices = [{ name: "MIG-1", board: "GPU-b", reason: null }];
  assert.deepEqual(runDevices(["MIG-1"], { devices, mig_devices }, {}), ["GPU-b"]);
  assert.deepEqual(runDevices([], { devices, mig_devices }, { CUDA_VISIBLE_DEVICES: "MIG-1" }), ["GPU-b"]);
  assert.deepEqual(migDevices(["0", "MIG-1"], { CUDA_VISIBLE_DEVICES: "MIG-2" }), ["MIG-1"]);
  assert.deepEqual(migDevices([], { CUDA_VISIBLE_DEVICES: "MIG-2,MIG-3" }), ["MIG-2", "MIG-3"]);
  assert.deepEqual(migDevices([], {}), []);
});
