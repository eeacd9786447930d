/** A runner that dies in the instant in which its worker is born. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { studyProcesses } from "../../scripts/soaking/study_processes.ts";
import { parseJournal } from "../../lib/journal/journal.ts";
import { allProcesses, isAlive, readProcStat } from "../../lib/process/proc_stat.ts";
import { assertGone, ended, LLEM, llem, ran, Sandbox, until, WORKERS } from "../e2e/llem.ts";
import { C_COMPILER, CGROUP, type Need, PID_NAMESPACE, testWith } from "../support/needs.ts";
import { sized } from "../support/sampled.ts";
import { inTurns } from "./_in_turns.ts";
import { killWithoutGuard, startStudy, studyDirs } from "./_running_study.ts";

const lives = (pid: number): boolean => isAlive(readProcStat(pid));

/** A worker that kills its runner before anything else; where it cannot see it, it waits until it is killed with it. */
function buildWorker(box: Sandbox): string {
  const program = join(box.dir, "at_birth");
  const source = join(WORKERS, "kills_runner_at_birth.c");
  const { success, stderr } = new Deno.Command("cc", { args: ["-O1", "-o", program, source] }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
  return program;
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Processes that were started by this program, which nothing else runs. */
function running(program: string): number[] {
  return [...allProcesses()].filter(({ pid, state }) => {
    try {
      return state !== "Z" && Deno.readLinkSync(`/proc/${pid}/exe`) === program;
    } catch {
      return false;
    }
  }).map(({ pid }) => pid);
}

const CONTAINMENTS: readonly (readonly [kind: string, needs: readonly Need[]])[] = [
  ["group", []],
  ["cgroup", [CGROUP]],
  ["pidns", [PID_NAMESPACE]],
];
const TIMES = sized(10, 1);

for (const [containment, needs] of CONTAINMENTS) {
  testWith(
    [C_COMPILER, ...needs],
    `fault 41: a worker that kills its runner in the instant of its birth dies with it, and a resume knows it (${containment})`,
    async () => {
      using box = new Sandbox();
      const worker = buildWorker(box);
      await inTurns(Array.from({ length: TIMES }, (_, n) => `out${n}`), 2, async (out) => {
        const [runner, born] = [join(box.dir, `${out}.runner`), join(box.dir, `${out}.born`)];
        const study = box.write(
          `${out}.yaml`,
          JSON.stringify({
            name: "birth",
            backend: "command",
            model: "none",
            command: { argv: [worker, runner, born, join(WORKERS, "ok.sh")] },
            energy: { backend: null },
            execution: { n_cycles: 1, containment },
          }),
        );
        // The program's pid has to be in the file before it starts anything.
        const script = 'echo $$ >"$1"; shift; exec "$@"';
        const child = new Deno.Command("/bin/sh", {
          args: ["-c", script, "sh", runner, LLEM, "run", study, "-o", join(box.dir, out), "-q"],
          stdin: "null",
          stdout: "piped",
          stderr: "piped",
        }).spawn();
        if (containment === "pidns") {
          while (!isThere(born)) await new Promise((resolve) => setTimeout(resolve, 1));
          child.kill("SIGKILL");
        }
        assert.equal((await ended(child)).signal, "SIGKILL");
        const [dir = ""] = studyDirs(box, out);
        await until("nothing of it is left", () => studyProcesses(dir).length === 0);
        const { events } = parseJournal(Deno.readFileSync(join(dir, "journal.jsonl")));
        const starting = events.find((event) => event.type === "run_starting");
        assert.equal(starting?.index, 1);
        assert.equal(starting?.cgroup !== null, containment === "cgroup");
        const resumed = ran(await llem(["run", "--resume", dir, "--json"]));
        assert.match(resumed.stderr, /^llem: resuming: 1 run to do \(1 lost\)$/m);
        assert.deepEqual(resumed.runs.map((run) => [run.attempt, run.outcome]), [[2, "completed"]]);
      });
      assert.deepEqual(running(worker), []);
    },
  );
}

/** Takes lines of these types out of a study's journal. */
function withoutLines(dir: string, ...types: readonly string[]): void {
  const path = join(dir, "journal.jsonl");
  const lines = Deno.readTextFileSync(path).split("\n");
  Deno.writeTextFileSync(
    path,
    lines.filter((line) => !types.some((type) => line.includes(`"${type}"`))).join("\n"),
  );
}

Deno.test("fault 41: a resume ends what is left of an attempt, by its folder alone or wherever the directory went", async () => {
  using box = new Sandbox();
  // The runner has to be caught before that has passed, on a busy machine as well.
  const study = box.study(["escapes"], { experiment_timeout_seconds: 5 });
  await inTurns(["no line", "old", "moved"], 3, async (how) => {
    const out = how.replace(" ", "_");
    const running = await startStudy(box, study, { out });
    const [worker = 0, ...children] = await killWithoutGuard(running);
    let { dir } = running;
    if (how === "no line") withoutLines(dir, "run_starting", "run_started");
    // As earlier versions wrote it.
    if (how === "old") withoutLines(dir, "run_starting");
    if (how === "moved") {
      // What the environment names is another folder by now, and the worker's own pid is gone.
      Deno.kill(worker, "SIGKILL");
      await assertGone([worker]);
      dir = join(box.dir, out, "elsewhere");
      Deno.renameSync(running.dir, dir);
    }
    assert.deepEqual(children.filter(lives), children);
    const end = ran(await llem(["run", "--resume", dir, "--json"]));
    assert.match(
      end.stderr,
      new RegExp(`^llem: processes .*\\b${children[0]}\\b.* outlived the last session`, "m"),
      how,
    );
    assert.deepEqual(end.runs.map((run) => [run.attempt, run.outcome]), [[2, "timed_out"]], how);
    await assertGone([worker, ...children]);
  });
});
