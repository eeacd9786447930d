/** A pool of eight boards that are not there (tests/support/nvml_stub.c), with the program from outside. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { JournalEvent } from "../../lib/journal/event.ts";
import { isAlive, readProcStat } from "../../lib/process/proc_stat.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { utcNow } from "../../lib/base/clock.ts";
import { assertWithin } from "../support/control.ts";
import { CgroupV1, FREEZER } from "../support/cgroup_v1.ts";
import { studyDirs } from "../faults/_running_study.ts";
import { meterEnv } from "../support/meters.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import { buildNvmlStub, type StubBoard } from "../support/nvml_stub.ts";
import { SLOW } from "../support/sampled.ts";
import {
  ended,
  llem,
  pidsOf,
  type Ran,
  ran,
  readJson,
  readManifest,
  ROOT,
  Sandbox,
  start,
  until,
  WORKERS,
} from "./llem.ts";

const BOARDS = 8;

/** Of the board at that place: no other's is within a third of it. */
function wattsOf(place: number): number {
  return Math.round(100 * 1.5 ** place);
}

/** Boards with powers of their own. Their counters step often: of half a second little is lost at its edges. */
function boards(change: (place: number) => StubBoard = () => ({})): StubBoard[] {
  return Array.from({ length: BOARDS }, (_, place) => ({
    uuid: `GPU-0000000${place}-0000-0000-0000-000000000000`,
    power: { kind: "constant", value: wattsOf(place) },
    publish_ms: 1,
    counter_period_ms: 1,
    ...change(place),
  }));
}

class Scene implements Disposable {
  readonly box = new Sandbox();
  readonly env: Record<string, string>;

  constructor(stub: readonly StubBoard[] = boards()) {
    this.env = {
      ...meterEnv(),
      ...buildNvmlStub().env({ boards: stub }),
      XDG_CACHE_HOME: join(this.box.dir, "cache"),
      LLEM_LOCK_DIR: this.box.dir,
    };
  }

  /** A study of gate.sh: so many cycles of one experiment each that takes these seconds. */
  study(
    n_cycles: number,
    takes: readonly (readonly [load_s: number, measure_s: number])[],
    execution: object = {},
  ): string {
    return this.box.write(
      "pool.yaml",
      JSON.stringify({
        name: "pool",
        backend: "command",
        model: "none",
        baseline: { enabled: false },
        warmup: { enabled: false },
        experiments: takes.map(([load_s, measure_s], at) => ({
          n: at + 1,
          command: {
            argv: [join(WORKERS, "gate.sh"), String(load_s), String(measure_s)],
            waits_for_gate: true,
          },
        })),
        execution: {
          n_cycles,
          cycle_order: "interleaved",
          parallel: "staged",
          devices_per_run: 1,
          experiment_gap_seconds: 0,
          cycle_gap_seconds: 0,
          ...execution,
        },
      }),
    );
  }

