/** Faults that concern what is shown and told: odd bytes of workers, and readers that stall, leave or are full. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { studyProcesses } from "../../scripts/soaking/study_processes.ts";
import { LLEM, llem, readManifest, readResult, records, runFolder, Sandbox, until } from "../e2e/llem.ts";
import { STOP_SIGNALS } from "../../lib/process/inherited.ts";
import { allProcesses } from "../../lib/process/proc_stat.ts";
import { EXIT } from "../../lib/base/refusal.ts";
import { SCRIPT, testWith } from "../support/needs.ts";
import { commandStudy, endedInTime, finishedLines, fixture, restRuns } from "./_fault.ts";
import { inTerminal, latin1 } from "./_terminal.ts";

/** A command line of the fixture with odd bytes. */
function oddBytes(stream: "stdout" | "stderr", ending: "result" | "error" | "broken"): string[] {
  return [fixture("odd_bytes"), stream, ending];
}

for (const stream of ["stdout", "stderr"] as const) {
  Deno.test(`fault 13: odd bytes on ${stream} are kept in the log as they are`, async () => {
    using box = new Sandbox();
    const end = await box.run(commandStudy(box, [oddBytes(stream, "result"), "ok"]));
    const { folder } = restRuns(end, 1, "completed");
    const log = Deno.readFileSync(join(folder, "worker.log"));
    assert.deepEqual(latin1(log), latin1(Deno.readFileSync(join(folder, "expected"))));
    assert.ok(log.length > 100);
  });
}

Deno.test("fault 13: odd characters in frames are kept in the record, and the JSON of them is valid and plain", async () => {
  using box = new Sandbox();
  const study = commandStudy(box, [oddBytes("stdout", "result"), oddBytes("stderr", "error"), "ok"]);
  const { runs, stdout, dir } = await box.run(study);
  assert.deepEqual(runs.map((run) => run.outcome), ["completed", "failed", "completed"]);
  const [first, second] = [1, 2].map((index) => readResult(runFolder(dir, index)));
  assert.deepEqual(first?.measurement?.metrics, { "\x1b[31mscore\x07": 0.5, "\x9bc1\x7f": 2 });
  assert.equal(first?.measurement?.["blob"], "\0\x1b");
  // Bytes that are no UTF-8 become U+FFFD; a character in two pieces stays whole.
  assert.deepEqual(first?.warnings, [
    { code: "\x1b[31mcode", text: "\ufffd\ufffd" },
    { code: "split", text: "caf\u00e9" },
  ]);
  assert.deepEqual(runs[1]?.error, {
    type: "\x1b[31mOdd\0Error",
    message: "\x1b[2J\x9b31m\r\nmessage \0\x07",
  });
  assert.equal(second?.outcome.error?.traceback, "\x1b[31m");
  assertPlain(stdout.replaceAll("\n", ""));
  for (const command of [["status", dir, "--json"], ["show", dir, "--json"]]) {
    const { stdout, code } = await llem(command);
    assert.equal(code, 0);
    assertPlain(stdout.trimEnd());
    JSON.parse(stdout);
  }
});

testWith([SCRIPT], "fault 13: no control character of a worker or a study reaches the terminal", async () => {
  using box = new Sandbox();
  const study = join(box.dir, "odd.json");
  const experiments = (["result", "error", "broken"] as const).flatMap((ending, index) => [{
    n: index + 1,
    model: `\x1b[31mmodel\x07${ending}\x9b`,
    params: { "\x1b[5mkey": "\x1b]0;title\x07" },
    command: { argv: oddBytes(index % 2 === 0 ? "stdout" : "stderr", ending) },
  }]);
  Deno.writeTextFileSync(
    study,
    JSON.stringify({
      name: "odd",
      backend: "command",
      experiments,
      execution: { n_cycles: 1, cycle_order: "sequential" },
    }),
  );
  await using terminal = inTerminal(
    box,
    `"$LLEM" plan "$BOX/odd.json"
    "$LLEM" plan "$BOX/odd.json" --json
    "$LLEM" run "$BOX/odd.json" -o "$BOX/out" -v
    "$LLEM" run "$BOX/odd.json" -o "$BOX/out" --json
    for dir in "$BOX"/out/*; do
      "$LLEM" status "$dir"; "$LLEM" status "$dir" --json
      "$LLEM" show "$dir"; "$LLEM" show "$dir" --json; "$LLEM" show "$dir" --csv
    done
    echo the end`,
  );
  await terminal.ended();
  const text = new TextDecoder("utf-8", { fatal: true }).decode(terminal.bytes());
  assert.ok(text.trimEnd().endsWith("the end"), text.slice(-500));
  for (const shown of ["study finished", "score", "load", "message"]) {
    assert.ok(text.includes(shown), `${shown} is not shown`);
  }
  // What is left once lines and the clearing of the live line are gone.
  assert.ok(text.includes("\r\x1b[2K"), "no live line was drawn");
  assertPlain(text.replaceAll("\r\x1b[2K", "").replaceAll("\r\n", ""));
});

