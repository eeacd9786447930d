/** Two slots with a board each and one meter process: what is kept of one board touches nothing of the other. */
import assert from "node:assert/strict";
import { pause } from "../../lib/base/abort.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import { MeterClient } from "../../lib/meter/meter_client.ts";
import type { BareReadings } from "../../lib/metering/bare_baseline.ts";
import type { MeteredAttempt, Sharing } from "../../lib/metering/metering.ts";
import { MemoryGate, type MemoryLevels } from "../../lib/metering/memory_gate.ts";
import { SharedMetering, type SharedParts } from "../../lib/metering/shared_metering.ts";
import { SlotMeter, type SlotMeterParts } from "../../lib/metering/slot_meter.ts";
import { StudyMeter } from "../../lib/metering/study_meter.ts";
import type { EnergyFacts } from "../../lib/results/energy/facts.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import "../support/libc.ts";
import { meterProgram, OPTIONS } from "../support/meters.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import type { StubConfig } from "../support/nvml_stub.ts";
import { configOf } from "../support/plans.ts";
import { until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

const SIMPLE = configOf();

function config(draft: { readonly baselineS?: number; readonly floorS?: number } = {}): ExperimentConfig {
  const { baselineS, floorS } = draft;
  return {
    ...SIMPLE,
    baseline: { ...SIMPLE.baseline, enabled: baselineS !== undefined, duration_seconds: baselineS ?? 0 },
    warmup: { ...SIMPLE.warmup, enabled: floorS !== undefined, thermal_floor_seconds: floorS ?? 0 },
  };
}

interface Slots extends AsyncDisposable {
  readonly study: StudyMeter;
  readonly shared: SharedMetering;
  readonly a: SlotMeter;
  readonly b: SlotMeter;
  readonly events: RunnerEvent[];
  attempt(): MeteredAttempt;
  /** Records an attempt of a slot from now on, and ends it. */
  facts(slot: SlotMeter): Promise<EnergyFacts>;
}

async function slots(
  boards: StubConfig,
  { a = {}, b = {}, all = {} }: {
    readonly a?: Partial<SlotMeterParts>;
    readonly b?: Partial<SlotMeterParts>;
    readonly all?: Partial<SharedParts>;
  } = {},
): Promise<Slots> {
  const start = (): ReturnType<typeof MeterClient.start> => MeterClient.start(meterProgram(boards), OPTIONS);
  const client = await start();
  assert.ok(!("reason" in client), JSON.stringify(client));
  const events: RunnerEvent[] = [];
  const emit = (event: RunnerEvent): void => void events.push(event);
  const folder = new TempFolder();
  Deno.mkdirSync(folder.at("runs"));
  const study = new StudyMeter({ client, restart: start, emit });
  const shared = new SharedMetering({
    meter: study,
    baselines: { load: () => ({}), save: () => {} },
    devices: null,
    settling_look_ms: 100,
    emit,
    ...all,
  });
  const slot = (uuid: string, parts: Partial<SlotMeterParts>): SlotMeter =>
    new SlotMeter({
      shared,
      run_devices: [uuid],
      backendOf: () => "auto",
      holdsGpu: () => true,
      update_period_ms: new Map(),
      emit,
      ...parts,
    });
  let runs = 0;
  const attempt = (): MeteredAttempt => ({
    config: config(),
    folder: new RunFolder(realDisk, folder.path, `run-${runs++}`),
    tags: { TAG: "none" },
  });
  return {
    attempt,
    study,
    shared,
    a: slot("A", a),
    b: slot("B", b),
    events,
    facts: async (of) => {
      const facts = await (await of.begin(attempt())).end();
      assert.ok("recording" in facts, JSON.stringify(facts));
      return facts;
    },
    [Symbol.asyncDispose]: async () => {
      await study[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

function waits(events: readonly RunnerEvent[]): string[] {
  return events.flatMap((event) => event.type === "waiting" ? [event.what] : []);
}

testWith([C_COMPILER], "a slot waits for its own board to cool, back to where that one was", async () => {
  const points = [[0, 40], [1, 40], [1, 60], [3, 40]] as const;
  await using at = await slots({
    boards: [
      { uuid: "A", temperature: { kind: "points", points } },
      { uuid: "B", temperature: { kind: "constant", value: 30 } },
    ],
  });
  const wanted = config({ floorS: 100 });
  await at.a.prepare(wanted);
  await until("A is hot", () => (at.study.temperatures(["A"]).get("A") ?? 0) > 50);
  // The other slot begins while A is hot: that is no reference of either.
  await at.b.prepare(wanted);
  await at.b.prepare(wanted);
  assert.deepEqual(waits(at.events), []);
  const b = await at.facts(at.b);
  assert.deepEqual(b.gate, { waited_s: 0, reference_c: 30, reached: true });
  await at.a.prepare(wanted);
  assert.deepEqual(waits(at.events), ["cooling"]);
  const a = await at.facts(at.a);
  assert.deepEqual([a.gate?.reference_c, a.gate?.reached], [40, true]);
  assert.ok((a.gate?.waited_s ?? 0) > 0);
  assert.deepEqual([a.run_devices, b.run_devices], [["A"], ["B"]]);
  // What A passed since is not what B did.
  assert.deepEqual((await at.facts(at.b)).gate, b.gate);
});

testWith([C_COMPILER], "a slot that begins anew has no gate of another slot's run", async () => {
  const still = { kind: "constant", value: 30 } as const;
  await using at = await slots({
    boards: [{ uuid: "A", temperature: still }, { uuid: "B", temperature: still }],
  });
  await at.a.prepare(config({ floorS: 100 }));
  await at.b.prepare(config());
  const [a, b] = [await at.facts(at.a), await at.facts(at.b)];
  assert.deepEqual([a.gate?.reached, b.gate], [true, null]);
});

testWith([C_COMPILER], "a board that is lost is a loss of its own slot alone", async () => {
  await using at = await slots({ boards: [{ uuid: "A", lost_s: 0.3 }, { uuid: "B" }] });
  await at.a.prepare(config());
  await at.b.prepare(config());
  await until("A is lost", () => at.a.loss.signal.aborted);
  await at.b.prepare(config());
  assert.deepEqual([at.b.loss.signal.aborted, at.b.loss.text], [false, ""]);
  assert.notEqual(at.a.loss.text, "");
  const told = at.events.filter((event) => event.type === "warning" && event.code === "meter_lost");
  assert.equal(told.length, 1, "it is told once, however many slots there are");
});

testWith(
  [C_COMPILER],
  "a run that uses no GPU is not ended by the loss of one, whatever runs beside it",
  async () => {
    await using at = await slots({ boards: [{ uuid: "A", lost_s: 0.3 }, { uuid: "B" }] }, {
      a: { holdsGpu: () => false },
    });
    await at.a.prepare(config());
    await at.b.prepare(config());
    await until("A is lost", () => at.events.some((event) => event.type === "warning"));
    await at.b.prepare(config());
    assert.deepEqual([at.a.loss.signal.aborted, at.b.loss.signal.aborted], [false, false]);
    const facts = [await at.facts(at.a), await at.facts(at.b)];
    assert.deepEqual(facts.map(({ holds_gpu }) => holds_gpu), [false, true]);
  },
);

testWith([C_COMPILER], "a slot that is made after a loss knows of it", async () => {
  await using at = await slots({ boards: [{ uuid: "A", lost_s: 0.2 }, { uuid: "B" }] });
  await until("A is lost", () => at.events.some((event) => event.type === "warning"));
  const parts: SlotMeterParts = {
    shared: at.shared,
    run_devices: ["A"],
    backendOf: () => "auto",
    holdsGpu: () => true,
    update_period_ms: new Map(),
    emit: () => {},
  };
  const late = new SlotMeter(parts);
  await late.prepare(config());
  assert.ok(late.loss.signal.aborted);
});

const BOARDS_AB: StubConfig = {
  boards: [
    { uuid: "A", power: { kind: "constant", value: 70 } },
    { uuid: "B", power: { kind: "constant", value: 90 } },
  ],
};

testWith([C_COMPILER], "a baseline is taken once for the boards of all slots", async () => {
  const saved: BareReadings[] = [];
  const baselines = { load: () => ({}), save: (readings: BareReadings) => void saved.push(readings) };
  await using at = await slots(BOARDS_AB, { all: { baselines } });
  assert.equal(await at.shared.takeAfter(0.2), null);
  await at.a.prepare(config({ baselineS: 0.2 }));
  await at.b.prepare(config({ baselineS: 0.2 }));
  assert.deepEqual([at.shared.taken?.source, saved.length, waits(at.events)], ["fresh", 1, ["baseline"]]);
  const watts = Object.entries(at.shared.taken?.devices ?? {}).map((
    [uuid, { power_w }],
  ) => [uuid, Math.round(power_w)]);
  assert.deepEqual(watts, [["A", 70], ["B", 90]]);
  assert.equal((await at.shared.takeAfter(0.2))?.when, "after");
});

testWith(
  [C_COMPILER],
  "of several runs at a time the first waits with all others for one look at the idle boards",
  async () => {
    const sharing = (): Sharing => ({ mode: "staged", is_audited: false });
    await using at = await slots(BOARDS_AB, { all: { sharing, baseline_s: () => 0.3 } });
    const began = performance.now();
    // The one asks for none and needs no GPU: what it did would be in the baseline of the other.
    await Promise.all([at.a.prepare(config()), at.b.prepare(config({ baselineS: 0.3 }))]);
    assert.ok(performance.now() - began >= 300, "one of them did not wait");
    assert.deepEqual(waits(at.events), ["baseline"]);
    // A slot that begins later, beside others, has the same.
    const run = await at.b.begin(at.attempt());
    await at.a.prepare(config({ baselineS: 0.3 }));
    assert.deepEqual(waits(at.events), ["baseline"]);
    assert.equal(await at.shared.takeAfter(0.2), null, "somebody is on the boards");
    await run.end();
    for (const isTaking of [false, true]) {
      const taking = at.shared.takeAfter(0.3);
      if (isTaking) await until("it is taken", () => waits(at.events).length === 2);
      const late = await at.a.begin(at.attempt());
      assert.equal(await taking, null, "somebody came meanwhile");
      await late.end();
    }
    assert.equal((await at.shared.takeAfter(0.2))?.when, "after");
  },
);

testWith(
  [C_COMPILER],
  "of boards that are not the study's no baseline is kept: another one may be at work there",
  async () => {
    const saved: BareReadings[] = [];
    const baselines = { load: () => ({}), save: (readings: BareReadings) => void saved.push(readings) };
    await using at = await slots(BOARDS_AB, { all: { baselines, devices: ["A"] } });
    await at.a.prepare(config({ baselineS: 0.2 }));
    await at.shared.takeAfter(0.2);
    assert.deepEqual(saved.map((readings) => Object.keys(readings)), [["A"], ["A"]]);
  },
);

testWith([C_COMPILER], "slots that miss their meter at the same time start one other, together", async () => {
  await using at = await slots(BOARDS_AB);
  Deno.kill(at.study.client.pid, "SIGKILL");
  await at.study.client.ended;
  const clients = await Promise.all(Array.from({ length: 4 }, () => at.study.atWork()));
  assert.equal(new Set(clients).size, 1);
  assert.ok(clients[0] === at.study.client && !at.study.client.hasEnded);
});

testWith(
  [C_COMPILER],
  "a server that waits for its next run is beside runs of other slots, and not of its own",
  async () => {
    const sharing = (): Sharing => ({ mode: "staged", is_audited: false });
    await using at = await slots(BOARDS_AB, { all: { sharing } });
    const gone = new AbortController();
    const server = await at.a.beginServer(config());
    server.starting({ TAG: "server" });
    await server.end(gone.signal);
    const [a, b] = [await at.facts(at.a), await at.facts(at.b)];
    assert.deepEqual([a.beside, b.beside?.map(({ run_id, devices }) => [run_id, devices])], [[], [["", [
      "A",
    ]]]]);
    assert.equal(at.shared.company.isEmpty, false);
    gone.abort();
    assert.equal(at.shared.company.isEmpty, true);
    assert.deepEqual((await at.facts(at.b)).beside, []);
  },
);

testWith(
  [C_COMPILER],
  "the edges of a slot read the counters of no board of another, and its gate goes by slope",
  async () => {
    const sharing = (): Sharing => ({ mode: "shared", is_audited: true });
    await using at = await slots(BOARDS_AB, { all: { sharing } });
    await at.a.prepare(config({ floorS: 100 }));
    const { client } = at.study;
    const edges: (string | undefined)[] = [];
    using _ = client.listen((message) => {
      if (message.type !== "counter" || message.edge === null) return;
      edges.push(client.hello.devices[message.device]?.uuid);
    });
    const attempt = await at.a.begin(at.attempt());
    for (let windows = 0; windows < 3; windows++) {
      attempt.edge();
      await pause(20);
    }
    const facts = await attempt.end();
    assert.ok("recording" in facts && edges.length >= 3);
    assert.deepEqual(new Set(edges), new Set(["A"]));
    assert.deepEqual([facts.gate?.by, facts.shared_unaudited], ["reference", undefined]);
  },
);

testWith([C_COMPILER], "attempts of two slots are recorded at once, each over its own time", async () => {
  await using at = await slots({ boards: [{ uuid: "A" }, { uuid: "B" }] });
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("runs"));
  const begin = (of: SlotMeter, name: string): ReturnType<SlotMeter["begin"]> =>
    of.begin({ config: config(), folder: new RunFolder(realDisk, folder.path, name), tags: { TAG: name } });
  const lastNs = async (attempt: Awaited<ReturnType<SlotMeter["begin"]>>): Promise<number> => {
    const facts = await attempt.end();
    assert.ok("recording" in facts);
    return facts.recording.devices[0]?.power.lastNs ?? NaN;
  };
  const [a, b] = [await begin(at.a, "a"), await begin(at.b, "b")];
  a.edge();
  const aNs = await lastNs(a);
  // A reading comes every 20 ms.
  await pause(100);
  b.edge();
  assert.ok(await lastNs(b) > aNs, "the end of one attempt ended the recording of the other");
});

Deno.test("the memory gate of a slot goes by its own board, and lets through what is free there", async () => {
  const used = new Map([["A", 100], ["B", 200]]);
  const read = (): Promise<ReadonlyMap<string, number>> => Promise.resolve(new Map(used));
  const [a, b] = [new MemoryGate(["A"], read, 0), new MemoryGate(["B"], read, 0)];
  assert.deepEqual([await a.pass(), await b.pass()], [null, null]);
  // A worker of the other slot has loaded its model.
  used.set("A", 60_000);
  assert.equal(await b.pass(), null);
  assert.equal((await a.pass())?.errno, "device_busy");
  // And passing there has not made that the level here.
  used.set("B", 60_000);
  assert.equal((await b.pass())?.errno, "device_busy");
  used.set("A", 100);
  assert.equal(await a.pass(), null);
});

Deno.test("a slot that comes to a board knows what was in use there before the run of another slot", async () => {
  const used = new Map([["A", 100], ["B", 200]]);
  const read = (): Promise<ReadonlyMap<string, number>> => Promise.resolve(new Map(used));
  const levels: MemoryLevels = new Map();
  const gate = (...devices: readonly string[]): MemoryGate =>
    new MemoryGate(devices, read, 0, undefined, undefined, levels);
  assert.equal(await gate("A").pass(), null);
  // The worker on A leaves its memory behind; B was never looked at, and is as it is.
  used.set("A", 60_000);
  assert.equal(await gate("B").pass(), null);
  const busy = await gate("A", "B").pass();
  assert.match(busy?.message ?? "", /^A has 60000 MiB in use, compared with 100 MiB/);
});
