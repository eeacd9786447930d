import { gpuDevice } from "../support/meter_devices.ts";
import assert from "node:assert/strict";
import { askEdge, BEATS, CALL, IDLE, isWanted, newControl } from "../../lib/meter/control.ts";
import { type MeterDevice, type MeterSource, NO_STATE } from "../../lib/meter/meter.ts";
import type { MeterMessage } from "../../lib/meter/sample.ts";
import { Sampler } from "../../lib/meter/sampler.ts";

/** A fake of a board, for there is none: it tells how often it was asked. */
function board(uuid: string, power: MeterDevice["power"]): MeterDevice {
  return gpuDevice({ uuid, name: uuid, power });
}

interface Scene {
  readonly sampler: Sampler;
  readonly told: MeterMessage[];
  readonly control: ReturnType<typeof newControl>;
  readonly asked: string[];
}

function scene(
  powers: readonly MeterDevice["power"][],
  periodMs: number,
  avoided: readonly number[] = [],
): Scene {
  const told: MeterMessage[] = [];
  const asked: string[] = [];
  const control = newControl();
  let ns = 0;
  // Every look at the clock is 10 ns later than the one before.
  const nowNs = (): number => ns += 10;
  const devices = powers.map((power, index) => board(`board-${index}`, power));
  const source: MeterSource = {
    devices,
    powerW: (index) => {
      asked.push(`power ${index}`);
      return 100 + index;
    },
    counters: (index) => {
      asked.push(`counters ${index}`);
      return { energy_j: index, throttle_ns: null };
    },
    state: (index) => {
      asked.push(`state ${index}`);
      return { ...NO_STATE, temperature_c: 40 + index };
    },
    [Symbol.dispose]: () => {},
  };
  const parts = {
    devices: devices.map((device, index) => ({
      device,
      at: avoided.includes(index) ? null : { source, index },
    })),
    control,
    periodMs,
    emit: (message: MeterMessage) => void told.push(message),
    nowNs,
  };
  return { sampler: new Sampler(parts), told, control, asked };
}

Deno.test("power of all at every tick, each with the middle of its own call", () => {
  const { sampler, told } = scene(["instant", "instant"], 100);
  sampler.tick();
  assert.deepEqual(told[0], { type: "power", t_ns: [15, 35], power_w: [100, 101] });
});

Deno.test("counters and state come once in a second's ticks, each device in a tick of its own", () => {
  const { sampler, told } = scene(["instant", "instant", "instant", "instant"], 100);
  const ticks = new Map<number, number[]>();
  for (let tick = 0; tick < 30; tick++) {
    const from = told.length;
    sampler.tick();
    for (const message of told.slice(from)) {
      if (message.type === "counter") ticks.set(message.device, [...ticks.get(message.device) ?? [], tick]);
    }
  }
  assert.deepEqual([...ticks], [[0, [0, 10, 20]], [1, [2, 12, 22]], [2, [5, 15, 25]], [3, [7, 17, 27]]]);
  assert.equal(told.filter(({ type }) => type === "power").length, 30);
  assert.equal(told.filter(({ type }) => type === "state").length, 12);
  assert.ok(told.every((message) => message.type !== "counter" || message.edge === null));
});

Deno.test("more devices than ticks in a second: each still has its turn", () => {
  const { sampler, told } = scene(["instant", "instant", "instant"], 2000);
  sampler.tick();
  assert.deepEqual(told.filter(({ type }) => type === "counter").length, 3);
});

Deno.test("an edge reads the counters of all before anything else, and says when it is done", () => {
  const { sampler, told, control } = scene(["instant", "instant"], 100);
  askEdge(control, 7, ["counters", "state"], null);
  sampler.edge(7, 6);
  assert.deepEqual(
    told.map((message) =>
      message.type === "counter" ? `counter ${message.device} ${message.edge}` : message.type
    ),
    ["counter 0 7", "counter 1 7", "power", "state", "state", "edge"],
  );
  const last = told.at(-1);
  assert.ok(last?.type === "edge" && last.edge === 7);
});

