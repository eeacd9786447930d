/** GPUs of AMD on faked trees of sysfs. */
import assert from "node:assert/strict";
import { hasAmd, openAmd } from "../../lib/meter/amd/source.ts";
import { parseGpuMetrics } from "../../lib/meter/amd/gpu_metrics.ts";
import { isAbsent, type MeterSource, type MeterTrouble } from "../../lib/meter/meter.ts";
import { amdCard, metricsOf, metricsTable, writeTree } from "../support/sys_trees.ts";
import { TempFolder } from "../support/temp_folder.ts";

interface Opened {
  readonly source: MeterSource;
  readonly troubles: MeterTrouble[];
  /** Lets a tenth of a second pass, reads power, and writes the counter. */
  readonly tick: (joules: number) => number | null;
}

function opened(tree: TempFolder): Opened {
  const troubles: MeterTrouble[] = [];
  let nowNs = 9e12;
  const source = openAmd((trouble) => troubles.push(trouble), tree.path, () => nowNs);
  assert.ok(!isAbsent(source), JSON.stringify(source));
  const tick = (joules: number): number | null => {
    nowNs += 1e8;
    writeTree(tree.path, { "card1/device/gpu_metrics": metricsOf(joules) });
    source.powerW(0);
    return source.counters(0).energy_j;
  };
  return { source, troubles, tick };
}

for (
  const [version, size, energyAt] of [
    [[1, 1], 96, 24],
    [[1, 3], 120, 24],
    [[1, 4], 288, 24],
    [[1, 5], 360, 88],
  ] as const
) {
  Deno.test(`gpu_metrics v${version.join(".")} tells its accumulator`, () => {
    const units = 0x0123_4567_89ab_cdefn;
    assert.equal(parseGpuMetrics(metricsTable(version, size, energyAt, units)).energy, units);
    const none = parseGpuMetrics(metricsTable(version, size, energyAt, 0xffff_ffff_ffff_ffffn));
    assert.match(JSON.stringify(none.energy), /no energy counter/);
    const cut = metricsTable(version, size, energyAt, units).subarray(0, size - 1);
    assert.match(JSON.stringify(parseGpuMetrics(cut).energy), /should have/);
  });
}

Deno.test("a table that is not known tells no energy", () => {
  for (
    const [version, reason] of [[[1, 0], /32-bit/], [[2, 3], /APU/], [[3, 0], /APU/], [
      [1, 9],
      /not supported/,
    ]] as const
  ) {
    assert.match(JSON.stringify(parseGpuMetrics(metricsTable(version, 120, 24, 77n)).energy), reason);
  }
  assert.match(JSON.stringify(parseGpuMetrics(new Uint8Array(2)).energy), /2 bytes/);
});

Deno.test("only cards of AMD are metered, with what sysfs tells of them", () => {
  using tree = new TempFolder();
  writeTree(tree.path, {
    ...amdCard("card1", 10, 90),
    "card0/device/vendor": "0x10de",
    "card1-DP-1/device/vendor": "0x1002",
    "renderD128/device/vendor": "0x1002",
  });
  assert.equal(hasAmd(tree.path), true);
  const { source } = opened(tree);
  assert.deepEqual(source.devices.map(({ uuid, power, counter }) => [uuid, power, counter]), [
    ["AMD-a1b2c3d4e5f60718", "average", true],
  ]);
  assert.equal(source.powerW(0), 90);
  const state = source.state(0);
  assert.deepEqual(
    [
      state.temperature_c,
      state.memory_temperature_c,
      state.sm_clock_mhz,
      state.power_limit_w,
      state.processes,
    ],
    [41, 52, 1700, 300, null],
  );
  assert.deepEqual([state.memory_used_bytes, state.memory_total_bytes], [1048576, 68702699520]);
  Deno.removeSync(tree.at("card1/device/unique_id"));
  assert.equal(opened(tree).source.devices[0]?.uuid, "0000:c1:00.0");
});

Deno.test("a counter in accord with power stays, until it stands still", () => {
  using tree = new TempFolder();
  writeTree(tree.path, amdCard("card1", 100, 90));
  const { troubles, tick } = opened(tree);
  let energy: number | null = null;
  for (let step = 0; step <= 30; step++) energy = tick(100 + 9 * step);
  assert.equal(energy, 270);
  for (let step = 0; step < 60; step++) energy = tick(370);
  assert.equal(energy, null);
  assert.equal(troubles.length, 1);
  assert.match(troubles[0]?.text ?? "", /did not advance/);
});

for (
  const [factor, believed] of [[0.5, false], [0.75, true], [1.25, true], [2, false], [0, false]] as const
) {
  Deno.test(`a counter of ${factor} times the energy by power is ${believed ? "" : "not "}believed`, () => {
    using tree = new TempFolder();
    writeTree(tree.path, amdCard("card1", 100, 90));
    const { troubles, tick } = opened(tree);
    let energy: number | null = null;
    for (let step = 0; step <= 70; step++) energy = tick(100 + 9 * factor * step);
    assert.equal(energy !== null, believed);
    assert.deepEqual(troubles.map(({ code }) => code), believed ? [] : ["read"]);
  });
}

Deno.test("a counter that runs back is a reset, and a card that goes is lost", () => {
  using tree = new TempFolder();
  writeTree(tree.path, amdCard("card1", 1000, 90));
  const { source, troubles, tick } = opened(tree);
  assert.equal(tick(1000), 0);
  assert.equal(tick(3), null);
  assert.equal(tick(12), 9);
  Deno.removeSync(tree.at("card1"), { recursive: true });
  assert.equal(source.powerW(0), null);
  assert.equal(source.counters(0).energy_j, null);
  assert.deepEqual(troubles.map(({ code }) => code), ["reset", "lost"]);
});

Deno.test("a die that says 0 tells nothing, and says so", () => {
  using tree = new TempFolder();
  writeTree(tree.path, amdCard("card1", 0, 0));
  const { source } = opened(tree);
  assert.deepEqual([source.devices[0]?.power, source.devices[0]?.counter], [null, false]);
  assert.match(source.devices[0]?.absent["power"] ?? "", /second die/);
  assert.equal(source.powerW(0), null);
  assert.equal(source.counters(0).energy_j, null);
});

Deno.test("no card, and one without the driver's sensors, are told apart", () => {
  using tree = new TempFolder();
  const reason = (): string => {
    const absent = openAmd(() => {}, tree.path);
    return isAbsent(absent) ? absent.reason : "";
  };
  assert.match(reason(), /no AMD GPU found/);
  writeTree(tree.path, { "card1/device/vendor": "0x1002" });
  assert.match(reason(), /no sensors/);
});

Deno.test("a card is counted by its driver also where that tells nothing of it; another driver's is not", () => {
  using tree = new TempFolder();
  writeTree(tree.path, {
    "card0/device/vendor": "0x1002",
    "card0/device/uevent": "DRIVER=vfio-pci",
    "card1/device/vendor": "0x1002",
    "card1/device/uevent": "DRIVER=amdgpu",
    ...amdCard("card10", 0, 90),
  });
  const { source, troubles } = opened(tree);
  assert.deepEqual(source.devices.map(({ facts }) => [facts["card"], facts["index"]]), [["card10", 1]]);
  assert.deepEqual(source.left_out?.map(({ meter, index, code }) => [meter, index, code]), [[
    "amd",
    0,
    "read",
  ]]);
  assert.match(troubles.map(({ text }) => text).join(), /^AMD GPU 0 is not metered: card1 has no sensors/);
});
