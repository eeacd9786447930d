/** What `llem submit` decides and keeps, without a Slurm. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readMark, readStopMark, removeStopMark, writeStopMark } from "../../../lib/cluster/stop_mark.ts";
import { afterRound } from "../../../lib/session/submit/after_round.ts";
import {
  beginRound,
  dropRound,
  readRounds,
  type Round,
  saveRound,
} from "../../../lib/session/submit/rounds.ts";
import {
  keptRequest,
  readSubmission,
  readSubmitted,
  recordedFiles,
  type Submission,
  writeSubmission,
} from "../../../lib/session/submit/submission.ts";
import { arraySizes } from "../../../lib/session/submit/submit_round.ts";
import { longestRunSeconds, prepareSubmission } from "../../../lib/session/submit/submit_study.ts";
import { openTimeLeft } from "../../../lib/session/submit/time_left.ts";
import { readPlan } from "../../../lib/session/read_plan.ts";
import { realDisk } from "../../../lib/storage/disk.ts";
import { submitAgain } from "../../../lib/session/submit/submit_again.ts";
import { syntheticStudy } from "../../support/synthetic_study.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const ROUND: Round = {
  schema: "llem.round/1",
  round: 1,
  at: "2026-01-02T03:04:05.000Z",
  by_job: null,
  agents: 2,
  ended_before: 0,
  jobs: [],
  finish_job: null,
};

Deno.test("a submission is planned from what was kept, whatever became of its files", () => {
  using box = new TempFolder();
  const base = join(box.path, "base.yaml");
  const file = join(box.path, "study.yaml");
  Deno.writeTextFileSync(base, "backend: command\nmodel: none\ncommand: { argv: [/bin/true] }\n");
  Deno.writeTextFileSync(
    file,
    "name: kept\nbase: base.yaml\nsweep: { n: [1, 2] }\nexecution: { n_cycles: 2 }\n",
  );
  const files = recordedFiles();
  const overrides = [{ path: "execution.retries", text: "2", source: "--retries" }];
  const request = keptRequest({ file, overrides });
  const before = readPlan(request, files);
  assert.deepEqual(before.issues, []);
  const submission: Submission = {
    schema: "llem.submission/1",
    submitted_at: "",
    llem_version: "",
    host: "",
    ...request,
    folder: files.folder(),
    files: files.files,
    user_config: files.user_config,
    study_design_hash: before.plan?.study_design_hash ?? "",
    n_runs: 4,
    expected_s: {},
    slurm: { job_name: "", nodes: 1, time_s: 60, warning_s: 60, exclusive: true, options: [] },
  };
  writeSubmission(realDisk, box.path, submission, { isSecret: true });
  assert.equal((Deno.statSync(join(box.path, "submission.json")).mode ?? 0) & 0o777, 0o600);
  Deno.writeTextFileSync(file, "name: changed\nbackend: command\n");
  Deno.removeSync(base);
  const kept = readSubmission(box.path);
  assert.ok(kept !== null);
  const after = readSubmitted(kept);
  assert.deepEqual(after.issues, []);
  assert.equal(after.plan?.study_design_hash, before.plan?.study_design_hash);
  assert.equal(after.plan?.runs.length, 4);
  assert.equal(after.plan?.execution.retries, 2);
  assert.deepEqual(after.text, before.text);
});

Deno.test("agents for a study whose runs have all ended are not submitted", async () => {
  using box = new TempFolder();
  const dir = syntheticStudy(box.path);
  const kept = { schema: "llem.submission/1", n_runs: 12, slurm: { nodes: 2, options: [] } };
  Deno.writeTextFileSync(join(dir, "submission.json"), JSON.stringify(kept));
  const asked: string[] = [];
  const ask = (name: string): Promise<never> => {
    asked.push(name);
    throw new Error(name);
  };
  await assert.rejects(
    submitAgain({ dir, nodes: null, options: [] }, ask),
    /^CommandError: nothing is left to submit: 12 of 12 runs completed, 0 failed; see llem show /,
  );
  assert.deepEqual(asked, []);
});

Deno.test("two that begin the same round: one does", () => {
  using box = new TempFolder();
  Deno.mkdirSync(join(box.path, "slurm"));
  assert.equal(beginRound(realDisk, box.path, ROUND), true);
  assert.equal(beginRound(realDisk, box.path, ROUND), false);
  dropRound(box.path, ROUND);
  assert.equal(beginRound(realDisk, box.path, ROUND), true);
  saveRound(realDisk, box.path, { ...ROUND, jobs: ["12"], finish_job: "13" });
  beginRound(realDisk, box.path, { ...ROUND, round: 2 });
  Deno.writeTextFileSync(join(box.path, "slurm", "round-10.json"), "{");
  assert.deepEqual(readRounds(box.path).map(({ round, jobs }) => [round, jobs]), [[1, ["12"]], [2, []]]);
});

Deno.test("afterRound() submits again while that brings something, and no longer", () => {
  const standing = { total: 10, completed: 4, failed: 1, ended: 5, left: 5 };
  const no = { isStopped: false, isCancelled: false };
  assert.equal(afterRound(standing, ROUND, no), "again");
  assert.equal(
    afterRound({ ...standing, ended: 10, left: 0 }, ROUND, { ...no, isStopped: true }),
    "complete",
  );
  assert.equal(afterRound(standing, ROUND, { ...no, isStopped: true }), "stopped");
  assert.equal(afterRound(standing, ROUND, { ...no, isCancelled: true }), "cancelled");
  assert.equal(afterRound(standing, { round: 2, ended_before: 5 }, no), "no_progress");
  assert.equal(afterRound(standing, { round: 20, ended_before: 1 }, no), "too_often");
  assert.equal(afterRound(null, ROUND, no), "not_begun");
});

Deno.test("arraySizes() splits where an array holds no more tasks", () => {
  assert.deepEqual([arraySizes(4, 1001), arraySizes(4, 4), arraySizes(9, 4)], [[4], [4], [4, 4, 1]]);
});

Deno.test("no more agents are submitted than there are chains, by the boards that runs need", async () => {
  using box = new TempFolder();
  const file = join(box.path, "study.yaml");
  const agentsOf = async (parallel: string): Promise<number> => {
    const study = {
      name: "wide",
      backend: "vllm",
      model: "tiny-random",
      sweep: { "vllm.engine.tensor_parallel_size": [1, 2] },
      execution: { n_cycles: 3, parallel },
    };
    Deno.writeTextFileSync(file, JSON.stringify(study));
    const reading = readPlan({ file, overrides: [] });
    const { plan } = reading;
    assert.ok(plan !== null, JSON.stringify(reading.issues));
    const wishes = { nodes: 99, time_s: 86_400, options: [], output: box.path };
    const away = () => Promise.resolve({ kind: "absent", text: "" } as const);
    const request = { file, overrides: [] };
    const prepared = await prepareSubmission(request, { ...reading, plan }, recordedFiles(), wishes, away);
    return prepared.submission.slurm.nodes;
  };
  assert.deepEqual([await agentsOf("off"), await agentsOf("staged")], [3, 6]);
});

Deno.test("longestRunSeconds() is the limit of a run or what earlier ones tell, whichever is shorter", () => {
  const { plan } = readPlan({
    file: null,
    overrides: [
      { path: "model", value: "tiny-random", source: "--model" },
      { path: "execution.experiment_timeout_seconds", text: "100", source: "--timeout" },
    ],
  });
  assert.ok(plan !== null);
  const hash = plan.runs[0]?.config_hash ?? "";
  assert.equal(longestRunSeconds(plan, {}), 100);
  assert.equal(longestRunSeconds(plan, { [hash]: 30 }), 30);
  assert.equal(longestRunSeconds(plan, { [hash]: 300 }), 100);
});

Deno.test("openTimeLeft() takes the nearer of --for and the job's limit; a controller that is away sets none", async () => {
  const says = (text: string) => () => Promise.resolve({ kind: "ok", text } as const);
  const env = { SLURM_JOB_ID: "12" };
  const job = await openTimeLeft({ forSeconds: 3600, env, ask: says("10:00\n") });
  assert.equal(job.by, "Slurm");
  assert.ok(Math.abs((job.leftMs() ?? 0) - 600_000) < 5000);
  // A task may have the number of its array, and that names all tasks.
  const asked: string[] = [];
  const task = { ...env, SLURM_ARRAY_JOB_ID: "12", SLURM_ARRAY_TASK_ID: "3" };
  const ask = (_: string, args: readonly string[]) => (asked.push(args.join(" ")), says("10:00\n")());
  await openTimeLeft({ forSeconds: null, env: task, ask });
  assert.deepEqual(asked, ["-h -j 12_3 -o %L"]);
  const own = await openTimeLeft({ forSeconds: 60, env, ask: says("10:00\n") });
  assert.equal(own.by, "--for");
  const away = () => Promise.resolve({ kind: "absent", text: "" } as const);
  assert.equal((await openTimeLeft({ forSeconds: null, env, ask: away })).leftMs(), null);
  assert.equal((await openTimeLeft({ forSeconds: null, env: {}, ask: says("10:00") })).leftMs(), null);
});

Deno.test("a mark for one process is none for agents; one that nobody understands stops", () => {
  using box = new TempFolder();
  assert.equal(readStopMark(box.path), null);
  const mark = { mode: "drain", at: "", host: "" } as const;
  writeStopMark(realDisk, box.path, { ...mark, process: { pid: 1, start_ticks: 2 } });
  assert.equal(readStopMark(box.path), null);
  assert.equal(readMark(box.path)?.process?.pid, 1);
  writeStopMark(realDisk, box.path, { ...mark, process: null });
  assert.equal(readStopMark(box.path)?.mode, "drain");
  Deno.writeTextFileSync(join(box.path, "stop.json"), "{");
  assert.equal(readStopMark(box.path)?.mode, "stop");
  assert.equal(removeStopMark(box.path), true);
  assert.equal(removeStopMark(box.path), false);
});
