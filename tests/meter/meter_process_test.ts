import assert from "node:assert/strict";
import type { MeterMessage } from "../../lib/meter/sample.ts";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import { COMPILED, meterProgram, OPTIONS, RawMeter } from "../support/meters.ts";
import { C_COMPILER, type Need, testWith } from "../support/needs.ts";
import type { StubBoard, StubConfig } from "../support/nvml_stub.ts";
import { lives, Program, until } from "../support/program.ts";

const A = "GPU-aaaaaaaa-0000-0000-0000-000000000000";
const B = "GPU-bbbbbbbb-0000-0000-0000-000000000000";

const BINARY: Need = {
  what: "the compiled program (scripts/compile)",
  isMet: () => {
    try {
      return Deno.statSync(COMPILED).isFile;
    } catch {
      return false;
    }
  },
};

/** Limits that a test can wait for. */
const SHORT = { ...OPTIONS, call_limit_ms: 400, open_limit_ms: 800 };

function two(first: StubBoard = {}, rest: Partial<StubConfig> = {}): StubConfig {
  return {
    boards: [
      { uuid: A, power: { kind: "constant", value: 100 }, ...first },
      { uuid: B, power: { kind: "constant", value: 50 } },
    ],
    ...rest,
  };
}

type Of<T extends MeterMessage["type"]> = Extract<MeterMessage, { type: T }>;

function isTrouble(code: string): (message: MeterMessage) => message is Of<"trouble"> {
  return (message): message is Of<"trouble"> => message.type === "trouble" && message.code === code;
}

/** After `place` of the messages, the first reading of power for which that holds. */
function powerAfter(
  meter: RawMeter,
  index: number,
  holds: (power_w: readonly (number | null)[]) => boolean,
): Promise<Of<"power">> {
  return meter.find(
    "a reading of power",
    (message): message is Of<"power"> => message.type === "power" && holds(message.power_w),
    index,
  );
}

function assertRising(times: readonly number[], what: string): void {
  for (const [index, time] of times.entries()) {
    const before = times[index - 1] ?? -Infinity;
    assert.ok(time > before, `${what}: ${time} after ${before}`);
  }
}

for (const [name, compiled, needs] of [["from source", false, []], ["compiled", true, [BINARY]]] as const) {
  testWith([C_COMPILER, ...needs], `the meter ${name} greets, reads and answers edges`, async () => {
    await using meter = new RawMeter(meterProgram(two(), compiled));
    const hello = await meter.hello();
    assert.equal(hello.pid, meter.pid);
    assert.deepEqual(hello.devices.map(({ uuid }) => uuid), [A, B]);
    assert.deepEqual(hello.absent, []);
    assert.equal(hello.period_ms, OPTIONS.period_ms);
    await meter.edge(1);
    const answer = meter.messages.findIndex(({ type }) => type === "edge");
    const before = meter.messages.slice(0, answer);
    const asked = before.filter((message): message is Of<"counter"> =>
      message.type === "counter" && message.edge === 1
    );
    assert.deepEqual(asked.map(({ device }) => device), [0, 1]);
    assert.deepEqual(before.findLast(({ type }) => type === "power"), {
      ...before.findLast(({ type }) => type === "power"),
      power_w: [100, 50],
    });
  });
}

testWith([C_COMPILER], "the meter is in a session of its own", async () => {
  await using meter = new RawMeter(meterProgram(two()));
  await meter.hello();
  const stat = readProcStat(meter.pid);
  assert.deepEqual([stat?.session, stat?.pgrp], [meter.pid, meter.pid]);
});

testWith(
  [C_COMPILER],
  "power is read at every tick, counters and state about once a second, all on one clock",
  async () => {
    await using meter = new RawMeter(meterProgram(two()));
    await meter.hello();
    await until("120 readings of power", () => meter.of("power").length >= 120);
    await meter.edge(1);
    const power = meter.of("power");
    for (const device of [0, 1]) {
      assertRising(power.map(({ t_ns }) => t_ns[device] ?? NaN), `power of board ${device}`);
      const regular = meter.of("counter").filter((one) => one.device === device && one.edge === null);
      assertRising(regular.map(({ t_ns }) => t_ns), `counters of board ${device}`);
      // 50 ticks of 20 ms are a second: 120 ticks hold two or three of them, however late each was.
      assert.ok(regular.length >= 2 && regular.length <= 1 + power.length / 50, `${regular.length} counters`);
      const states = meter.of("state").filter((one) => one.device === device);
      assert.equal(states.length, regular.length + 1, "states: the regular ones and that of the edge");
    }
    // Not both boards in one tick.
    const turns = meter.messages.map((message, index) => message.type === "counter" ? index : -1);
    const ticks = meter.messages.map((message, index) => message.type === "power" ? index : -1);
    const tickOf = (index: number): number => ticks.filter((tick) => tick >= 0 && tick < index).length;
    const regular = turns.filter((index) => {
      const message = meter.messages[index];
      return message?.type === "counter" && message.edge === null;
    });
    assert.equal(new Set(regular.map(tickOf)).size, regular.length);
  },
);

