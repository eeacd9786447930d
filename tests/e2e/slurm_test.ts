/**
 * Studies that `llem submit` hands to a real Slurm of four nodes, and all that happens to jobs there. Mostly waiting: Slurm
 * looks at limits every 30 s.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { isJsonObject, type Json } from "../../lib/base/json.ts";
import { type Agent, readAgents } from "../../lib/cluster/agents.ts";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import { testWith } from "../support/needs.ts";
import { killDaemon, slurm, slurmWith, startDaemon, untilState } from "../support/slurm.ts";
import { llem, readJson, readManifest, Sandbox, until, WORKERS } from "./llem.ts";

const SLURM = slurmWith({ NODES: 4 });

/** Nothing here takes longer, however busy the machine is. */
const PATIENCE_MS = 170_000;

/** A study of three experiments, whose runs take a second each. */
function studyOf(
  box: Sandbox,
  { cycles, name, execution = {} }: {
    readonly cycles: number;
    readonly name: string;
    readonly execution?: Readonly<Record<string, Json>>;
  },
): string {
  const study = {
    name,
    backend: "command",
    model: "none",
    command: { argv: [join(WORKERS, "sleeper_once.sh")] },
    sweep: { n: [1, 2, 3] },
    execution: { n_cycles: cycles, cycle_order: "interleaved", ...execution },
    cluster: { lease_seconds: 5 },
  };
  return box.write(`${name}.yaml`, JSON.stringify(study));
}

interface Submitted {
  readonly dir: string;
  /** The array of agents. */
  readonly job: string;
  readonly finish: string;
}

async function submit(
  box: Sandbox,
  study: string,
  args: readonly string[],
  options: readonly string[] = [],
): Promise<Submitted> {
  const end = await llem(["submit", study, "-o", join(box.dir, "out"), "--json", ...args, "--", ...options], {
    cwd: box.dir,
    env: { PATH: `${box.dir}/bin:${Deno.env.get("PATH")}` },
  });
  assert.equal(end.code, 0, end.stderr);
  const { study_dir, jobs, finish_job } = JSON.parse(end.stdout);
  return { dir: study_dir, job: jobs[0], finish: finish_job };
}

/** A sacct that tells that it was asked. */
function watchSacct(box: Sandbox): () => boolean {
  Deno.mkdirSync(join(box.dir, "bin"));
  const asked = join(box.dir, "sacct-was-asked");
  Deno.writeTextFileSync(join(box.dir, "bin", "sacct"), `#!/bin/sh\n: > '${asked}'\nexit 1\n`, {
    mode: 0o755,
  });
  return () => {
    try {
      return Deno.statSync(asked).isFile;
    } catch {
      return false;
    }
  };
}

function endedRuns(dir: string): number {
  try {
    return [...Deno.readDirSync(join(dir, "ends"))].length;
  } catch {
    return 0;
  }
}

function untilEnded(dir: string, count: number): Promise<true> {
  return until(`${count} runs of ${dir}`, () => endedRuns(dir) >= count, PATIENCE_MS);
}

/** The newest agent of a task of the array, by its index. */
function agentOf({ dir, job }: Submitted, index: number): Agent | null {
  return readAgents(dir).findLast(({ slurm }) =>
    slurm?.array_job_id === job && slurm.array_task_id === `${index}`
  ) ?? null;
}

/** Waits until the job after the last round says that the study has ended; what it and its forerunners said. */
async function untilFinished({ dir }: Submitted): Promise<string> {
  const said = (): string =>
    [...Deno.readDirSync(join(dir, "slurm"))].filter(({ name }) => name.startsWith("finish-"))
      .map(({ name }) => Deno.readTextFileSync(join(dir, "slurm", name))).join("");
  await until("the end of the study", () => said().includes("the study has ended"), PATIENCE_MS);
  return said();
}

/** Every run is there, and counted once, however many made it; there is one summary. */
function assertWhole(dir: string, runs: number): void {
  const { status, completed, total_experiments } = readManifest(dir);
  assert.deepEqual([status, completed, total_experiments], ["completed", runs, runs]);
  const counted = eventsOf(dir).filter((event) =>
    event["type"] === "run_finished" && event["kind"] === "completed" && event["superseded"] !== true
  ).map((event) => `${event["config_hash"]} ${event["cycle"]}`);
  assert.equal(new Set(counted).size, counted.length, "a run is counted twice");
  const summary = readJson<{ rows: { completed: number }[] }>(join(dir, "summary.json"));
  assert.equal(summary.rows.reduce((sum, { completed }) => sum + completed, 0), runs);
}

function eventsOf(dir: string): Record<string, Json | undefined>[] {
  const folder = join(dir, "journals");
  return [...Deno.readDirSync(folder)].flatMap(({ name }) =>
    Deno.readTextFileSync(join(folder, name)).split("\n").flatMap((line) => {
      try {
        const event: unknown = JSON.parse(line);
        return isJsonObject(event) ? [event] : [];
      } catch {
        return [];
      }
    })
  );
}

