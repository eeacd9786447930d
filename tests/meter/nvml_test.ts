/** NVML through its real binary interface. The boards behind it are fakes: most machines have none. */
import assert from "node:assert/strict";
import { monotonicNs } from "../../lib/base/clock.ts";
import { isAbsent, type MeterSource, type MeterTrouble, NO_WISH } from "../../lib/meter/meter.ts";
import { powerUsageKind } from "../../lib/meter/nvml/constants.ts";
import { GrowingCounter } from "../../lib/meter/nvml/growing_counter.ts";
import { openNvml } from "../../lib/meter/nvml/source.ts";
import { returnCode } from "../../lib/meter/nvml/return_codes.ts";
import { SYMBOLS } from "../../lib/meter/nvml/symbols.ts";
import { MEMORY_V2_VERSION, OFFSET, SIZE, TEMPERATURE_V1_VERSION } from "../../lib/meter/nvml/structs.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import {
  buildNvmlStub,
  energyJ,
  type MissingPart,
  type StubBoard,
  type StubConfig,
} from "../support/nvml_stub.ts";
import { until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

const SUPPORT = new URL("../support/", import.meta.url).pathname;

// The clock keeps its library open, which no test shall be blamed for.
monotonicNs();

/** Opens the stub in this process; it reads its file at nvmlInit, so one source is open at a time. */
function open(config: StubConfig, troubles: MeterTrouble[], without: readonly MissingPart[] = []) {
  const stub = buildNvmlStub({ without });
  Deno.env.set("LLEM_NVML_STUB", stub.write(config));
  try {
    return openNvml((trouble) => troubles.push(trouble), stub.library);
  } finally {
    Deno.env.delete("LLEM_NVML_STUB");
  }
}

function opened(
  config: StubConfig,
  troubles: MeterTrouble[] = [],
  without: readonly MissingPart[] = [],
): MeterSource {
  const source = open(config, troubles, without);
  assert.ok(!isAbsent(source), JSON.stringify(source));
  return source;
}

function codes(troubles: readonly MeterTrouble[]): string[] {
  return troubles.map(({ code }) => code);
}

testWith([C_COMPILER], "structs lie where a C compiler puts them", () => {
  using folder = new TempFolder();
  const expected: readonly (readonly [expression: string, number])[] = [
    ["sizeof(Utilization)", SIZE.utilization],
    ["sizeof(Memory)", SIZE.memoryV1],
    ["sizeof(Memory_v2)", SIZE.memoryV2],
    ["sizeof(ProcessInfo_v1)", SIZE.processInfoV1],
    ["sizeof(ProcessInfo)", SIZE.processInfo],
    ["sizeof(PciInfo)", SIZE.pciInfo],
    ["sizeof(FieldValue)", SIZE.fieldValue],
    ["sizeof(Temperature_v1)", SIZE.temperatureV1],
    ["offsetof(Utilization, gpu)", OFFSET.utilizationGpu],
    ["offsetof(Memory, total)", OFFSET.memoryV1Total],
    ["offsetof(Memory, used)", OFFSET.memoryV1Used],
    ["offsetof(Memory_v2, total)", OFFSET.memoryV2Total],
    ["offsetof(Memory_v2, used)", OFFSET.memoryV2Used],
    ["offsetof(ProcessInfo, pid)", OFFSET.processPid],
    ["offsetof(ProcessInfo, usedGpuMemory)", OFFSET.processMemory],
    ["offsetof(ProcessInfo_v1, pid)", OFFSET.processPid],
    ["offsetof(ProcessInfo_v1, usedGpuMemory)", OFFSET.processMemory],
    ["offsetof(PciInfo, busId)", OFFSET.pciBusId],
    ["offsetof(FieldValue, fieldId)", OFFSET.fieldId],
    ["offsetof(FieldValue, scopeId)", OFFSET.fieldScope],
    ["offsetof(FieldValue, valueType)", OFFSET.fieldType],
    ["offsetof(FieldValue, nvmlReturn)", OFFSET.fieldReturn],
    ["offsetof(FieldValue, value)", OFFSET.fieldValue],
    ["offsetof(Temperature_v1, sensorType)", OFFSET.temperatureSensor],
    ["offsetof(Temperature_v1, temperature)", OFFSET.temperature],
    ["VERSION_WORD(Memory_v2, 2)", MEMORY_V2_VERSION],
    ["VERSION_WORD(Temperature_v1, 1)", TEMPERATURE_V1_VERSION],
  ];
  const prints = expected.map(([expression]) => `printf("%zu\\n", (size_t)(${expression}));`).join("\n");
  const source = folder.write(
    "sizes.c",
    `#include "nvml_abi.h"\n#include <stddef.h>\n#include <stdio.h>\nint main(void) {\n${prints}\nreturn 0; }\n`,
  );
  const program = folder.at("sizes");
  const built = new Deno.Command("cc", { args: ["-I", SUPPORT, "-o", program, source] }).outputSync();
  assert.ok(built.success, new TextDecoder().decode(built.stderr));
  const printed = new TextDecoder().decode(new Deno.Command(program).outputSync().stdout).trim().split("\n");
  assert.deepEqual(printed.map(Number), expected.map(([, number]) => number));
});

testWith([C_COMPILER], "a board's constant power, its facts and its state are read exactly", () => {
  const board: StubBoard = {
    uuid: "GPU-a",
    name: "NVIDIA H100",
    power: { kind: "constant", value: 123.456 },
    memory_used: 5000,
    memory_total: 70_000,
    event_reasons: 0x44,
    power_limit: 350.5,
    persistence: 0,
    memory_temperature: 61,
    temperature: { kind: "constant", value: 47 },
  };
  const troubles: MeterTrouble[] = [];
  using source = opened({ boards: [board, { power: { kind: "constant", value: 50 } }] }, troubles);
  assert.equal(source.devices.length, 2);
  assert.equal(source.powerW(0), 123.456);
  assert.equal(source.powerW(1), 50);
  assert.equal(source.powerW(2), null);
  const [device] = source.devices;
  assert.equal(device?.uuid, "GPU-a");
  assert.equal(device?.name, "NVIDIA H100");
  assert.equal(device?.power, "instant");
  assert.equal(device?.counter, true);
  assert.deepEqual(device?.mig, { enabled: false });
  assert.deepEqual(device?.absent, {});
  assert.equal(device?.facts["persistence_mode"], false);
  assert.equal(device?.facts["architecture"], "Hopper");
  assert.equal(device?.facts["pci_bus_id"], "00000000:01:00.0");
  assert.equal(device?.facts["power_limit_enforced_w"], 350.5);
  assert.equal(device?.facts["cuda_driver_version"], "12.5");
  assert.deepEqual(source.state(0), {
    temperature_c: 47,
    memory_temperature_c: 61,
    sm_clock_mhz: 1701,
    memory_clock_mhz: 2600,
    event_reasons: 0x44,
    memory_used_bytes: 5000,
    memory_total_bytes: 70_000,
    utilization_pct: 100,
    power_limit_w: 350.5,
    processes: [],
  });
  assert.deepEqual(troubles, []);
});

testWith([C_COMPILER], "the energy counter follows the curve of power", () => {
  const board: StubBoard = {
    power: { kind: "square", low: 50, high: 400, period_s: 0.01, duty: 0.3 },
    counter_period_ms: 0,
    throttles: [{ field: 269, from_s: 0, to_s: 1e6 }],
  };
  const t0_ns = monotonicNs();
  const seconds = (): number => Number(monotonicNs() - t0_ns) / 1e9;
  using source = opened({ t0_ns, boards: [board] });
  const look = () => ({ before_s: seconds(), ...source.counters(0), after_s: seconds() });
  const first = look();
  const end_s = first.after_s + 0.05;
  while (seconds() < end_s);
  const last = look();
  const told = (last.energy_j ?? NaN) - (first.energy_j ?? NaN);
  assert.ok(told >= energyJ(board, first.after_s, last.before_s) - 0.002, `${told}`);
  assert.ok(told <= energyJ(board, first.before_s, last.after_s) + 0.002, `${told}`);
  const throttledS = ((last.throttle_ns?.sw_thermal ?? NaN) - (first.throttle_ns?.sw_thermal ?? NaN)) / 1e9;
  assert.ok(throttledS >= last.before_s - first.after_s - 1e-6, `${throttledS}`);
  assert.ok(throttledS <= last.after_s - first.before_s + 1e-6, `${throttledS}`);
  assert.equal(last.throttle_ns?.hw_thermal, 0);
});

testWith([C_COMPILER], "a field whose own return code is not 0 is left out", () => {
  using source = opened({ boards: [{ fields: [{ field: 269, code: 3 }, { field: 82, code: 2 }] }] });
  const throttle = source.counters(0).throttle_ns ?? {};
  assert.ok(!("sw_thermal" in throttle));
  assert.equal(throttle.hw_thermal, 0);
  assert.equal(source.state(0).memory_temperature_c, null);
  assert.deepEqual(source.devices[0]?.absent, {
    memory_temperature: "not supported",
    throttle_time_sw_thermal: "not supported",
  });
});

/** What becomes of a code: when a reading meets it that has worked before, and when it never has. */
const POLICY: readonly (readonly [code: number, later: string[], first: string[], isAbsent: boolean])[] = [
  ...[3, 12, 13, 25, 26].map((code) => [code, ["read"], [], true] as const),
  [4, ["permission"], ["permission"], true] as const,
  ...[6, 21].map((code) => [code, [], [], false] as const),
  ...[15, 16].map((code) => [code, ["lost"], ["lost"], false] as const),
  ...[1, 2, 5, 7, 8, 9, 10, 11, 14, 17, 18, 19, 20, 22, 23, 24, 27, 28, 29, 30, 999, 31, -1].map((code) =>
    [code, ["read"], ["read"], false] as const
  ),
].map(([code, later, first, isAbsent]) => [code, [...later], [...first], isAbsent]);

testWith([C_COMPILER], "every return code ends as the policy says", () => {
  const known = [...Array(31).keys(), 999].filter((code) => code !== 0);
  assert.deepEqual(known.filter((code) => !POLICY.some(([own]) => own === code)), []);
  for (const [code, later, first, isAbsentFirst] of POLICY) {
    const troubles: MeterTrouble[] = [];
    const rule = { function: "nvmlDeviceGetUtilizationRates", code };
    {
      using source = opened({ boards: [{ codes: [{ ...rule, after: 1 }] }] }, troubles);
      assert.deepEqual(troubles, [], `${code}`);
      assert.equal(source.state(0).utilization_pct, null, `${code}`);
      assert.equal(source.state(0).utilization_pct, null, `${code}`);
      assert.deepEqual(codes(troubles), later, `${code}`);
      assert.equal(source.powerW(0), later.includes("lost") ? null : 100, `${code}`);
    }
    troubles.length = 0;
    using source = opened({ boards: [{ codes: [rule] }, {}] }, troubles);
    assert.deepEqual(codes(troubles), first, `${code}`);
    const reason = source.devices[0]?.absent["utilization"];
    assert.equal(reason, isAbsentFirst ? returnCode(code).text : undefined, `${code}`);
    assert.equal(source.devices.length, first.includes("lost") ? 1 : 2, `${code}`);
    const hasRemedy = troubles.every(({ code, remedy }) => code === "read" || remedy !== null);
    assert.ok(hasRemedy, `${code}`);
  }
});

testWith([C_COMPILER], "what fails once and is worth another try is read by it", () => {
  for (const code of [10, 27, 999]) {
    const troubles: MeterTrouble[] = [];
    const rule = { function: "nvmlDeviceGetFieldValues", code, first: 1 };
    using source = opened({ boards: [{ codes: [rule] }] }, troubles);
    assert.equal(source.devices[0]?.power, "instant");
    assert.deepEqual(troubles, []);
  }
});

testWith(
  [C_COMPILER],
  "codes of nvmlInit and of the count of boards say why there is no NVML, with a remedy",
  () => {
    const cases: readonly (readonly [code: number, reason: RegExp, remedy: RegExp | null])[] = [
      [9, /not loaded/, /modprobe/],
      [12, /library .* missing/, /Install/],
      [18, /different versions/, /Reboot/],
      [4, /no permission/, /as root/],
      [999, /unknown error/, null],
    ];
    for (const name of ["nvmlInit_v2", "nvmlDeviceGetCount_v2"]) {
      for (const [code, reason, remedy] of cases) {
        const source = open({ codes: [{ function: name, code }], boards: [{}] }, []);
        assert.ok(isAbsent(source), `${name} ${code}`);
        assert.match(source.reason, reason);
        if (remedy === null) assert.equal(source.remedy, null);
        else assert.match(source.remedy ?? "", remedy);
      }
    }
    const none = open({ boards: [] }, []);
    assert.ok(isAbsent(none));
    assert.match(none.reason, /has no GPU/);
  },
);

Deno.test("a library that is not there is told", () => {
  const source = openNvml(() => assert.fail(), "/nowhere/libnvidia-ml.so.1");
  assert.ok(isAbsent(source));
  assert.match(source.reason, /NVIDIA driver.*\/nowhere\/libnvidia-ml/);
});

testWith(
  [C_COMPILER],
  "boards that may not be read or are lost at the start are left out; the others stay",
  () => {
    const troubles: MeterTrouble[] = [];
    const rule = { function: "nvmlDeviceGetHandleByIndex_v2", code: 4 };
    const boards: StubBoard[] = [{ codes: [rule] }, { lost_s: 0 }, { uuid: "GPU-c" }];
    {
      using source = opened({ boards }, troubles);
      assert.deepEqual(source.devices.map(({ uuid }) => uuid), ["GPU-c"]);
      assert.equal(source.powerW(0), 100);
      assert.deepEqual(codes(troubles), ["permission", "lost"]);
    }
    const none = open({ boards: [{ codes: [rule] }] }, []);
    assert.ok(isAbsent(none));
  },
);

testWith(
  [C_COMPILER],
  "a board that fails in any call at the start is told once, and counted all the same",
  () => {
    const rest = Object.keys(SYMBOLS).filter((name) =>
      /^nvmlDeviceGet(?!Count|HandleBy|UUID|DeviceHandle)/.test(name)
    );
    const identifying = ["nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetUUID"];
    const cases: readonly (readonly [functions: readonly string[], code: number, uuid: string | null])[] = [
      ...[15, 16, 1, 3, 999].flatMap((code) => identifying.map((name) => [[name], code, null] as const)),
      [["nvmlDeviceGetName"], 15, "GPU-a"],
      [rest, 15, "GPU-a"],
      [rest, 999, "GPU-a"],
    ];
    for (const [functions, code, uuid] of cases) {
      const what = `${functions[0]} ${code}`;
      const troubles: MeterTrouble[] = [];
      const codes = functions.map((name) => ({ function: name, code }));
      using source = opened({ boards: [{ uuid: "GPU-a", codes }, { uuid: "GPU-b" }] }, troubles);
      assert.deepEqual(
        source.devices.map((device) => [device.uuid, device.facts["index"]]),
        [["GPU-b", 1]],
        what,
      );
      const { verdict, text } = returnCode(code);
      const told = verdict === "lost" ? "lost" : "read";
      assert.deepEqual(source.left_out?.map(({ remedy: _, ...left }) => left), [
        { meter: "nvml", index: 0, uuid, code: told, reason: text },
      ], what);
      assert.deepEqual(troubles.map((trouble) => [trouble.code, trouble.device]), [[told, uuid]], what);
      assert.match(troubles[0]?.text ?? "", /^NVIDIA GPU 0 .*is not metered: /, what);
    }
    const some: MeterTrouble[] = [];
    const codes = ["nvmlDeviceGetName", "nvmlDeviceGetVbiosVersion"].map((name) => ({
      function: name,
      code: 999,
    }));
    using source = opened({ boards: [{ uuid: "GPU-a", codes }] }, some);
    assert.deepEqual([source.devices.length, source.left_out], [1, []]);
    assert.deepEqual(some.map(({ text }) => text), [
      "Cannot read name, vbios version of GPU-a: unknown error in the driver",
    ]);
  },
);

testWith(
  [C_COMPILER],
  "the driver is asked whose slice a MIG device is, and says why it does not tell",
  () => {
    const boards: StubBoard[] = [{ uuid: "GPU-a", mig: 1 }, {
      uuid: "GPU-b",
      mig: 1,
      instances: ["MIG-1", "MIG-2"],
    }];
    const ask = (config: StubConfig, names: readonly string[], without: readonly MissingPart[] = []) => {
      const stub = buildNvmlStub({ without });
      Deno.env.set("LLEM_NVML_STUB", stub.write(config));
      const source = openNvml(() => {}, stub.library, { ...NO_WISH, mig_devices: names });
      Deno.env.delete("LLEM_NVML_STUB");
      assert.ok(!isAbsent(source));
      using _ = source;
      return source.mig_devices?.map((
        { name, board, reason, absent = false },
      ) => [name, board, reason, absent]);
    };
    assert.deepEqual(ask({ boards }, ["MIG-2", "MIG-none"]), [
      ["MIG-2", "GPU-b", null, false],
      ["MIG-none", null, "not found", true],
    ]);
    assert.deepEqual(ask({ boards }, ["MIG-1"], ["MIG_PARENT"]), [[
      "MIG-1",
      null,
      "the driver has no such function",
      false,
    ]]);
  },
);

testWith([C_COMPILER], "an old driver is read by the functions that it has", () => {
  using folder = new TempFolder();
  const processes_file = folder.write("processes", "7 compute 4096\n9 graphics\n");
  const board: StubBoard = { processes_file, memory_used: 1000, capability: "8.6", architecture: 7 };
  const without: MissingPart[] = [
    "V3",
    "V2",
    "MEMORY_V2",
    "TEMPERATURE_V",
    "EVENT_REASONS",
    "FIELDS",
    "CUDA_V2",
    "ARCHITECTURE",
  ];
  const troubles: MeterTrouble[] = [];
  using source = opened({ boards: [board] }, troubles, without);
  const state = source.state(0);
  assert.equal(state.temperature_c, 40);
  assert.equal(state.event_reasons, 0);
  // The first form counts what the driver keeps for itself.
  assert.equal(state.memory_used_bytes, 1000 + 600 * 2 ** 20);
  assert.deepEqual(state.processes, [
    { pid: 7, memory_bytes: 4096, kind: "compute" },
    { pid: 9, memory_bytes: null, kind: "graphics" },
  ]);
  const [device] = source.devices;
  assert.equal(device?.power, "average_1s");
  assert.equal(device?.facts["cuda_driver_version"], "12.0");
  assert.equal(device?.facts["architecture"], null);
  assert.equal(source.counters(0).throttle_ns, null);
  assert.notEqual(source.counters(0).energy_j, null);
  const reason = "the driver has no such function";
  const absent = ["instant_power", "throttle_time", "memory_temperature", "mps_processes", "architecture"];
  assert.deepEqual(device?.absent, Object.fromEntries(absent.map((feature) => [feature, reason])));
  assert.deepEqual(troubles, []);
});

testWith(
  [C_COMPILER],
  "where the counter has no function it is read by its field; where neither is, it is absent",
  () => {
    const board: StubBoard = { counter_start_mj: 5n, counter_period_ms: 0 };
    {
      using source = opened({ boards: [board] }, [], ["ENERGY"]);
      assert.equal(source.devices[0]?.counter, true);
      assert.notEqual(source.counters(0).energy_j, null);
    }
    using source = opened({ boards: [{ ...board, fields: [{ field: 83, code: 3 }] }] }, [], ["ENERGY"]);
    assert.equal(source.devices[0]?.counter, false);
    assert.equal(source.counters(0).energy_j, null);
  },
);

testWith(
  [C_COMPILER],
  "without instant power, the usage is read and named an average where it is one",
  () => {
    // Ten seconds into 300 W after long at 100 W: an average over 1000 s has hardly seen it.
    const board: StubBoard = {
      power: { kind: "step", from: 100, to: 300, at_s: 0 },
      average_window_ms: 1_000_000,
    };
    const t0_ns = monotonicNs() - 10_000_000_000n;
    const cases = [["8.0", 7, "instant"], ["8.6", 7, "average_1s"], ["7.5", 6, "instant"], [
      "9.0",
      9,
      "average_1s",
    ]] as const;
    for (const [capability, architecture, kind] of cases) {
      using source = opened({ t0_ns, boards: [{ ...board, capability, architecture }] }, [], ["INSTANT"]);
      assert.equal(source.devices[0]?.power, kind, capability);
      const powerW = source.powerW(0) ?? NaN;
      assert.equal(powerW > 200, kind === "instant", `${capability}: ${powerW}`);
    }
    using source = opened({ t0_ns, boards: [board] });
    assert.equal(source.powerW(0), 300);
  },
);

testWith(
  [C_COMPILER],
  "where neither instant power nor the usage is there, the average of field 185 is read",
  () => {
    const board: StubBoard = {
      power: { kind: "constant", value: 250 },
      fields: [{ field: 186, code: 3 }],
      codes: [{ function: "nvmlDeviceGetPowerUsage", code: 3 }],
    };
    {
      using source = opened({ boards: [board] });
      assert.deepEqual([source.devices[0]?.power, source.powerW(0)], ["average_1s", 250]);
    }
    const none = { ...board, fields: [...board.fields ?? [], { field: 185, code: 3 }] };
    using without = opened({ boards: [none] });
    assert.deepEqual([without.devices[0]?.power, without.powerW(0)], [null, null]);
  },
);

Deno.test("powerUsageKind() goes by architecture, chip and what else is known", () => {
  const of = (name: string, architecture: number | null, capability: readonly [number, number] | null) =>
    powerUsageKind({ name, architecture, capability });
  assert.equal(of("NVIDIA A100-SXM4-80GB", 7, null), "instant");
  assert.equal(of("NVIDIA A30", null, null), "instant");
  assert.equal(of("NVIDIA A10", 7, [8, 6]), "average_1s");
  assert.equal(of("NVIDIA A100X", 7, [8, 0]), "instant");
  assert.equal(of("Tesla V100", 5, [7, 0]), "instant");
  assert.equal(of("NVIDIA H100", 9, [9, 0]), "average_1s");
  assert.equal(of("of tomorrow", 0xffff_ffff, [12, 0]), "average_1s");
  assert.equal(of("unheard of", null, null), "average");
});

testWith(
  [C_COMPILER],
  "a counter that wraps goes on; one that begins anew is told and goes on from there",
  async () => {
    const board: StubBoard = { power: { kind: "constant", value: 1000 }, counter_period_ms: 0 };
    const troubles: MeterTrouble[] = [];
    {
      const counter_start_mj = 2n ** 32n - 300_000n;
      using source = opened({ boards: [{ ...board, counter_bits: 32, counter_start_mj }] }, troubles);
      let last = 0;
      await until("the counter has wrapped", () => {
        const energy = source.counters(0).energy_j ?? NaN;
        assert.ok(energy >= last, `${energy} after ${last}`);
        last = energy;
        return last > 400;
      });
      assert.deepEqual(troubles, []);
    }
    using source = opened(
      { boards: [{ ...board, counter_start_mj: 10n ** 9n, counter_reset_s: 1 }] },
      troubles,
    );
    let nulls = 0;
    await until("the counter has begun anew", () => {
      if (source.counters(0).energy_j === null) nulls++;
      return troubles.length > 0;
    });
    assert.deepEqual(codes(troubles), ["reset"]);
    assert.equal(nulls, 1);
    assert.notEqual(source.counters(0).energy_j, null);
  },
);

Deno.test("GrowingCounter tells a wrap from a new beginning", () => {
  const after = (...raws: readonly bigint[]) => {
    const counter = new GrowingCounter();
    return raws.map((raw) => counter.next(raw)).at(-1);
  };
  assert.deepEqual(after(5n), { grown: 0n });
  assert.deepEqual(after(5n, 5n, 9n), { grown: 4n });
  assert.deepEqual(after(2n ** 32n - 3n, 4n), { grown: 7n });
  assert.deepEqual(after(2n ** 64n - 3n, 4n), { grown: 7n });
  assert.deepEqual(after(2n ** 31n, 4n), { reset: true });
  assert.deepEqual(after(2n ** 40n, 4n), { reset: true });
  assert.deepEqual(after(2n ** 32n - 3n, 2n ** 31n), { reset: true });
  assert.deepEqual(after(100n, 150n, 3n, 10n), { grown: 57n });
});

testWith([C_COMPILER], "a board that is cut into instances is named whole and tells no utilisation", () => {
  using source = opened({ boards: [{ name: "NVIDIA H100", mig: 1 }, { mig: "none", ecc: "none" }] });
  const [cut, plain] = source.devices;
  assert.equal(cut?.name, "NVIDIA H100 (whole board, MIG enabled)");
  assert.deepEqual(cut?.mig, { enabled: true });
  assert.match(cut?.absent["utilization"] ?? "", /MIG/);
  assert.equal(source.state(0).utilization_pct, null);
  assert.equal(source.powerW(0), 100);
  assert.equal(plain?.mig, null);
  assert.equal(plain?.facts["ecc"], null);
  assert.deepEqual(plain?.absent, { mig: "not supported", ecc: "not supported" });
});

testWith([C_COMPILER], "processes are listed as they come and go, also while they are being listed", () => {
  using folder = new TempFolder();
  const processes_file = folder.write("processes", "");
  // More come between two calls than the room kept for that.
  using source = opened({ boards: [{ processes_file, grow_processes: 20 }] });
  assert.deepEqual(source.state(0).processes, []);
  folder.write("processes", "11 compute 1048576\n12 graphics 5\n13 mps\n");
  const [first, ...rest] = source.state(0).processes ?? [];
  assert.deepEqual(first, { pid: 11, memory_bytes: 1_048_576, kind: "compute" });
  assert.equal(rest.filter(({ kind }) => kind === "compute").length % 20, 0);
  assert.ok(rest.filter(({ kind }) => kind === "compute").length >= 20);
  assert.deepEqual(rest.filter(({ kind }) => kind !== "compute"), [
    { pid: 12, memory_bytes: 5, kind: "graphics" },
    { pid: 13, memory_bytes: null, kind: "mps" },
  ]);
});

testWith([C_COMPILER], "nothing is read after the end", () => {
  const source = opened({ boards: [{}] });
  source[Symbol.dispose]();
  source[Symbol.dispose]();
  assert.equal(source.powerW(0), null);
  assert.equal(source.state(0).temperature_c, null);
});

testWith([C_COMPILER], "eight boards are found by the loader's search, in a process of its own", () => {
  const stub = buildNvmlStub();
  const boards = [...Array(8).keys()].map((n): StubBoard => ({ power: { kind: "constant", value: 10 * n } }));
  const module = new URL("../../lib/meter/nvml/source.ts", import.meta.url).href;
  const code = `import { hasNvmlLibrary, openNvml } from ${JSON.stringify(module)};
    const source = openNvml(() => {});
    console.log(JSON.stringify([hasNvmlLibrary(), source.devices.map((_, device) => source.powerW(device))]));`;
  const { stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["eval", "-q", "--no-check", code],
    env: stub.env({ boards }),
  }).outputSync();
  const text = new TextDecoder().decode(stdout);
  assert.equal(text.trim(), "[true,[0,10,20,30,40,50,60,70]]", new TextDecoder().decode(stderr));
});
