/** Wall clocks that jump: durations and limits do not notice, timestamps follow in UTC. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type Ended,
  ended,
  llem,
  type Ran,
  ran,
  readManifest,
  readResult,
  runFolder,
  Sandbox,
  start,
  until,
} from "../e2e/llem.ts";
import { diskShim } from "../support/disk_shim.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";

const DAY_S = 86_400;
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A study under a clock that can be set. */
class Clocked extends Sandbox {
  readonly out = join(this.dir, "out");
  readonly #clock = this.write("clock", "0");
  readonly env = diskShim({ clock: this.#clock });

  /** From now on the clock is off by so many seconds. */
  set(seconds: number): void {
    // In place as a whole: it is read at any time.
    Deno.writeTextFileSync(`${this.#clock}.new`, String(Math.round(seconds)));
    Deno.renameSync(`${this.#clock}.new`, this.#clock);
  }

  begin(
    fixtures: readonly string[],
    execution: Record<string, unknown>,
    env: Record<string, string> = {},
  ): Promise<Ended> {
    const args = ["run", this.study(fixtures, execution), "-o", this.out, "--json"];
    return ended(start(args, { env: { ...env, ...this.env } }));
  }

  get studyDir(): string {
    const [entry] = [...Deno.readDirSync(this.out)];
    return join(this.out, entry?.name ?? "nothing");
  }

  /** Waits until a run measures. */
  async measuring(index: number): Promise<string> {
    return await until(`run ${index} to measure`, () => {
      const folder = runFolder(this.studyDir, index);
      return Deno.statSync(join(folder, "requests.jsonl")).isFile && folder;
    });
  }
}

/** All numbers below a value whose name says that they are seconds, milliseconds or the like. */
function durations(value: unknown, name = ""): [string, number][] {
  if (typeof value === "number") return /(_s|_ms)(\.|$)/.test(name) ? [[name, value]] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => durations(below, `${name}.${key}`));
}

/** Asserts that no duration is negative or longer than `mostS`, and that every time is in UTC. */
function assertTimes(dir: string, { runs, finish }: Ran, mostS: number): void {
  const results = runs.map((run) => readResult(runFolder(dir, run.index)));
  const journal = Deno.readTextFileSync(join(dir, "journal.jsonl")).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  const manifest = readManifest(dir);
  const limits = /limit|timeout|gap|grace|config|_per_s/;
  const found = durations({ runs, finish, results, journal, manifest }).filter(([name]) =>
    !limits.test(name)
  );
  assert.ok(found.length > 10, "there are durations");
  for (const [name, duration] of found) {
    const seconds = /_ms/.test(name) ? duration / 1000 : duration;
    assert.ok(seconds >= 0 && seconds < mostS, `${name} is ${duration}`);
  }
  const times = [
    ...journal.map((event) => event.at),
    ...results.flatMap(({ timing }) => [timing.started_at, timing.ended_at]),
    ...manifest.experiments.flatMap((entry) => [entry.started_at, entry.completed_at]),
  ];
  for (const time of times) assert.match(time, UTC);
}

testWith(
  [C_COMPILER],
  "fault 35: a clock that jumps by a day, ahead and back, changes no duration, limit or gap",
  async () => {
    using box = new Clocked();
    const limits = {
      experiment_timeout_seconds: 60,
      silence_timeout_seconds: 60,
      study_timeout_seconds: 120,
    };
    const running = box.begin(["waits", "waits"], { ...limits, experiment_gap_seconds: 0.5 });
    const shown: string[] = [];
    for (const [index, jumps] of [[1, [DAY_S, -DAY_S]], [2, [DAY_S, 0]]] as const) {
      const folder = await box.measuring(index);
      for (const jump of jumps) {
        box.set(jump);
        const { code, stdout } = await llem(["status", box.studyDir], { env: box.env });
        assert.equal(code, 0);
        shown.push(stdout);
      }
      Deno.writeTextFileSync(join(folder, "go"), "");
    }
    const made = ran(await running);
    assert.equal(made.code, 0, made.stderr);
    assert.deepEqual(made.runs.map((run) => run.outcome), ["completed", "completed"]);
    assertTimes(box.studyDir, made, 50);
    assert.ok((made.finish?.duration_s ?? 0) >= 0.5, "the gap was kept");
    // The clock was back by a day when the first run ended: its times say so, its duration does not.
    const { timing } = readResult(runFolder(box.studyDir, 1));
    assert.ok(Date.parse(timing.ended_at) < Date.parse(timing.started_at));
    assert.ok(timing.duration_s > 0);
    for (const text of shown) {
      assert.match(text, /now: run \d .* for \d/);
      assert.doesNotMatch(text, /for -/);
    }
  },
);

for (const jump of [DAY_S, -DAY_S]) {
  testWith(
    [C_COMPILER],
    `fault 35: a limit passes when it is due though the clock jumps by ${jump} s`,
    async () => {
      using box = new Clocked();
      const running = box.begin(["waits", "waits"], { experiment_timeout_seconds: 2 });
      for (const index of [1, 2]) {
        await box.measuring(index);
        box.set(index === 1 ? jump : 0);
      }
      const made = ran(await running);
      assert.deepEqual(made.runs.map((run) => run.outcome), ["timed_out", "timed_out"], made.stderr);
      for (const { duration_s } of made.runs) {
        assert.ok(duration_s >= 1.9 && duration_s < 20, `${duration_s} s`);
      }
      assertTimes(box.studyDir, made, 30);
    },
  );
}

testWith(
  [C_COMPILER],
  "fault 35: neither time zone nor the end of summer time shows in any time or duration",
  async () => {
    using box = new Clocked();
    // A second before Berlin's clocks go back from 3:00 to 2:00.
    const change = Date.UTC(2026, 9, 25, 1, 0, 0);
    box.set((change - 1000 - Date.now()) / 1000);
    const running = box.begin(["waits"], {}, { TZ: "Europe/Berlin" });
    const folder = await box.measuring(1);
    assert.match(box.studyDir, /_2026-10-25T0[01]-\d\d-\d\d_/);
    // Well past it: a slow start must not make this a step back.
    box.set((change + 60_000 - Date.now()) / 1000);
    Deno.writeTextFileSync(join(folder, "go"), "");
    const made = ran(await running);
    assert.equal(made.code, 0, made.stderr);
    assertTimes(box.studyDir, made, 50);
    const { timing } = readResult(folder);
    const [began, over] = [Date.parse(timing.started_at), Date.parse(timing.ended_at)];
    assert.ok(began >= change - 2000 && over >= change && began <= over, "no hour less");
    assert.ok(over < change + 600_000, "no hour more");
  },
);
