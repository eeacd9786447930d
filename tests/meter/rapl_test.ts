/** RAPL on faked powercap trees: what no machine can be made to do, and most machines lack. */
import assert from "node:assert/strict";
import { isAbsent, type MeterSource, type MeterTrouble } from "../../lib/meter/meter.ts";
import { hasRapl, openRapl } from "../../lib/meter/rapl/source.ts";
import { explainNoZones, explainUnreadable } from "../../lib/meter/rapl/absence.ts";
import { writeTree, zone } from "../support/sys_trees.ts";
import { testWith } from "../support/needs.ts";
import { TempFolder } from "../support/temp_folder.ts";

const RANGE = 262_143_328_850;

/** An opened source on a tree, with a clock that the test moves. */
function opened(
  tree: TempFolder,
): { source: MeterSource; troubles: MeterTrouble[]; pass: (s: number) => void } {
  const troubles: MeterTrouble[] = [];
  let nowNs = 5e12;
  const source = openRapl((trouble) => troubles.push(trouble), tree.path, () => nowNs);
  assert.ok(!isAbsent(source), JSON.stringify(source));
  return { source, troubles, pass: (seconds) => nowNs += seconds * 1e9 };
}

Deno.test("packages and memory are metered; parts, platform and mirrors by MMIO are not", () => {
  using tree = new TempFolder();
  writeTree(tree.path, {
    ...zone("intel-rapl:0", "package-0", 10),
    ...zone("intel-rapl:0/intel-rapl:0:0", "core", 10),
    ...zone("intel-rapl:0/intel-rapl:0:1", "dram", 10, 65_712_999_613),
    ...zone("intel-rapl:0:1", "dram", 10, 65_712_999_613),
    ...zone("intel-rapl:1", "package-1", 10),
    ...zone("intel-rapl:1/intel-rapl:1:0", "dram", 10),
    ...zone("intel-rapl:2", "psys", 10),
    ...zone("intel-rapl-mmio:0", "package-0", 10),
  });
  const { source, troubles } = opened(tree);
  assert.deepEqual(source.devices.map(({ uuid, kind }) => [uuid, kind]), [
    ["package-0", "cpu"],
    ["dram-0", "dram"],
    ["package-1", "cpu"],
    ["dram-1", "dram"],
  ]);
  assert.match(source.devices[0]?.absent["parts"] ?? "", /core, psys/);
  assert.equal(source.devices[1]?.facts["max_energy_range_uj"], 65_712_999_613);
  assert.equal(source.powerW(0), null);
  assert.deepEqual(troubles, []);
  assert.equal(hasRapl(tree.path), true);
});

Deno.test("a wrap adds the range once", () => {
  using tree = new TempFolder();
  writeTree(tree.path, zone("intel-rapl:0", "package-0", RANGE - 40e6));
  const { source, troubles, pass } = opened(tree);
  pass(1);
  writeTree(tree.path, zone("intel-rapl:0", "package-0", 60e6));
  assert.equal(source.counters(0).energy_j, 100);
  pass(1);
  writeTree(tree.path, zone("intel-rapl:0", "package-0", 90e6));
  assert.equal(source.counters(0).energy_j, 130);
  assert.deepEqual(troubles, []);
});

Deno.test("a failed reading is null, and bridged only where no second wrap can hide in it", () => {
  using tree = new TempFolder();
  writeTree(tree.path, zone("intel-rapl:0", "package-0", 0));
  const { source, troubles, pass } = opened(tree);
  const file = tree.at("intel-rapl:0/energy_uj");
  const breakIt = (): void => {
    Deno.removeSync(file);
    Deno.mkdirSync(file);
  };
  const mend = (uj: number): void => {
    Deno.removeSync(file);
    Deno.writeTextFileSync(file, String(uj));
  };
  breakIt();
  for (let second = 0; second < 5; second++) {
    pass(1);
    assert.equal(source.counters(0).energy_j, null);
  }
  assert.deepEqual(troubles.map(({ code }) => code), ["read"]);
  mend(500e6);
  assert.equal(source.counters(0).energy_j, 500);
  breakIt();
  pass(600);
  assert.equal(source.counters(0).energy_j, null);
  mend(600e6);
  assert.equal(source.counters(0).energy_j, null);
  assert.equal(troubles.at(-1)?.code, "reset");
  pass(1);
  mend(650e6);
  assert.equal(source.counters(0).energy_j, 50);
});

Deno.test("a counter that begins anew is no wrap", () => {
  using tree = new TempFolder();
  writeTree(tree.path, zone("intel-rapl:0", "package-0", 1000e6));
  const { source, troubles, pass } = opened(tree);
  pass(1);
  writeTree(tree.path, zone("intel-rapl:0", "package-0", 5e6));
  assert.equal(source.counters(0).energy_j, null);
  assert.deepEqual(troubles.map(({ code, device }) => [code, device]), [["reset", "package-0"]]);
});

