/** Boards that are dead, missing from a list, or cut into slices. They are not there: a stub of the driver tells of them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { EnergyRecord } from "../../lib/results/energy/record.ts";
import "../support/libc.ts";
import { meterEnv } from "../support/meters.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import { buildNvmlStub, type MissingPart, type StubBoard } from "../support/nvml_stub.ts";
import { llem, ran, readJson, ROOT, runFolder, Sandbox, WORKERS } from "../e2e/llem.ts";

type End = Awaited<ReturnType<typeof llem>>;

/** Runs a study of one worker that stands in the lists of `seen` for a second. */
async function run(
  box: Sandbox,
  boards: readonly StubBoard[],
  { devices, env = {}, without = [] }: {
    readonly devices: readonly string[];
    readonly env?: Record<string, string>;
    readonly without?: readonly MissingPart[];
  },
): Promise<End> {
  const deno = ["run", "-A", "-q", "--no-check", "--cached-only", "--config", join(ROOT, "deno.json")];
  const study = {
    name: "boards",
    backend: "command",
    model: "none",
    command: { argv: [Deno.execPath(), ...deno, join(WORKERS, "metered.ts")] },
    params: { seconds: 1, processes: join(box.dir, "processes") },
    baseline: { enabled: false },
    warmup: { enabled: false },
    execution: { n_cycles: 1, cycle_order: "sequential", devices },
  };
  const path = box.write("boards.yaml", JSON.stringify(study));
  const stub = buildNvmlStub({ without }).env({ boards });
  return await llem(["run", path, "-o", join(box.dir, "out"), "--json"], {
    clearEnv: true,
    env: { ...meterEnv(), XDG_CACHE_HOME: join(box.dir, "cache"), ...stub, ...env },
  });
}

function energyOf(end: End): EnergyRecord {
  const { dir, code, stderr } = ran(end);
  assert.equal(code, 0, stderr);
  const { energy } = readJson<{ energy: EnergyRecord | null }>(join(runFolder(dir, 1), "result.json"));
  assert.ok(energy !== null, stderr);
  return energy;
}

function assertJoules({ headline_j, devices, window_s }: EnergyRecord, uuid: string, watts: number): void {
  assert.deepEqual(devices.map((device) => device.uuid), [uuid]);
  assert.ok(Math.abs((headline_j ?? NaN) - watts * window_s) < 0.1 * watts * window_s, `${headline_j} J`);
}

function dead(code: number): StubBoard {
  return { uuid: "GPU-dead", codes: [{ function: "nvmlDeviceGetHandleByIndex_v2", code }] };
}

function board(uuid: string, watts: number, more: StubBoard = {}): StubBoard {
  return { uuid, power: { kind: "constant", value: watts }, ...more };
}

testWith([C_COMPILER], "fault 60: a dead board stops those studies that name it, and no others", async () => {
  using box = new Sandbox();
  const boards = [dead(15), board("GPU-b", 50, { processes_file: join(box.dir, "processes") })];
  const end = await run(box, boards, { devices: ["GPU-b"] });
  assertJoules(energyOf(end), "GPU-b", 50);
  assert.deepEqual(end.stderr.match(/NVIDIA GPU 0 is not metered: the GPU is lost/g)?.length, 1);
  assert.doesNotMatch(end.stderr, /resume/);
  const before = [...Deno.readDirSync(join(box.dir, "out"))].length;
  const refused = await run(box, boards, { devices: ["0"] });
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(refused.stderr, /^llem: device 0 is GPU 0, which does not open: the GPU is lost/m);
  assert.equal([...Deno.readDirSync(join(box.dir, "out"))].length, before);
});

testWith(
  [C_COMPILER],
  "fault 66: a number is the driver's number of a board, whichever boards are missing",
  async () => {
    using box = new Sandbox();
    const boards = [dead(999), board("GPU-b", 50), board("GPU-c", 70)];
    const end = await run(box, boards, { devices: [], env: { CUDA_VISIBLE_DEVICES: "1" } });
    assertJoules(energyOf(end), "GPU-b", 50);
    // CUDA may count without the board that is missing.
    const { run: { devices } } = readJson<{ run: { devices: string[] } }>(
      join(runFolder(ran(end).dir, 1), "result.json"),
    );
    assert.deepEqual(devices, ["GPU-b"]);
  },
);

testWith(
  [C_COMPILER],
  "fault 67: with several boards in MIG mode, a slice's board is the one where the run is seen, else the driver's",
  async () => {
    using box = new Sandbox();
    const processes_file = join(box.dir, "processes");
    const cut = { mig: 1, instances: ["MIG-1"] } as const;
    const seen = [board("GPU-a", 100, { mig: 1 }), board("GPU-b", 50, { ...cut, processes_file })];
    const asked = [board("GPU-a", 100, { mig: 1 }), board("GPU-b", 50, cut)];
    // The driver of the first does not tell the parent of a slice.
    for (const [boards, without] of [[seen, ["MIG_PARENT"]], [asked, []]] as const) {
      const energy = energyOf(await run(box, boards, { devices: ["MIG-1"], without }));
      assertJoules(energy, "GPU-b", 50);
      assert.equal(energy.verdict, "marginal");
      assert.match(energy.covers, /; the run used a slice of the board$/);
    }
  },
);

testWith(
  [C_COMPILER],
  "in a Slurm job the boards are the job's: by their device files, and all that are in reach where no others are",
  async () => {
    using box = new Sandbox();
    const job = { SLURM_JOB_ID: "7", SLURM_JOB_GPUS: "6", CUDA_VISIBLE_DEVICES: "0" };
    // A device cgroup leaves one board, whose number on the host is another; one is not kept from the boards of others.
    const confined = [board("GPU-b", 50, { minor: 2 })];
    const open = [board("GPU-a", 100, { minor: 1 }), board("GPU-b", 50, { minor: 6 })];
    for (const boards of [confined, open]) {
      const end = await run(box, boards, { devices: [], env: job });
      assertJoules(energyOf(end), "GPU-b", 50);
      const path = join(runFolder(ran(end).dir, 1), "result.json");
      assert.deepEqual(readJson<{ run: { devices: string[] } }>(path).run.devices, ["GPU-b"]);
    }
  },
);

testWith(
  [C_COMPILER],
  "fault 72: all does without a dead board and says so; a device that is not here ends with 2",
  async () => {
    using box = new Sandbox();
    const boards = [dead(15), board("GPU-b", 50)];
    const end = await run(box, boards, { devices: ["all"] });
    assertJoules(energyOf(end), "GPU-b", 50);
    assert.match(end.stderr, /^llem: warning: GPU 0 is left out, since it does not open: the GPU is lost/m);
    const gone = await run(box, boards, { devices: ["9"] });
    assert.equal(gone.code, 2, gone.stderr);
    assert.match(
      gone.stderr,
      /^llem: device 9 does not exist here\. This machine has GPUs 0, 1 \(GPU-b\)\.$/m,
    );
    const none = await run(box, [dead(15)], { devices: ["all"] });
    assert.equal(none.code, 3, none.stderr);
    assert.match(none.stderr, /^llem: device all is GPU 0, which does not open: the GPU is lost/m);
  },
);
