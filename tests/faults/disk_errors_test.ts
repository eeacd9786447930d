/**
 * A disk that fails: full (ENOSPC), over quota (EDQUOT), broken (EIO) or read-only (EROFS), at every file of a study.
 * Where the product cannot be saved the study stops with exit code 4; anything else costs one warning. Cases and errors
 * are mixed by a seed; with --slow every case is tried with every error.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ended, LLEM, llem, readManifest, readResult, Sandbox, until } from "../e2e/llem.ts";
import { diskShim, type DiskTrouble, ERRNO, readTrace } from "../support/disk_shim.ts";
import { C_COMPILER, testWith, TMPFS } from "../support/needs.ts";
import { sampledPairs } from "../support/sampled.ts";
import { SmallDisk } from "../support/small_disk.ts";
import {
  assertComplete,
  assertResumes,
  assertStatus,
  assertWorkersGone,
  completedRuns,
  inParallel,
  namedResults,
  readJournal,
  wholeResults,
} from "./_saved_study.ts";

type Fail = Omit<NonNullable<DiskTrouble["fail"]>, "errno">;

/** What the message says of each error, remedy included. */
const MESSAGES: Readonly<Record<keyof typeof ERRNO, RegExp>> = {
  ENOSPC: /no space left on the device\. Free some/,
  EDQUOT: /disk quota exceeded\. Free some/,
  EIO: /the device failed \(input\/output error\)\. See the system's log/,
  EROFS: /the file system is read-only\. Make it writable/,
};
const ERRORS = Object.keys(ERRNO) as (keyof typeof ERRNO)[];

/** A sandbox with an output folder and one study directory in it at most. */
class Box extends Sandbox {
  readonly out = join(Deno.realPathSync(this.dir), "out");

  runFailing(fixtures: readonly string[], fail: Fail, error: keyof typeof ERRNO): Promise<Ended> {
    const env = diskShim({ root: this.out, fail: { ...fail, errno: ERRNO[error] } });
    return llem(["run", this.study(fixtures), "-o", this.out], { env });
  }

  get studyDir(): string {
    const [entry] = [...Deno.readDirSync(this.out)];
    return join(this.out, entry?.name ?? "nothing");
  }
}

interface Loss {
  readonly what: string;
  readonly fail: Fail;
  /** The file that the message names. */
  readonly names: RegExp;
  readonly fixtures: readonly string[];
}

const LOSSES: readonly Loss[] = [
  ...["open_trunc", "write", "fsync"].map((op) => ({
    what: `${op} of the result`,
    fail: { ops: [op], path: "result.json" },
    names: /the result .*\/runs\/0001_\w+\/result\.json/,
    fixtures: ["quick", "quick"],
  })),
  {
    what: "rename of the result",
    fail: { ops: ["rename"], path: "result.json" },
    names: /the result .*\/runs\/0001_\w+\/result\.json/,
    fixtures: ["quick", "quick"],
  },
  {
    what: "fsync of the result's folder",
    fail: { ops: ["fsync"], path: "/runs/0002_", from: 2 },
    names: /the result .*\/runs\/0002_\w+\/result\.json/,
    fixtures: ["quick", "quick"],
  },
  {
    what: "creation of the run folder",
    fail: { ops: ["mkdir"], path: "/runs/0002_" },
    names: /the run folder .*\/runs\/0002_\w+/,
    fixtures: ["quick", "quick"],
  },
  // The journal's lines: study_started, twice run_starting, run_started and run_finished, study_finished.
  ...[1, 2, 3, 4, 7, 8].map((from) => ({
    what: `write of the journal's line ${from}`,
    fail: { ops: ["write"], path: "journal.jsonl", from },
    names: /the journal .*\/journal\.jsonl/,
    fixtures: from === 3 ? ["hangs_once", "quick"] : ["quick", "quick"],
  })),
  // All of them but the starts are synced.
  ...[1, 2, 3, 4].map((from) => ({
    what: `fdatasync ${from} of the journal`,
    fail: { ops: ["fdatasync"], path: "journal.jsonl", from },
    names: /the journal .*\/journal\.jsonl/,
    fixtures: ["quick", "quick"],
  })),
  ...["open", "write"].map((op) => ({
    what: `${op} of the requests`,
    fail: { ops: [op], path: "requests.jsonl" },
    names: /the requests .*\/runs\/0001_\w+\/requests\.jsonl/,
    fixtures: ["hangs_once", "quick"],
  })),
  {
    what: "fdatasync of the requests",
    fail: { ops: ["fdatasync"], path: "requests.jsonl" },
    names: /the result .*\/runs\/0001_\w+\/result\.json/,
    fixtures: ["quick", "quick"],
  },
];

