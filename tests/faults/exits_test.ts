/** Faults at the two ends of a process: it dies in an odd way, or it cannot be started at all. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { ended, ran, readManifest, type RunRow, Sandbox, start, until } from "../e2e/llem.ts";
import { type Need, NO_EMULATORS, testWith } from "../support/needs.ts";
import { commandStudy, finishedLines, fixture, restRuns } from "./_fault.ts";

for (const signal of [33, 34, 40, 64]) {
  Deno.test(`fault 17: a worker killed by signal ${signal} is a crashed run, and the runner lives`, async () => {
    using box = new Sandbox();
    const command = [fixture("dies_by_signal"), String(signal)];
    const { row } = restRuns(await box.run(commandStudy(box, [command, "ok"])), 1, "crashed");
    assert.equal(row.exit_code, null);
    assert.equal(row.signal, "SIGRT");
    assert.equal(row.error?.message, "The worker was killed by SIGRT without a result");
  });
}

Deno.test("fault 17: signal 32, which Deno takes for exit code 0, makes no success without a result", async () => {
  using box = new Sandbox();
  const command = [fixture("dies_by_signal"), "32"];
  restRuns(await box.run(commandStudy(box, [command, "ok"])), 1, "protocol_error");
});

Deno.test("fault 17: a real-time signal after the result is no success", async () => {
  using box = new Sandbox();
  const command = [fixture("dies_by_signal"), "40", "after_result"];
  const { row } = restRuns(await box.run(commandStudy(box, [command, "ok"])), 1, "crashed");
  assert.deepEqual(row.flags, ["result_present"]);
});

/** What can no longer be started once a study has begun, and what is said about it; the box's folder stands for BOX. */
const UNSTARTABLE: readonly {
  readonly name: string;
  /** The program as it is when the study begins. */
  readonly argv: (box: Sandbox) => string[];
  /** What the first run does in the box. */
  readonly breaks: string;
  readonly errno: string;
  readonly message: string;
  readonly needs?: readonly Need[];
}[] = [
  {
    name: "a path that does not exist",
    argv: (box) => [`./${basename(program(box, "missing.sh"))}`],
    breaks: "rm missing.sh",
    errno: "ENOENT",
    message: "BOX/missing.sh does not exist. Paths with a slash start at the study file's folder.",
  },
  {
    name: "a script whose interpreter does not exist",
    argv: (box) => [program(box, "lost.sh")],
    breaks: "echo '#!/no/such/interpreter' >lost.sh",
    errno: "ENOENT",
    message: "Cannot start BOX/lost.sh: it, or the interpreter in its first line, does not exist",
  },
  {
    name: "a file that is not executable",
    argv: (box) => [program(box, "plain.txt")],
    breaks: "chmod a-x plain.txt",
    errno: "EACCES",
    message: "BOX/plain.txt is not executable. Run: chmod +x BOX/plain.txt",
  },
  {
    name: "a folder",
    argv: (box) => [program(box, "folder")],
    breaks: "rm folder && mkdir folder",
    errno: "EACCES",
    message: "BOX/folder is a folder, not a program.",
  },
  {
    name: "a script without a first line",
    argv: (box) => [program(box, "headless")],
    breaks: "echo 'echo hello' >headless",
    errno: "ENOEXEC",
    message: "BOX/headless is neither a binary nor a script with a first line such as #!/bin/sh.",
  },
  {
    name: "a binary of another kind of machine",
    argv: (box) => [program(box, "foreign")],
    breaks: "printf '\\177ELF and no more of it' >foreign",
    errno: "ENOEXEC",
    message: "BOX/foreign is a binary for another kind of machine, or damaged.",
    needs: [NO_EMULATORS],
  },
  {
    name: "an argument of 200 kB",
    argv: () => ["/bin/sh", "-c", "exit", "x".repeat(200_000)],
    breaks: ":",
    errno: "E2BIG",
    message:
      "Cannot start /bin/sh: its arguments and environment are too long; a single one can have 128 KiB",
  },
];

/** A good run that changes something in the box for those after it: what is wrong from the start is refused. */
function breaking(box: Sandbox, shell: string): string[] {
  return [program(box, "breaks.sh", `#!/bin/sh\n${shell}\nexec ${fixture("ok")}\n`)];
}

for (const { name, argv, breaks, errno, message, needs } of UNSTARTABLE) {
  testWith(
    needs ?? [],
    `fault 20: ${name} is spawn_failed with ${errno}, and is not tried again`,
    async () => {
      using box = new Sandbox();
      const study = commandStudy(box, [breaking(box, breaks), argv(box), "ok"], { retries: 2 });
      const { row, record } = restRuns(await box.run(study), 2, "spawn_failed");
      assertNotStarted(row, errno, message.replaceAll("BOX", box.dir));
      assert.equal(record.outcome.error?.message, row.error?.message);
    },
  );
}

Deno.test("fault 20: a name that is not in PATH is spawn_failed with ENOENT, and says where it was looked for", async () => {
  using box = new Sandbox();
  const name = basename(program(box, "no-such-program-anywhere"));
  const study = commandStudy(box, [breaking(box, `rm ${name}`), [name], "ok"], { retries: 2 });
  const PATH = `${box.dir}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`;
  const end = await ended(start(["run", study, "-o", join(box.dir, "out"), "--json"], { env: { PATH } }));
  const { row } = restRuns(ran(end), 2, "spawn_failed");
  assert.equal(row.error?.type, "ENOENT");
  assert.match(row.error?.message ?? "", /^"no-such-program-anywhere" is not in PATH \(\/.*\)\. Install it/);
});

Deno.test("fault 20: a study's folder that goes away in the middle makes the rest spawn_failed, with the folder named", async () => {
  using box = new Sandbox();
  const folder = join(box.dir, "folder");
  Deno.mkdirSync(folder);
  const study = join(folder, "study.yaml");
  Deno.renameSync(commandStudy(box, ["sleeper", "ok", "ok"], { retries: 2 }), study);
  const out = join(box.dir, "out");
  const child = start(["run", study, "-o", out, "--json"]);
  await until("run 1", () => {
    const [entry] = [...Deno.readDirSync(out)];
    return Deno.readTextFileSync(join(out, entry?.name ?? "", "journal.jsonl")).includes("run_started");
  });
  Deno.removeSync(folder, { recursive: true });
  const { runs, code, dir } = ran(await ended(child));
  assert.equal(code, 1);
  assert.deepEqual(runs.map((run) => run.outcome), ["completed", "spawn_failed", "spawn_failed"]);
  for (const row of runs.slice(1)) {
    assertNotStarted(
      row,
      "ENOENT",
      `Cannot start ${fixture("ok")}: its working folder ${folder} does not exist any more`,
    );
  }
  assert.deepEqual(finishedLines(dir).map((line) => line.kind), runs.map((run) => run.outcome));
  assert.deepEqual(readManifest(dir).experiments.map((entry) => entry.attempt), [1, 1, 1]);
});

function assertNotStarted(row: RunRow, errno: string, message: string): void {
  assert.deepEqual(row.error, { type: errno, message });
  assert.deepEqual([row.exit_code, row.signal, row.attempt, row.will_retry], [null, null, 1, false]);
}

function program(box: Sandbox, name: string, text = "#!/bin/sh\n"): string {
  const path = box.write(name, text);
  Deno.chmodSync(path, 0o755);
  return path;
}