/** A study with a hanging worker whose limit must be kept whatever happens to the output. */
function studyWithLimit(box: Sandbox): string {
  return commandStudy(box, ["ok", "hang", "ok"], { experiment_timeout_seconds: LIMIT_S });
}

const LIMIT_S = 0.5;

/** Waits until a study in `out` is over by its manifest; its directory. */
function finishedStudy(box: Sandbox): Promise<string> {
  return until("the study to be over", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    const dir = join(box.dir, "out", entry?.name ?? "");
    return readManifest(dir).status === "failed" && dir;
  });
}

/** Asserts that such a study lost nothing and was not held up. */
function assertWhole(dir: string): void {
  const kinds = ["completed", "timed_out", "completed"];
  assert.deepEqual(finishedLines(dir).map((line) => line.kind), kinds);
  assert.deepEqual(readManifest(dir).experiments.map((entry) => entry.outcome), kinds);
  assert.deepEqual([1, 2, 3].map((index) => readResult(runFolder(dir, index)).outcome.kind), kinds);
  endedInTime(readResult(runFolder(dir, 2)), LIMIT_S);
  assert.deepEqual(studyProcesses(dir), []);
}

/** How the shell opens stdout or stderr of llem. */
const BROKEN_STREAMS: readonly {
  readonly name: string;
  readonly redirect: string;
  readonly warned?: boolean;
}[] = [
  { name: "a reader of stdout that takes one line", redirect: "| head -n 1 >/dev/null" },
  { name: "a reader of stdout that takes nothing", redirect: "| true" },
  { name: "a reader of stderr that takes nothing", redirect: "2>&1 >/dev/null | true" },
  { name: "a reader of both that takes nothing", redirect: "2>&1 | true" },
  { name: "a full disk behind stdout", redirect: ">/dev/full", warned: true },
  { name: "a full disk behind stderr", redirect: "2>/dev/full" },
  { name: "a full disk behind both", redirect: ">/dev/full 2>&1" },
  { name: "stdout closed", redirect: ">&-" },
  { name: "stderr closed", redirect: "2>&-" },
  { name: "stdin, stdout and stderr closed", redirect: "<&- >&- 2>&-" },
];

for (const { name, redirect, warned } of BROKEN_STREAMS) {
  Deno.test(`fault 32: ${name} costs no result, and the exit code is the study's`, async () => {
    using box = new Sandbox();
    const script = `"$1" run "$2" -o "$3" --json ${redirect}; exit "\${PIPESTATUS[0]}"`;
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", script, "shell", LLEM, studyWithLimit(box), join(box.dir, "out")],
      stdin: "null",
    }).output();
    assert.equal(code, 1);
    assertWhole(await finishedStudy(box));
    const warnings = new TextDecoder().decode(stderr).match(/cannot write to stdout: .*/g) ?? [];
    assert.equal(warnings.length, warned ? 1 : 0);
    if (warned) assert.match(warnings[0] ?? "", /No space left on device.*; results are in \/.*out\/faults_/);
    // Whatever is wrong with stderr, stdout says everything.
    const rows = records(new TextDecoder().decode(stdout));
    if (redirect.startsWith("2>/dev/full") || redirect === "2>&-") assert.equal(rows.length, 5);
  });
}

Deno.test("fault 32: what llem only prints must not end as a success where the disk is full", async () => {
  using box = new Sandbox();
  const study = studyWithLimit(box);
  const { dir } = await box.run(study);
  for (
    const args of [["plan", study], ["plan", study, "--json"], ["show", dir], ["status", dir], [
      "compare",
      dir,
    ], ["schema"]]
  ) {
    for (const [redirect, expected] of [[">/dev/full", 4], ["| true", 0]] as const) {
      const { code, stderr } = await new Deno.Command("bash", {
        args: ["-c", `"$@" ${redirect}; exit "\${PIPESTATUS[0]}"`, "shell", LLEM, ...args],
        stdin: "null",
      }).output();
      // One run cannot be compared: 3, unless even that could not be said.
      const usual = args[0] === "compare" ? EXIT.notComparable : EXIT.ok;
      assert.equal(code, expected === 0 ? usual : expected, `${args[0]} ${redirect}`);
      const said = new TextDecoder().decode(stderr);
      if (expected === 4) assert.match(said, /^llem: cannot write to stdout: No space left on device/);
      else assert.equal(said, "");
    }
  }
});

/** What a pipe holds. */
const FULL_BYTES = 65536;

