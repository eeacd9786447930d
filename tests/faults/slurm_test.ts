/** One and the same job script under a real Slurm: warned before its limit, requeued, cancelled. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseJournal } from "../../lib/journal/journal.ts";
import { LLEM, readManifest, runFolder, Sandbox, until } from "../e2e/llem.ts";
import { testWith } from "../support/needs.ts";
import { SLURM, slurm, untilState } from "../support/slurm.ts";
import { studyDirs } from "./_running_study.ts";

/** The script a user would hand to sbatch, whatever happened to the job before. */
function jobScript(box: Sandbox): string {
  const study = box.study(["sleeper_once", "sleeper_once", "sleeper_once"]);
  const script = `#!/bin/sh\nexec '${LLEM}' run '${study}' --resume -o '${box.dir}/out' --json\n`;
  return box.write("job.sh", script);
}

function submit(box: Sandbox, script: string): Promise<string> {
  const out = join(box.dir, "slurm.out");
  return slurm(
    "sbatch",
    "--parsable",
    "--requeue",
    "--open-mode=append",
    "-o",
    out,
    "-n1",
    "--mem=100",
    script,
  );
}

/** Waits until the nth run of the one study is at work. */
async function atWork(box: Sandbox, index: number): Promise<string> {
  const dir = await until("the study directory", () => studyDirs(box)[0]);
  await until(`run ${index}`, () => Deno.statSync(join(runFolder(dir, index), "pids")).size > 0);
  return dir;
}

/** Every run is complete, each once, in the one directory that there is. */
function assertWhole(box: Sandbox): void {
  const dirs = studyDirs(box);
  assert.equal(dirs.length, 1, "a second directory was begun");
  const [dir = ""] = dirs;
  const { status, completed, total_experiments } = readManifest(dir);
  assert.deepEqual([status, completed, total_experiments], ["completed", 3, 3]);
  const { events } = parseJournal(Deno.readFileSync(join(dir, "journal.jsonl")));
  const done = events.filter((event) => event.type === "run_finished" && event.kind === "completed");
  assert.equal(done.length, 3, "a run was lost or doubled");
}

testWith(
  [SLURM],
  "fault 40: USR2 before the limit of a job: the run at hand ends, and the next job goes on",
  async () => {
    using box = new Sandbox();
    const script = jobScript(box);
    const first = await submit(box, script);
    const dir = await atWork(box, 1);
    await slurm("scancel", "-s", "USR2", "--batch", first);
    assert.equal(await untilState(first, /^(?!RUNNING|PENDING|COMPLETING)/), "FAILED 140:0");
    const { status, completed, pending, interrupted } = readManifest(dir);
    assert.deepEqual([status, completed, pending, interrupted], ["interrupted", 1, 2, 0]);
    const second = await submit(box, script);
    assert.equal(await untilState(second, /^(?!RUNNING|PENDING|COMPLETING)/), "COMPLETED 0:0");
    assertWhole(box);
  },
);

testWith(
  [SLURM],
  "fault 40: a job that is requeued goes on where it was; no run is lost or doubled",
  async () => {
    using box = new Sandbox();
    const id = await submit(box, jobScript(box));
    const dir = await atWork(box, 2);
    await slurm("scontrol", "requeue", id);
    await untilState(id, /^PENDING/);
    await until("the study is stopped", () => readManifest(dir).status === "interrupted");
    assert.equal(await untilState(id, /^(?!RUNNING|PENDING|COMPLETING)/), "COMPLETED 0:0");
    assertWhole(box);
  },
);

testWith(
  [SLURM],
  "fault 40: a job that is cancelled leaves nothing alive, and another one goes on",
  async () => {
    using box = new Sandbox();
    const script = jobScript(box);
    const first = await submit(box, script);
    const dir = await atWork(box, 2);
    await slurm("scancel", first);
    await untilState(first, /^CANCELLED/);
    await until("the study is stopped", () => readManifest(dir).status === "interrupted");
    assert.deepEqual(readManifest(dir).experiments.map((entry) => entry.status), [
      "completed",
      "interrupted",
      "pending",
    ]);
    const second = await submit(box, script);
    assert.equal(await untilState(second, /^(?!RUNNING|PENDING|COMPLETING)/), "COMPLETED 0:0");
    assertWhole(box);
  },
);
