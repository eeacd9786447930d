/**
 * The runner is killed (SIGKILL) at every single call that changes the disk, then the study is resumed. A study of two
 * quick runs makes about 90 such calls, a resume of one about 60; a write is also cut in half. After a call is
 * before the next one, so that makes about 180 kills. A sample of them, by a seed; all with --slow.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ended, llem, Sandbox } from "../e2e/llem.ts";
import { type DiskCall, diskShim, type DiskTrouble, readTrace } from "../support/disk_shim.ts";
import { C_COMPILER, STRACE, testWith } from "../support/needs.ts";
import { sampled } from "../support/sampled.ts";
import {
  assertComplete,
  assertResumes,
  assertStatus,
  assertWorkersGone,
  inParallel,
  leftovers,
  namedResults,
  readJournal,
  wholeResults,
} from "./_saved_study.ts";

type Kill = NonNullable<DiskTrouble["kill"]>;

/** A sandbox with a study of two runs, and the folder that its study directory goes to. */
class Study extends Sandbox {
  readonly out = join(Deno.realPathSync(this.dir), "out");
  readonly file = this.study(["quick", "quick"]);

  /** Starts it with this trouble below the output folder. */
  start(trouble: DiskTrouble): Promise<Ended> {
    return llem(["run", this.file, "-o", this.out], { env: diskShim({ root: this.out, ...trouble }) });
  }

  /** The study directories that there are. */
  get dirs(): string[] {
    try {
      return [...Deno.readDirSync(this.out)].map(({ name }) => join(this.out, name));
    } catch {
      return [];
    }
  }
}

/** Everything that the program does to the disk in one such study. */
async function traceOf(action: (trace: string) => Promise<Ended>): Promise<DiskCall[]> {
  const trace = Deno.makeTempFileSync({ prefix: "llem-trace-" });
  try {
    const { code, stderr } = await action(trace);
    assert.equal(code, 0, stderr);
    return readTrace(trace);
  } finally {
    Deno.removeSync(trace);
  }
}

function killsAt(calls: readonly DiskCall[]): Kill[] {
  return calls.flatMap(({ op, bytes }, index): Kill[] => {
    const call = index + 1;
    const isDivisible = op === "write" && bytes.length > 1;
    return [{ call, phase: "before" }, ...(isDivisible ? [{ call, phase: "half" } as const] : [])];
  });
}

/** True where the runner died of it; it may have made fewer calls this time, for example a manifest less. */
function wasKilled({ signal, code, stderr }: Ended): boolean {
  if (signal === null) assert.equal(code, 0, stderr);
  else assert.equal(signal, "SIGKILL");
  return signal !== null;
}

/** Adds the point to what goes wrong there. */
async function at(kill: Kill, calls: readonly DiskCall[], action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const { op, path } = calls[kill.call - 1] ?? {};
    throw new Error(`Killed ${kill.phase} call ${kill.call}, ${op} ${path}`, { cause: error });
  }
}

testWith(
  [C_COMPILER],
  "fault 24: a runner killed at every call that changes the disk loses no finished run",
  async () => {
    using whole = new Study();
    const calls = await traceOf((trace) => whole.start({ trace }));
    await assertComplete(whole.dirs[0] ?? "", 2);
    const all = killsAt(calls);
    assert.ok(all.length > 80, `${all.length} calls to be killed at`);
    const kills = sampled("calls of a study are killed at", all, 2);
    let killed = 0;
    await inParallel(kills, (kill) =>
      at(kill, calls, async () => {
        using study = new Study();
        if (!wasKilled(await study.start({ kill }))) return;
        killed += 1;
        await assertWorkersGone(study.out);
        const [dir] = study.dirs;
        if (dir === undefined || !hasPlan(dir)) return await assertUnusable(study, dir);
        namedResults(dir);
        await assertStatus(dir, 2);
        await assertResumes(dir, 2, wholeResults(dir));
      }));
    assert.ok(killed > kills.length * 0.9 - 1, `${killed} of ${kills.length} kills`);
  },
);

function hasPlan(dir: string): boolean {
  return [...Deno.readDirSync(dir)].some(({ name }) => name === "plan.json");
}

/** Nothing has run in such a directory: it is refused by name, and the study can be started anew beside it. */
async function assertUnusable(study: Study, dir: string | undefined): Promise<void> {
  for (const args of dir === undefined ? [] : [["run", "--resume", dir], ["status", dir], ["show", dir]]) {
    const { code, stderr } = await llem(args);
    assert.equal(code, 2);
    assert.match(stderr, /is not a study directory .*nothing has run in it\)\. Start the study again/);
  }
  const { code, stderr } = await llem(["run", study.file, "-o", study.out]);
  assert.equal(code, 0, stderr);
  const fresh = study.dirs.find((other) => other !== dir);
  await assertComplete(fresh ?? "", 2);
}

