import assert from "node:assert/strict";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { MeterClient } from "../../lib/meter/meter_client.ts";
import type { SeenProcess } from "../../lib/meter/recording.ts";
import type { EnergyFacts } from "../../lib/results/energy/facts.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { type BoardUse, endsRun } from "../../lib/metering/board_loss.ts";
import type { BareReadings } from "../../lib/metering/bare_baseline.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import type { AttemptMeter } from "../../lib/metering/metering.ts";
import { identifier } from "../../lib/metering/identify_process.ts";
import { SharedMetering, type SharedParts } from "../../lib/metering/shared_metering.ts";
import { SlotMeter, type SlotMeterParts } from "../../lib/metering/slot_meter.ts";
import { StudyMeter, type StudyMeterParts } from "../../lib/metering/study_meter.ts";
import { isOfAnotherUser } from "../../lib/process/process_group.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import "../support/libc.ts";
import { meterProgram, OPTIONS } from "../support/meters.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import type { StubConfig } from "../support/nvml_stub.ts";
import { configOf } from "../support/plans.ts";
import { until } from "../support/program.ts";
import { processOf } from "../support/recordings.ts";
import { TempFolder } from "../support/temp_folder.ts";

const SIMPLE = configOf();

/** Nothing but what a test is about: no baseline, no wait for a temperature. The times are shorter than a study may ask for. */
function config(draft: { readonly baselineS?: number; readonly floorS?: number } = {}): ExperimentConfig {
  return {
    ...SIMPLE,
    baseline: {
      ...SIMPLE.baseline,
      enabled: draft.baselineS !== undefined,
      duration_seconds: draft.baselineS ?? 0,
    },
    warmup: {
      ...SIMPLE.warmup,
      enabled: draft.floorS !== undefined,
      thermal_floor_seconds: draft.floorS ?? 0,
    },
  };
}

interface Scene extends AsyncDisposable {
  readonly study: StudyMeter;
  readonly shared: SharedMetering;
  readonly meter: SlotMeter;
  readonly client: MeterClient;
  readonly events: RunnerEvent[];
  readonly folder: TempFolder;
  /** What was saved as baselines. */
  readonly saved: BareReadings[];
  begin(tags?: Record<string, string>, of?: ExperimentConfig): Promise<AttemptMeter>;
}