const FATAL = sampledPairs("failures of the disk at a result or the journal", LOSSES, ERRORS, 3);

for (const error of ERRORS) {
  const losses = FATAL.filter((pair) => pair[1] === error).map(([loss]) => loss);
  testWith(
    [C_COMPILER],
    `fault 28: ${error} at a result or the journal is exit 4, with every worker dead and nothing lost`,
    () =>
      inParallel(losses, async ({ what, fail, names, fixtures }) => {
        using box = new Box();
        const { code, stderr } = await box.runFailing(fixtures, fail, error);
        assert.equal(code, 4, `${what}: ${stderr}`);
        await assertWorkersGone(box.out);
        assert.match(stderr, names, what);
        assert.match(stderr, MESSAGES[error], what);
        assert.match(stderr, /resume with: llem run --resume \//, what);
        assert.doesNotMatch(stderr, /Uncaught|\n\s+at /, what);
        const dir = box.studyDir;
        assert.deepEqual(readJournal(dir).torn_bytes, 0, `${what}: what was not saved is taken back`);
        namedResults(dir);
        await assertStatus(dir, 2);
        await assertResumes(dir, 2, wholeResults(dir));
      }),
  );
}

testWith(
  [C_COMPILER],
  "fault 28: a run whose line in the journal could not be saved has not ended",
  async () => {
    // The fifth line is the end of the second run, and the third one that is synced.
    for (const [op, from] of [["write", 5], ["fdatasync", 3]] as const) {
      using box = new Box();
      await box.runFailing(["quick", "quick"], { ops: [op], path: "journal.jsonl", from }, "EIO");
      const { events } = readJournal(box.studyDir);
      assert.deepEqual(completedRuns(events).map(({ index }) => index), [1], op);
    }
  },
);

testWith(
  [C_COMPILER],
  "fault 28: an error while the study directory is made is exit 4 and leaves nothing",
  async () => {
    const cases: readonly (readonly [file: string, ops: readonly string[]])[] = [
      ["runs", ["mkdir"]],
      ["study.yaml", ["open_trunc", "write", "fsync"]],
      ["environment.json", ["write", "rename"]],
      ["plan.json", ["write", "fsync"]],
      ["journal.jsonl", ["open"]],
    ];
    const calls = cases.flatMap(([file, ops]) => ops.map((op) => ({ file, op })));
    const all = sampledPairs("failures while the study directory is made", calls, ERRORS, 1);
    await inParallel(all, async ([{ file, op }, error]) => {
      using box = new Box();
      const { code, stdout, stderr } = await box.runFailing(
        ["quick", "quick"],
        { ops: [op], path: `/${file}` },
        error,
      );
      assert.equal(code, 4, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, new RegExp(`^llem: Cannot save the .*/${file}: `));
      assert.match(stderr, MESSAGES[error]);
      assert.equal(stderr.trim().split("\n").length, 1, "one line, with nothing to resume");
      assert.deepEqual([...Deno.readDirSync(box.out)], [], `${error} at ${op} of ${file}`);
    });
  },
);

const NUISANCES: readonly { readonly file: string; readonly ops: readonly string[] }[] = [
  { file: "worker.log", ops: ["open_trunc", "write"] },
  { file: "manifest.json", ops: ["open_trunc", "write", "fsync", "rename"] },
  { file: "summary.json", ops: ["open_trunc", "write", "fsync", "rename"] },
];

for (const { file, ops } of NUISANCES) {
  testWith([C_COMPILER], `fault 28: an error at ${file} is one warning, and the study completes`, () => {
    const all = sampledPairs(`failures at ${file}`, ops, ERRORS, 1);
    return inParallel(all, async ([op, error]) => {
      using box = new Box();
      const { code, stderr } = await box.runFailing(["quick", "quick"], { ops: [op], path: file }, error);
      assert.equal(code, 0, stderr);
      assert.equal(stderr.match(/^warning:/gm)?.length, 1, `${error} at ${op}: ${stderr}`);
      assert.match(
        stderr,
        new RegExp(`^warning: (?=.*(could not be|Cannot) writ).*(${file}|log|summary)`, "m"),
      );
      const dir = box.studyDir;
      const { events } = readJournal(dir);
      assert.equal(events.at(-1)?.type, "study_finished");
      assert.equal(completedRuns(events).length, 2);
      if (file === "worker.log") {
        for (const path of namedResults(dir).keys()) {
          const { warnings } = readResult(join(dir, path, ".."));
          assert.deepEqual(warnings.map((warning) => warning.code), ["log"]);
        }
      }
      // Manifest and summary are made again once the disk is well.
      const again = await llem(["run", "--resume", dir]);
      assert.match(again.stderr, /nothing is left to do/);
      await assertComplete(dir, 2);
    });
  });
}

/** Runs llem with a descriptor sent somewhere by the shell. */
async function redirected(redirection: string, ...args: readonly string[]): Promise<Ended> {
  const { code, signal, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", `exec "$@" ${redirection}`, "sh", LLEM, ...args],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, signal, stdout: text(stdout), stderr: text(stderr) };
}

for (const json of [[], ["--json"]]) {
  Deno.test(`fault 28: run ${json.join("")} with stdout on a full disk is one warning, and the study completes`, async () => {
    using box = new Box();
    const study = box.study(["quick", "quick"]);
    const { code, stderr } = await redirected(">/dev/full", "run", study, "-o", box.out, ...json);
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/^warning:/gm)?.length, 1, stderr);
    assert.match(stderr, /^warning: cannot write to stdout: .*No space left.*; results are in /m);
    await assertComplete(box.studyDir, 2);
  });
}

