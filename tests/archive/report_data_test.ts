import assert from "node:assert/strict";
import { join } from "node:path";
import { bandsOf } from "../../lib/archive/report/power_bands.ts";
import type { RunDetails } from "../../lib/archive/report/run_details.ts";
import { readReportData } from "../../lib/archive/report/report_data.ts";
import { readStudy } from "../../lib/archive/read_study.ts";
import { quantileOfSorted } from "../../lib/base/quantile.ts";
import { readRecord } from "../../lib/results/read_record.ts";
import type { StudyTable } from "../../lib/results/study_table.ts";
import { syntheticStudy } from "../support/synthetic_study.ts";
import "../support/libc.ts";
import { TempFolder } from "../support/temp_folder.ts";

function idsOf(runs: Iterable<RunDetails>): string[] {
  return [...runs].map(({ run_id }) => run_id);
}

function fileOf({ dir, runs }: StudyTable, index: number, name: string): string {
  const run = runs.find((each) => each.index === index);
  return join(dir, run?.attempts.at(-1)?.folder ?? "", name);
}

Deno.test("readReportData() tells phases, energy, latencies and power of every run with a result", async () => {
  using folder = new TempFolder();
  const table = readStudy(
    syntheticStudy(folder.path, {
      experiments: 2,
      cycles: 2,
      requests: 80,
      powerReadings: 400,
      failed: (index) => index === 2,
      retried: (index) => index === 3,
    }),
  );
  const data = await readReportData([table], { comparison: null, traces: "all" });
  assert.deepEqual(data.runs.map(({ index }) => index), [1, 2, 3, 4]);
  const [first, failed] = data.runs;
  assert.ok(first !== undefined && failed !== undefined);
  assert.deepEqual(first.phases.map(({ name }) => name), ["load", "warmup", "measure"]);
  assert.deepEqual(first.phases[2], { name: "measure", begin_s: 1.3, end_s: 9.3 });
  // The record has the window by the clock on the wall: 1.5 s after the run began, 1.3 s after its first phase did.
  assert.equal(first.phases_from_ms, Date.parse(table.runs[0]?.started_at ?? "") + 200);
  assert.deepEqual([first.energy?.bare_w, first.energy?.context_w, first.energy?.loaded_w], [70, 90, 110]);
  assert.deepEqual([first.heat?.max_c, first.heat?.sm_min_mhz, first.heat?.throttled_s], [62, 1830, {}]);
  assert.equal(failed.energy, null);
  assert.deepEqual([failed.latency, failed.power, failed.phases], [{}, [], []]);

  const [band, ...others] = first.power;
  assert.ok(band !== undefined && others.length === 0);
  assert.ok(Math.abs(band.from_s - 1.3) < 0.001 && Math.abs(band.column_s * 200 - 8) < 0.05);
  assert.ok(band.low_w.every((low, column) => (low ?? 0) > 200 && (low ?? 0) <= (band.high_w[column] ?? 0)));
});

Deno.test("readReportData() takes the distribution of latencies from the requests, else from the record", async () => {
  using folder = new TempFolder();
  const table = readStudy(syntheticStudy(folder.path, { experiments: 1, cycles: 2, requests: 500 }));
  Deno.removeSync(fileOf(table, 2, "requests.jsonl"));
  const { runs: [first, second] } = await readReportData([table], { comparison: null, traces: "none" });
  const lines = Deno.readTextFileSync(fileOf(table, 1, "requests.jsonl")).trimEnd().split("\n");
  const all = new Float64Array(lines.map((line) => JSON.parse(line).ttft_ms)).sort();
  const ttft = first?.latency.ttft_ms;
  assert.ok(ttft !== undefined && ttft.source === "requests" && ttft.n === 500);
  assert.deepEqual(ttft.values, ttft.shares.map((share) => quantileOfSorted(all, share)));
  assert.ok(ttft.values.length < 70, "a line of a plot has as many points as it can show");
  const told = readRecord(fileOf(table, 2, "result.json"))?.latency?.ttft_ms;
  assert.deepEqual(second?.latency.ttft_ms, {
    n: told?.n,
    source: "record",
    shares: [0, 0.5, 0.9, 0.95, 0.99, 1],
    values: [told?.min, told?.median, told?.p90, told?.p95, told?.p99, told?.max],
  });
});