  async run(study: string, ...more: readonly string[]): Promise<Ran> {
    const out = join(this.box.dir, "out");
    return ran(await llem(["run", study, "-o", out, "--json", ...more], this.#options()));
  }

  /** Starts a study, and waits until so many of its workers have written down their pids. */
  async begin(
    study: string,
    count: number,
  ): Promise<{ child: Deno.ChildProcess; dir: string; pids: () => number[] }> {
    const child = start(["run", study, "-o", join(this.box.dir, "out"), "--json"], this.#options());
    const dir = await until("the study directory", () => studyDirs(this.box)[0]);
    const pids = (): number[] => workersOf(dir);
    await until(`${count} workers`, () => pids().length >= count);
    return { child, dir, pids };
  }

  async resume(dir: string): Promise<Ran> {
    return ran(await llem(["run", "--resume", dir, "--json"], this.#options()));
  }

  #options(): Deno.CommandOptions {
    return { clearEnv: true, env: this.env };
  }

  [Symbol.dispose](): void {
    this.box[Symbol.dispose]();
  }
}

/** The pids of all workers that have written them down. */
function workersOf(dir: string): number[] {
  return foldersOf(dir).flatMap((folder) => {
    try {
      return pidsOf(folder).filter((pid) => pid > 0);
    } catch {
      return [];
    }
  });
}

function foldersOf(dir: string): string[] {
  return [...Deno.readDirSync(join(dir, "runs"))].map(({ name }) => join(dir, "runs", name)).sort();
}

function recordsOf(dir: string): ResultRecord[] {
  return foldersOf(dir).map((folder) => readJson<ResultRecord>(join(folder, "result.json")));
}

function journalOf(dir: string): JournalEvent[] {
  return Deno.readTextFileSync(join(dir, "journal.jsonl")).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
}

/** Where each chain was placed, in the order of time. */
function placesOf(events: readonly JournalEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "run_starting" ? [`${event.placed?.chain} ${event.placed?.devices.join()}`] : []
  );
}

function windowsOf(record: ResultRecord, name: string): [bigint, bigint][] {
  return record.phases.filter((phase) => phase.name === name && phase.end_ns !== null)
    .map(({ begin_ns, end_ns }) => [BigInt(begin_ns), BigInt(end_ns ?? 0)]);
}

/** How many of these overlap the one before them. */
function overlaps(windows: readonly [bigint, bigint][]): number {
  const sorted = [...windows].sort(([a], [b]) => Number(a - b));
  return sorted.slice(1).filter(([begin], at) => begin < (sorted[at]?.[1] ?? 0n)).length;
}

function lives(pid: number): boolean {
  return isAlive(readProcStat(pid));
}

testWith(
  [C_COMPILER],
  "a pool of eight boards loads at once, measures one at a time, and meters each board's own",
  async () => {
    using scene = new Scene();
    const end = await scene.run(scene.study(8, [[0.4, 0.7]]));
    assert.equal(end.code, 0, end.stderr);
    const records = recordsOf(end.dir);
    assert.equal(records.length, 8);
    assert.equal(overlaps(records.flatMap((record) => windowsOf(record, "measure"))), 0);
    assert.ok(overlaps(records.flatMap((record) => windowsOf(record, "load"))) >= 4);
    for (const { run, energy } of records) {
      const [uuid = ""] = run.devices;
      assert.deepEqual(energy?.devices.map((device) => device.uuid), [uuid]);
      const watts = wattsOf(Number(uuid[11]));
      const found = (energy?.headline_j ?? NaN) / (energy?.window_s ?? NaN);
      assert.ok(Math.abs(found - watts) < 0.01 * watts, `${uuid}: ${found} W`);
      assert.deepEqual(
        run.parallel?.beside.map(({ measure_overlap_s }) => measure_overlap_s),
        Array(7).fill(0),
      );
    }
    assert.equal(new Set(records.map(({ run }) => run.devices.join())).size, 8);
    // Whoever watches is told the same: lines by the boards' numbers, rows with slot and neighbours.
    const lines = end.stderr.split("\n").filter((line) => line.includes("completed in"));
    assert.deepEqual(
      lines.map((line) => /^\[GPU (\d)\] \[/.exec(line)?.[1]).sort(),
      Array.from({ length: 8 }, (_, index) => String(index)),
      end.stderr,
    );
    for (const { devices, slot, beside } of end.runs) {
      assert.deepEqual([devices.map((uuid) => uuid[11]), beside?.length], [[String(slot)], 7]);
    }
    const [opening] = journalOf(end.dir);
    assert.ok(opening?.type === "study_started" && opening.parallel === "staged");
  },
);

testWith(
  [C_COMPILER],
  "SIGKILL of a runner with eight running leaves nothing alive, and a resume is exact",
  async () => {
    using scene = new Scene();
    const { child, dir, pids } = await scene.begin(scene.study(8, [[0.2, 0.2], [0.2, 0.2]]), 8);
    const before = pids();
    const started_at = utcNow();
    child.kill("SIGKILL");
    const killedMs = performance.now();
    while (before.some(lives) && performance.now() - killedMs < 2000) {
      await new Promise((done) => setTimeout(done, 2));
    }
    const tookS = (performance.now() - killedMs) / 1000;
    const ended_at = utcNow();
    await ended(child);
    assertWithin(tookS, 0.1, { started_at, ended_at });
    const earlier = placesOf(journalOf(dir));
    const end = await scene.resume(dir);
    assert.equal(end.code, 0, end.stderr);
    const completed = journalOf(dir).flatMap((event) =>
      event.type === "run_finished" && event.kind === "completed"
        ? [`${event.config_hash} ${event.cycle}`]
        : []
    );
    assert.equal(completed.length, 16);
    assert.equal(new Set(completed).size, 16);
    assert.equal(readManifest(dir).completed, 16);
    // One of them had passed its gate, and nobody was left to remove the file of it.
    assert.deepEqual(foldersOf(dir).filter((folder) => existsSync(join(folder, "gate"))), []);
    // Chains go back to their boards.
    assert.deepEqual([...new Set(placesOf(journalOf(dir)))].sort(), [...new Set(earlier)].sort());
  },
);

testWith([C_COMPILER], "one Ctrl-C ends all within one grace, and the study is resumed", async () => {
  using scene = new Scene();
  const study = scene.study(8, [[0.1, 0.5]], { grace_seconds: 60 });
  const { child, dir, pids } = await scene.begin(study, 8);
  const begunMs = performance.now();
  child.kill("SIGINT");
  const end = ran(await ended(child));
  assert.equal(end.signal ?? end.code, end.signal === null ? 130 : "SIGINT");
  assert.ok(performance.now() - begunMs < 30_000, "none waited for its grace to end");
  assert.deepEqual(pids().filter(lives), []);
  const { interrupted, completed, pending } = readManifest(dir);
  assert.equal(interrupted + completed + pending, 8);
  assert.ok(interrupted >= 2, `${interrupted} interrupted`);
  const resumed = await scene.resume(dir);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(readManifest(dir).completed, 8);
});

testWith([C_COMPILER], "a second Ctrl-C kills all at once, also those that do not listen", async () => {
  using scene = new Scene();
  const study = scene.box.write(
    "hang.yaml",
    JSON.stringify({
      name: "hang",
      backend: "command",
      model: "none",
      baseline: { enabled: false },
      warmup: { enabled: false },
      command: { argv: [join(WORKERS, "hang.sh")], waits_for_gate: true },
      execution: { n_cycles: 8, parallel: "staged", devices_per_run: 1, grace_seconds: 60 },
    }),
  );
  const { child, pids } = await scene.begin(study, 16);
  child.kill("SIGINT");
  await new Promise((done) => setTimeout(done, 300));
  assert.ok(pids().every(lives));
  const begunMs = performance.now();
  child.kill("SIGINT");
  await until("all are gone", () => !pids().some(lives));
  const tookMs = performance.now() - begunMs;
  await ended(child);
  assert.ok(tookMs < 30_000, `${tookMs} ms, of a grace of 60 s`);
});

testWith([C_COMPILER], "a drain lets the runs at hand end, and begins no other", async () => {
  using scene = new Scene();
  const { child, dir } = await scene.begin(scene.study(8, [[0.1, 0.1], [0.1, 0.1]]), 8);
  child.kill("SIGUSR2");
  const end = ran(await ended(child));
  assert.equal(end.code, 140, end.stderr);
  const { completed, interrupted, pending } = readManifest(dir);
  assert.equal(interrupted, 0);
  assert.ok(completed >= 8 && pending > 0, `${completed} completed`);
});

testWith([C_COMPILER], "a lost board costs the others nothing, and its chain goes on elsewhere", async () => {
  using folder = new Sandbox();
  const gone = join(folder.dir, "gone");
  using scene = new Scene(boards((place) => place === 3 ? { lost_once: gone } : {}));
  const { child, dir } = await scene.begin(scene.study(8, [[2, 0.1]]), 0);
  await until("its worker", () => {
    const events = journalOf(dir);
    const run = events.find((event) =>
      event.type === "run_starting" && event.placed?.devices[0]?.includes("GPU-00000003")
    );
    return events.some((event) =>
      event.type === "run_started" && run?.type === "run_starting" && event.run_id === run.run_id
    );
  });
  Deno.writeTextFileSync(gone, "");
  const end = ran(await ended(child));
  assert.equal(end.code, 0, end.stderr);
  const outcomes = end.runs.map(({ outcome }) => outcome);
  assert.equal(outcomes.filter((outcome) => outcome === "completed").length, 8, end.stderr);
  assert.deepEqual(outcomes.filter((outcome) => outcome !== "completed"), ["interrupted"]);
  const places = placesOf(journalOf(end.dir));
  assert.ok(places.some((place) => place.includes("GPU-00000003")));
  const [lost] = end.runs.filter(({ outcome }) => outcome === "interrupted");
  assert.equal(lost?.error?.type, "device_lost");
  assert.match(end.stderr, /is made again on another/);
});

testWith(
  [C_COMPILER, FREEZER, SLOW],
  "a worker that cannot be killed costs its board; the rest goes on, and the end is 5",
  async () => {
    using scene = new Scene();
    using group = new CgroupV1("freezer");
    const command = (name: string): object => ({
      argv: name === "frozen" ? [join(WORKERS, "frozen.sh")] : [join(WORKERS, "gate.sh"), "0.2", "0.2"],
      env: { LIMITED_GROUP: group.procs },
      waits_for_gate: true,
    });
    const study = scene.box.write(
      "frozen.yaml",
      JSON.stringify({
        name: "frozen",
        backend: "command",
        model: "none",
        baseline: { enabled: false },
        warmup: { enabled: false },
        experiments: ["frozen", "gate", "gate", "gate"].map((name, n) => ({
          n: n + 1,
          command: command(name),
        })),
        execution: {
          n_cycles: 1,
          parallel: "staged",
          devices_per_run: 1,
          pair_by: ["n"],
          experiment_timeout_seconds: 2,
          devices: [0, 1, 2],
        },
      }),
    );
    const { child, dir, pids } = await scene.begin(study, 1);
    await until("the frozen one", () => group.pids().length > 0);
    group.write("freezer.state", "FROZEN");
    const end = ran(await ended(child));
    assert.equal(end.code, 5, end.stderr);
    assert.deepEqual(end.runs.map(({ outcome }) => outcome).sort(), [
      "completed",
      "completed",
      "completed",
      "unkillable",
    ]);
    const busy = await llem(["run", study, "-o", join(scene.box.dir, "other")], {
      clearEnv: true,
      env: scene.env,
    });
    assert.equal(busy.code, 75, busy.stderr);
    assert.match(busy.stderr, /is quarantined/);
    group.write("freezer.state", "THAWED");
    await until("it is gone", () => !pids().some(lives));
    assert.equal(readManifest(dir).completed, 3);
  },
);

testWith([C_COMPILER], "what has no boards here is refused, and leaves no study behind", async () => {
  using scene = new Scene();
  const out = join(scene.box.dir, "out");
  for (
    const [execution, code, text] of [[{ devices_per_run: 9 }, 3, /takes 9 devices, but there are 8/], [
      { devices_per_run: null },
      2,
      /cannot tell how many devices/,
    ]] as const
  ) {
    const study = scene.study(2, [[0, 0]], execution);
    const end = await llem(["run", study, "-o", out], { clearEnv: true, env: scene.env });
    assert.equal(end.code, code, end.stderr);
    assert.match(end.stderr, text);
    assert.deepEqual(studyDirs(scene.box), []);
  }
});

Deno.test("--parallel auto says why it makes one run at a time", async () => {
  using box = new Sandbox();
  const study = box.write(
    "auto.yaml",
    JSON.stringify({
      backend: "command",
      model: "none",
      command: { argv: [join(WORKERS, "ok.sh")] },
      execution: { n_cycles: 1, devices_per_run: 1 },
    }),
  );
  const { code, stderr } = await llem(["run", study, "--parallel", "auto"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /parallel: off, since a worker cannot wait to be measured/);
});

testWith(
  [C_COMPILER, SLOW],
  "examples/pool.yaml takes a quarter of the time or less, with the same joules",
  async () => {
    using scene = new Scene();
    const seconds: number[] = [];
    for (const mode of ["staged", "off"]) {
      const begunMs = performance.now();
      const study = join(ROOT, "examples/pool.yaml");
      const end = await scene.run(study, "--parallel", mode, ...mode === "off" ? ["--devices", "0"] : []);
      seconds.push((performance.now() - begunMs) / 1000);
      assert.equal(end.code, 0, end.stderr);
      const records = recordsOf(end.dir);
      assert.equal(records.length, 16);
      for (const { run, energy } of records) {
        const place = mode === "off" ? 0 : Number(run.devices[0]?.[11]);
        const drawn_j = wattsOf(place) * (energy?.window_s ?? NaN);
        const off_j = Math.abs((energy?.headline_j ?? NaN) - drawn_j);
        assert.ok(off_j <= (energy?.uncertainty_j ?? NaN), `board ${place}: ${off_j} J beside ${drawn_j} J`);
      }
    }
    const [staged = NaN, off = NaN] = seconds;
    assert.ok(staged < off / 4, `${staged} s, ${off} s one at a time`);
  },
);
