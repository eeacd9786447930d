/** Energy from outside: the compiled program over boards that are not there, whose joules are known to the last digit. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { monotonicNs } from "../../lib/base/clock.ts";
import { allProcesses } from "../../lib/process/proc_stat.ts";
import type { EnergyRecord } from "../../lib/results/energy/record.ts";
import "../support/libc.ts";
import { meterEnv } from "../support/meters.ts";
import { C_COMPILER, type Need, testWith } from "../support/needs.ts";
import { buildNvmlStub, energyJ, type StubBoard, type StubConfig } from "../support/nvml_stub.ts";
import {
  assertGone,
  ended,
  llem,
  pidIn,
  type Ran,
  ran,
  readJson,
  readResult,
  ROOT,
  runFolder,
  Sandbox,
  start,
  until,
  WORKERS,
} from "./llem.ts";

/** Where a machine has meters of its own, a study cannot be kept from finding them. */
const NO_METERS: Need = {
  what: "a machine without RAPL and without GPUs",
  isMet: () =>
    ["/sys/class/powercap/intel-rapl:0", "/dev/nvidiactl", "/sys/class/kfd"].every((path) => {
      try {
        Deno.statSync(path);
        return false;
      } catch {
        return true;
      }
    }),
};

const QUICK = { seconds: 0.3 };

interface Options {
  readonly params?: readonly Readonly<Record<string, unknown>>[];
  readonly energy?: string | null;
  readonly execution?: Readonly<Record<string, unknown>>;
  readonly baseline?: boolean;
}

/** A study of one metered worker per set of parameters. */
function write(
  box: Sandbox,
  { params = [QUICK], energy = "auto", execution = {}, baseline }: Options = {},
): string {
  const deno = ["run", "-A", "-q", "--no-check", "--cached-only", "--config", join(ROOT, "deno.json")];
  const study = {
    name: "metered",
    backend: "command",
    model: "none",
    command: { argv: [Deno.execPath(), ...deno, join(WORKERS, "metered.ts")] },
    energy: { backend: energy },
    baseline: { enabled: baseline ?? false, duration_seconds: 5 },
    warmup: { enabled: false },
    experiments: params.map((one) => ({ params: one })),
    execution: { n_cycles: 1, cycle_order: "sequential", ...execution },
  };
  return box.write("metered.yaml", JSON.stringify(study));
}

/** The environment of a machine with these boards; null: without a driver. Its caches go away with the sandbox. */
function envOf(box: Sandbox, boards: StubConfig | null): Record<string, string> {
  const found = boards === null ? {} : buildNvmlStub().env(boards);
  return { ...meterEnv(), XDG_CACHE_HOME: join(box.dir, "cache"), ...found };
}

function options(box: Sandbox, boards: StubConfig | null, more: Readonly<Record<string, string>> = {}) {
  return { clearEnv: true, env: { ...envOf(box, boards), ...more } };
}

async function runWith(
  box: Sandbox,
  study: string,
  boards: StubConfig | null,
  more: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return ran(await llem(["run", study, "-o", join(box.dir, "out"), "--json"], options(box, boards, more)));
}

interface Energetic {
  readonly energy: EnergyRecord | null;
  readonly energy_reason: string | null;
  readonly phases: readonly { readonly name: string; readonly begin_ns: string; readonly end_ns: string }[];
}

function resultOf(dir: string, index: number): Energetic {
  return readJson(join(runFolder(dir, index), "result.json"));
}

/** Meters that have not ended; each carries a tag of its own in its environment. */
function meters(box: Sandbox): number[] {
  return [...allProcesses()].filter(({ pid, state }) => {
    if (state === "Z") return false;
    try {
      const environ = Deno.readTextFileSync(`/proc/${pid}/environ`);
      return environ.includes("LLEM_METER_ID=") && environ.includes(`XDG_CACHE_HOME=${box.dir}`);
    } catch {
      return false;
    }
  }).map(({ pid }) => pid);
}