Deno.test("readReportData() reads the traces of flagged runs, of all, or of some to be drawn", async () => {
  using folder = new TempFolder();
  const table = readStudy(
    syntheticStudy(folder.path, {
      experiments: 8,
      cycles: 2,
      powerReadings: 20,
      retried: (index) => index === 5,
    }),
  );
  const ids = table.runs.map(({ run_id }) => run_id ?? "");
  const traced = async (traces: "flagged" | "all" | "none") =>
    idsOf((await readReportData([table], { comparison: null, traces })).traced);
  assert.deepEqual(await traced("none"), []);
  assert.deepEqual(await traced("all"), ids);
  const flagged = table.runs.filter(({ summary }) => summary?.marks !== undefined).map(({ run_id }) =>
    run_id
  );
  assert.ok(flagged.includes(ids[4] ?? "") && flagged.length < 16);
  assert.deepEqual((await traced("flagged")).filter((id) => !flagged.includes(id)), []);
  const { runs, drawn } = await readReportData([table], { comparison: null, traces: "none" });
  assert.equal(drawn.size, 6);
  assert.deepEqual(runs.filter(({ power }) => power.length > 0), [...drawn]);
});

Deno.test("readReportData() tells runs of two studies apart that have one id", async () => {
  using folder = new TempFolder();
  const made = { experiments: 1, cycles: 3, powerReadings: 20 };
  const tables = [
    readStudy(syntheticStudy(folder.path, { ...made, name: "plain" })),
    readStudy(syntheticStudy(folder.path, { ...made, name: "flagged", retried: () => true })),
  ] as const;
  const flagged = tables.map(({ runs }) => runs.filter(({ summary }) => summary?.marks !== undefined));
  const ids = flagged.map((runs) => runs.map(({ run_id }) => run_id));
  assert.ok(ids[1]?.some((id) => !ids[0]?.includes(id)), "one run is flagged in one of the studies alone");
  const { traced } = await readReportData(tables, { comparison: null, traces: "flagged" });
  assert.deepEqual(
    [...traced].map(({ study, index }) => [study, index]),
    flagged.flatMap((runs, study) => runs.map(({ index }) => [study, index])),
  );
});

Deno.test("readReportData() does without files that are missing or damaged", async () => {
  using folder = new TempFolder();
  const table = readStudy(
    syntheticStudy(folder.path, { experiments: 1, cycles: 3, requests: 8, powerReadings: 8 }),
  );
  Deno.writeTextFileSync(fileOf(table, 1, "power.parquet"), "PAR1 and no more");
  Deno.writeTextFileSync(fileOf(table, 1, "requests.jsonl"), '{"index":0}\n');
  Deno.removeSync(fileOf(table, 2, "result.json"));
  const { runs } = await readReportData([table], { comparison: null, traces: "all" });
  assert.deepEqual(runs.map(({ index }) => index), [1, 3]);
  assert.deepEqual([runs[0]?.power, runs[0]?.latency.ttft_ms?.source], [[], "record"]);
  assert.deepEqual([runs[1]?.power.length, runs[1]?.latency.ttft_ms?.source], [1, "requests"]);
});

Deno.test("bandsOf() has the smallest and largest reading of each column, and null where there is none", () => {
  const seconds = (times: readonly number[]): number[] => times.map((time) => time * 1e9);
  const [band, ...others] = bandsOf(
    new Map([["GPU-0", { t_ns: seconds([10, 10.5, 11, 210]), power_w: [100, 90, 120, 300] }]]),
    8e9,
  );
  assert.deepEqual(others, []);
  assert.equal(band?.from_s, 2);
  assert.equal(band?.column_s, 1);
  assert.deepEqual([band?.low_w[0], band?.high_w[0]], [90, 100]);
  assert.deepEqual([band?.low_w[1], band?.high_w[1], band?.low_w[2]], [120, 120, null]);
  assert.equal(band?.high_w[199], 300);
});
