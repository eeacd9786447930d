/** What a run keeps outside the study directory, in TMPDIR and /dev/shm, goes with it, whatever ends it. */
import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { exists } from "../../lib/base/files.ts";
import {
  assertGone,
  ended,
  llem,
  pidsOf,
  ran,
  readJson,
  readResult,
  runFolder,
  Sandbox,
  until,
  WORKERS,
} from "../e2e/llem.ts";
import { CGROUP, type Need, PID_NAMESPACE, testWith } from "../support/needs.ts";
import { killBoth, type RunningStudy, startStudy, studyDirs } from "./_running_study.ts";

/** The machine's own interpreter, itself and no script in front of it: the fixture needs no package. */
const PYTHON = new TextDecoder().decode(
  new Deno.Command("python3", { args: ["-c", "import sys; print(sys.executable)"] }).outputSync().stdout,
).trim();

/** What the fixture has made. */
interface Left {
  readonly folder: string;
  /** Names in /dev/shm that are to go, and one that is the user's own. */
  readonly shared: readonly string[];
  readonly own: string;
}

const inMemory = (name: string): string => join("/dev/shm", name);

/** A sandbox that is also TMPDIR, with shared memory that was there before. */
class Place extends Sandbox {
  readonly tmp = join(this.dir, "tmp");
  readonly env = { TMPDIR: this.tmp, LLEM_LOCK_DIR: this.dir };
  readonly foreign = `/psm_${crypto.randomUUID().slice(0, 8)}`;
  readonly #own: string[] = [];

  constructor() {
    super();
    Deno.mkdirSync(this.tmp);
    const path = inMemory(this.foreign);
    Deno.writeFileSync(path, new Uint8Array(4096), { mode: 0o600 });
    // For the guard, which knows no time of birth.
    Deno.utimeSync(path, new Date(0), new Date(0));
  }

  leaving(end: "exits" | "hangs", execution: Readonly<Record<string, unknown>> = {}): string {
    const study = {
      name: "leaves",
      backend: "command",
      model: "none",
      command: { argv: [PYTHON, join(WORKERS, "leaves_files.py")] },
      experiments: [{ params: { end, foreign: [this.foreign] } }],
      execution: { n_cycles: 1, ...execution },
    };
    return this.write("leaves.yaml", JSON.stringify(study));
  }

  start(study: string): Promise<RunningStudy> {
    return startStudy(this, study, { options: { env: this.env } });
  }