testWith(
  [C_COMPILER],
  "the energy of a run is what the boards drew, within the uncertainty it tells",
  async () => {
    using box = new Sandbox();
    const processes_file = box.write("processes", "");
    const boards: StubBoard[] = [
      { uuid: "GPU-constant", power: { kind: "constant", value: 320 } },
      { uuid: "GPU-ramp", power: { kind: "ramp", from: 60, to: 700, begin_s: 0, end_s: 20 } },
      { uuid: "GPU-square", power: { kind: "square", low: 90, high: 400, period_s: 1.3, duty: 0.4 } },
    ].map((board) => ({ ...board, processes_file }) as StubBoard);
    const t0_ns = monotonicNs();
    const study = write(box, { params: [{ seconds: 4, processes: processes_file }] });
    const end = await runWith(box, study, { t0_ns, boards });
    assert.equal(end.code, 0, end.stderr);
    assert.match(end.stderr, /^llem: energy: metering .* by nvml$/m);
    const { energy, phases } = resultOf(end.dir, 1);
    assert.ok(energy !== null);
    const window = phases.find(({ name }) => name === "measure");
    const at = (ns: string | undefined): number => Number(BigInt(ns ?? 0) - t0_ns) / 1e9;
    const truth = boards.map((board) => energyJ(board, at(window?.begin_ns), at(window?.end_ns)));
    const sum = truth.reduce((all, joules) => all + joules, 0);
    assert.deepEqual(energy.devices.map(({ uuid }) => uuid), boards.map(({ uuid }) => uuid));
    const { headline_j, uncertainty_j } = energy;
    assert.ok(headline_j !== null && uncertainty_j !== null && uncertainty_j > 0);
    // The uncertainty is expanded by two: one measurement in twenty lies outside, and next to none as far again.
    const most_j = 2 * uncertainty_j;
    assert.ok(Math.abs(headline_j - sum) <= most_j, `${headline_j} +- ${uncertainty_j}, truly ${sum}`);
    // An uncertainty that covers everything would prove nothing.
    assert.ok(uncertainty_j < 0.1 * sum, `${uncertainty_j} of ${sum}`);
    for (const [index, device] of energy.devices.entries()) {
      const known = truth[index] ?? NaN;
      assert.ok(
        Math.abs((device.joules ?? NaN) - known) <= most_j,
        `${device.uuid}: ${device.joules}, ${known}`,
      );
    }
    assert.deepEqual(energy.neighbours, []);
    assert.notEqual(energy.verdict, "unattributable");
    assert.ok(Deno.statSync(join(runFolder(end.dir, 1), "power.parquet")).size > 0);
    assert.deepEqual(meters(box), []);
  },
);

testWith(
  [C_COMPILER],
  "energy.backend null: no meter, and the record says why there is no energy",
  async () => {
    using box = new Sandbox();
    const end = await runWith(box, write(box, { energy: null }), { boards: [{}] });
    assert.equal(end.code, 0, end.stderr);
    assert.match(end.stderr, /^llem: energy: not metered: energy\.backend is null$/m);
    const { energy, energy_reason } = resultOf(end.dir, 1);
    assert.deepEqual([energy, energy_reason], [null, "energy.backend is null"]);
  },
);

testWith([NO_METERS], "a machine without a meter says so in one line and in every record", async () => {
  using box = new Sandbox();
  const end = await runWith(box, write(box, { params: [QUICK] }), null);
  assert.equal(end.code, 0, end.stderr);
  assert.equal(end.stderr.split("\n").filter((line) => line.startsWith("llem: energy:")).length, 1);
  assert.match(end.stderr, /^llem: energy: not metered: no NVIDIA driver, AMD GPU or RAPL found/m);
  assert.match(resultOf(end.dir, 1).energy_reason ?? "", /no NVIDIA driver/);
});

for (const [code, word] of [[9, /driver/i], [18, /version/i], [999, /unknown/i]] as const) {
  testWith(
    [C_COMPILER, NO_METERS],
    `a driver that does not start (code ${code}) is told in one line; runs go on`,
    async () => {
      using box = new Sandbox();
      const boards = { codes: [{ function: "nvmlInit_v2", code }], boards: [{}] };
      const end = await runWith(box, write(box), boards);
      assert.equal(end.code, 0, end.stderr);
      const lines = end.stderr.split("\n").filter((line) => line.startsWith("llem: energy:"));
      assert.equal(lines.length, 1, end.stderr);
      assert.match(lines[0] ?? "", /^llem: energy: not metered: NVML does not start/);
      assert.match(lines[0] ?? "", word);
      assert.match(resultOf(end.dir, 1).energy_reason ?? "", /NVML does not start/);
    },
  );
}

