/** What is written for Slurm and read from it, without one. */
import assert from "node:assert/strict";
import { readFacts, readPartitions } from "../../../lib/cluster/slurm/facts.ts";
import {
  agentScript,
  finishScript,
  optionValue,
  sbatchOptions,
  sharesNodes,
  unusableOption,
} from "../../../lib/cluster/slurm/job_script.ts";
import { arrayTaskOf, keptOut, requeue } from "../../../lib/cluster/slurm/requeue.ts";
import { explained, readJobId } from "../../../lib/cluster/slurm/sbatch.ts";
import type { SlurmAnswer } from "../../../lib/cluster/slurm/slurm_command.ts";
import { askQueue, backoffMs, readQueue } from "../../../lib/cluster/slurm/squeue.ts";
import { readJobTime, readSlurmTime, slurmTime } from "../../../lib/cluster/slurm/time.ts";
import { askTimeLeft } from "../../../lib/cluster/slurm/facts.ts";

Deno.test("times as Slurm writes them, and as people do", () => {
  const times: [string, number | null][] = [
    ["30", 1800],
    ["4:30", 270],
    ["4:00:00", 14_400],
    ["1-12", 129_600],
    ["1-12:30", 131_400],
    ["2-03:04:05", 183_845],
    ["INVALID", null],
    ["UNLIMITED", null],
    ["infinite", null],
    ["", null],
  ];
  for (const [text, seconds] of times) assert.equal(readSlurmTime(text), seconds, text);
  const people: [string, number | null][] = [
    ["4h", 14_400],
    ["90m", 5400],
    ["1h30m", 5400],
    ["2d", 172_800],
    ["45s", 45],
    ["90", 5400],
    ["0", null],
    ["0s", null],
    ["soon", null],
    ["-4h", null],
    ["1.5h", null],
  ];
  for (const [text, seconds] of people) assert.equal(readJobTime(text), seconds, text);
  assert.deepEqual([slurmTime(90), slurmTime(14_400), slurmTime(131_400)], [
    "0:02:00",
    "4:00:00",
    "1-12:30:00",
  ]);
  for (const seconds of [60, 3600, 86_400, 100_020]) assert.equal(readSlurmTime(slurmTime(seconds)), seconds);
});

const JOB = {
  dir: "/data/my studies/100%_a2c4",
  job_name: "llem-s_a2c4",
  working_folder: "/home/me",
  agents: 4,
  time_s: 14_400,
  warning_s: 690,
  exclusive: true,
  options: ["-p gpu", "--account=mine", "--comment=two words"],
  llem: ["/opt/llem"],
};

Deno.test("agentScript() says all that it asks for, and what the user asks for last", () => {
  const lines = agentScript(JOB).split("\n");
  assert.equal(lines[0], "#!/bin/bash");
  assert.deepEqual(lines.filter((line) => line.startsWith("#SBATCH")), [
    "#SBATCH --job-name=llem-s_a2c4",
    "#SBATCH --array=0-3",
    "#SBATCH --nodes=1",
    "#SBATCH --ntasks=1",
    "#SBATCH --time=4:00:00",
    "#SBATCH --exclusive",
    "#SBATCH --mem=0",
    '#SBATCH --output="/data/my studies/100%%_a2c4/slurm/agent-%A_%a.out"',
    "#SBATCH --open-mode=append",
    "#SBATCH --chdir=/home/me",
    "#SBATCH --requeue",
    "#SBATCH --signal=B:USR2@690",
    "#SBATCH -p gpu",
    "#SBATCH --account=mine",
    '#SBATCH --comment="two words"',
  ]);
  assert.equal(lines.at(-2), "exec /opt/llem run --join '/data/my studies/100%_a2c4' --unless-stopped");
  const shared = agentScript({ ...JOB, exclusive: false, options: ["--mem=4G"] });
  assert.doesNotMatch(shared, /exclusive|--mem=0/);
});

