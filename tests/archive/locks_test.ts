import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { BusyError, describeOwner } from "../../lib/archive/busy.ts";
import { CommandError } from "../../lib/base/refusal.ts";
import { heldDevices, lockDevices, lockStudy, type LockTaker } from "../../lib/archive/locks.ts";
import { boardsListed } from "../../lib/host/boards.ts";
import { readGpus } from "../../lib/host/gpus.ts";
import { bootId, readProcStat } from "../../lib/process/proc_stat.ts";
import { tryLock } from "../../lib/storage/lock.ts";
import { RUNNER } from "../support/events.ts";
import { FIRST_UUID, nvidiaTree, THIRD_UUID } from "../support/nvidia.ts";
import { configOf, planOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using folder = new TempFolder();
  const attempt = tryLock(folder.at("lock"), "");
  if (attempt.kind === "held") attempt.lock[Symbol.dispose]();
}

const planWith = (devices: readonly string[], draft: JsonObject = {}) =>
  planOf([configOf(draft)], { execution: { devices: [...devices] } });

const at = (env: Record<string, string>) => ({ env, base_dir: "/" });

Deno.test("heldDevices() are those the study names, each once, by UUID where that is known", () => {
  using folder = new TempFolder();
  const gpus = boardsListed(readGpus(nvidiaTree(folder)));
  const cases: readonly (readonly [devices: readonly string[], held: readonly string[]])[] = [
    [["0"], [FIRST_UUID]],
    [["2", "GPU-cccc", THIRD_UUID, "0"], [THIRD_UUID, FIRST_UUID]],
    [["1", "card0"], ["1", "card0"]],
    [[], []],
  ];
  for (const [devices, held] of cases) assert.deepEqual(heldDevices(planWith(devices), gpus, at({})), held);
});

Deno.test("heldDevices() are all that runs can see, where they hold a GPU and the study names none", () => {
  using folder = new TempFolder();
  const gpus = boardsListed(readGpus(nvidiaTree(folder)));
  const all = [FIRST_UUID, "1", THIRD_UUID];
  const library = { LLEM_LLAMACPP_DIR: "/opt/llama" };
  const slurm = { SLURM_JOB_ID: "7", CUDA_VISIBLE_DEVICES: "0" };
  const cases:
    readonly (readonly [draft: JsonObject, env: Record<string, string>, held: readonly string[]])[] = [
      [{ backend: "pytorch" }, {}, all],
      [{ backend: "pytorch", pytorch: { device_map: "cpu" } }, {}, []],
      [{ backend: "vllm" }, { CUDA_VISIBLE_DEVICES: "2" }, [THIRD_UUID]],
      [{ backend: "pytorch" }, { CUDA_VISIBLE_DEVICES: "" }, []],
      // The library inside the program knows no GPU; another one may.
      [{ backend: "llamacpp", model: "m.gguf" }, {}, []],
      [{ backend: "llamacpp", model: "m.gguf" }, library, all],
      [{ backend: "llamacpp", model: "m.gguf", llamacpp: { library_dir: "/opt" } }, {}, all],
      [{ backend: "llamacpp", model: "m.gguf", llamacpp: { n_gpu_layers: 0 } }, library, []],
      [{}, {}, []],
      // In a job CUDA counts the job's own devices.
      [{ backend: "pytorch" }, slurm, []],
      // Slurm counts device files, and the third board is /dev/nvidia0.
      [{ backend: "pytorch" }, { ...slurm, SLURM_JOB_GPUS: "0" }, [THIRD_UUID]],
      [{ backend: "pytorch" }, { ...slurm, SLURM_JOB_GPUS: "0,1", SLURM_STEP_GPUS: "1" }, [FIRST_UUID]],
      [{ backend: "vllm" }, { ...slurm, SLURM_JOB_GPUS: "0", CUDA_VISIBLE_DEVICES: "GPU-aaaa" }, [
        FIRST_UUID,
      ]],
    ];
  for (const [draft, env, held] of cases) {
    assert.deepEqual(heldDevices(planWith([], draft), gpus, at(env)), held, JSON.stringify([draft, env]));
  }
});

Deno.test("describeOwner() names process, host, time and study, and trusts no character of it", () => {
  const owner = { host: "h", pid: 7, since: "2026-01-02T03:04:05.000Z" };
  const line = "process 7 on h since 2026-01-02T03:04:05.000Z";
  assert.equal(describeOwner(JSON.stringify(owner)), line);
  assert.equal(describeOwner(JSON.stringify({ ...owner, study_dir: null })), line);
  assert.equal(describeOwner(JSON.stringify({ ...owner, study_dir: "/s" })), `${line} for /s`);
  assert.equal(describeOwner(JSON.stringify({ ...owner, study_dir: "/s" }), "/s"), line);
  for (const text of ["", "{", "[]", "7"]) assert.equal(describeOwner(text), "another process");
  const evil = describeOwner(JSON.stringify({ ...owner, host: "\x1b[2J\n", study_dir: "x".repeat(9999) }));
  // deno-lint-ignore no-control-regex -- control characters are what this is about
  assert.doesNotMatch(evil, /[\x00-\x1f]/);
  assert.ok(evil.length <= 500);
});