testWith(
  [NO_METERS],
  "a meter that is asked for by name and is not here: exit 3, what to do, and no directory",
  async () => {
    using box = new Sandbox();
    const end = await runWith(box, write(box, { energy: "nvml" }), null);
    assert.equal(end.code, 3);
    assert.match(end.stderr, /energy\.backend requires nvml, which cannot be read here.*llem doctor/s);
    assert.throws(() => Deno.statSync(join(box.dir, "out")), Deno.errors.NotFound);
  },
);

testWith(
  [C_COMPILER],
  "a meter that is asked for by name and does not start: exit 3, why, and no directory",
  async () => {
    using box = new Sandbox();
    const boards = { codes: [{ function: "nvmlInit_v2", code: 9 }], boards: [{}] };
    const end = await runWith(box, write(box, { energy: "nvml" }), boards);
    assert.equal(end.code, 3);
    assert.match(end.stderr, /energy\.backend requires nvml.*NVML does not start.*modprobe/s);
    assert.throws(() => Deno.statSync(join(box.dir, "out")), Deno.errors.NotFound);
  },
);

testWith([C_COMPILER], "a meter that is asked for by name and is here meters", async () => {
  using box = new Sandbox();
  const end = await runWith(box, write(box, { energy: "nvml" }), { boards: [{}] });
  assert.equal(end.code, 0, end.stderr);
  assert.match(end.stderr, /^llem: energy: metering .* by nvml$/m);
});

testWith([C_COMPILER], "-q says nothing of a meter that works", async () => {
  using box = new Sandbox();
  const args = ["run", write(box), "-o", join(box.dir, "out"), "-q"];
  const end = await llem(args, options(box, { boards: [{}] }));
  assert.deepEqual([end.code, end.stdout, end.stderr], [0, "", ""]);
});

Deno.test("a recorded trace takes the place of every meter and is called what it is", async () => {
  using box = new Sandbox();
  const trace = join(ROOT, "tests", "fixtures", "traces", "plain.ndjson");
  const end = await runWith(box, write(box), null, { LLEM_METER_REPLAY: trace });
  assert.equal(end.code, 0, end.stderr);
  assert.match(end.stderr, /^llem: energy: metering .* by replay$/m);
  assert.match(resultOf(end.dir, 1).energy?.method ?? "null", /^replay_|^null$/);
});

/** Starts a study and waits until its first run is at work and a meter is there. */
async function startLong(box: Sandbox, args: readonly string[] = []) {
  const study = write(box, { params: [{ seconds: 60 }], execution: { grace_seconds: 0.2 } });
  const child = start(
    ["run", study, "-o", join(box.dir, "out"), "--json", ...args],
    options(box, { boards: [{}] }),
  );
  const dir = await until("the study directory", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return entry === undefined ? null : join(box.dir, "out", entry.name);
  });
  const worker = await until("the worker", () => pidIn(join(runFolder(dir, 1), "pids")));
  const [meter = 0] = await until("the meter", () => meters(box).length === 1 && meters(box));
  return { child, dir, worker, meter };
}

testWith([C_COMPILER], "a runner that is killed takes its meter with it", async () => {
  using box = new Sandbox();
  const { child, worker, meter } = await startLong(box);
  child.kill("SIGKILL");
  await ended(child);
  await assertGone([meter, worker]);
});

testWith([C_COMPILER], "a runner that is killed takes a meter with it that was stopped", async () => {
  using box = new Sandbox();
  const { child, worker, meter } = await startLong(box);
  Deno.kill(meter, "SIGSTOP");
  child.kill("SIGKILL");
  await ended(child);
  await assertGone([meter, worker]);
});

testWith([C_COMPILER], "Ctrl-C ends the meter as well", async () => {
  using box = new Sandbox();
  const { child, worker, meter } = await startLong(box);
  child.kill("SIGINT");
  const { signal, stderr } = await ended(child);
  assert.equal(signal, "SIGINT", stderr);
  await assertGone([meter, worker]);
});

testWith([C_COMPILER], "Ctrl-C does not wait for a driver that hangs when it is opened", async () => {
  using box = new Sandbox();
  const boards: StubConfig = { hangs: [{ function: "nvmlInit_v2", from_s: 0 }], boards: [{}] };
  const child = start(["run", write(box), "-o", join(box.dir, "out"), "--json"], options(box, boards));
  const [meter = 0] = await until("the meter", () => meters(box).length === 1 && meters(box));
  child.kill("SIGINT");
  const { signal, stderr } = await ended(child);
  assert.equal(signal, "SIGINT", stderr);
  assert.match(stderr, /not metered: waiting for the meter process was cancelled/);
  await assertGone([meter]);
});

