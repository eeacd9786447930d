import assert from "node:assert/strict";
import { attemptCgroupName, Cgroup, ownCgroup } from "../../lib/process/cgroup.ts";
import { killLeftovers, type LostWorker } from "../../lib/process/leftovers.ts";
import { signalGroup } from "../../lib/process/process_group.ts";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import type { Tags } from "../../lib/process/tagged.ts";
import "../support/libc.ts";
import { CGROUP, testWith } from "../support/needs.ts";
import { lives, Program, until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** A shell in a session of its own that carries tags and writes ids of processes into `$1/pids`. */
class Worker implements AsyncDisposable {
  readonly folder = new TempFolder();
  readonly tags = { LLEM_TEST_TAG: crypto.randomUUID() };
  readonly #child: Deno.ChildProcess;

  constructor(script: string) {
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", script, "worker", this.folder.path],
      env: this.tags,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get ended(): Promise<unknown> {
    return this.#child.status;
  }

  async pids(count: number): Promise<number[]> {
    const read = (): number[] =>
      this.folder.isFile("pids")
        ? this.folder.read("pids").trim().split("\n").filter(Boolean).map(Number)
        : [];
    await until(`${count} ids are there`, () => read().length === count);
    return read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (lives(this.pid)) signalGroup(this.pid, "SIGKILL");
    await this.#child.status;
    this.folder[Symbol.dispose]();
  }
}

const lost = (pid: number, start_ticks: number, tags: Tags): LostWorker => ({
  process: { pid, start_ticks },
  cgroup: null,
  tags: [tags],
});

const startOf = (pid: number): number => readProcStat(pid)?.start_ticks ?? 0;

Deno.test("killLeftovers() kills the group of a worker that lives, also members without its tags", async () => {
  await using worker = new Worker(
    'env -i sleep 1000 & echo $! >>"$1/pids"; sleep 1000 & echo $! >>"$1/pids"; wait',
  );
  const pids = await worker.pids(2);
  const { killed, survivors } = await killLeftovers(
    lost(worker.pid, startOf(worker.pid), worker.tags),
    5000,
  );
  assert.deepEqual(survivors, []);
  assert.ok([worker.pid, ...pids].every((pid) => killed.includes(pid)));
  assert.deepEqual(pids.filter(lives), []);
});

Deno.test("killLeftovers() finds by its tags what a dead worker left, in its group and elsewhere", async () => {
  await using worker = new Worker(
    'sleep 1000 & echo $! >>"$1/pids"; setsid sleep 1000 & echo $! >>"$1/pids"',
  );
  const start_ticks = startOf(worker.pid);
  const pids = await worker.pids(2);
  await worker.ended;
  await until(
    "the second one has a session of its own",
    () => pids.some((pid) => readProcStat(pid)?.session === pid),
  );
  const { killed, survivors } = await killLeftovers(
    lost(worker.pid, start_ticks, worker.tags),
    5000,
  );
  assert.deepEqual([killed.toSorted(), survivors], [pids.toSorted(), []]);
  assert.deepEqual(pids.filter(lives), []);
});

Deno.test("killLeftovers() leaves alone who has the worker's pid by chance, and who is older than it", async () => {
  await using innocent = new Worker('sleep 1000 & echo $! >>"$1/pids"; echo $$ >>"$1/pids"; wait');
  const pids = await innocent.pids(2);
  const start = startOf(innocent.pid);
  const tags = { LLEM_TEST_TAG: "somebody else's" };
  // Another start time: the worker of that pid is long gone.
  for (const start_ticks of [start - 100, start + 100]) {
    const found = await killLeftovers(lost(innocent.pid, start_ticks, tags), 1000);
    assert.deepEqual(found, { killed: [], survivors: [] });
  }
  // The same tags on a process that was there before the worker.
  const older = await killLeftovers(
    lost(2 ** 22 + 1, start + 1_000_000, innocent.tags),
    1000,
  );
  assert.deepEqual(older, { killed: [], survivors: [] });
  assert.deepEqual(pids.filter(lives), pids);
});

Deno.test("killLeftovers() of nothing is nothing", async () => {
  const found = await killLeftovers(
    lost(2 ** 22 + 1, 5, { LLEM_TEST_TAG: "none" }),
    1000,
  );
  assert.deepEqual(found, { killed: [], survivors: [] });
});

Deno.test("killLeftovers() kills what descends from a worker that lives, or from one with its tags, whatever that shows", async () => {
  const hidden = `env -i setsid sh -c 'echo $$ >>"$0/pids"; exec sleep 1000' "$1" & wait`;
  await using living = new Worker(hidden);
  await using tagged = new Worker(hidden);
  const [one] = await living.pids(1);
  const [two] = await tagged.pids(1);
  assert.ok(one !== undefined && two !== undefined);
  const nobodys = { LLEM_TEST_TAG: "nobody's" };
  const ofLiving = await killLeftovers(lost(living.pid, startOf(living.pid), nobodys), 5000);
  assert.deepEqual([ofLiving.killed.includes(one), ofLiving.survivors], [true, []]);
  const ofTagged = await killLeftovers({ process: null, cgroup: null, tags: [nobodys, tagged.tags] }, 5000);
  assert.deepEqual([ofTagged.killed.includes(two), ofTagged.survivors], [true, []]);
  assert.deepEqual([living.pid, one, tagged.pid, two].filter(lives), []);
});

testWith([CGROUP], "killLeftovers() empties the control group of an attempt, and no other", async () => {
  const own = ownCgroup() ?? "";
  const stat = readProcStat(Deno.pid);
  assert.ok(stat !== null);
  const [ours, foreign] = [`${own}/${attemptCgroupName(stat, 999_999)}`, `${own}/other-1-2-3`];
  await using inside = new Worker('sleep 1000 & echo $! >>"$1/pids"; echo $$ >>"$1/pids"; wait');
  await using outside = new Worker('echo $$ >>"$1/pids"; sleep 1000; wait');
  for (const [path, worker] of [[ours, inside], [foreign, outside]] as const) {
    Cgroup.make(path).join(worker.pid);
  }
  const pids = await inside.pids(2);
  await outside.pids(1);
  // Forked inside or moved: whichever came first.
  for (const pid of pids) new Cgroup(ours).join(pid);
  for (const cgroup of [ours, foreign]) {
    await killLeftovers({ process: null, cgroup, tags: [{ NOBODY: "1" }] }, 5000);
  }
  assert.deepEqual([...pids, outside.pid].filter(lives), [outside.pid]);
  assert.throws(() => Deno.statSync(ours), Deno.errors.NotFound);
  signalGroup(outside.pid, "SIGKILL");
  await outside.ended;
  await until("the other one can be removed", () => new Cgroup(foreign).remove());
});

Deno.test("killLeftovers() spares itself and those above it, though they carry the tags", async () => {
  const tag = crypto.randomUUID();
  const wrap = `export LLEM_TEST_TAG=${tag}; sh -c '"$@"; echo the shell lives on' sh "$@"; exit`;
  const code = `
    import { killLeftovers } from "/lib/process/leftovers.ts";
    import { NO_SUCH_PID } from "/tests/support/libc.ts";
    const child = new Deno.Command("sleep", { args: ["1000"], stdin: "null" }).spawn();
    const tags = [{ LLEM_TEST_TAG: "${tag}" }];
    console.log(JSON.stringify(await killLeftovers({ process: null, cgroup: null, tags }, 5000)));
    console.log((await child.status).signal);
  `;
  await using runner = new Program(code, { wrap });
  const { survivors, killed } = JSON.parse(await runner.line());
  assert.deepEqual([survivors, killed.length], [[], 1]);
  assert.equal(await runner.line(), "SIGKILL");
  assert.equal(await runner.line(), "the shell lives on");
});
