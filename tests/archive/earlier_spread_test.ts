import assert from "node:assert/strict";
import { earlierSpread } from "../../lib/archive/earlier_spread.ts";
import { readEnvironment } from "../../lib/host/environment.ts";
import { spread } from "../../lib/statistics/spread.ts";
import { TempFolder } from "../support/temp_folder.ts";

const HERE = readEnvironment();
const name = (day: number): string => `s_2026-01-0${day}T00-00-00_abcd`;

/** A study directory whose rows have these values of "score", by configuration hash. */
function write(
  root: string,
  day: number,
  rows: Readonly<Record<string, readonly number[]>>,
  environment: unknown = HERE,
): string {
  const dir = `${root}/${name(day)}`;
  Deno.mkdirSync(dir);
  Deno.writeTextFileSync(`${dir}/plan.json`, "{}");
  Deno.writeTextFileSync(`${dir}/environment.json`, JSON.stringify(environment));
  const summary = {
    rows: Object.entries(rows).map(([config_hash, values]) => ({
      config_hash,
      metrics: { score: spread(values), absent: null },
    })),
  };
  Deno.writeTextFileSync(`${dir}/summary.json`, JSON.stringify(summary));
  Deno.writeTextFileSync(`${dir}/manifest.json`, JSON.stringify({ experiments: [] }));
  return dir;
}

/** Sample standard deviation of logarithms. */
function deviationOf(values: readonly number[]): number {
  const logs = values.map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1));
}

Deno.test("earlierSpread() pools the scatter of the same configurations over studies of this machine", () => {
  using folder = new TempFolder();
  const [one, two, three] = [[10, 11, 9], [20, 21, 20.5, 19], [5, 5.5]] as const;
  write(folder.path, 1, { a: one, b: two, other: [1, 100] });
  write(folder.path, 2, { a: three, c: [7] });
  write(folder.path, 3, { a: [1, 50] }, { ...HERE, cpus: HERE.cpus + 1 });
  write(folder.path, 4, { other: [1, 50] });
  Deno.writeTextFileSync(`${write(folder.path, 5, { a: [1, 50] })}/summary.json`, "no JSON");
  const { metrics, window, studies } = earlierSpread(folder.path, new Set(["a", "b", "c"]));
  const squares = 2 * deviationOf(one) ** 2 + 3 * deviationOf(two) ** 2 + deviationOf(three) ** 2;
  assert.deepEqual([metrics.map(({ metric, degrees }) => [metric, degrees]), window, studies], [
    [["score", 6]],
    null,
    2,
  ]);
  assert.ok(Math.abs((metrics[0]?.deviation ?? 0) - Math.sqrt(squares / 6)) < 1e-12);
  assert.deepEqual(earlierSpread(folder.at("gone"), new Set(["a"])).studies, 0);
});

Deno.test("earlierSpread() tells what passes of runs took, as long as they are whole", () => {
  using folder = new TempFolder();
  const dir = write(folder.path, 1, { a: [10, 11] });
  const run = (index: number, passes: number, times: readonly number[]): unknown => {
    Deno.mkdirSync(`${dir}/runs/${index}`, { recursive: true });
    const record = {
      measurement: { metrics: { passes } },
      timing: { duration_s: 10 + index },
      throughput: { window_s: 4 },
    };
    Deno.writeTextFileSync(`${dir}/runs/${index}/result.json`, JSON.stringify(record));
    const lines = times.map((e2e_ms, at) => JSON.stringify({ index: at, e2e_ms }));
    Deno.writeTextFileSync(`${dir}/runs/${index}/requests.jsonl`, `${lines.toReversed().join("\n")}\n`);
    return { config_hash: "a", status: "completed", result_file: `runs/${index}/result.json` };
  };
  const experiments = [
    run(1, 2, [1000, 500, 1000, 700]),
    run(2, 3, [1100, 500, 1000, 600, 900, 900]),
    // A pass that was cut, and a run of one pass.
    run(3, 2, [1000, 500, 1000]),
    run(4, 1, [1000, 500]),
    { config_hash: "a", status: "failed", result_file: null },
  ];
  Deno.writeTextFileSync(`${dir}/manifest.json`, JSON.stringify({ experiments }));
  const { window } = earlierSpread(folder.path, new Set(["a"]));
  assert.deepEqual(window, { passes_s: [[1.5, 1.7], [1.6, 1.6]], run_s: 7.5 });
});
