import assert from "node:assert/strict";
import { earlierTimes } from "../../lib/archive/earlier_times.ts";
import { readEnvironment } from "../../lib/host/environment.ts";
import { TempFolder } from "../support/temp_folder.ts";

const HERE = readEnvironment();

/** A study directory with completed runs of so many seconds, by configuration hash; null: a run that failed. */
function write(
  root: string,
  name: string,
  runs: readonly (readonly [hash: string, seconds: number | null, placed?: unknown])[],
  environment: unknown = HERE,
): void {
  const dir = `${root}/${name}`;
  Deno.mkdirSync(dir);
  const experiments = runs.map(([config_hash, duration_s, placed]) => ({
    config_hash,
    status: duration_s === null ? "failed" : "completed",
    duration_s: duration_s ?? 1,
    ...placed === undefined ? {} : { placed },
  }));
  Deno.writeTextFileSync(`${dir}/plan.json`, "{}");
  Deno.writeTextFileSync(`${dir}/manifest.json`, JSON.stringify({ experiments }));
  Deno.writeTextFileSync(`${dir}/environment.json`, JSON.stringify(environment));
}

const name = (day: number): string => `s_2026-01-0${day}T00-00-00_abcd`;
const wanted = new Set(["a", "b"]);

Deno.test("earlierTimes() gives the median of completed runs of the newest studies of this machine", () => {
  using folder = new TempFolder();
  write(folder.path, name(1), [["a", 1000]]);
  write(folder.path, name(2), [["a", 10], ["a", 30], ["b", null], ["c", 5]]);
  write(folder.path, name(3), [["a", 20], ["b", 7], ["b", 9]]);
  write(folder.path, name(4), [["c", 5]]);
  write(folder.path, name(5), [["a", 1]], { ...HERE, cpus: HERE.cpus + 1 });
  const limits = { studies: 4, manifest_bytes: 10_000 };
  const { run_s, studies } = earlierTimes(folder.path, wanted, limits);
  assert.deepEqual([Object.fromEntries(run_s), studies], [{ a: 20, b: 8 }, 2]);
});

Deno.test("earlierTimes() passes over what it cannot read, and is empty where there is nothing", () => {
  using folder = new TempFolder();
  assert.equal(earlierTimes(folder.at("gone"), wanted).studies, 0);
  Deno.writeTextFileSync(folder.at(name(1)), "a file");
  Deno.mkdirSync(folder.at(name(2)));
  for (
    const [day, text] of [[3, "no JSON"], [4, '{"experiments": 1}'], [5, '{"experiments": [null]}']] as const
  ) {
    write(folder.path, name(day), []);
    Deno.writeTextFileSync(`${folder.at(name(day))}/manifest.json`, text);
  }
  write(folder.path, name(6), [["a", 3]], null);
  write(folder.path, name(7), [["a", 4]]);
  // One that is too long to be worth reading for an estimate.
  write(folder.path, name(8), Array.from({ length: 100 }, () => ["a", 5] as const));
  const { run_s, studies } = earlierTimes(folder.path, wanted, { studies: 10, manifest_bytes: 2000 });
  assert.deepEqual([Object.fromEntries(run_s), studies], [{ a: 4 }, 1]);
});

Deno.test("earlierTimes() takes measured windows from the summaries that have them", () => {
  using folder = new TempFolder();
  for (const [day, mean] of [[1, 4], [2, 6], [3, null]] as const) {
    write(folder.path, name(day), [["a", 20]]);
    const rows = [{ config_hash: "a", metrics: { window_s: { mean } } }, { config_hash: "c" }];
    Deno.writeTextFileSync(`${folder.at(name(day))}/summary.json`, JSON.stringify({ rows }));
  }
  write(folder.path, name(4), [["b", 7]]);
  Deno.writeTextFileSync(`${folder.at(name(4))}/summary.json`, "no JSON");
  const { run_s, window_s = new Map() } = earlierTimes(folder.path, wanted);
  assert.deepEqual([Object.fromEntries(run_s), Object.fromEntries(window_s)], [{ a: 20, b: 7 }, { a: 5 }]);
});

Deno.test("earlierTimes() does not take the wait for the gate of a pool for the time of a run", () => {
  using folder = new TempFolder();
  const placed = { slot: 1, devices: ["1"] };
  write(folder.path, name(1), [["a", 20]]);
  write(folder.path, name(2), [["a", 90, placed], ["a", 95, placed], ["b", 30, placed], ["b", 12, placed]]);
  assert.deepEqual(Object.fromEntries(earlierTimes(folder.path, wanted).run_s), { a: 20, b: 12 });
});