testWith(
  [C_COMPILER],
  "a runner that is killed while its meter starts takes it with it, stopped or not",
  async () => {
    using box = new Sandbox();
    const boards: StubConfig = { hangs: [{ function: "nvmlInit_v2", from_s: 0 }], boards: [{}] };
    const child = start(["run", write(box), "-o", join(box.dir, "out"), "--json"], options(box, boards));
    const [meter = 0] = await until("the meter", () => meters(box).length === 1 && meters(box));
    Deno.kill(meter, "SIGSTOP");
    child.kill("SIGKILL");
    await ended(child);
    await assertGone([meter]);
  },
);

testWith([C_COMPILER], "Ctrl-Z and on again: the same meter, and the run is made once more", async () => {
  using box = new Sandbox();
  const study = write(box, { params: [{ seconds: 2.5 }] });
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"], options(box, { boards: [{}] }));
  const [meter = 0] = await until("the meter", () => meters(box).length === 1 && meters(box));
  const dir = await until("the study directory", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return entry === undefined ? null : join(box.dir, "out", entry.name);
  });
  await until("the worker", () => Deno.statSync(join(runFolder(dir, 1), "pids")).size > 0);
  child.kill("SIGTSTP");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.deepEqual(meters(box), [meter]);
  child.kill("SIGCONT");
  const end = ran(await ended(child));
  assert.equal(end.code, 0, end.stderr);
  assert.doesNotMatch(end.stderr, /meter_|meter process/);
  const [first, second] = end.runs;
  assert.deepEqual([first?.flags, second?.status], [["suspended"], "completed"]);
  const record = readResult(join(dir, second?.result_file.replace(/\/result\.json$/, "") ?? ""));
  assert.notEqual(record.energy, null);
});

testWith([C_COMPILER], "the meter has the environment of the study and no attempt's", async () => {
  using box = new Sandbox();
  const { child, meter, worker } = await startLong(box);
  const names = Deno.readTextFileSync(`/proc/${meter}/environ`).split("\0").map((entry) =>
    entry.split("=")[0]
  );
  assert.ok(names.includes("LD_LIBRARY_PATH") && names.includes("LLEM_METER_ID"));
  assert.deepEqual(names.filter((name) => /^LLEM_(ATTEMPT|RUN|STUDY)/.test(name ?? "")), []);
  const workerNames = Deno.readTextFileSync(`/proc/${worker}/environ`);
  assert.ok(!workerNames.includes("LLEM_METER_ID"));
  child.kill("SIGINT");
  await ended(child);
});

testWith(
  [C_COMPILER],
  "a board is lost in a run: the run is interrupted, the study ends with the reason, and a resume makes it again",
  async () => {
    using box = new Sandbox();
    const lost = { t0_ns: monotonicNs(), boards: [{ uuid: "GPU-lost", lost_s: 6 }] };
    const study = write(box, {
      params: [{ seconds: 0.2 }, { seconds: 20 }, { seconds: 0.1 }],
      execution: { devices: ["GPU-lost"] },
    });
    const end = await runWith(box, study, lost);
    assert.equal(end.code, 1, end.stderr);
    assert.deepEqual(end.runs.map(({ status }) => status), ["completed", "interrupted"]);
    assert.equal(end.runs[1]?.error?.type, "device_lost");
    assert.match(end.finish?.reason ?? "", /device was lost/);
    assert.equal(end.finish?.pending, 1);
    assert.equal(end.finish?.status, "interrupted");
    const well = options(box, { boards: [{ uuid: "GPU-lost" }] });
    const resumed = start(["run", "--resume", end.dir, "--json"], well);
    await until("the second run again", () => Deno.statSync(join(runFolder(end.dir, 2), "pids")).size > 0);
    await until(
      "its second attempt",
      () => [...Deno.readDirSync(join(end.dir, "runs"))].some(({ name }) => /^0002_.*_a2$/.test(name)),
    );
    resumed.kill("SIGINT");
    await ended(resumed);
  },
);

