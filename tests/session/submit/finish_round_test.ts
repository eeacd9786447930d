/** The job after the agents, in front of a Slurm that answers as it is told to. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { libc } from "../../../lib/base/libc.ts";
import { writeStopMark } from "../../../lib/cluster/stop_mark.ts";
import type { AskSlurm, SlurmAnswer } from "../../../lib/cluster/slurm/slurm_command.ts";
import { finishRound } from "../../../lib/session/submit/finish_round.ts";
import { readRounds, type Round, saveRound } from "../../../lib/session/submit/rounds.ts";
import { stopStudy } from "../../../lib/session/stop_study.ts";
import { submitAgain } from "../../../lib/session/submit/submit_again.ts";
import { realDisk } from "../../../lib/storage/disk.ts";
import { shareOut } from "../../support/shared_study.ts";
import { syntheticStudy } from "../../support/synthetic_study.ts";
import { TempFolder } from "../../support/temp_folder.ts";

// Loaded once, not in the middle of a test.
libc();

const ROUND: Round = {
  schema: "llem.round/1",
  round: 1,
  at: "2026-01-02T03:04:05.000Z",
  by_job: null,
  agents: 2,
  ended_before: 0,
  jobs: ["7"],
  finish_job: "8",
};

/** A submitted study of twelve runs; `lost` of its three agents have left nothing. */
function submitted(box: TempFolder, lost: number): string {
  const dir = syntheticStudy(box.path);
  const agents = shareOut(dir, 3);
  for (const agent of agents.slice(0, lost)) {
    Deno.removeSync(join(dir, "journals", `${agent}.jsonl`));
    for (const { name } of [...Deno.readDirSync(join(dir, "ends"))]) {
      const path = join(dir, "ends", name);
      if (Deno.readTextFileSync(path).includes(agent)) Deno.removeSync(path);
    }
  }
  const slurm = { job_name: "llem-s", nodes: 2, time_s: 3600, warning_s: 690, exclusive: true, options: [] };
  const submission = {
    schema: "llem.submission/1",
    folder: "/",
    n_runs: 12,
    files: {},
    overrides: [],
    slurm,
  };
  Deno.writeTextFileSync(join(dir, "submission.json"), JSON.stringify(submission));
  Deno.mkdirSync(join(dir, "slurm"));
  saveRound(realDisk, dir, ROUND);
  return dir;
}

const AWAY: SlurmAnswer = { kind: "absent", text: "Unable to contact slurm controller" };
const OK: SlurmAnswer = { kind: "ok", text: "" };

/** A Slurm whose squeue is away for a number of questions, and answers then; sbatch takes everything. */
function slurmOf(
  { away = 0, queue = "", onAsk = () => {} }: {
    readonly away?: number;
    readonly queue?: string;
    readonly onAsk?: () => void;
  },
): { readonly ask: AskSlurm; readonly asked: string[] } {
  const asked: string[] = [];
  const ask: AskSlurm = (name, args) => {
    asked.push([name, ...args].join(" "));
    if (name === "sbatch") return Promise.resolve({ kind: "ok", text: `${asked.length + 20}\n` });
    if (name !== "squeue") return Promise.resolve(OK);
    onAsk();
    const isAway = asked.filter((each) => each.startsWith("squeue")).length <= away;
    return Promise.resolve(isAway ? AWAY : { kind: "ok", text: queue });
  };
  return { ask, asked };
}

const PATIENCE = { tries: 3, pauseMs: () => 1 };

function submissions(asked: readonly string[]): number {
  return asked.filter((each) => each.startsWith("sbatch")).length;
}

Deno.test("finishRound() submits what is left, once the controller is there to say that nobody cancelled the agents", async () => {
  using box = new TempFolder();
  const dir = submitted(box, 1);
  const cancelled = slurmOf({ away: 1, queue: "7_0|CANCELLED|None|node1\n" });
  assert.match(
    (await finishRound(dir, cancelled.ask, PATIENCE)).text,
    /^agents were cancelled by hand: 8 of 12/m,
  );
  assert.equal(submissions(cancelled.asked), 0);
  // Somebody stops the study while it waits for the controller.
  const mark = { mode: "stop", at: "", host: "", process: null } as const;
  const stopped = slurmOf({ away: 1, onAsk: () => writeStopMark(realDisk, dir, mark) });
  assert.match((await finishRound(dir, stopped.ask, PATIENCE)).text, /^the study was stopped/m);
  assert.equal(submissions(stopped.asked), 0);
  Deno.removeSync(join(dir, "stop.json"));
  // A queue that never tells anything does not keep the rest from being submitted.
  const silent = slurmOf({ away: 9 });
  assert.match((await finishRound(dir, silent.ask, PATIENCE)).text, /submitted 2 agents for the rest/);
  assert.deepEqual(readRounds(dir).map(({ round, ended_before }) => [round, ended_before]), [[1, 0], [2, 8]]);
});

Deno.test("llem submit DIR submits no agents for a study that is over, and no more than runs are left", async () => {
  using box = new TempFolder();
  const wish = { nodes: 9, options: [] };
  const over = slurmOf({});
  const dir = submitted(box, 0);
  await assert.rejects(submitAgain({ dir, ...wish }, over.ask), /nothing is left to submit: 12 of 12/);
  assert.equal(submissions(over.asked), 0);
  using other = new TempFolder();
  const again = await submitAgain({ dir: submitted(other, 1), ...wish }, slurmOf({}).ask);
  assert.deepEqual([again.left, again.study.result.round.agents], [4, 4]);
});

Deno.test("llem stop: a second call signals no agent again; a job that is about to submit others is stopped, too", async () => {
  using box = new TempFolder();
  const dir = submitted(box, 1);
  const running = "7_0|RUNNING|None|node1\n7_1|PENDING|Resources|\n8|PENDING|Dependency|\n";
  const first = slurmOf({ queue: running });
  const told = await stopStudy(dir, "stop", first.ask);
  assert.deepEqual(told.kind === "marked" && told.slurm, { cancelled: 1, told: 1, trouble: null });
  assert.deepEqual(first.asked.slice(1), ["scancel 7_1", "scancel --batch --signal=TERM 7_0"]);
  const second = slurmOf({ queue: running });
  await stopStudy(dir, "stop", second.ask);
  assert.deepEqual(second.asked.slice(1), ["scancel 7_1"]);
  Deno.removeSync(join(dir, "stop.json"));
  // The agents have ended, and the job after them runs.
  const last = await stopStudy(dir, "stop", slurmOf({ queue: "8|RUNNING|None|node1\n" }).ask);
  assert.equal(last.kind, "marked");
});

Deno.test("llem stop: where no squeue tells, a study that is over has nothing to stop", async () => {
  using box = new TempFolder();
  assert.equal((await stopStudy(submitted(box, 0), "stop", slurmOf({ away: 9 }).ask)).kind, "not_running");
  using other = new TempFolder();
  assert.equal((await stopStudy(submitted(other, 1), "stop", slurmOf({ away: 9 }).ask)).kind, "marked");
});