/** Waits until Slurm has put a task back into the queue so often. */
async function untilRestarted(task: string, count: number): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const restarts = Number(/Restarts=(\d+)/.exec(await slurm("scontrol", "show", "job", task))?.[1] ?? NaN);
    if (restarts >= count) return;
    assert.ok(performance.now() < endMs, `${task} was put back ${restarts} times, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

testWith(
  [SLURM],
  "llem submit: a drain, a requeue, a lost node whose job lives on, preemption, a dead controller and a time limit cost no run",
  async () => {
    using box = new Sandbox();
    const wasAsked = watchSacct(box);
    // USR2 comes 110 s before the end of two minutes: at once, as often as the task begins.
    const limited = await submit(
      box,
      studyOf(box, { cycles: 15, name: "limited", execution: { experiment_timeout_seconds: 20 } }),
      ["--nodes", "1", "--time", "2m"],
      ["--nodelist=node4"],
    );
    const study = await submit(
      box,
      studyOf(box, { cycles: 30, name: "events" }),
      ["--nodes", "3", "--time", "1h"],
      ["-p", "low", "--exclude=node4"],
    );
    const [drained = "", requeued = "", lost = ""] = [0, 1, 2].map((index) => `${study.job}_${index}`);
    await untilEnded(study.dir, 6);

    await slurm("scancel", "--signal=USR2", "--batch", drained);
    await slurm("scontrol", "requeue", requeued);

    // The node goes silent; its job lives on, stands still beyond its lease and then goes on, while its task begins again.
    const orphan = agentOf(study, 2);
    assert.ok(orphan !== null, "the third task has begun");
    const stepd = readProcStat(orphan.pid)?.ppid ?? 0;
    killDaemon(`slurmd-${orphan.node}`);
    Deno.kill(stepd, "SIGKILL");
    // A process that is stopped as its parent dies would be sent HUP.
    await until("the job to be an orphan", () => readProcStat(orphan.pid)?.ppid !== stepd);
    Deno.kill(orphan.pid, "SIGSTOP");
    // Meanwhile the first task begins again, and somebody with a better claim wants its node.
    const first = agentOf(study, 0)?.agent;
    await untilRestarted(drained, 1);
    await until("the drained task to begin again", () => agentOf(study, 0)?.agent !== first, PATIENCE_MS);
    const preemptor = await slurm(
      ...["sbatch", "--parsable", "--exclusive", `--nodelist=${agentOf(study, 0)?.node}`],
      ...["-o", "/dev/null", "--wrap", "sleep 1"],
    );

    await untilRestarted(lost, 1);
    // Late by more than its lease; what it had in hand others have made.
    Deno.kill(orphan.pid, "SIGCONT");
    await startDaemon(`slurmd-${orphan.node}`);
    await until("the lost task to begin again", () => agentOf(study, 2)?.agent !== orphan.agent, PATIENCE_MS);
    await untilState(preemptor, /^COMPLETED/);
    await untilRestarted(drained, 2);
    await untilRestarted(requeued, 1);

    killDaemon("slurmctld");
    await untilEnded(study.dir, endedRuns(study.dir) + 3);
    await startDaemon("slurmctld");

    assert.match(await untilFinished(study), /90 of 90 runs completed/);
    assertWhole(study.dir, 90);
    await untilFinished(limited);
    assertWhole(limited.dir, 45);
    // The limit of its job was near at least once.
    await untilRestarted(`${limited.job}_0`, 1);
    assert.equal(wasAsked(), false, "sacct was asked");
  },
);

testWith([SLURM], "llem stop ends the agents of a submission; llem submit DIR goes on with it", async () => {
  using box = new Sandbox();
  watchSacct(box);
  const study = await submit(box, studyOf(box, { cycles: 6, name: "stopped" }), [
    "--nodes",
    "6",
    "--time",
    "1h",
  ]);
  await untilEnded(study.dir, 3);
  const stopped = await llem(["stop", study.dir]);
  assert.equal(stopped.code, 0, stopped.stderr);
  const told = /(\d) waiting tasks? cancelled, (\d) running tasks? sent TERM/.exec(stopped.stdout);
  assert.equal(Number(told?.[1]) + Number(told?.[2]), 6, stopped.stdout);
  await untilState(study.finish, /^COMPLETED/);
  assert.equal((await llem(["stop", study.dir])).stdout, `nothing runs in ${study.dir}\n`);
  const left = endedRuns(study.dir);
  assert.ok(left < 18, "it was over before it was stopped");
  const late = await llem(["run", "--join", study.dir, "--unless-stopped"]);
  assert.equal(late.code, 0);
  assert.equal(endedRuns(study.dir), left);
  const again = await llem(["submit", study.dir, "--nodes", "2"], { cwd: box.dir });
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, /llem stop had stopped this study; it continues now/);
  await untilFinished(study);
  assertWhole(study.dir, 18);
});

testWith(
  [SLURM],
  "agents that Slurm cancels for others are submitted again by the job after them",
  async () => {
    using box = new Sandbox();
    watchSacct(box);
    const study = await submit(box, studyOf(box, { cycles: 9, name: "weak" }), [
      "--nodes",
      "1",
      "--time",
      "1h",
    ], [
      "--partition=weak",
      "--nodelist=node1",
    ]);
    await untilEnded(study.dir, 3);
    await slurm("sbatch", "--exclusive", "--nodelist=node1", "-o", "/dev/null", "--wrap", "sleep 1");
    assert.match(await untilFinished(study), /submitted 1 agent for the rest/);
    assertWhole(study.dir, 27);
  },
);