Deno.test("fault 28: run with stderr on a full disk completes, its records whole", async () => {
  using box = new Box();
  const study = box.study(["quick", "quick"]);
  const { code, stdout } = await redirected("2>/dev/full", "run", study, "-o", box.out, "--json");
  assert.equal(code, 0);
  assert.equal(stdout.trim().split("\n").length, 4);
  await assertComplete(box.studyDir, 2);
});

testWith([C_COMPILER], "fault 11: half a result is never read, and is removed by the resume", async () => {
  using box = new Box();
  const study = box.study(["quick", "quick"]);
  const trace = join(box.dir, "trace");
  const run = (trouble: DiskTrouble): Promise<Ended> =>
    llem(["run", study, "-o", box.out], { env: diskShim({ root: box.out, ...trouble }) });
  await run({ trace });
  Deno.removeSync(box.out, { recursive: true });
  const call = readTrace(trace).findIndex(({ op, path }) =>
    op === "write" && path.includes("result.json.tmp")
  ) + 1;
  assert.ok(call > 0);
  assert.equal((await run({ kill: { call, phase: "half" } })).signal, "SIGKILL");
  const runs = join(box.studyDir, "runs");
  const [folder] = [...Deno.readDirSync(runs)];
  const files = [...Deno.readDirSync(join(runs, folder?.name ?? ""))].map(({ name }) => name);
  const half = files.find((name) => name.startsWith("result.json.tmp-"));
  assert.ok(half !== undefined && !files.includes("result.json"), files.join(" "));
  assert.throws(() => JSON.parse(Deno.readTextFileSync(join(runs, folder?.name ?? "", half))), SyntaxError);
  const shown = await llem(["show", box.studyDir, "--json"]);
  assert.equal(JSON.parse(shown.stdout)[0].completed, 0);
  await assertStatus(box.studyDir, 2);
  await assertResumes(box.studyDir, 2, new Map());
});

