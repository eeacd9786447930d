import { gpuDevice } from "../support/meter_devices.ts";
import assert from "node:assert/strict";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { removeLeftovers } from "../../lib/archive/study_folder.ts";
import { monotonicNs } from "../../lib/base/clock.ts";
import { type MeterDevice, NO_STATE, THROTTLE_CAUSES } from "../../lib/meter/meter.ts";
import type { MeterMessage } from "../../lib/meter/sample.ts";
import { PowerTrace } from "../../lib/results/power_trace.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { FailingDisk } from "../support/failing_disk.ts";
import { PYTHON_READERS, TEST_PYTHON, testWith } from "../support/needs.ts";
import { Program } from "../support/program.ts";
import { sized } from "../support/sampled.ts";
import { TempFolder } from "../support/temp_folder.ts";

function device(uuid: string, power: MeterDevice["power"] = "instant"): MeterDevice {
  return gpuDevice({ uuid, name: uuid, power });
}

// The clock opens its library once and for all; not inside a test, where that would be a leak.
monotonicNs();

const DEVICES = [device("GPU-a"), device("GPU-b"), device("package-0", null)];
/** 104 days of uptime: beyond what 32 bits or a float of 32 bits could hold. */
const T = 9_000_000_000_000_128;

const MESSAGES: readonly MeterMessage[] = [
  { type: "power", t_ns: [T, T + 2, T + 4], power_w: [0.1 + 0.2, null, null] },
  {
    type: "counter",
    device: 1,
    t_ns: T + 6,
    edge: null,
    energy_j: 123456789.012,
    throttle_ns: { thermal: 2 ** 52, board_limit: 0 },
  },
  { type: "counter", device: 2, t_ns: T + 7, edge: 1, energy_j: null, throttle_ns: null },
  {
    type: "state",
    device: 0,
    t_ns: T + 8,
    ...NO_STATE,
    temperature_c: 41,
    sm_clock_mhz: 1980,
    event_reasons: 0x104,
    memory_used_bytes: 80 * 2 ** 30,
    power_limit_w: 700,
  },
  { type: "self", t_ns: T + 9, cpu_s: 1, rss_bytes: 1 },
];

const VALUE_NAMES = [
  "power_w",
  "energy_j",
  "temperature_c",
  "memory_temperature_c",
  "sm_clock_mhz",
  "memory_clock_mhz",
  "memory_used_bytes",
  "memory_total_bytes",
  "utilization_pct",
  "power_limit_w",
  "event_reasons",
  ...THROTTLE_CAUSES.map((cause) => `throttle_${cause}_ns`),
];

function row(t: number, uuid: string, values: Record<string, number | bigint>): Record<string, unknown> {
  const nothing = Object.fromEntries(VALUE_NAMES.map((name) => [name, null]));
  return { t_ns: BigInt(t), device: uuid, ...nothing, ...values };
}

const ROWS = [
  row(T, "GPU-a", { power_w: 0.1 + 0.2 }),
  row(T + 2, "GPU-b", {}),
  row(T + 6, "GPU-b", {
    energy_j: 123456789.012,
    throttle_thermal_ns: 2n ** 52n,
    throttle_board_limit_ns: 0n,
  }),
  row(T + 7, "package-0", {}),
  row(T + 8, "GPU-a", {
    temperature_c: 41,
    sm_clock_mhz: 1980,
    event_reasons: 0x104n,
    memory_used_bytes: 80n * 2n ** 30n,
    power_limit_w: 700,
  }),
];

function noWarning(text: string): void {
  throw new Error(text);
}

async function readRows(path: string): Promise<Record<string, unknown>[]> {
  return await parquetReadObjects({ file: await asyncBufferFromFile(path) });
}