Deno.test("describeOwner() names no process of this machine that has ended: whoever holds the lock has not written yet", async () => {
  const child = new Deno.Command("sleep", { args: ["1000"], stdin: "null", stdout: "null" }).spawn();
  const { start_ticks = 0 } = readProcStat(child.pid) ?? {};
  const owner = { host: Deno.hostname(), boot_id: bootId(), pid: child.pid, start_ticks, since: "now" };
  const line = `process ${child.pid} on ${Deno.hostname()} since now`;
  assert.equal(describeOwner(JSON.stringify(owner)), line);
  assert.equal(describeOwner(JSON.stringify({ ...owner, start_ticks: start_ticks + 1 })), "another process");
  child.kill("SIGKILL");
  await child.status;
  assert.equal(describeOwner(JSON.stringify(owner)), "another process");
  // Of another boot or host nothing can be seen.
  for (const other of [{ boot_id: "b" }, { host: "h" }]) {
    assert.match(describeOwner(JSON.stringify({ ...owner, ...other })), /^process /);
  }
});

function taker(folder: TempFolder, change: Partial<LockTaker> = {}): LockTaker {
  return { owner: RUNNER, env: { LLEM_LOCK_DIR: folder.path }, base_dir: "/", without: false, ...change };
}

function refusal(action: () => unknown): CommandError {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof CommandError, String(error));
    return error;
  }
  assert.fail("it was not refused");
}

Deno.test("lockDevices() takes all or none, tells who has one, and lets go", () => {
  using folder = new TempFolder();
  const first = lockDevices(planWith(["b"]), taker(folder));
  const before = refusal(() => lockDevices(planWith(["a", "b"]), taker(folder)));
  assert.ok(before instanceof BusyError);
  assert.match(before.message, /^device b is held by process 100 on host since \d{4}-[^ ]*$/);
  first.describe("/studies/s");
  const after = refusal(() => lockDevices(planWith(["a", "b"]), taker(folder)));
  assert.match(after.message, /for \/studies\/s$/);
  assert.equal(after.exitCode, 75);
  // Nothing was kept of the one that was free.
  using _ = lockDevices(planWith(["a"]), taker(folder));
  first[Symbol.dispose]();
  using _second = lockDevices(planWith(["b", "b"]), taker(folder));
});

Deno.test("lockDevices() refuses a device whose process cannot be killed, by the process that is there", async () => {
  using folder = new TempFolder();
  const child = new Deno.Command("sleep", { args: ["1000"], stdin: "null" }).spawn();
  const { start_ticks = 0 } = readProcStat(child.pid) ?? {};
  const by = { pid: child.pid, start_ticks, boot_id: bootId(), study_dir: "/s", run_id: "0001_x" };
  {
    using held = lockDevices(planWith(["0"]), taker(folder));
    held.quarantine(by);
  }
  const error = refusal(() => lockDevices(planWith(["0"]), taker(folder)));
  assert.ok(error instanceof BusyError);
  assert.match(
    error.message,
    new RegExp(`^device 0 is quarantined: process ${child.pid} of 0001_x \\(/s\\).*Reboot`),
  );
  child.kill("SIGKILL");
  await child.status;
  using again = lockDevices(planWith(["0"]), taker(folder));
  // Another boot, or another start: that process is gone.
  again.quarantine({ ...by, pid: Deno.pid });
  again[Symbol.dispose]();
  using _ = lockDevices(planWith(["0"]), taker(folder));
});

Deno.test("lockStudy() and lockDevices() say why there can be no lock, or go on with a warning", () => {
  using folder = new TempFolder();
  const missing = folder.at("missing");
  const study = refusal(() => lockStudy(missing, taker(folder)));
  assert.equal(study.exitCode, 4);
  assert.match(study.message, /^Cannot lock .*missing\/lock: its folder does not exist \(ENOENT\)\. /);
  const env = { LLEM_LOCK_DIR: missing };
  assert.match(
    refusal(() => lockDevices(planWith(["0"]), taker(folder, { env }))).message,
    /does not exist \(ENOENT\)\. Create the folder, or set LLEM_LOCK_DIR to another one\.$/,
  );
  const without = taker(folder, { env, without: true });
  using lock = lockStudy(missing, without);
  using devices = lockDevices(planWith(["0"]), without);
  for (const { warnings } of [lock, devices]) {
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? "",
      /^Cannot lock .*does not exist \(ENOENT\)\. Continuing without a lock \(--no-lock\)$/,
    );
  }
});