testWith(
  [C_COMPILER],
  "two edges at once are both answered, and edges in turn carry their numbers",
  async () => {
    await using meter = new RawMeter(meterProgram(two()));
    await meter.hello();
    await meter.edge(1);
    await meter.say("edge\nedge");
    await meter.answer(3);
    await meter.edge(4);
    const numbers = meter.of("edge").map(({ edge }) => edge);
    assertRising(numbers, "edges");
    assert.equal(numbers.at(-1), 4);
    for (const edge of numbers) {
      const asked = meter.of("counter").filter((message) => message.edge === edge);
      assert.deepEqual(asked.map(({ device }) => device), [0, 1], `counters of edge ${edge}`);
    }
  },
);

testWith([C_COMPILER], "an edge that is asked for before the meter has its sources is answered", async () => {
  await using meter = new RawMeter(meterProgram(two()));
  await meter.say(`${JSON.stringify(OPTIONS)}\nedge`);
  await meter.answer(1);
});

testWith([C_COMPILER], "the end of stdin ends the meter", async () => {
  await using meter = new RawMeter(meterProgram(two()));
  await meter.hello();
  await meter.closeStdin();
  assert.deepEqual(await meter.ended(), { success: true, code: 0, signal: null, stderr: "" });
});

testWith([C_COMPILER], "the end of stdin ends a meter whose call hangs", async () => {
  const hang = { function: "nvmlDeviceGetPowerUsage", from_s: 0 };
  const config: StubConfig = { boards: [{ uuid: A, hangs: [hang] }] };
  await using meter = new RawMeter(meterProgram(config));
  await meter.say(JSON.stringify(OPTIONS));
  await meter.closeStdin();
  assert.equal((await meter.ended()).code, 0);
});

testWith([C_COMPILER], "nobody on stdout ends the meter", async () => {
  await using meter = new RawMeter(meterProgram(two()));
  await meter.hello();
  await meter.closeStdout();
  assert.equal((await meter.ended()).code, 1);
});

testWith([C_COMPILER], "SIGKILL of whoever started it ends the meter", async () => {
  const { program, args, env } = meterProgram(two());
  await using starter = new Program(
    `const child = new Deno.Command(${JSON.stringify(program)}, {
      args: ${JSON.stringify([...args, "__meter"])}, env: ${JSON.stringify(env)}, clearEnv: true,
      detached: true, stdin: "piped", stdout: "piped" }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(${JSON.stringify(`${JSON.stringify(OPTIONS)}\n`)}));
    // It is read on: a meter whose output nobody reads ends by itself.
    let told = false;
    for await (const _ of child.stdout) { if (!told) console.log(child.pid); told = true; }`,
  );
  const pid = Number(await starter.line());
  assert.ok(lives(pid));
  starter.kill("SIGKILL");
  await until("the meter is gone", () => !lives(pid));
});

for (
  const line of [
    "no JSON",
    "[]",
    '{"meters":["nvml"]}',
    '{"meters":["steam"],"period_ms":50}',
    '{"meters":["nvml"],"period_ms":0}',
    '{"meters":"nvml","period_ms":50}',
  ]
) {
  Deno.test(`what is no setting ends the meter with a word about it: ${line}`, async () => {
    await using meter = new RawMeter(meterProgram(null));
    await meter.say(line);
    const { code, stderr } = await meter.ended();
    assert.equal(code, 2);
    assert.ok(stderr.includes(line), stderr);
  });
}

Deno.test("no library of the driver: the meter says so and lives on without a device", async () => {
  await using meter = new RawMeter(meterProgram(null));
  const { devices, absent } = await meter.hello();
  assert.deepEqual(devices, []);
  assert.deepEqual(absent.map((one) => one.meter), ["nvml"]);
});

const HANGS = [
  { what: "power", functions: ["nvmlDeviceGetPowerUsage", "nvmlDeviceGetFieldValues"], call: "the power" },
  { what: "counters", functions: ["nvmlDeviceGetTotalEnergyConsumption"], call: "the counters" },
  { what: "state", functions: ["nvmlDeviceGetClockInfo"], call: "the state" },
] as const;

