/** Fault 18: the kernel's OOM killer takes a worker, or a process of it; and what only looks like that. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  ended,
  LLEM,
  type Ran,
  ran,
  readResult,
  runFolder,
  type RunRow,
  Sandbox,
  WORKERS,
} from "../e2e/llem.ts";
import { KERNEL_LOG, MEMORY_CGROUP, MemoryCgroup } from "../support/memory_cgroup.ts";
import { testWith } from "../support/needs.ts";

const MIB = 1024 * 1024;

/** A study of this worker and a good one after it. */
function study(
  box: Sandbox,
  fixture: string,
  env: Readonly<Record<string, string>> = {},
  execution: Readonly<Record<string, unknown>> = {},
): string {
  const worker = (name: string): string => join(WORKERS, `${name}.sh`);
  return box.write(
    "study.yaml",
    JSON.stringify({
      backend: "command",
      model: "none",
      experiments: [
        { n: 1, command: { argv: [worker(fixture)], env } },
        { n: 2, command: { argv: [worker("ok")] } },
      ],
      execution: { n_cycles: 1, cycle_order: "sequential", experiment_timeout_seconds: 30, ...execution },
    }),
  );
}

/** Runs a study with llem itself in the group. */
async function runInside(group: MemoryCgroup, box: Sandbox, path: string): Promise<Ran> {
  const child = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      'echo 0 >"$1/cgroup.procs"; exec "$2" run "$3" -o "$4" --json',
      "inside",
      group.path,
      LLEM,
      path,
      join(box.dir, "out"),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return ran(await ended(child));
}

/** The run that was to fail; the one after it went well. */
function firstOf({ runs, stderr }: Ran): RunRow {
  const [first, second] = runs;
  assert.ok(first !== undefined, stderr);
  assert.equal(second?.outcome, "completed", stderr);
  return first;
}

testWith(
  [MEMORY_CGROUP],
  "fault 18: a worker that the OOM killer takes is crashed, flagged oom, and the rest runs",
  async () => {
    using group = new MemoryCgroup(64 * MIB);
    using box = new Sandbox();
    const done = await box.run(study(box, "memory_hog", { OOM_CGROUP: group.path }));
    const first = firstOf(done);
    assert.deepEqual([first.outcome, first.signal, first.exit_code], ["crashed", "SIGKILL", null]);
    assert.deepEqual(first.flags, ["oom"]);
    assert.match(
      first.error?.message ?? "",
      /killed by SIGKILL without a result; the kernel's out-of-memory killer/,
    );
    assert.match(first.hint ?? "", /container or job.*was full.*smaller.*Slurm job \(--mem\)/);
    assert.match(
      done.stderr,
      /crashed after .* \[oom\]: The worker was killed by SIGKILL .*Slurm job \(--mem\)\./,
    );
    const { outcome, log_tail } = readResult(runFolder(done.dir, 1));
    assert.deepEqual(outcome.flags, ["oom"]);
    assert.deepEqual(log_tail, ["loading the weights"]);
    assert.equal(done.code, 1);
  },
);

testWith(
  [MEMORY_CGROUP],
  "fault 18: a child of the worker that the OOM killer takes in our own cgroup shows, too",
  async () => {
    using group = new MemoryCgroup(700 * MIB);
    using box = new Sandbox();
    const first = firstOf(await runInside(group, box, study(box, "memory_hog_child")));
    assert.deepEqual([first.outcome, first.exit_code, first.flags], ["crashed", 1, ["oom"]]);
    assert.match(
      first.error?.message ?? "",
      /exited with code 1 .*out-of-memory killer killed one of its processes/,
    );
  },
);

testWith(
  [MEMORY_CGROUP],
  "fault 18: a shell that passes on its child's death in another cgroup shows, too",
  async () => {
    using group = new MemoryCgroup(64 * MIB);
    using box = new Sandbox();
    const env = { OOM_CGROUP: group.path, OOM_THEN: "status" };
    const first = firstOf(await box.run(study(box, "memory_hog_child", env)));
    assert.deepEqual([first.outcome, first.exit_code, first.flags], ["crashed", 137, ["oom"]]);
  },
);

testWith(
  [MEMORY_CGROUP],
  "fault 18: a limit of ours is no OOM, whatever the kernel took before",
  async () => {
    using group = new MemoryCgroup(700 * MIB);
    using box = new Sandbox();
    const path = study(box, "memory_hog_child", { OOM_THEN: "hang" }, { silence_timeout_seconds: 1 });
    const done = await runInside(group, box, path);
    const first = firstOf(done);
    assert.deepEqual([first.outcome, first.signal, first.flags], ["timed_out", "SIGKILL", []]);
    // By then the kernel had been at work.
    assert.equal(readResult(runFolder(done.dir, 1)).log_tail.at(-1), "the engine is gone");
  },
);

testWith(
  [MEMORY_CGROUP, KERNEL_LOG],
  "fault 18: kill -9 is no OOM, even where the kernel took another process just then",
  async () => {
    using group = new MemoryCgroup(64 * MIB);
    using box = new Sandbox();
    const env = { OOM_CGROUP: group.path, OOM_THEN: "kill" };
    const first = firstOf(await box.run(study(box, "memory_hog_child", env)));
    assert.deepEqual([first.outcome, first.signal, first.flags], ["crashed", "SIGKILL", []]);
  },
);

Deno.test("fault 18: kill -9 by hand is crashed without oom", async () => {
  using box = new Sandbox();
  const first = firstOf(await box.run(study(box, "killed_by_hand")));
  assert.deepEqual([first.outcome, first.signal, first.flags], ["crashed", "SIGKILL", []]);
  assert.match(first.error?.message ?? "", /killed by SIGKILL without a result$/);
  assert.match(first.hint ?? "", /killed from outside/);
});