/** Starts llem with stdout and stderr on a pipe that is full and that nobody reads. */
function startStalled(box: Sandbox, study: string): Deno.ChildProcess {
  const script =
    `mkfifo "$4" && exec 3<>"$4" && head -c ${FULL_BYTES} /dev/zero >&3 && exec "$1" run "$2" -o "$3" --json >&3 2>&3`;
  return new Deno.Command("bash", {
    args: ["-c", script, "shell", LLEM, study, join(box.dir, "out"), join(box.dir, "full")],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

Deno.test("fault 32: a reader that stalls delays no limit and costs no result; when it goes on, every row comes", async () => {
  using box = new Sandbox();
  const child = startStalled(box, studyWithLimit(box));
  assertWhole(await finishedStudy(box));
  // One reader to the end: were the fifo without one for a moment as llem ends, what is in it would be lost.
  const reader = await new Deno.Command("timeout", {
    args: ["30", "cat", join(box.dir, "full")],
    stderr: "inherit",
  }).output();
  assert.equal(reader.code, 0, "the output does not end");
  const text = new TextDecoder().decode(reader.stdout.subarray(FULL_BYTES));
  assert.equal((await child.status).code, 1);
  const rows = records(text.split("\n").filter((line) => line.startsWith("{")).join("\n"));
  assert.deepEqual(rows.map((row) => row.event), [
    "study_started",
    "run_finished",
    "run_finished",
    "run_finished",
    "study_finished",
  ]);
});

for (const [signal, code] of Object.entries(STOP_SIGNALS)) {
  Deno.test(`fault 32: ${signal} ends a llem whose study is over and whose output nobody reads, with ${code}`, async () => {
    using box = new Sandbox();
    const child = startStalled(box, studyWithLimit(box));
    const dir = await finishedStudy(box);
    // With its guard gone it has nothing left to do but to wait for the reader.
    await until("the guard to be gone", () => [...allProcesses()].every(({ ppid }) => ppid !== child.pid));
    child.kill(signal as Deno.Signal);
    assert.equal((await statusOf(child)).code, code);
    assertWhole(dir);
  });
}

Deno.test("fault 32: a study that is stopped ends soon, also where nobody reads its output", async () => {
  using box = new Sandbox();
  const child = startStalled(box, commandStudy(box, ["ok", "hang", "ok"], { grace_seconds: 0.2 }));
  const dir = await hangingStudy(box);
  child.kill("SIGTERM");
  assert.equal((await statusOf(child)).code, 143);
  assert.equal(readManifest(dir).status, "interrupted");
  assert.deepEqual(studyProcesses(dir), []);
});

/** Waits for a process that must end by itself. */
async function statusOf(child: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  const status = await child.status;
  clearTimeout(timer);
  return status;
}

testWith(
  [SCRIPT],
  "fault 32: a terminal that goes away is a HUP: exit 129, the study interrupted, workers dead",
  async () => {
    using box = new Sandbox();
    const study = commandStudy(box, ["ok", "hang", "ok"], { grace_seconds: 0.2 });
    // The first shell leads the session: it dies, and then everybody in the foreground gets the signal.
    await using terminal = inTerminal(
      box,
      `sh -c 'trap : HUP; "$LLEM" run "$1" -o "$BOX/out"; echo $? >"$BOX/code"' shell "${study}"`,
    );
    const dir = await hangingStudy(box);
    await terminal.close();
    const code = await until("the exit code", () => Deno.readTextFileSync(join(box.dir, "code")));
    assert.equal(code.trim(), "129");
    const manifest = readManifest(dir);
    assert.equal(manifest.status, "interrupted");
    assert.deepEqual(manifest.experiments.map((entry) => entry.status), [
      "completed",
      "interrupted",
      "pending",
    ]);
    assert.deepEqual(studyProcesses(dir), []);
  },
);

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL", "SIGABRT"] as const) {
  testWith(
    [SCRIPT],
    `fault 32: the terminal is sane after a death by ${signal} in the middle of a live line`,
    async () => {
      using box = new Sandbox();
      const study = commandStudy(box, ["ok", "hang", "ok"], { grace_seconds: 0.2 });
      await using terminal = inTerminal(
        box,
        `ulimit -c 0
      stty -a >"$BOX/before"
      "$LLEM" run "${study}" -o "$BOX/out"
      stty -a >"$BOX/after"`,
      );
      const dir = await hangingStudy(box);
      await until("the live line of run 2", () => latin1(terminal.bytes()).includes("\x1b[2K[2/3]"));
      const { pid }: { pid: number } = JSON.parse(Deno.readTextFileSync(join(dir, "lock")));
      Deno.kill(pid, signal);
      await terminal.ended();
      const [before, after] = ["before", "after"].map((name) => Deno.readTextFileSync(join(box.dir, name)));
      assert.ok(before?.includes("icanon"), before);
      assert.equal(after, before);
      // No cursor hidden, no other screen, no mouse: the clearing of a line is the only sequence ever sent.
      assert.ok(!latin1(terminal.bytes()).replaceAll("\x1b[2K", "").includes("\x1b"));
      await until("nothing of the study to live", () => studyProcesses(dir).length === 0);
    },
  );
}

/** Waits until the hanging second run is at work; the study's directory. */
async function hangingStudy(box: Sandbox): Promise<string> {
  return await until("run 2", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    const dir = join(box.dir, "out", entry?.name ?? "");
    return Deno.statSync(join(runFolder(dir, 2), "pids")).size > 0 && dir;
  });
}

function assertPlain(text: string): void {
  const found = /\p{Cc}/u.exec(text);
  if (found === null) return;
  const around = text.slice(Math.max(0, found.index - 60), found.index + 60);
  assert.fail(`a control character in ${JSON.stringify(around)}`);
}