  leftOf(folder: string): Left {
    const left: Left = readJson(join(folder, "left"));
    if (!this.#own.includes(left.own)) this.#own.push(left.own);
    return left;
  }

  /** Nothing of the run is left, and what is not its own is. */
  assertClear({ shared, folder, own }: Left): void {
    assert.deepEqual(shared.filter((name) => exists(inMemory(name))), []);
    assert.ok(!exists(folder), `${folder} is left`);
    assert.ok(exists(inMemory(own)), "a file of another name was removed");
    assert.ok(exists(inMemory(this.foreign)), "shared memory that was there before was removed");
  }

  override [Symbol.dispose](): void {
    for (const name of [...this.#own, this.foreign].filter((name) => exists(inMemory(name)))) {
      Deno.removeSync(inMemory(name));
    }
    super[Symbol.dispose]();
  }
}

const CONTAINMENTS: readonly (readonly [kind: string, needs: readonly Need[]])[] = [
  ["group", []],
  ["cgroup", [CGROUP]],
  ["pidns", [PID_NAMESPACE]],
];

for (const [containment, needs] of CONTAINMENTS) {
  testWith(
    needs,
    `fault 81: what a run keeps in TMPDIR and /dev/shm is gone when it ends (${containment})`,
    async () => {
      for (const [end, outcome] of [["exits", "completed"], ["hangs", "timed_out"]] as const) {
        using place = new Place();
        const study = place.leaving(end, { containment, experiment_timeout_seconds: 4 });
        const done = ran(
          await llem(["run", study, "-o", join(place.dir, "out"), "--json"], { env: place.env }),
        );
        assert.deepEqual(done.runs.map((run) => run.outcome), [outcome], done.stderr);
        const left = place.leftOf(runFolder(done.dir, 1));
        assert.equal(dirname(left.folder), place.tmp);
        assert.match(basename(left.folder), /^llem-[0-9a-f]{8}$/);
        place.assertClear(left);
        // Ids inside a namespace say nothing out here.
        if (containment !== "pidns") await assertGone(pidsOf(runFolder(done.dir, 1)));
        assert.deepEqual(readResult(runFolder(done.dir, 1)).warnings.map(({ code }) => code), []);
      }
    },
  );

  // A pid namespace ends with its runner: nobody is left to tell what of its memory had no name of the run's.
  if (containment === "pidns") continue;

  testWith(needs, `fault 81: SIGKILL of the runner takes these files along (${containment})`, async () => {
    using place = new Place();
    const { child, folder } = await place.start(place.leaving("hangs", { containment }));
    const left = place.leftOf(folder);
    child.kill("SIGKILL");
    await ended(child);
    await assertGone(pidsOf(folder));
    await until("its folder is gone", () => !exists(left.folder));
    place.assertClear(left);
  });

  testWith(
    needs,
    `fault 81: a resume removes them where runner and guard were killed (${containment})`,
    async () => {
      using place = new Place();
      // The runner has to be caught before that has passed, on a busy machine as well.
      const study = place.leaving("hangs", { containment, experiment_timeout_seconds: 6 });
      const running = await place.start(study);
      const left = place.leftOf(running.folder);
      await killBoth(running.child);
      assert.ok(
        exists(left.folder) && left.shared.every((name) => exists(inMemory(name))),
        "nothing was left",
      );
      const end = ran(await llem(["run", "--resume", running.dir, "--json"], { env: place.env }));
      assert.deepEqual(end.runs.map((run) => [run.attempt, run.outcome]), [[2, "timed_out"]]);
      place.assertClear(left);
      const folders = [...Deno.readDirSync(join(running.dir, "runs"))].map(({ name }) =>
        join(running.dir, "runs", name)
      );
      assert.equal(folders.length, 2);
      for (const folder of folders) place.assertClear(place.leftOf(folder));
    },
  );
}

testWith(
  [],
  "fault 81: the next study removes the folder of a run whose processes are all dead",
  async () => {
    using place = new Place();
    const running = await place.start(place.leaving("hangs"));
    const left = place.leftOf(running.folder);
    await killBoth(running.child);
    const [, tagged = ""] = left.shared;
    // While one of its processes lives, it is not touched.
    const other = place.study(["ok"]);
    const next = (): ReturnType<typeof llem> =>
      llem(["run", other, "-o", join(place.dir, "other")], { env: place.env });
    assert.equal((await next()).code, 0);
    assert.ok(exists(left.folder) && exists(inMemory(tagged)));
    for (const pid of pidsOf(running.folder)) Deno.kill(pid, "SIGKILL");
    await assertGone(pidsOf(running.folder));
    assert.equal((await next()).code, 0);
    assert.ok(!exists(left.folder) && !exists(inMemory(tagged)));
    // Whose the others are, only a process could have told.
    for (const name of left.shared.filter((each) => each !== tagged)) Deno.removeSync(inMemory(name));
  },
);

Deno.test("fault 81: a study leaves alone what another one has in TMPDIR", async () => {
  using place = new Place();
  const running = await place.start(place.leaving("hangs"));
  const left = place.leftOf(running.folder);
  const mine = join(place.tmp, "llem-00000000");
  Deno.mkdirSync(mine, { mode: 0o700 });
  Deno.writeTextFileSync(join(mine, "precious"), "");
  const end = await llem(["run", place.study(["ok"]), "-o", join(place.dir, "other")], { env: place.env });
  assert.equal(end.code, 0, end.stderr);
  assert.ok(exists(left.folder) && exists(join(mine, "precious")));
  running.child.kill("SIGTERM");
  await ended(running.child);
  place.assertClear(left);
  assert.deepEqual([...Deno.readDirSync(place.tmp)].map(({ name }) => name), ["llem-00000000"]);
});

Deno.test("fault 81: where TMPDIR takes no folder, a run gets one in /tmp and says so", async () => {
  using place = new Place();
  const long = join(place.tmp, "x".repeat(60));
  Deno.mkdirSync(long);
  for (
    const [tmp, reason] of [[join(place.tmp, "missing"), /No such file/], [
      long,
      /too long for paths of sockets/,
    ]] as const
  ) {
    const study = place.leaving("exits");
    const out = join(place.dir, basename(tmp).slice(0, 8));
    const end = ran(await llem(["run", study, "-o", out, "--json"], { env: { ...place.env, TMPDIR: tmp } }));
    assert.equal(end.code, 0, end.stderr);
    const left = place.leftOf(runFolder(end.dir, 1));
    assert.equal(dirname(left.folder), "/tmp");
    place.assertClear(left);
    const [warning] = readResult(runFolder(end.dir, 1)).warnings;
    assert.equal(warning?.code, "temporary_folder");
    assert.match(warning.text, reason);
  }
  assert.ok(studyDirs(place, "missing").length > 0);
});