Deno.test("an edge of one board reads the counters of no other, and a look reads none at all", () => {
  const { sampler, asked, control } = scene(["instant", "instant", "instant"], 100);
  const power = ["power 0", "power 1", "power 2"];
  const since = (): string[] => asked.splice(0);
  askEdge(control, 1, ["counters", "state"], [1]);
  sampler.edge(1, 0);
  assert.deepEqual(since(), ["counters 1", ...power, "state 1"]);
  askEdge(control, 2, ["state"], [0, 2]);
  sampler.edge(2, 1);
  assert.deepEqual(since(), ["state 0", "state 2"]);
  // Two that were asked for before the thread woke up are one.
  askEdge(control, 3, ["counters", "state"], [0]);
  askEdge(control, 4, ["counters", "state"], [2]);
  sampler.edge(4, 2);
  assert.deepEqual(since(), ["counters 0", "counters 2", ...power, "state 0", "state 2"]);
  // A thread that takes over from one that hung answers what that one was asked.
  askEdge(control, 5, ["counters"], [1]);
  const next = newControl(control);
  assert.deepEqual([0, 1, 2].map((index) => isWanted(next, "counters", index, 4)), [false, true, false]);
});

Deno.test("a device without power, and one to be kept off, are not asked and stand with null", () => {
  const { sampler, told, asked, control } = scene([null, "instant", "instant"], 100, [2]);
  askEdge(control, 1, ["counters", "state"], null);
  sampler.edge(1, 0);
  const power = told.find((message) => message.type === "power");
  assert.deepEqual(power?.power_w, [null, 101, null]);
  assert.deepEqual(asked, ["counters 0", "counters 1", "power 1", "state 0", "state 1"]);
  const counters = told.filter((message) => message.type === "counter");
  assert.deepEqual(counters.map(({ energy_j }) => energy_j), [0, 1, null]);
});

Deno.test("whoever watches sees the call while it lasts, and that it is over", () => {
  const seen: [number | undefined, number | undefined][] = [];
  const control = newControl();
  const device = board("board", "instant");
  const source: MeterSource = {
    devices: [device],
    powerW: () => {
      seen.push([control[CALL], control[BEATS]]);
      return 1;
    },
    counters: () => ({ energy_j: null, throttle_ns: null }),
    state: () => NO_STATE,
    [Symbol.dispose]: () => {},
  };
  const devices = [{ device, at: { source, index: 0 } }];
  const sampler = new Sampler({ devices, control, periodMs: 100, emit: () => {}, nowNs: () => 0 });
  sampler.tick();
  assert.deepEqual(seen, [[1, 1]]);
  assert.equal(control[CALL], IDLE);
  assert.equal(control[BEATS], 6);
});

Deno.test("what no board can have is no reading: told once, and kept apart as it was read", () => {
  const told: MeterMessage[] = [];
  const boards = [board("a", "instant"), board("b", "instant"), {
    ...board("package-0", null),
    kind: "cpu" as const,
  }];
  const powers = [0, 4294967.295, 0];
  const source: MeterSource = {
    devices: boards,
    powerW: (index) => powers[index] ?? null,
    counters: () => ({ energy_j: -1, throttle_ns: null }),
    state: () => ({
      ...NO_STATE,
      temperature_c: 0xffff_ffff,
      memory_used_bytes: 2 ** 64,
      utilization_pct: 7,
    }),
    [Symbol.dispose]: () => {},
  };
  const devices = boards.map((device, index) => ({ device, at: { source, index } }));
  const emit = (message: MeterMessage): void => void told.push(message);
  const sampler = new Sampler({ devices, control: newControl(), periodMs: 2000, emit, nowNs: () => 1 });
  sampler.tick();
  sampler.tick();
  powers[0] = 100;
  powers[1] = -3;
  sampler.tick();
  const power = told.filter((message) => message.type === "power");
  assert.deepEqual(power.map(({ power_w, impossible_w }) => [power_w, impossible_w]), [
    [[null, null, null], [0, 4294967.295, null]],
    [[null, null, null], [0, 4294967.295, null]],
    [[100, null, null], [null, -3, null]],
  ]);
  const troubles = told.filter((message) => message.type === "trouble");
  assert.deepEqual(troubles.map(({ code, device, text }) => [code, device, text]), [
    ["read", "a", "a reports 0 W, which no working board draws; such readings are discarded"],
    ["read", "b", "b reports 4290000 W, which no working board draws; such readings are discarded"],
  ]);
  const state = told.find((message) => message.type === "state");
  assert.deepEqual([state?.temperature_c, state?.memory_used_bytes, state?.utilization_pct], [null, null, 7]);
  assert.equal(told.find((message) => message.type === "counter")?.energy_j, null);
});
