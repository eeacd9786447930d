import assert from "node:assert/strict";
import { namesVisible } from "../../lib/host/visible_boards.ts";
import type { LeftOutBoard, MeterDevice } from "../../lib/meter/meter.ts";
import { unknownDevices } from "../../lib/session/boards/named_boards.ts";
import type { Boards } from "../../lib/host/boards.ts";
import type { Gpu } from "../../lib/host/gpus.ts";
import { machineBoards } from "../../lib/metering/machine_boards.ts";
import {
  boardKey,
  cudaNames,
  deadBoards,
  migDevices,
  runDevices,
} from "../../lib/session/boards/run_boards.ts";

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

type KnownBoard = Gpu & { readonly mig?: { readonly enabled: boolean } | null };

/** Boards as a driver tells of them; one of which even `mig` is left out did not open. */
function machineOf(known: readonly KnownBoard[], slices: Boards["slices"] = []): Boards {
  const closed = { code: "lost", reason: "it is lost", remedy: null } as const;
  const boards = known.map(({ mig, ...gpu }) => ({
    ...gpu,
    minor: null,
    driver: "nvidia" as const,
    mig: mig?.enabled ?? null,
    closed: mig === undefined ? closed : null,
  }));
  return { boards, slices, listed: 0, asked: true };
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
  // One that asked for none leaves those of others alone.
  const none = { CUDA_VISIBLE_DEVICES: "NoDevFiles", SLURM_JOB_ID: "7" };
  assert.deepEqual(namesVisible(none, machineBoards(TOLD)), []);
  assert.equal(namesVisible({ SLURM_JOB_ID: "7" }, machineBoards(TOLD)), null);
  const amd = { devices: [gpu("AMD-1", 1, { meter: "amd" })], left_out: [left(0, { meter: "amd" })] };
  assert.deepEqual(cudaNames(["1"], amd, {}), ["1"]);
});

