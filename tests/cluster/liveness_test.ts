import assert from "node:assert/strict";
import type { Beat } from "../../lib/cluster/beats.ts";
import { Heart, readBeat } from "../../lib/cluster/beats.ts";
import { isGone, thisAgent } from "../../lib/cluster/agents.ts";
import { hardwareDifferences, hardwareOf } from "../../lib/cluster/hardware.ts";
import { type EnvironmentDevice, readEnvironment } from "../../lib/host/environment.ts";
import { Liveness } from "../../lib/cluster/liveness.ts";
import { libc } from "../../lib/base/libc.ts";
import { TempFolder } from "../support/temp_folder.ts";

// Loaded once, not in the middle of a test.
libc();

const BEAT: Beat = { count: 7, state: "working" };

/** An observer whose clock and view of the one agent are set by hand. */
function observer(view: { nowMs: number; beat: Beat | null | "unreadable"; isGone?: boolean }): Liveness {
  return new Liveness({
    leaseMs: 60_000,
    nowMs: () => view.nowMs,
    beatOf: () => {
      if (view.beat === "unreadable") throw new Error("ESTALE");
      return view.beat;
    },
    isGone: () => view.isGone === true,
  });
}

Deno.test("Liveness: an agent is lost once its number has stood still for a lease of the observer's own clock", () => {
  const view = { nowMs: 5, beat: BEAT };
  const seen = observer(view);
  assert.equal(seen.lossOf("a"), null);
  view.nowMs += 60_000;
  assert.equal(seen.lossOf("a"), null);
  view.nowMs += 1;
  assert.equal(seen.lossOf("a"), "silent");
  view.beat = { count: 8, state: "working" };
  assert.equal(seen.lossOf("a"), null);
  // Since its last number, not since it was first looked at.
  view.nowMs += 1000;
  assert.equal(seen.lossOf("a"), null);
});

Deno.test("Liveness: one that has left or whose process is gone is lost at once, one without a beat after a lease", () => {
  assert.equal(observer({ nowMs: 0, beat: { count: 1, state: "left" } }).lossOf("a"), "left");
  assert.equal(observer({ nowMs: 0, beat: BEAT, isGone: true }).lossOf("a"), "gone");
  const view = { nowMs: 0, beat: null };
  const seen = observer(view);
  assert.deepEqual([seen.lossOf("a"), seen.lossOf(null)], [null, null]);
  view.nowMs = 60_001;
  assert.deepEqual([seen.lossOf("a"), seen.lossOf(null)], ["silent", "silent"]);
});

Deno.test("Liveness: an observer that is cut off itself finds nobody silent", () => {
  const view: { nowMs: number; beat: Beat | "unreadable" } = { nowMs: 0, beat: BEAT };
  const seen = observer(view);
  seen.lossOf("a");
  view.beat = "unreadable";
  view.nowMs = 50_000;
  assert.equal(seen.lossOf("a"), null);
  view.beat = BEAT;
  view.nowMs = 100_000;
  assert.equal(seen.lossOf("a"), null);
});

Deno.test("Heart beats while its process computes, and says that it leaves", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("beats"));
  {
    using heart = new Heart(folder.path, "a", 300);
    const endMs = performance.now() + 20_000;
    let seen = 0;
    // Nothing else of this process gets a turn meanwhile.
    while (seen < 3 && performance.now() < endMs) seen = readBeat(folder.path, "a")?.count ?? 0;
    assert.ok(seen >= 3, `${seen} beats`);
    heart.drain();
    while (readBeat(folder.path, "a")?.state !== "draining" && performance.now() < endMs);
    assert.equal(readBeat(folder.path, "a")?.state, "draining");
  }
  assert.equal(readBeat(folder.path, "a")?.state, "left");
  assert.deepEqual([...Deno.readDirSync(folder.at("beats"))].map(({ name }) => name), ["a"]);
});

Deno.test("an agent knows its job and itself", () => {
  const env = {
    SLURMD_NODENAME: "node7",
    SLURM_JOB_ID: "15",
    SLURM_ARRAY_JOB_ID: "12",
    SLURM_ARRAY_TASK_ID: "3",
    SLURM_RESTART_COUNT: "2",
  };
  const agent = thisAgent(env, "0.1.0");
  assert.match(agent.agent, /^node7_15_[a-z2-9]{6}$/);
  assert.deepEqual(agent.slurm, { job_id: "15", array_job_id: "12", array_task_id: "3", restarts: 2 });
  assert.equal(isGone(agent), false);
  assert.equal(isGone({ ...agent, start_ticks: agent.start_ticks + 1 }), true);
  // Elsewhere nothing is known.
  assert.equal(isGone({ ...agent, host: "other", start_ticks: 0 }), false);
  assert.equal(isGone({ ...agent, pid_namespace: "pid:[1]", start_ticks: 0 }), false);
  assert.equal(isGone({ ...agent, time_namespace: "time:[1]", start_ticks: 0 }), false);
});

Deno.test("hardwareOf() tells model, driver and settings of the boards by the meter, and models alone by the driver's list", () => {
  const machine = { ...readEnvironment({}), cpu_model: "EPYC", llem_version: "1.2.3", nvidia_driver: null };
  const board = (uuid: string, facts: EnvironmentDevice["facts"]): EnvironmentDevice => ({
    ...{ uuid, name: "H100", kind: "gpu", meter: "nvml", power: null, counter: true, mig: null, absent: {} },
    facts: { driver_version: "570.1", power_limit_enforced_w: 500, ...facts },
  });
  const devices = [board("GPU-a", { ecc: true }), board("GPU-b", { ecc: true, persistence_mode: false })];
  assert.deepEqual(hardwareOf({ ...machine, gpus: [], devices }, { vllm: "0.9" }), {
    "GPU": "H100",
    "driver": "570.1",
    "power limit": "500",
    "ECC": "true",
    "persistence mode": "false",
    "CPU": "EPYC",
    "llem": "1.2.3",
    "vllm": "0.9",
  });
  const listed = ["NVIDIA A100 GPU-1234 0000:c1:00.0", "NVIDIA A100 0000:c2:00.0"];
  const unmetered = hardwareOf({ ...machine, gpus: listed, devices: null, nvidia_driver: "550" });
  assert.deepEqual([unmetered["GPU"], unmetered["driver"], unmetered["ECC"]], ["NVIDIA A100", "550", null]);
});

Deno.test("hardwareDifferences() names what is known of both and differs", () => {
  const first = { GPU: "A100", driver: "550", CPU: null };
  assert.deepEqual(hardwareDifferences(first, { GPU: "A100", driver: "570", CPU: "AMD" }), [
    { what: "driver", first: "550", here: "570" },
  ]);
});