testWith(
  [C_COMPILER],
  "fault 24: a resume killed at every call that changes the disk can be resumed",
  async () => {
    using torn = await tornStudy();
    const copyOf = (box: Study): string => {
      const dir = join(box.dir, "study");
      copyFolder(torn.dirs[0] ?? "", dir);
      return Deno.realPathSync(dir);
    };
    const resume = (dir: string, trouble: DiskTrouble): Promise<Ended> =>
      llem(["run", "--resume", dir], { env: diskShim({ root: dir, ...trouble }) });
    using whole = new Study();
    const dir = copyOf(whole);
    const calls = await traceOf((trace) => resume(dir, { trace }));
    await assertComplete(dir, 2);
    const all = killsAt(calls);
    assert.ok(all.length > 50, `${all.length} calls to be killed at`);
    const kills = sampled("calls of a resume are killed at", all, 1);
    let killed = 0;
    await inParallel(kills, (kill) =>
      at(kill, calls, async () => {
        using study = new Study();
        const dir = copyOf(study);
        const saved = wholeResults(dir);
        assert.equal(saved.size, 1);
        if (!wasKilled(await resume(dir, { kill }))) return;
        killed += 1;
        await assertWorkersGone(dir);
        await assertStatus(dir, 2);
        await assertResumes(dir, 2, new Map([...saved, ...wholeResults(dir)]));
      }));
    assert.ok(killed > kills.length * 0.9 - 1, `${killed} of ${kills.length} kills`);
  },
);

/** Killed half way through the journal's line for the end of run 1, whose result is saved. */
async function tornStudy(): Promise<Study> {
  using whole = new Study();
  const calls = await traceOf((trace) => whole.start({ trace }));
  const call =
    calls.findIndex(({ bytes }) => new TextDecoder().decode(bytes).includes('"type":"run_finished"')) +
    1;
  const study = new Study();
  assert.ok(wasKilled(await study.start({ kill: { call, phase: "half" } })));
  await assertWorkersGone(study.out);
  const { events, torn_bytes } = readJournal(study.dirs[0] ?? "");
  assert.deepEqual([events.at(-1)?.type, torn_bytes > 0], ["run_started", true]);
  return study;
}

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyFolder(join(from, name), join(to, name));
    else Deno.copyFileSync(join(from, name), join(to, name));
  }
}

testWith(
  [C_COMPILER],
  "fault 24: a runner killed around the link to its own program leaves none after the resume",
  async () => {
    using box = new Sandbox();
    const study = box.write(
      "study.yaml",
      `backend: llamacpp
model: tiny-random
dataset: { n: 1, input_len: 4, output_len: 4 }
warmup: { enabled: false }
execution: { n_cycles: 2 }
`,
    );
    const run = (out: string, trouble: DiskTrouble): Promise<Ended> =>
      llem(["run", study, "-o", out], { env: diskShim({ root: out, ...trouble }) });
    const at = (name: string): string => join(Deno.realPathSync(box.dir), name);
    const calls = await traceOf((trace) => run(at("traced"), { trace }));
    const link = ".llem-worker";
    // Made by the first of them, removed by the last. How many others lie between depends on the clock.
    const last = calls.filter(({ path, other }) => `${path} ${other}`.includes(link)).length;
    assert.ok(last > 1, "the program is linked and unlinked by calls that are seen");
    const moments = [[1, "before"], [1, "after"], [last, "before"]] as const;
    for (const [call, phase] of sampled("calls around the link are killed at", moments, 1)) {
      const out = at(`${call}-${phase}`);
      assert.ok(wasKilled(await run(out, { kill: { call, phase, path: link } })));
      await assertWorkersGone(out);
      const [entry] = [...Deno.readDirSync(out)];
      const dir = join(out, entry?.name ?? "");
      await assertResumes(dir, 2, wholeResults(dir));
      assert.deepEqual(leftovers(dir), []);
    }
  },
);

testWith(
  [C_COMPILER, STRACE],
  "the disk shim sees every call on a study directory that strace sees",
  async () => {
    using study = new Study();
    const [seen, strace] = [join(study.dir, "seen"), join(study.dir, "strace")];
    const shim = Object.entries(diskShim({ root: study.out, trace: seen })).map(([name, value]) =>
      `${name}=${value}`
    );
    const traced =
      "trace=mkdir,mkdirat,write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat,renameat2,unlink," +
      "unlinkat,link,linkat,ftruncate,truncate,sync_file_range,fallocate,copy_file_range,sendfile,io_uring_enter";
    const { success } = await new Deno.Command("strace", {
      args: ["-f", "-qq", "-y", "-z", "-s", "0", "-e", traced, "-o", strace, "env", ...shim]
        .concat([join(import.meta.dirname ?? "", "../../dist/llem"), "run", study.file, "-o", study.out]),
      stdout: "null",
      stderr: "null",
    }).output();
    assert.ok(success);
    const ours = readTrace(seen).filter(({ result, op }) => result >= 0 && !op.startsWith("open")).map((
      { op },
    ) => op);
    const lines = Deno.readTextFileSync(strace).split("\n");
    // The owner's text in the lock goes the way of the lock itself, by a library that is opened at run time.
    const isOfStudy = (line: string): boolean => line.includes(study.out) && !line.includes("/lock>");
    const theirs = lines.filter(isOfStudy).map((line) =>
      /^\d+ +(?:<\.\.\. )?(\w+)/.exec(line)?.[1]?.replace(/at2?$/, "")
    );
    assert.deepEqual(lines.filter((line) => line.includes("io_uring")), []);
    assert.deepEqual(ours, theirs);
    assert.ok(ours.length > 60);
  },
);