testWith(
  [C_COMPILER],
  "fault 78: a board that no run may use is lost: the study goes on with a warning",
  async () => {
    using box = new Sandbox();
    const boards: StubConfig = { boards: [{ uuid: "GPU-ours" }, { uuid: "GPU-other", lost_s: 0.3 }] };
    const study = write(box, { params: [{ seconds: 1 }], execution: { devices: ["GPU-ours"] } });
    const end = await runWith(box, study, boards);
    assert.equal(end.code, 0, end.stderr);
    assert.match(end.stderr, /GPU-other|lost/i);
  },
);

testWith(
  [C_COMPILER],
  "the meter is killed in a run: that run completes, the next is metered by another",
  async () => {
    using box = new Sandbox();
    const study = write(box, { params: [{ seconds: 2 }, { seconds: 0.5 }] });
    const child = start(["run", study, "-o", join(box.dir, "out"), "--json"], options(box, { boards: [{}] }));
    const [meter = 0] = await until("the meter", () => meters(box).length === 1 && meters(box));
    const dir = await until("the study directory", () => {
      const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
      return entry === undefined ? null : join(box.dir, "out", entry.name);
    });
    await until("the worker", () => Deno.statSync(join(runFolder(dir, 1), "pids")).size > 0);
    Deno.kill(meter, "SIGKILL");
    const end = ran(await ended(child));
    assert.equal(end.code, 0, end.stderr);
    assert.deepEqual(end.runs.map(({ status, flags }) => [status, flags]), [["completed", []], [
      "completed",
      [],
    ]]);
    assert.match(end.stderr, /the meter process has ended/);
    const [first, second] = [resultOf(dir, 1), resultOf(dir, 2)];
    assert.equal(first.energy?.headline_j ?? null, null);
    assert.notEqual(first.energy_reason ?? first.energy?.verdict_reasons.join("; ") ?? "", "");
    assert.notEqual(second.energy?.headline_j ?? null, null);
    assert.deepEqual(meters(box), []);
  },
);

testWith(
  [C_COMPILER],
  "a stranger on the board during the run: a neighbour, and the energy is nobody's",
  async () => {
    using box = new Sandbox();
    const processes_file = box.write("processes", "");
    await using stranger = new Stranger();
    const params = [{ seconds: 2, processes: processes_file, stranger: stranger.pid }];
    const end = await runWith(box, write(box, { params }), { boards: [{ processes_file }] });
    assert.equal(end.code, 0, end.stderr);
    const { energy } = resultOf(end.dir, 1);
    assert.deepEqual(energy?.neighbours.map(({ pid, name }) => [pid, name]), [[stranger.pid, "sleep"]]);
    assert.equal(energy?.verdict, "unattributable");
    assert.equal(energy?.headline_j, null);
  },
);

testWith(
  [C_COMPILER],
  "a run on the CPU has no joules of the boards that idle beside it, and a board of 0 W has none at all",
  async () => {
    using box = new Sandbox();
    const processes_file = box.write("processes", "");
    const boards: StubBoard[] = [
      { uuid: "GPU-mute", power: { kind: "constant", value: 0 }, processes_file },
      { uuid: "GPU-idle" },
    ];
    const params = [{ seconds: 0.4, devices: ["cpu: Xeon"] }, { seconds: 0.4, processes: processes_file }];
    const end = await runWith(box, write(box, { params }), { boards });
    assert.equal(end.code, 0, end.stderr);
    const [onCpu, onMute] = [resultOf(end.dir, 1).energy, resultOf(end.dir, 2).energy];
    assert.deepEqual([onCpu?.headline_j, onCpu?.devices], [null, []]);
    assert.deepEqual(onCpu?.idle_peers.map(({ uuid }) => uuid), ["GPU-mute", "GPU-idle"]);
    assert.match(onCpu?.verdict_reasons[0] ?? "", /^no GPU used \(its worker computes on the CPU\)/);
    assert.deepEqual([onMute?.verdict, onMute?.headline_j, onMute?.j_per_output_token], [
      "unattributable",
      null,
      null,
    ]);
    assert.match(onMute?.verdict_reasons[0] ?? "", /^GPU-mute reported 0 W in /);
    assert.match(end.stderr, /GPU-mute reports 0 W, which no working board draws/);
  },
);