/** Two dies whose counters grow by so many joules each second; which of them still tell energy at the end. */
function dies(growth: (second: number) => readonly [number, number]): { told: boolean[]; texts: string[] } {
  using tree = new TempFolder();
  // Wraps on the way.
  const at = [65.2e9, 65.2e9];
  const write = (): void => {
    writeTree(tree.path, {
      ...zone("intel-rapl:0", "package-0-die-0", at[0] ?? 0, 65_532_610_987),
      ...zone("intel-rapl:1", "package-0-die-1", at[1] ?? 0, 65_532_610_987),
    });
  };
  write();
  const { source, troubles, pass } = opened(tree);
  let told: boolean[] = [];
  for (let second = 1; second <= 8; second++) {
    pass(1);
    growth(second).forEach((joules, die) => at[die] = ((at[die] ?? 0) + joules * 1e6) % 65_532_610_987);
    write();
    told = [0, 1].map((die) => source.counters(die).energy_j !== null);
  }
  return { told, texts: troubles.map(({ text }) => text) };
}

Deno.test("a die that shows another's counter is left out once it is seen, also through a wrap", () => {
  const { told, texts } = dies((second) => second === 3 ? [1900, 1900] : [68, 68]);
  assert.deepEqual(told, [true, false]);
  assert.equal(texts.length, 1);
  assert.match(texts[0] ?? "", /package-0-die-1 duplicates the counter of package-0-die-0/);
});

Deno.test("dies that grow differently are both metered, and so are two that stand still", () => {
  assert.deepEqual(dies(() => [68, 70]), { told: [true, true], texts: [] });
  assert.deepEqual(dies(() => [0, 0]), { told: [true, true], texts: [] });
  // Equal for a moment only.
  assert.deepEqual(dies((second) => second === 4 ? [68, 90] : [68, 68]), { told: [true, true], texts: [] });
});

Deno.test("a package that cannot be read is named beside those that can, also one whose name cannot be read", () => {
  using tree = new TempFolder();
  writeTree(tree.path, {
    ...zone("intel-rapl:0", "package-0", 10),
    ...zone("intel-rapl:1", "package-1", RANGE + 1),
    "intel-rapl:2/energy_uj": "5",
    ...zone("intel-rapl:2:0", "core", 10),
  });
  const { source, troubles } = opened(tree);
  assert.deepEqual(source.devices.map(({ uuid }) => uuid), ["package-0"]);
  assert.deepEqual(source.unread_parts?.map(({ uuid, kind }) => [uuid, kind]), [
    ["package-1", "cpu"],
    ["intel-rapl:2", "cpu"],
  ]);
  assert.match(source.unread_parts?.[0]?.reason ?? "", /contains 262143328851, more than its range/);
  assert.deepEqual(troubles.map(({ device }) => device), ["package-1"]);
});

Deno.test("a tree without zones, a masked one and an unreadable one are told apart", () => {
  using tree = new TempFolder();
  const open = (): string => {
    const absent = openRapl(() => {}, tree.path);
    assert.ok(isAbsent(absent));
    return absent.reason;
  };
  assert.match(open(), /no energy counters in/);
  assert.equal(hasRapl(tree.path), false);
  // As docker does: the links of the class are there, what they lead to is not.
  Deno.symlinkSync("../../devices/virtual/powercap/intel-rapl/intel-rapl:0", tree.at("intel-rapl:0"));
  assert.match(open(), /masks/);
  assert.equal(hasRapl(tree.path), true);
  Deno.removeSync(tree.at("intel-rapl:0"));
  writeTree(tree.path, zone("intel-rapl:0", "package-0", 1));
  Deno.removeSync(tree.at("intel-rapl:0/energy_uj"));
  Deno.mkdirSync(tree.at("intel-rapl:0/energy_uj"));
  assert.match(open(), /cannot be read/);
});

Deno.test("every absence names what would bring the counters", () => {
  const denied = explainUnreadable("permission", "Permission denied (os error 13)", false);
  assert.match(denied.remedy ?? "", /sudo chmod a\+r \/sys\/class\/powercap\/intel-rapl\*\/energy_uj/);
  assert.match(denied.remedy ?? "", /udev\/rules\.d/);
  const index = { root: "/sys/class/powercap", in_container: true, virtual: false } as const;
  assert.match(explainNoZones({ ...index, tree: "masked" }).remedy ?? "", /systempaths=unconfined/);
  assert.match(explainNoZones({ ...index, tree: "none" }).remedy ?? "", /-v \/sys\/class\/powercap/);
  const virtual = explainNoZones({ ...index, tree: "none", in_container: false, virtual: true });
  assert.match(virtual.reason, /virtual machine/);
  assert.equal(virtual.remedy, null);
});

const USER = { what: "a user other than root, whom no mode keeps out", isMet: () => Deno.uid() !== 0 };

testWith([USER], "counters that only root may read are told with the command that opens them", () => {
  using tree = new TempFolder();
  writeTree(tree.path, { ...zone("intel-rapl:0", "package-0", 1), ...zone("intel-rapl:1", "package-1", 1) });
  Deno.chmodSync(tree.at("intel-rapl:0/energy_uj"), 0o000);
  const { source, troubles } = opened(tree);
  assert.deepEqual(source.devices.map(({ uuid }) => uuid), ["package-1"]);
  assert.deepEqual(troubles.map(({ code, device }) => [code, device]), [["permission", "package-0"]]);
  Deno.chmodSync(tree.at("intel-rapl:1/energy_uj"), 0o000);
  const absent = openRapl(() => {}, tree.path);
  assert.ok(isAbsent(absent));
  assert.match(absent.reason, /only root may read/);
  assert.match(absent.remedy ?? "", /sudo chmod a\+r/);
});