Deno.test("fault 11: a result.json that the worker wrote itself does not count", async () => {
  using box = new Box();
  const child = new Deno.Command(LLEM, {
    args: ["run", box.study(["hangs_once", "quick"]), "-o", box.out],
    stdout: "null",
    stderr: "null",
  }).spawn();
  await until("the first request", () => {
    const [entry] = [...Deno.readDirSync(join(box.studyDir, "runs"))];
    return Deno.statSync(join(box.studyDir, "runs", entry?.name ?? "", "requests.jsonl")).isFile;
  });
  child.kill("SIGKILL");
  await child.status;
  await assertWorkersGone(box.out);
  const [entry] = [...Deno.readDirSync(join(box.studyDir, "runs"))];
  for (
    const text of ["{", '{"schema":"llem.result/1","run":{"run_id":"other"}}', '{"schema":"llem.result/1"}']
  ) {
    Deno.writeTextFileSync(join(box.studyDir, "runs", entry?.name ?? "", "result.json"), text);
    const { code, stdout } = await llem(["status", box.studyDir, "--json"]);
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).completed, 0);
  }
  const { code, stderr } = await llem(["run", "--resume", box.studyDir]);
  assert.equal(code, 0, stderr);
  const lost = readJournal(box.studyDir).events.filter((event) =>
    event.type === "run_finished" && event.kind === "lost"
  );
  assert.equal(lost.length, 1);
  assert.equal(readManifest(box.studyDir).completed, 2);
});

testWith(
  [TMPFS],
  "fault 28: too little space or too few files is exit 4 before anything is made",
  async () => {
    const cases = [
      [
        "size=4m",
        /^llem: Not enough space in .*disk\/out: 4\.0 MiB free, but 2 runs need at least 4\.1 MiB\. Free/,
      ],
      [
        "size=64m,nr_inodes=20",
        /room for 1\d more files \(inodes\), but 2 runs need at least 26\. Free some/,
      ],
    ] as const;
    for (const [options, message] of cases) {
      using box = new Box();
      using disk = new SmallDisk(join(box.dir, "disk"), options);
      const { code, stderr } = await llem([
        "run",
        box.study(["quick", "quick"]),
        "-o",
        join(disk.path, "out"),
      ]);
      assert.equal(code, 4, stderr);
      assert.match(stderr, message);
      assert.deepEqual([...Deno.readDirSync(disk.path)], []);
    }
  },
);

testWith([C_COMPILER, TMPFS], "fault 28: a resume without space is exit 4 before its first run", async () => {
  using box = new Box();
  using disk = new SmallDisk(join(box.dir, "disk"), "size=64m");
  const fail = { ops: ["mkdir"], path: "/runs/0002_", errno: ERRNO.ENOSPC };
  const args = ["run", box.study(["quick", "quick"]), "-o", disk.path];
  assert.equal((await llem(args, { env: diskShim({ root: disk.path, fail }) })).code, 4);
  const [entry] = [...Deno.readDirSync(disk.path)];
  const dir = join(disk.path, entry?.name ?? "");
  disk.change("size=2m");
  const { code, stderr } = await llem(["run", "--resume", dir]);
  assert.equal(code, 4, stderr);
  assert.match(
    stderr,
    /Not enough space in .*: [12]\.\d MiB free, but 1 run needs at least 4\.0 MiB\. Free some\.$/m,
  );
  assert.equal(readJournal(dir).events.filter(({ type }) => type === "study_resumed").length, 0);
  disk.change("size=64m");
  const resumed = await llem(["run", "--resume", dir]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, /^llem: warning: only 6\d\.\d MiB free in/m);
  await assertComplete(dir, 2);
});
