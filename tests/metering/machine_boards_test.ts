import assert from "node:assert/strict";
import type { Gpu } from "../../lib/host/gpus.ts";
import type { LeftOutBoard, MeterDevice, MigDevice } from "../../lib/meter/meter.ts";
import { boardsOf } from "../../lib/host/pool_boards.ts";
import { machineBoards } from "../../lib/metering/machine_boards.ts";

/** Four boards whose device files are numbered against the bus: board 0 is /dev/nvidia3. */
const UUIDS = ["GPU-aaaa", "GPU-bbbb", "GPU-cccc", "GPU-dddd"];
const busOf = (place: number): string => `0000:${place + 1}1:00.0`;
const LISTED: readonly Gpu[] = UUIDS.map((uuid, index) => ({
  index,
  uuid,
  model: "",
  bus: busOf(index),
  minor: 3 - index,
}));

function told(
  place: number,
  { index = place, mig = null }: { readonly index?: number; readonly mig?: MeterDevice["mig"] } = {},
): MeterDevice {
  const rest = {
    name: "a board",
    kind: "gpu",
    meter: "nvml",
    power: "instant",
    counter: true,
    absent: {},
  } as const;
  const facts = { index, pci_bus_id: `0000${busOf(place)}`, minor_number: 3 - place };
  return { uuid: UUIDS[place] ?? "", mig, facts, ...rest };
}

/** What NVML shows where all boards are in reach, and where a device cgroup leaves some, which it counts anew. */
const all = UUIDS.map((_, place) => told(place));
const only = (...places: readonly number[]) => places.map((place, index) => told(place, { index }));

type Env = Record<string, string>;
const slurm = (env: Env = {}): Env => ({ SLURM_JOB_ID: "7", ...env });

interface Case {
  readonly what: string;
  readonly devices?: readonly string[];
  readonly told?: readonly MeterDevice[];
  readonly left_out?: readonly LeftOutBoard[];
  readonly mig_devices?: readonly MigDevice[];
  readonly listed?: readonly Gpu[];
  readonly env?: Env;
  /** Their UUIDs, without what all of them begin with. */
  readonly boards: string;
  readonly cuda?: readonly string[];
}

const cut = { enabled: true };
const slices = [
  { name: "MIG-1", board: "GPU-bbbb", reason: null },
  { name: "MIG-2", board: "GPU-bbbb", reason: null },
];
const dead = (index: number, more: Partial<LeftOutBoard> = {}): LeftOutBoard => ({
  meter: "nvml",
  index,
  uuid: null,
  code: "lost",
  reason: "it is lost",
  remedy: null,
  ...more,
});