for (const rowsPerGroup of [1, 2, 100]) {
  Deno.test(`PowerTrace keeps every value exactly, and what is absent as null, in groups of ${rowsPerGroup}`, async () => {
    using folder = new TempFolder();
    const path = folder.at("power.parquet");
    const trace = new PowerTrace(realDisk, path, DEVICES, { warn: noWarning, rowsPerGroup });
    for (const message of MESSAGES) trace.add(message);
    assert.equal(trace.finish(), true);
    assert.deepEqual(folder.names(), ["power.parquet"]);
    assert.deepEqual(await readRows(path), ROWS);
    const { row_groups, key_value_metadata = [] } = await parquetMetadataAsync(
      await asyncBufferFromFile(path),
    );
    assert.equal(row_groups.length, Math.ceil(ROWS.length / rowsPerGroup));
    const metadata = Object.fromEntries(key_value_metadata.map(({ key, value }) => [key, value ?? ""]));
    assert.equal(metadata["schema"], "llem.trace/1");
    assert.equal(metadata["clock"], "CLOCK_MONOTONIC");
    assert.deepEqual(JSON.parse(metadata["devices"] ?? ""), DEVICES);
    assert.match(metadata["anchor_t_ns"] ?? "", /^\d+$/);
    assert.ok(Date.parse(metadata["anchor_utc"] ?? "") > 0);
  });
}

const MANY = sized(1_000_000, 100_000);

Deno.test(`PowerTrace holds no more than a group of ${MANY} rows`, async () => {
  using folder = new TempFolder();
  const path = folder.at("power.parquet");
  const trace = new PowerTrace(realDisk, path, DEVICES, { warn: noWarning });
  let most = 0;
  for (let index = 0; index < MANY / 2; index++) {
    trace.add({ type: "power", t_ns: [T + 2 * index, T + 2 * index], power_w: [index / 8, null] });
    most = Math.max(most, trace.bufferedRows);
  }
  assert.ok(most > 0 && most < 4000, String(most));
  assert.equal(trace.finish(), true);
  const file = await asyncBufferFromFile(path);
  const { num_rows, row_groups } = await parquetMetadataAsync(file);
  assert.equal(num_rows, BigInt(MANY));
  assert.equal(row_groups.length, MANY / 4000);
  const [last] = await parquetReadObjects({ file, rowStart: MANY - 2, rowEnd: MANY - 1 });
  assert.deepEqual(last, row(T + MANY - 2, "GPU-a", { power_w: (MANY / 2 - 1) / 8 }));
});

Deno.test("a trace that is to be written later is not missed where its run's folder is removed before", () => {
  using box = new TempFolder();
  Deno.mkdirSync(box.at("audit"));
  const told: string[] = [];
  const folder = new RunFolder(realDisk, box.path, "p1", "audit");
  const trace = folder.openTrace(DEVICES, (text) => told.push(text));
  for (const message of MESSAGES) trace.add(message);
  folder.remove();
  assert.equal(trace.finish(), false);
  assert.deepEqual([told, Deno.readDirSync(box.at("audit")).toArray()], [[], []]);
});

Deno.test("PowerTrace leaves nothing where nothing was read, or where it is discarded", () => {
  using folder = new TempFolder();
  const make = (): PowerTrace =>
    new PowerTrace(realDisk, folder.at("power.parquet"), DEVICES, { warn: noWarning, rowsPerGroup: 1 });
  assert.equal(make().finish(), false);
  const trace = make();
  for (const message of MESSAGES) trace.add(message);
  assert.equal(folder.names().length, 1);
  trace.discard();
  trace.add({ type: "power", t_ns: [T], power_w: [1] });
  assert.equal(trace.finish(), false);
  assert.deepEqual(folder.names(), []);
});

Deno.test("PowerTrace tells once whichever write fails, leaves nothing and throws nothing", () => {
  const steps: string[] = [];
  for (let failAt = 1;; failAt++) {
    using folder = new TempFolder();
    const warnings: string[] = [];
    const disk = new FailingDisk(failAt);
    const warn = (text: string): number => warnings.push(text);
    const trace = new PowerTrace(disk, folder.at("power.parquet"), DEVICES, { warn, rowsPerGroup: 4 });
    for (const message of MESSAGES) trace.add(message);
    for (const message of MESSAGES) trace.add(message);
    const finished = trace.finish();
    if (disk.done.length < failAt) {
      assert.equal(finished, true);
      break;
    }
    steps.push(disk.done.at(-1)?.split(" ")[0] ?? "");
    assert.equal(finished, false);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^Cannot save the power trace .*power\.parquet: no space left/);
    assert.deepEqual(folder.names(), []);
  }
  // Three groups, the footer, the sync.
  assert.deepEqual(steps, ["open", "append", "append", "append", "append", "append+sync", "rename"]);
});