Deno.test("no name of a folder and no option becomes a line of a job script", () => {
  const names = { dir: "/a b/$(id)'`id`\"", job_name: "llem-`id`", working_folder: "/x $(id)" };
  for (const script of [agentScript({ ...JOB, ...names }), finishScript({ ...JOB, ...names })]) {
    const lines = script.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    assert.equal(lines.length, 1, script);
    assert.match(lines[0] ?? "", /'\/a b\/\$\(id\)'\\''`id`"'/);
  }
  for (const bad of [{ dir: "/a\nid" }, { working_folder: "/a\nid" }, { options: ["--comment=a\nid"] }]) {
    assert.throws(() => agentScript({ ...JOB, ...bad }), /has a line break/);
  }
});

Deno.test("finishScript() takes from the user's options what decides about admission, and no GPUs", () => {
  const script = finishScript({
    ...JOB,
    options: ["-p gpu", "--account=mine", "--gres=gpu:8", "--exclusive"],
  });
  assert.match(script, /--partition=gpu\n#SBATCH --account=mine\n\nexec/);
  assert.doesNotMatch(script, /gres|exclusive/);
  assert.match(script, /--time=0:15:00/);
  // Its partition may allow no more than the agents ask for.
  assert.match(finishScript({ ...JOB, time_s: 300 }), /--time=0:05:00/);
  assert.match(script, /exec \/opt\/llem submit --finish '\/data\/my studies\/100%_a2c4'/);
});

Deno.test("sbatchOptions() keeps an option and its value together", () => {
  assert.deepEqual(sbatchOptions(["-p", "gpu", "--gres", "gpu:2", "--exclusive", "-A", "x", "--mem=4G"]), [
    "-p gpu",
    "--gres=gpu:2",
    "--exclusive",
    "-A x",
    "--mem=4G",
  ]);
  assert.throws(() => sbatchOptions(["gpu"]), RangeError);
  assert.throws(() => sbatchOptions(["--mem=4G", "gpu"]), RangeError);
  const options = sbatchOptions(["-pgpu", "--exclusive"]);
  assert.deepEqual([optionValue(options, "partition", "p"), optionValue(options, "account", "A")], [
    "gpu",
    null,
  ]);
  assert.deepEqual(
    [["-p gpu"], ["--gres=gpu:1"], ["--exclusive"], ["-G 2"], ["--gpus-per-task=1"], ["-s"]].map(sharesNodes),
    [false, true, true, true, true, true],
  );
});

Deno.test("unusableOption() names what keeps sbatch from returning with a job", () => {
  const cases = [["--wait"], ["-W"], ["--test-only"], ["--wrap=true"], ["--wait-all-nodes=1", "-w node1"]];
  assert.deepEqual(cases.map(unusableOption), ["--wait", "--wait", "--test-only", "--wrap", null]);
});

Deno.test("readQueue() takes what squeue of any release prints", () => {
  assert.deepEqual(
    readQueue("12_3|RUNNING|None|node1\n12_4|PENDING|Resources|\n13|PENDING|Dependency|\n\nslurm: note\n"),
    [
      { id: "12_3", job: "12", state: "RUNNING", reason: "", nodes: "node1" },
      { id: "12_4", job: "12", state: "PENDING", reason: "Resources", nodes: "" },
      { id: "13", job: "13", state: "PENDING", reason: "Dependency", nodes: "" },
    ],
  );
  assert.equal(readQueue("12_[3,7-9%2]|PENDING|Priority|")[0]?.job, "12");
});

/** A Slurm that gives one answer to everything, and keeps what it was asked. */
function saying(answer: SlurmAnswer): { ask: () => Promise<SlurmAnswer>; asked: string[] } {
  const asked: string[] = [];
  const ask = (...[name, args]: [name?: string, args?: readonly string[]]): Promise<SlurmAnswer> => {
    asked.push([name, ...args ?? []].join(" "));
    return Promise.resolve(answer);
  };
  return { ask, asked };
}

Deno.test("askQueue() asks once for all jobs; a controller that is away says nothing of them", async () => {
  const up = saying({ kind: "ok", text: "1_0|RUNNING|None|node1\n" });
  assert.equal((await askQueue(up.ask, ["1", "4"]))?.length, 1);
  assert.deepEqual(up.asked, ["squeue -h -r -j 1,4 -o %i|%T|%r|%N"]);
  assert.equal(await askQueue(saying({ kind: "absent", text: "" }).ask, ["1"]), null);
  const unknown = saying({ kind: "refused", text: "slurm_load_jobs error: Invalid job id specified" });
  assert.deepEqual(await askQueue(unknown.ask, ["1"]), []);
  assert.equal(await askTimeLeft(saying({ kind: "ok", text: "9:30\n" }).ask, "1"), 570);
  assert.equal(await askTimeLeft(saying({ kind: "absent", text: "" }).ask, "1"), null);
  assert.deepEqual([0, 1, 2, 20].map(backoffMs), [15_000, 24_000, 38_400, 300_000]);
});

Deno.test("what a cluster allows is read from its configuration; what it does not say is as usual", () => {
  const text = "Configuration data as of 2026\nJobRequeue              = 0\nMaxArraySize            = 51\n" +
    "PreemptMode             = GANG,CANCEL\n";
  assert.deepEqual(readFacts(text), { max_array_size: 51, preempted_requeue: false });
  assert.deepEqual(readFacts(""), { max_array_size: 1001, preempted_requeue: true });
  assert.deepEqual(readPartitions("main*|1-00:00:00\nlow|infinite\n"), [
    { name: "main", is_default: true, limit_s: 86_400 },
    { name: "low", is_default: false, limit_s: null },
  ]);
});

Deno.test("a task goes back into the queue by its number in the array, never by its own", async () => {
  const env = { SLURM_JOB_ID: "12", SLURM_ARRAY_JOB_ID: "12", SLURM_ARRAY_TASK_ID: "3" };
  const task = arrayTaskOf(env);
  assert.deepEqual(task, { array: "12", index: "3", restarts: 0 });
  const slurm = saying({ kind: "ok", text: "" });
  if (task !== null) await requeue(slurm.ask, task);
  assert.deepEqual(slurm.asked, ["scontrol requeue 12_3"]);
  assert.equal(arrayTaskOf({ SLURM_JOB_ID: "12" }), null);
  assert.equal(arrayTaskOf({ ...env, SLURM_RESTART_COUNT: "4" })?.restarts, 4);
});

Deno.test("keptOut() bounds how often a task comes back, and asks for progress", () => {
  const usual = { left: 5, ended: 2, isStopped: false, restarts: 0 };
  const cases: [Partial<typeof usual>, ReturnType<typeof keptOut>][] = [
    [{}, null],
    [{ restarts: 19 }, null],
    [{ restarts: 20 }, "too_often"],
    [{ ended: 0 }, "no_progress"],
    [{ isStopped: true }, "stopped"],
    [{ left: 0, isStopped: true }, "nothing_left"],
  ];
  for (const [change, answer] of cases) assert.equal(keptOut({ ...usual, ...change }), answer);
});

Deno.test("what sbatch says comes with a remedy", () => {
  assert.deepEqual(["12\n", "12;cluster\n", "a note\n13\n", "13\na note\n", "", "none"].map(readJobId), [
    "12",
    "12",
    "13",
    "13",
    null,
    null,
  ]);
  assert.deepEqual(["Submitted batch job 12\n", "Submitted batch job 12 on cluster a\n"].map(readJobId), [
    "12",
    "12",
  ]);
  const says: [string, RegExp][] = [
    ["sbatch: error: invalid partition specified: nope", /sinfo -s/],
    ["sbatch: error: Batch job submission failed: Invalid job array specification", /MaxArraySize/],
    [
      "sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)",
      /shorter --time/,
    ],
    [
      "sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified",
      /--account=NAME/,
    ],
    ["sbatch: unrecognized option '--nonsense'", /sbatch --help/],
    ["sbatch: error: Memory specification can not be satisfied", /sinfo -o/],
  ];
  for (const [text, remedy] of says) assert.match(explained(text), remedy);
  assert.doesNotMatch(explained(says[0]?.[0] ?? ""), /sbatch: error/);
});