async function scene(
  boards: StubConfig,
  draft: Partial<SlotMeterParts & Pick<StudyMeterParts, "restart"> & Pick<SharedParts, "baselines">> = {},
): Promise<Scene> {
  const start = (): ReturnType<typeof MeterClient.start> => MeterClient.start(meterProgram(boards), OPTIONS);
  const client = await start();
  assert.ok(!("reason" in client), JSON.stringify(client));
  const events: RunnerEvent[] = [];
  const saved: BareReadings[] = [];
  const folder = new TempFolder();
  Deno.mkdirSync(folder.at("runs"));
  const { restart = start, baselines, ...rest } = draft;
  const emit = (event: RunnerEvent): void => void events.push(event);
  const study = new StudyMeter({ client, restart, emit });
  const shared = new SharedMetering({
    meter: study,
    baselines: baselines ?? { load: () => ({}), save: (readings) => void saved.push(readings) },
    devices: null,
    settling_look_ms: 100,
    emit,
  });
  const meter = new SlotMeter({
    shared,
    run_devices: null,
    backendOf: () => "auto",
    holdsGpu: () => true,
    update_period_ms: new Map(),
    emit,
    ...rest,
  });
  let runs = 0;
  return {
    study,
    shared,
    meter,
    client,
    events,
    folder,
    saved,
    begin: (tags = { TAG: "none" }, of = config()) =>
      meter.begin({
        config: of,
        folder: new RunFolder(realDisk, folder.path, `run-${runs++}`),
        tags,
      }),
    [Symbol.asyncDispose]: async () => {
      await study[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

async function factsOf(attempt: AttemptMeter): Promise<EnergyFacts> {
  const facts = await attempt.end();
  assert.ok("recording" in facts, JSON.stringify(facts));
  return facts;
}

function warnings(events: readonly RunnerEvent[]): string[] {
  return events.flatMap((event) => event.type === "warning" ? [event.code] : []);
}

function waits(events: readonly RunnerEvent[]): string[] {
  return events.flatMap((event) => event.type === "waiting" ? [event.what] : []);
}

const ONE: StubConfig = { boards: [{ uuid: "A", power: { kind: "constant", value: 70 } }] };

testWith(
  [C_COMPILER],
  "a baseline is taken once a study, is saved and comes with every attempt",
  async () => {
    await using at = await scene(ONE);
    const wanted = config({ baselineS: 0.3 });
    await at.meter.prepare(wanted);
    await at.meter.prepare(wanted);
    assert.deepEqual(waits(at.events), ["baseline"]);
    assert.deepEqual([at.shared.taken?.source, at.saved.length], ["fresh", 1]);
    const facts = await factsOf(await at.begin({ TAG: "x" }, wanted));
    const level = facts.baseline?.devices["A"];
    assert.deepEqual([Math.round(level?.power_w ?? NaN), level?.source], [70, "fresh"]);
    const after = await at.shared.takeAfter(0.3);
    assert.deepEqual([after?.when, after?.drifts, at.saved.length], ["after", [], 2]);
  },
);

testWith(
  [C_COMPILER],
  "a baseline of the last hour is taken from the cache, and its age is told",
  async () => {
    const taken_at = new Date(Date.now() - 600_000).toISOString();
    const cached = { A: { power_w: 33, sd_w: 1, seconds: 30, taken_at, temperature_c: 30 } };
    await using at = await scene(ONE, { baselines: { load: () => cached, save: () => {} } });
    await at.meter.prepare(config({ baselineS: 0.3 }));
    assert.deepEqual([waits(at.events), at.shared.taken?.source], [[], "cached"]);
    const facts = await factsOf(await at.begin({ TAG: "x" }, config({ baselineS: 0.3 })));
    const level = facts.baseline?.devices["A"];
    assert.deepEqual([level?.power_w, level?.source], [33, "cached"]);
    assert.ok((level?.age_s ?? 0) >= 600);
    await at.shared.takeAfter(0.3);
    assert.deepEqual(warnings(at.events), ["baseline_drift"]);
  },
);

testWith([C_COMPILER], "a baseline of other boards only is none", async () => {
  const taken_at = new Date().toISOString();
  const cached = { B: { power_w: 33, sd_w: 1, seconds: 30, taken_at, temperature_c: 30 } };
  await using at = await scene(ONE, { baselines: { load: () => cached, save: () => {} } });
  await at.meter.prepare(config({ baselineS: 0.2 }));
  assert.equal(at.shared.taken?.source, "fresh");
});

testWith([C_COMPILER], "a stop ends a baseline at once, and none is kept", async () => {
  await using at = await scene(ONE);
  const stop = new AbortController();
  const preparing = at.meter.prepare(config({ baselineS: 1000 }), stop.signal);
  setTimeout(() => stop.abort(), 300);
  await preparing;
  assert.deepEqual([at.shared.taken, at.saved], [null, []]);
  assert.equal(await at.shared.takeAfter(1), null);
});

testWith([C_COMPILER], "a run that uses no GPU waits for nothing", async () => {
  await using at = await scene(ONE, { holdsGpu: () => false });
  await at.meter.prepare(config({ baselineS: 1000, floorS: 1000 }));
  assert.deepEqual([waits(at.events), at.shared.taken], [[], null]);
});

testWith(
  [C_COMPILER],
  "a board that cools is waited for until it is within 2 C of where the study began",
  async () => {
    const points = [[0, 40], [1, 40], [1, 60], [3, 40]] as const;
    const cooling: StubConfig = { boards: [{ uuid: "A", temperature: { kind: "points", points } }] };
    await using at = await scene(cooling);
    const wanted = config({ floorS: 100 });
    await at.meter.prepare(wanted);
    assert.deepEqual(waits(at.events), []);
    await until("it is hot", () => at.client.hasEnded || isHot(at));
    at.events.length = 0;
    await at.meter.prepare(wanted);
    assert.deepEqual(waits(at.events), ["cooling"]);
    const { gate } = await factsOf(await at.begin({ TAG: "x" }, wanted));
    assert.deepEqual([gate?.reached, gate?.reference_c], [true, 40]);
    assert.ok((gate?.waited_s ?? 0) > 0);
  },
);

const heard = new WeakMap<MeterClient, number[]>();

function isHot({ client }: Scene): boolean {
  const temperatures = heard.get(client) ?? [];
  if (!heard.has(client)) {
    heard.set(client, temperatures);
    client.listen((message) => {
      if (message.type === "state" && message.temperature_c !== null) {
        temperatures.push(message.temperature_c);
      }
    });
  }
  return temperatures.some((celsius) => celsius > 45);
}

testWith([C_COMPILER], "a meter that ends while a board cools ends the wait", async () => {
  const points = [[0, 40], [0.5, 40], [0.5, 90]] as const;
  await using at = await scene({ boards: [{ uuid: "A", temperature: { kind: "points", points } }] });
  await at.meter.prepare(config({ floorS: 1000 }));
  await until("it is hot", () => isHot(at));
  const preparing = at.meter.prepare(config({ floorS: 1000 }));
  await until("it waits", () => waits(at.events).length === 1);
  Deno.kill(at.client.pid, "SIGKILL");
  await preparing;
});

testWith(
  [C_COMPILER],
  "whose a process is: by the tag, by when it came, and assumed where nobody can look",
  async () => {
    using files = new TempFolder();
    const processes_file = files.write("processes", "");
    const tags = { LLEM_TEST_TAG: crypto.randomUUID() };
    const sleep = (env: Record<string, string>): Deno.ChildProcess =>
      new Deno.Command("sleep", { args: ["100"], env, stdin: "null" }).spawn();
    const children = [sleep({}), sleep(tags), sleep({})];
    const [before, own, later] = children.map(({ pid }) => pid);
    const unseen = 4_194_304;
    try {
      await using at = await scene({ boards: [{ uuid: "A", processes_file }] });
      Deno.writeTextFileSync(processes_file, `${before} compute 5\n`);
      const attempt = await at.begin(tags);
      // What was there before has been asked for, and the answer is on its way.
      await at.client.edge();
      Deno.writeTextFileSync(
        processes_file,
        [before, own, later, unseen].map((pid) => `${pid} compute 5\n`).join(""),
      );
      attempt.edge();
      const { recording: { processes } } = await factsOf(attempt);
      const known = processes.map(({ pid, own, name }) => [pid, own, name]);
      assert.deepEqual(known, [
        [before, false, "sleep"],
        [own, true, "sleep"],
        [later, false, "sleep"],
        [unseen, "assumed", null],
      ]);
    } finally {
      for (const child of children) {
        child.kill("SIGKILL");
        await child.status;
      }
    }
  },
);

Deno.test("a process that /proc hides and that is another user's is no process of the run", () => {
  const unseen = 4_194_304;
  const known = { tags: { TAG: "x" }, hasSpawned: () => true };
  assert.deepEqual(identifier({ ...known, isOthers: () => true })(unseen), { name: null, own: false });
  assert.deepEqual(identifier(known)(unseen), { name: null, own: "assumed" });
  // One that was there before the run is its own only where it came with the run's server.
  const later = { ...known, hasSpawned: () => false, serverTags: { SERVER: "y" } };
  assert.deepEqual(identifier(later)(unseen), { name: null, own: false });
  const came = { ...later, cameWithServer: new Set([unseen]) };
  assert.deepEqual(identifier(came)(unseen), { name: null, own: "assumed" });
  assert.equal(isOfAnotherUser(Deno.pid), false);
  if (Deno.uid() !== 0) assert.equal(isOfAnotherUser(1), true);
});

testWith(
  [C_COMPILER],
  "a meter that was killed: the attempt has its trouble, the next one another meter, with its own early troubles",
  async () => {
    await using at = await scene(ONE);
    const attempt = await at.begin();
    Deno.kill(at.client.pid, "SIGKILL");
    await at.client.ended;
    const facts = await factsOf(attempt);
    assert.deepEqual(facts.recording.troubles.map(({ code }) => code), ["ended"]);
    await at.meter.prepare(config());
    const { recording } = await factsOf(await at.begin());
    assert.deepEqual(recording.troubles, []);
    assert.notEqual(recording.devices[0]?.power.firstNs ?? null, null);
    assert.notEqual(at.study.client.pid, at.client.pid);
    assert.deepEqual(warnings(at.events), ["meter_ended"]);
  },
);

testWith(
  [C_COMPILER],
  "where no other meter can be started that is said, and after a few tries none is tried",
  async () => {
    let tries = 0;
    const restart = () => Promise.resolve({ reason: `try ${++tries}` });
    await using at = await scene(ONE, { restart });
    Deno.kill(at.client.pid, "SIGKILL");
    await at.client.ended;
    for (let run = 0; run < 5; run++) {
      const result = await (await at.begin()).end();
      assert.ok("reason" in result);
      assert.match(result.reason, /could not be restarted: try/);
    }
    assert.equal(tries, 3);
  },
);

testWith(
  [C_COMPILER],
  "a lost board is a loss for runs that use GPUs, when they begin at the latest",
  async () => {
    let usesGpu = false;
    await using at = await scene({ boards: [{ uuid: "A", lost_s: 0.3 }] }, {
      holdsGpu: () => usesGpu,
      run_devices: ["A"],
    });
    await at.meter.prepare(config());
    await until("it is lost", () => warnings(at.events).includes("meter_lost"));
    assert.equal(at.meter.loss.signal.aborted, false);
    usesGpu = true;
    await at.meter.prepare(config());
    assert.equal(at.meter.loss.signal.aborted, true);
    assert.notEqual(at.meter.loss.text, "");
  },
);

Deno.test("a lost board ends a run that was seen on it, else one that was given it, and none that computes on CPUs", () => {
  const on = (device: string, own: SeenProcess["own"] = true) => processOf({ device, own });
  const cases: readonly (readonly [what: string, use: Partial<BoardUse>, ends: boolean])[] = [
    ["nothing is known", {}, false],
    ["given", { run_devices: ["A"] }, true],
    ["given, on CPUs", { run_devices: ["A"], uses_gpu: false }, false],
    ["not given", { run_devices: ["B"] }, false],
    ["seen", { processes: [on("A")] }, true],
    ["seen elsewhere", { processes: [on("B")], run_devices: ["A", "B"] }, false],
    ["a stranger's", { processes: [on("A", false)] }, false],
    ["assumed", { processes: [on("A", "assumed")] }, true],
    ["assumed there, seen elsewhere", { processes: [on("A", "assumed"), on("B")] }, false],
  ];
  for (const [what, use, ends] of cases) {
    assert.equal(endsRun("A", { uses_gpu: true, processes: [], run_devices: null, ...use }), ends, what);
  }
});

testWith(
  [C_COMPILER],
  "a lost board is no loss to runs whose worker named only CPUs, also when they begin anew",
  async () => {
    await using at = await scene({ boards: [{ uuid: "A", lost_s: 0.6 }] }, { run_devices: ["A"] });
    const onCpu = config();
    (await at.begin(undefined, onCpu)).hello(["cpu"]);
    await until("it is lost", () => warnings(at.events).includes("meter_lost"));
    await at.begin(undefined, onCpu);
    assert.equal(at.meter.loss.signal.aborted, false);
    await at.begin(undefined, config());
    assert.equal(at.meter.loss.signal.aborted, true);
  },
);

testWith(
  [C_COMPILER],
  "a lost board is a loss to the run that was seen on it, whatever it may use",
  async () => {
    using files = new TempFolder();
    const processes_file = files.write("processes", "");
    await using at = await scene({ boards: [{ uuid: "A", lost_s: 1.2, processes_file }, { uuid: "B" }] });
    const attempt = await at.begin();
    await at.client.edge();
    Deno.writeTextFileSync(processes_file, "4194304 compute 5\n");
    attempt.edge();
    await until("it is lost", () => warnings(at.events).includes("meter_lost"));
    assert.equal(at.meter.loss.signal.aborted, true);
    assert.notEqual(at.meter.loss.text, "");
  },
);

testWith([C_COMPILER], "a lost board that no run may use is told and no loss", async () => {
  const boards: StubConfig = { boards: [{ uuid: "A" }, { uuid: "B", lost_s: 0.3 }] };
  await using at = await scene(boards, { run_devices: ["A"] });
  await at.meter.prepare(config());
  await until("it is lost", () => warnings(at.events).includes("meter_lost"));
  assert.equal(at.meter.loss.signal.aborted, false);
});

const DEAD = { codes: [{ function: "nvmlDeviceGetHandleByIndex_v2", code: 15 }] };

testWith(
  [C_COMPILER],
  "a board that is dead from the start is told once and no loss, also to runs that may use all",
  async () => {
    for (const dead of [DEAD, { codes: [{ function: "nvmlDeviceGetName", code: 15 }] }]) {
      await using at = await scene({ boards: [{ uuid: "A", ...dead }, { uuid: "B" }] });
      await at.meter.prepare(config());
      assert.equal(at.meter.loss.signal.aborted, false);
      assert.deepEqual(warnings(at.events), ["meter_lost"]);
    }
  },
);

testWith(
  [C_COMPILER],
  "a board that a meter which takes over cannot open is a loss to those that use it",
  async () => {
    for (const [run_devices, isLost] of [[["A"], true], [["B"], false]] as const) {
      const after: StubConfig = { boards: [{ uuid: "A", ...DEAD }, { uuid: "B" }] };
      const restart = () => MeterClient.start(meterProgram(after), OPTIONS);
      await using at = await scene({ boards: [{ uuid: "A" }, { uuid: "B" }] }, { run_devices, restart });
      Deno.kill(at.client.pid, "SIGKILL");
      await at.client.ended;
      await at.study.atWork();
      await at.meter.prepare(config());
      assert.equal(at.meter.loss.signal.aborted, isLost);
      if (isLost) assert.match(at.meter.loss.text, /^A cannot be opened any more: the GPU is lost/);
    }
  },
);

testWith(
  [C_COMPILER],
  "the memory in use comes from the meter, by uuid; null where it has ended",
  async () => {
    const boards = [{ uuid: "A", memory_used: 3 * 2 ** 30 }, { uuid: "B", memory_used: 2 ** 20 }];
    await using at = await scene({ boards });
    assert.deepEqual([...await at.study.readMemory() ?? []], [["A", 3072], ["B", 1]]);
    let [edges, counted] = [0, 0];
    using _ = at.client.listen((message) => {
      if (message.type === "edge") edges += 1;
      if (message.type === "counter" && message.edge !== null) counted += 1;
    });
    const all = await Promise.all(Array.from({ length: 8 }, () => at.study.readMemory()));
    assert.deepEqual(all.map((used) => used?.get("A")), Array(8).fill(3072));
    assert.deepEqual([edges, counted], [1, 0], "eight slots ask once, and no counter is read for them");
    Deno.kill(at.client.pid, "SIGKILL");
    await at.client.ended;
    assert.equal(await at.study.readMemory(), null);
  },
);

testWith(
  [C_COMPILER],
  "a flood of windows is no flood of edges, and the last one is read after it was asked for",
  async () => {
    await using at = await scene(ONE);
    const attempt = await at.begin();
    let edges = 0;
    using _ = at.client.listen((message) => void (edges += message.type === "edge" ? 1 : 0));
    for (let window = 0; window < 1000; window++) attempt.edge();
    await factsOf(attempt);
    assert.ok(edges >= 1 && edges <= 3, `${edges} edges`);
  },
);

testWith([C_COMPILER], "what a configuration does not admit is not metered, with a reason", async () => {
  await using at = await scene(ONE, { backendOf: () => "rapl" });
  const result = await (await at.begin()).end();
  assert.ok("reason" in result);
  assert.match(result.reason, /energy\.backend is rapl/);
});