for (const { what, functions, call } of HANGS) {
  testWith(
    [C_COMPILER],
    `a call for the ${what} of a board hangs: it is told, the other board goes on, edges are answered`,
    async () => {
      const hangs = functions.map((name) => ({ function: name, from_s: 1, until_s: 3 }));
      await using meter = new RawMeter(meterProgram(two({ hangs })));
      await meter.hello(SHORT);
      await meter.edge(1);
      const trouble = await meter.find("trouble", isTrouble("hung"));
      assert.equal(trouble.device, A);
      assert.ok(trouble.text.includes(call), trouble.text);
      const index = meter.messages.indexOf(trouble);
      await powerAfter(meter, index, ([first, second]) => first === null && second === 50);
      await meter.edge(2);
      // The call returns now; nothing of the thread that was in it is to be heard.
      await until("the call has returned", () => hasPassed(meter, 3.4));
      await meter.edge(3);
      const since = meter.messages.slice(index);
      assert.ok(since.every((message) => message.type !== "power" || message.power_w[0] === null));
      for (const edge of [2, 3]) {
        const asked = since.filter((message) => message.type === "counter" && message.edge === edge);
        assert.equal(asked.length, 2, `counters of edge ${edge}`);
      }
      assert.equal(meter.of("hello").length, 1);
      assert.equal(meter.of("trouble").filter(({ code }) => code === "hung").length, 1);
      assertRising(meter.of("power").map(({ t_ns }) => t_ns[1] ?? NaN), "power of the other board");
    },
  );
}

/** True once a sample is so many seconds after the first. */
function hasPassed(meter: RawMeter, seconds: number): boolean {
  const times = meter.of("power").map(({ t_ns }) => t_ns[1] ?? NaN);
  return (times.at(-1) ?? NaN) - (times[0] ?? NaN) > seconds * 1e9;
}

testWith(
  [C_COMPILER],
  "an edge that is under way when a call hangs is answered by the thread that takes over",
  async () => {
    const hangs = [{ function: "nvmlDeviceGetTotalEnergyConsumption", from_s: 0.6 }];
    await using meter = new RawMeter(meterProgram(two({ hangs })));
    await meter.hello(SHORT);
    await until("the calls hang", () => hasPassed(meter, 0.7));
    await meter.edge(1);
    await meter.find("trouble", isTrouble("hung"));
  },
);

testWith(
  [C_COMPILER],
  "a driver that hangs when it is opened is given up, and the meter greets without it",
  async () => {
    const config = two({}, { hangs: [{ function: "nvmlInit_v2", from_s: 0 }] });
    await using meter = new RawMeter(meterProgram(config));
    const { devices, absent } = await meter.hello(SHORT);
    assert.deepEqual(devices, []);
    assert.match(absent[0]?.reason ?? "", /^opening nvml hangs/);
    assert.equal(meter.of("trouble")[0]?.code, "hung");
  },
);

testWith([C_COMPILER], "a board is lost: it is told once, and the other goes on", async () => {
  await using meter = new RawMeter(meterProgram(two({ lost_s: 0.5 })));
  await meter.hello();
  const trouble = await meter.find("trouble", isTrouble("lost"));
  assert.equal(trouble.device, A);
  await powerAfter(
    meter,
    meter.messages.indexOf(trouble),
    ([first, second]) => first === null && second === 50,
  );
  await meter.edge(1);
  assert.equal(meter.of("trouble").filter(({ code }) => code === "lost").length, 1);
});

testWith([C_COMPILER], "a board that may not be read is told as such", async () => {
  const codes = [{ function: "nvmlDeviceGetHandleByIndex_v2", code: 4, first: 1 }];
  await using meter = new RawMeter(meterProgram(two({}, { codes })));
  const { devices } = await meter.hello();
  const trouble = await meter.find("trouble", isTrouble("permission"));
  assert.notEqual(trouble.remedy, null);
  assert.equal(devices.length, 1);
});

testWith(
  [C_COMPILER],
  "a meter that was stopped for longer than a call may take goes on without trouble",
  async () => {
    await using meter = new RawMeter(meterProgram(two()));
    await meter.hello({ ...SHORT, call_limit_ms: 100 });
    await meter.edge(1);
    meter.kill("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 700));
    meter.kill("SIGCONT");
    await meter.edge(2);
    assert.deepEqual(meter.of("trouble"), []);
  },
);

testWith([C_COMPILER], "thousands of ticks do not make the meter grow", async () => {
  await using meter = new RawMeter(meterProgram(two()));
  await meter.hello({ ...OPTIONS, period_ms: 1 });
  const grown: number[] = [];
  // Garbage comes and goes; what is kept of every tick would show in each of the stretches.
  for (let ticks = 2_000; Math.min(...grown) > 64 && grown.length < 5; ticks += 2_000) {
    await until(`${ticks} ticks`, () => meter.of("power").length >= ticks);
    const early = residentKiB(meter.pid);
    await until(`${ticks + 2_000} ticks`, () => meter.of("power").length >= ticks + 2_000);
    grown.push(residentKiB(meter.pid) - early);
  }
  assert.ok(Math.min(...grown) <= 64, `KiB more for 2000 ticks each: ${grown.join(", ")}`);
});

function residentKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}