Deno.test("a board that is named and does not open is told by name; all others are nobody's concern", () => {
  const listed = [{ index: 0, uuid: "GPU-a", model: "", bus: "" }];
  const told = (named: readonly string[], proc = listed) => deadBoards(named, machineBoards(TOLD, proc));
  assert.deepEqual(told(["1", "3", "GPU-b", "GPU-d", "GPU-zz", "7", "MIG-1", "MIG-GPU-b/1/0"]), []);
  const dead = "which does not open: it is lost. Reset it. Or choose another GPU.";
  assert.deepEqual(told(["0"]), [`device 0 is GPU 0 (GPU-a), ${dead}`]);
  assert.deepEqual(told(["2", "GPU-c"]), [
    `device 2 is GPU 2 (GPU-c), ${dead}`,
    `device GPU-c is GPU 2 (GPU-c), ${dead}`,
  ]);
  assert.deepEqual(told(["GPU-a"]), [`device GPU-a is GPU 0 (GPU-a), ${dead}`]);
  assert.deepEqual(told(["MIG-GPU-c/3/0"]), [`device MIG-GPU-c/3/0 is GPU 2 (GPU-c), ${dead}`]);
  // The driver's list in /proc is hidden: the uuid of board 0 is not known.
  assert.deepEqual(told(["GPU-zz"], []), [
    "device GPU-zz is none of the GPUs that open, and GPU 0 does not open: it is lost. Reset it. Or choose another GPU.",
  ]);
  const mayNot = [left(0, { code: "permission" })];
  assert.deepEqual(deadBoards(["0"], machineBoards({ devices: [], left_out: mayNot }, [])), []);
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

Deno.test("fault 72: devices are numbers, UUIDs or their beginnings, and PCI addresses of boards that are here, each board once", () => {
  const boards = [
    { index: 0, uuid: "GPU-1111aaaa", model: "", bus: "00000000:01:00.0", mig: null },
    { index: 1, uuid: "GPU-1111bbbb", model: "", bus: "00000000:41:00.0", mig: { enabled: false } },
    { index: 2, uuid: null, model: "", bus: "" },
  ];
  const [first, second, third] = boards;
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  const told = (named: string, known: readonly KnownBoard[] = [first, second]) =>
    unknownDevices(named.split(" "), machineOf(known)).join(" ");
  for (
    const fine of ["0 1", "GPU-1111b", "gpu-1111BBBB 0", "0000:01:00.0 1", "01:00.0", "GPU-1111aaaa"]
  ) assert.equal(told(fine), "", fine);
  const here = "This machine has GPUs 0 (GPU-1111aaaa), 1 (GPU-1111bbbb).";
  const cases: readonly (readonly [named: string, said: string])[] = [
    ["9", `device 9 does not exist here. ${here}`],
    ["0 GPU-2", `device GPU-2 does not exist here. ${here}`],
    ["card0", `device card0 does not exist here. ${here}`],
    ["0000:02:00.0", `device 0000:02:00.0 does not exist here. ${here}`],
    [
      "GPU-1111",
      "device GPU-1111 matches more than one GPU: 0 (GPU-1111aaaa), 1 (GPU-1111bbbb). Use more of the UUID, or the number.",
    ],
    ["1 41:00.0", "devices 1 and 41:00.0 are the same GPU: 1 (GPU-1111bbbb). Name it once."],
    ["MIG-1", `device MIG-1 does not exist here: no GPU is in MIG mode. ${here}`],
  ];
  for (const [named, said] of cases) assert.equal(told(named), said);
  // A board may keep its uuid to itself, and one in MIG mode, or of which that is not known, may hold any slice.
  assert.equal(told("GPU-2", boards), "");
  assert.equal(told("9", boards), `device 9 does not exist here. ${here.replace(".", ", 2.")}`);
  assert.equal(told("MIG-1", boards), "");
});

Deno.test("a slice (MIG) is one that the driver has, and is not named beside its board", () => {
  const boards = [
    { index: 0, uuid: "GPU-a", model: "", bus: "", mig: { enabled: true } },
    { index: 1, uuid: "GPU-b", model: "", bus: "", mig: { enabled: false } },
  ];
  const driver = [
    { name: "MIG-a1", board: "GPU-a", reason: null },
    { name: "MIG-a2", board: "GPU-a", reason: null },
    { name: "MIG-mute", board: null, reason: "the driver has no such function" },
    { name: "MIG-none", board: null, reason: "not found", absent: true },
    { name: "MIG-GPU-a/1/0", board: null, reason: "not found", absent: true },
  ];
  const told = (named: string, known: readonly KnownBoard[] = boards) =>
    unknownDevices(named.split(" "), machineOf(known, driver)).join(" ");
  for (const fine of ["MIG-a1 MIG-a2", "1 MIG-a1", "MIG-mute 0", "MIG-GPU-a/1/0", "MIG-GPU-a/1/0 1"]) {
    assert.equal(told(fine), "", fine);
  }
  assert.match(told("MIG-none"), /^device MIG-none does not exist here: the driver has no such MIG device/);
  // It may be of a board that did not open.
  assert.equal(told("MIG-none", [...boards, { index: 2, uuid: null, model: "", bus: "" }]), "");
  const both = (whole: string, slice: string) =>
    `device ${slice} is a slice of device ${whole}: 0 (GPU-a). Name one of them.`;
  assert.equal(told("0 MIG-a1"), both("0", "MIG-a1"));
  assert.equal(told("MIG-a1 GPU-a"), both("GPU-a", "MIG-a1"));
  assert.equal(told("MIG-GPU-a/1/0 0"), both("0", "MIG-GPU-a/1/0"));
});

Deno.test("a name reaches CUDA as it knows it: no address on the bus, and a UUID in its own case", () => {
  const told = {
    devices: [gpu("GPU-a", 0, { facts: { index: 0, pci_bus_id: "00000000:01:00.0" } }), gpu("GPU-b", 1)],
  };
  assert.deepEqual(cudaNames(["0000:01:00.0", "1", "GPU-B", "MIG-1"], told, {}), [
    "GPU-a",
    "1",
    "GPU-b",
    "MIG-1",
  ]);
  assert.deepEqual(runDevices(["01:00.0", "gpu-B"], told, {}), ["GPU-a", "GPU-b"]);
  const amd = { devices: [gpu("AMD-1", 3, { meter: "amd" as const, facts: { index: 3 } })] };
  assert.deepEqual(cudaNames(["AMD-1"], amd, {}), ["3"]);
});