testWith(
  [C_COMPILER],
  "a device that is not here is refused with what is, before anything is made and at a resume",
  async () => {
    using box = new Sandbox();
    const two = { boards: [{ uuid: "GPU-a" }, { uuid: "GPU-b" }] };
    const study = box.write(
      "failing.yaml",
      JSON.stringify({
        backend: "command",
        model: "none",
        command: { argv: ["false"] },
        baseline: { enabled: false },
        execution: { devices: ["GPU-B"] },
      }),
    );
    const run = (args: readonly string[], boards: StubConfig) =>
      llem(["run", ...args, "--json"], options(box, boards));
    const out = ["-o", join(box.dir, "out")];
    const gone = await run([study, ...out, "--devices", "0,9"], two);
    assert.equal(gone.code, 2);
    assert.match(
      gone.stderr,
      /device 9 does not exist here\. This machine has GPUs 0 \(GPU-a\), 1 \(GPU-b\)\.$/m,
    );
    assert.throws(() => Deno.statSync(join(box.dir, "out")), Deno.errors.NotFound);
    const failed = ran(await run([study, ...out], two));
    assert.equal(failed.code, 1, failed.stderr);
    const resumed = await run(["--resume", failed.dir, "--retry-failed"], { boards: [{ uuid: "GPU-a" }] });
    assert.equal(resumed.code, 2);
    assert.match(resumed.stderr, /device GPU-B does not exist here\. This machine has GPU 0 \(GPU-a\)\.$/m);
  },
);

class Stranger implements AsyncDisposable {
  readonly #child = new Deno.Command("sleep", { args: ["100"], stdin: "null" }).spawn();

  get pid(): number {
    return this.#child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}

testWith([C_COMPILER], "many quick runs with a meter leave nothing behind", async () => {
  using box = new Sandbox();
  const study = box.write(
    "quick.yaml",
    JSON.stringify({
      name: "quick",
      backend: "command",
      model: "none",
      command: { argv: [join(WORKERS, "quick.sh")] },
      baseline: { enabled: false },
      warmup: { enabled: false },
      execution: { n_cycles: 100, cycle_order: "sequential" },
    }),
  );
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"], options(box, { boards: [{}] }));
  const counts: number[] = [];
  const text = new Response(child.stderr).text();
  let rest = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.includes('"run_finished"')) counts.push(descriptors(child.pid));
    }
  }
  const { code } = await child.status;
  assert.equal(code, 0, await text);
  assert.equal(counts.length, 100);
  const late = counts.slice(50).filter((count) => count > 0);
  const early = Math.max(...counts.slice(10, 50));
  assert.ok(Math.min(...late) <= early, `descriptors: ${counts.join(" ")}`);
  assert.deepEqual(meters(box), []);
});

/** Open descriptors of a process; 0 where it is gone. */
function descriptors(pid: number): number {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
  } catch {
    return 0;
  }
}

testWith(
  [C_COMPILER],
  "the idle machine is metered before the first run and after the last, and kept for the next study",
  async () => {
    using box = new Sandbox();
    const processes = box.write("processes", "");
    const power = { kind: "constant", value: 60 } as const;
    const board: StubBoard = { uuid: "GPU-idle", power, processes_file: processes };
    const study = write(box, { params: [{ seconds: 1, processes }], baseline: true });
    const end = await runWith(box, study, { boards: [board] });
    assert.equal(end.code, 0, end.stderr);
    const { energy } = resultOf(end.dir, 1);
    const bare = energy?.baseline.bare;
    assert.ok(Math.abs((bare?.power_w ?? 0) - 60) < 1, JSON.stringify(bare));
    const { headline_j, window_s, net_j } = energy ?? { headline_j: null, window_s: NaN, net_j: null };
    const net = (headline_j ?? NaN) - (bare?.power_w ?? NaN) * window_s;
    assert.ok(Math.abs((net_j?.bare ?? NaN) - net) < 1e-6, `${net_j?.bare} is not ${net}`);
    const levels = baselinesIn(join(end.dir, "baselines.json")).map((
      { when, source, devices },
    ) => [when, source, Math.round(devices["GPU-idle"]?.power_w ?? 0)]);
    assert.deepEqual(levels, [["before", "fresh", 60], ["after", "fresh", 60]]);
    const kept = JSON.parse(Deno.readTextFileSync(join(box.dir, "cache/llem/baselines.json")));
    assert.equal(Math.round(kept.devices["GPU-idle"].power_w), 60);
  },
);

interface StoredBaseline {
  readonly when: string;
  readonly source: string;
  readonly devices: Readonly<Record<string, { readonly power_w: number }>>;
}

function baselinesIn(path: string): readonly StoredBaseline[] {
  return JSON.parse(Deno.readTextFileSync(path)).baselines;
}