const CASES: readonly Case[] = [
  { what: "no name, no job", boards: "a b c d" },
  { what: "numbers are those of nvidia-smi, in its order", devices: ["2", "0"], boards: "a c" },
  {
    what: "UUID, its beginning, PCI addresses",
    devices: ["GPU-BB", "0000:31:00.0", "41:00.0"],
    boards: "b c d",
  },
  { what: "all", devices: ["all"], boards: "a b c d" },
  { what: "CUDA_VISIBLE_DEVICES", env: { CUDA_VISIBLE_DEVICES: "3,1" }, boards: "b d" },
  { what: "all is what is visible", devices: ["all"], env: { CUDA_VISIBLE_DEVICES: "3,1" }, boards: "b d" },
  { what: "a name goes before it", devices: ["0"], env: { CUDA_VISIBLE_DEVICES: "3,1" }, boards: "a" },
  { what: "CUDA_VISIBLE_DEVICES hides all", env: { CUDA_VISIBLE_DEVICES: "" }, boards: "" },
  { what: "UUIDs in it", env: { CUDA_VISIBLE_DEVICES: "GPU-cccc,GPU-aaaa" }, boards: "a c" },
  // Slurm without ConstrainDevices: numbers of device files.
  {
    what: "job without a cgroup: by minor",
    env: slurm({ SLURM_JOB_GPUS: "0,1", CUDA_VISIBLE_DEVICES: "0,1" }),
    boards: "c d",
  },
  { what: "a range of minors", env: slurm({ SLURM_JOB_GPUS: "1-3" }), boards: "a b c" },
  {
    what: "the step's before the job's",
    env: slurm({ SLURM_JOB_GPUS: "0,3", SLURM_STEP_GPUS: "3" }),
    boards: "a",
  },
  { what: "all is the job's", devices: ["all"], env: slurm({ SLURM_JOB_GPUS: "3" }), boards: "a" },
  {
    what: "drivers that tell no minors",
    told: all.map((device, index) => ({ ...device, facts: { index } })),
    listed: [],
    env: slurm({ SLURM_JOB_GPUS: "1" }),
    boards: "b",
  },
  {
    what: "UUIDs (Slurm 25.11)",
    env: slurm({ SLURM_JOB_GPUS: "0", CUDA_VISIBLE_DEVICES: "GPU-bbbb" }),
    boards: "b",
  },
  // Slurm with ConstrainDevices: NVML shows the job's boards and counts them from 0.
  {
    what: "job in a cgroup: all that NVML shows",
    told: only(1),
    env: slurm({ SLURM_JOB_GPUS: "2", CUDA_VISIBLE_DEVICES: "0" }),
    boards: "b",
  },
  {
    what: "no board has that minor, since the list is of the host",
    told: only(0, 1),
    env: slurm({ SLURM_JOB_GPUS: "6,7", CUDA_VISIBLE_DEVICES: "0,1" }),
    boards: "a b",
  },
  {
    what: "the list is hidden, too, and minors are not told",
    told: only(0, 1).map((device, index) => ({ ...device, facts: { index } })),
    listed: [],
    env: slurm({ SLURM_JOB_GPUS: "6,7" }),
    boards: "a b",
  },
  {
    what: "a step has fewer than the job: it is confined to them",
    told: only(2),
    env: slurm({ SLURM_JOB_GPUS: "0,1", CUDA_VISIBLE_DEVICES: "0" }),
    boards: "c",
  },
  {
    what: "CUDA leaves fewer of the job's",
    told: only(1, 3),
    env: slurm({ SLURM_JOB_GPUS: "0,2", CUDA_VISIBLE_DEVICES: "1" }),
    boards: "d",
  },
  {
    what: "a number in a cgroup is nvidia-smi's there",
    devices: ["0"],
    told: only(3),
    env: slurm(),
    boards: "d",
  },
  { what: "a cgroup without any list of the job", told: only(3), env: slurm(), boards: "d" },
  {
    what: "UUIDs in a cgroup",
    told: only(1, 3),
    env: slurm({ SLURM_JOB_GPUS: "0,2", CUDA_VISIBLE_DEVICES: "GPU-dddd" }),
    boards: "d",
  },
  {
    what: "one board of the machine is lost and not even counted: the job's are found by minor all the same",
    told: only(0, 1, 2),
    env: slurm({ SLURM_JOB_GPUS: "2,1" }),
    boards: "b c",
  },
  // MIG.
  {
    what: "slices stand for their board",
    told: [told(0), told(1, { mig: cut })],
    mig_devices: slices,
    devices: ["MIG-1", "0"],
    boards: "a b",
    cuda: ["GPU-aaaa", "MIG-1"],
  },
  {
    what: "slices of a job",
    told: [told(1, { index: 0, mig: cut })],
    env: slurm({ SLURM_JOB_GPUS: "0", CUDA_VISIBLE_DEVICES: "MIG-1,MIG-2" }),
    mig_devices: slices,
    boards: "b",
    cuda: ["MIG-1,MIG-2"],
  },
  // Containers.
  { what: "a container that reaches others, too", env: { NVIDIA_VISIBLE_DEVICES: "GPU-cccc" }, boards: "c" },
  {
    what: "a container's numbers are the host's",
    told: only(2),
    env: { NVIDIA_VISIBLE_DEVICES: "2" },
    boards: "c",
  },
  { what: "NVIDIA_VISIBLE_DEVICES=all", env: { NVIDIA_VISIBLE_DEVICES: "all" }, boards: "a b c d" },
  {
    what: "NVIDIA_VISIBLE_DEVICES=void",
    told: only(2),
    env: { NVIDIA_VISIBLE_DEVICES: "void" },
    boards: "c",
  },
  // Boards that do not open.
  {
    what: "all without a dead one",
    told: all.slice(1),
    left_out: [dead(0)],
    devices: ["all"],
    boards: "b c d",
  },
  { what: "a name in a pool", told: all.slice(1), left_out: [dead(0)], devices: ["0", "1"], boards: "b" },
  {
    what: "one that may not be read may be used",
    told: all.slice(1),
    left_out: [dead(0, { code: "permission" })],
    boards: "a b c d",
  },
];

Deno.test("boardsOf() finds the boards of a pool, whoever keeps others from it and however they are counted", () => {
  for (const { what, devices = [], env = {}, boards, cuda, ...parts } of CASES) {
    const { told = all, left_out = [], mig_devices = [], listed = LISTED } = parts;
    const pool = boardsOf(devices, machineBoards({ devices: told, left_out, mig_devices }, listed), env);
    assert.equal(pool.boards.map(({ key }) => key.slice(4, 5)).join(" "), boards, what);
    assert.deepEqual(pool.boards.map((board) => board.cuda), cuda ?? pool.boards.map(({ key }) => key), what);
    assert.deepEqual(pool.unknown, [], what);
  }
});

Deno.test("boardsOf() tells what it leaves out, and what it does not know", () => {
  const machine = machineBoards({ devices: all.slice(1), left_out: [dead(0)] }, LISTED);
  const { boards, left_out, unknown } = boardsOf(["0", "9", "3", "GPU-x"], machine, {});
  assert.deepEqual(boards.map(({ key }) => key), ["GPU-dddd"]);
  // The driver's list knows the UUID that the board keeps to itself.
  assert.deepEqual(left_out.map(({ index, uuid, minor }) => [index, uuid, minor]), [[0, "GPU-aaaa", 3]]);
  assert.deepEqual(unknown, ["9", "GPU-x"]);
  // In a cgroup the list counts otherwise: whose UUID it is nobody knows.
  const confined = machineBoards({ devices: [told(2, { index: 1 })], left_out: [dead(0)] }, LISTED);
  assert.deepEqual(confined.boards.map(({ index, uuid }) => [index, uuid]), [[0, null], [1, "GPU-cccc"]]);
  assert.deepEqual(boardsOf([], machineBoards(null, []), {}), { boards: [], left_out: [], unknown: [] });
});