Deno.test("a runner killed in the middle leaves a temporary alone, and a resume removes it", async () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("runs"));
  await using program = new Program(`
import { RunFolder } from "/lib/results/run_folder.ts";
import { realDisk } from "/lib/storage/disk.ts";
const folder = new RunFolder(realDisk, ${JSON.stringify(folder.path)}, "0001_x");
const trace = folder.openTrace(${JSON.stringify(DEVICES)}, console.error);
for (let t = 0; t < 9000; t++) trace.add({ type: "power", t_ns: [t], power_w: [t] });
console.log("written");
setInterval(() => {}, 1000);
`);
  assert.equal(await program.line(), "written");
  program.kill();
  await program.status;
  assert.deepEqual(folder.names("runs", "0001_x"), [`power.parquet.tmp-${program.pid}`]);
  removeLeftovers(folder.path);
  assert.deepEqual(folder.names("runs", "0001_x"), []);
});

const PANDAS = `
import json, sys
import pandas, pyarrow, pyarrow.parquet as parquet
path = sys.argv[1]
table = parquet.read_table(path)
frame = pandas.read_parquet(path)
print(json.dumps({
  "types": {field.name: str(field.type) for field in table.schema},
  "schema": table.schema.metadata[b"schema"].decode(),
  "groups": parquet.ParquetFile(path).num_row_groups,
  "times": table["t_ns"].to_pylist(),
  "devices": frame["device"].tolist(),
  "power": frame["power_w"][0],
  "nulls": {name: int(frame[name].isna().sum()) for name in frame.columns},
  "thermal": table["throttle_thermal_ns"].to_pylist(),
  "used": table["memory_used_bytes"].to_pylist(),
}))
`;

testWith([PYTHON_READERS], "pandas and pyarrow read a trace as it was written", async () => {
  for (const rowsPerGroup of [2, 100]) {
    using folder = new TempFolder();
    Deno.mkdirSync(folder.at("runs"));
    const path = folder.at("power.parquet");
    const trace = new PowerTrace(realDisk, path, DEVICES, { warn: noWarning, rowsPerGroup });
    for (const message of MESSAGES) trace.add(message);
    trace.finish();
    const { success, stdout, stderr } = await new Deno.Command(TEST_PYTHON, { args: ["-c", PANDAS, path] })
      .output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const seen = JSON.parse(new TextDecoder().decode(stdout));
    const integers = ["t_ns", "memory_used_bytes", "memory_total_bytes", "event_reasons"];
    const type = (name: string): string => {
      if (name === "device") return "string";
      return integers.includes(name) || name.startsWith("throttle_") ? "int64" : "double";
    };
    assert.deepEqual(
      seen.types,
      Object.fromEntries(["t_ns", "device", ...VALUE_NAMES].map((name) => [name, type(name)])),
    );
    assert.equal(seen.schema, "llem.trace/1");
    assert.equal(seen.groups, Math.ceil(ROWS.length / rowsPerGroup));
    assert.deepEqual(seen.times, [T, T + 2, T + 6, T + 7, T + 8]);
    assert.deepEqual(seen.devices, ROWS.map((row) => row["device"]));
    assert.equal(seen.power, 0.1 + 0.2);
    for (const name of VALUE_NAMES) {
      assert.equal(seen.nulls[name], ROWS.filter((row) => row[name] === null).length, name);
    }
    assert.deepEqual(seen.thermal, [null, null, 2 ** 52, null, null]);
    assert.deepEqual(seen.used, [null, null, null, null, 80 * 2 ** 30]);
  }
});

Deno.test("RunFolder puts its trace beside the result", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("runs"));
  const trace = new RunFolder(realDisk, folder.path, "0001_x").openTrace(DEVICES, noWarning);
  for (const message of MESSAGES) trace.add(message);
  assert.equal(trace.finish(), true);
  assert.deepEqual(folder.names("runs", "0001_x"), ["power.parquet"]);
});
