/** What a record says follows from the files beside it: every joule and percentile is computed again here. */
import { gpuDevice } from "../support/meter_devices.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { counterOver } from "../../lib/meter/counter_energy.ts";
import { PowerCurve } from "../../lib/meter/power_curve.ts";
import type { CounterSample } from "../../lib/meter/recording.ts";
import "../support/libc.ts";
import { meterEnv } from "../support/meters.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import { buildNvmlStub } from "../support/nvml_stub.ts";
import { llem, ran, readResult, ROOT, runFolder, Sandbox, WORKERS } from "./llem.ts";

/** More than a record keeps of a kind of phase. */
const REQUESTS = 20;

interface Line {
  readonly ttft_ms: number;
  readonly e2e_ms: number;
  readonly itl_ms: readonly number[];
  readonly output_tokens: number;
  readonly phases: readonly { readonly name: string; readonly begin_ns: number; readonly end_ns: number }[];
}

interface Reading {
  readonly t_ns: bigint;
  readonly power_w: number | null;
  readonly energy_j: number | null;
}

type Window = readonly [begin: number, end: number];

/** Readings of power joined by straight lines, cut at exact edges. */
function trapezoids(
  readings: readonly (readonly [t: number, watts: number])[],
  windows: readonly Window[],
): number {
  let joules = 0;
  for (const [begin, end] of windows) {
    for (const [index, [to, after]] of readings.entries()) {
      const [from, before] = readings[index - 1] ?? [to, after];
      const [low, high] = [Math.max(from, begin), Math.min(to, end)];
      if (high <= low) continue;
      const at = (t: number): number => before + (after - before) * (t - from) / (to - from);
      joules += (at(low) + at(high)) / 2 * (high - low) / 1e9;
    }
  }
  return joules;
}

/** Linear between order statistics, as numpy has it. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}

function near(found: number | null | undefined, expected: number, what: string): void {
  assert.ok(Math.abs((found ?? NaN) / expected - 1) < 1e-9, `${what}: ${found}, again ${expected}`);
}

testWith(
  [C_COMPILER],
  "every joule and percentile of a record can be computed again from requests.jsonl and power.parquet",
  async () => {
    using box = new Sandbox();
    const deno = ["run", "-A", "-q", "--no-check", "--cached-only", "--config", join(ROOT, "deno.json")];
    const study = box.write(
      "study.yaml",
      JSON.stringify({
        backend: "command",
        model: "none",
        command: { argv: [Deno.execPath(), ...deno, join(WORKERS, "metered.ts")] },
        params: { seconds: 7, requests: REQUESTS },
        baseline: { enabled: false },
        execution: { n_cycles: 1 },
      }),
    );
    const power = { kind: "square", low: 90, high: 400, period_s: 1.3, duty: 0.4 } as const;
    const env = {
      ...meterEnv(),
      XDG_CACHE_HOME: join(box.dir, "cache"),
      ...buildNvmlStub().env({ boards: [{ uuid: "GPU-a", power }] }),
    };
    const args = ["run", study, "-o", join(box.dir, "out"), "--json", "--no-gaps"];
    const { dir, stderr } = ran(await llem(args, { clearEnv: true, env }));
    const folder = runFolder(dir, 1);
    const record = readResult(folder);
    const lines = Deno.readTextFileSync(join(folder, "requests.jsonl")).trimEnd().split("\n")
      .map((line): Line => JSON.parse(line));
    assert.equal(lines.length, REQUESTS, stderr);

    // Of phases with many windows the record has the sum, and the lines each.
    const told = lines.flatMap(({ phases }) => phases);
    const windowsOf = (name: string): Window[] =>
      told.filter((phase) => phase.name === name).map(({ begin_ns, end_ns }) => [begin_ns, end_ns]);
    for (const name of ["prefill", "decode"]) {
      const row = record.phases.find((phase) => phase.name === name);
      assert.deepEqual([row?.windows, row?.apart], [REQUESTS, undefined]);
      const seconds = windowsOf(name).reduce((sum, [begin, end]) => sum + (end - begin) / 1e9, 0);
      near(row?.duration_s, seconds, name);
    }

    const { latency, energy, throughput } = record;
    const lists = {
      ttft_ms: lines.map(({ ttft_ms }) => ttft_ms),
      e2e_ms: lines.map(({ e2e_ms }) => e2e_ms),
      itl_ms: lines.flatMap(({ itl_ms }) => itl_ms),
      tpot_ms: lines.map((line) => (line.e2e_ms - line.ttft_ms) / (line.output_tokens - 1)),
    };
    for (const [name, values] of Object.entries(lists)) {
      const found = latency?.[name as keyof typeof lists];
      near(found?.median, quantile(values, 0.5), name);
      near(found?.p90, quantile(values, 0.9), name);
      near(found?.p99, quantile(values, 0.99), name);
    }

    const file = await asyncBufferFromFile(join(folder, "power.parquet"));
    const readings = await parquetReadObjects({ file }) as unknown as Reading[];
    const powers = readings.flatMap(({ t_ns, power_w }) =>
      power_w === null ? [] : [[Number(t_ns), power_w] as const]
    );
    const measured = record.phases.flatMap(({ name, begin_ns, end_ns }): Window[] =>
      name === "measure" ? [[Number(begin_ns), Number(end_ns)]] : []
    );
    const [device] = energy?.devices ?? [];
    near(device?.integral_j, trapezoids(powers, measured), "the integral of the window");
    for (const { name, joules } of energy?.phases ?? []) {
      if (joules === null) continue;
      near(joules, trapezoids(powers, windowsOf(name)), name);
    }
    assert.deepEqual(
      energy?.phases.flatMap(({ name, joules }) => joules === null ? [] : [name]),
      ["prefill", "decode"],
    );

    const curve = new PowerCurve();
    for (const [t, watts] of powers) curve.add(t, watts);
    const counters = readings.flatMap(({ t_ns, energy_j }) =>
      energy_j === null
        ? []
        : [{ t_ns: Number(t_ns), energy_j, throttle_ns: null } as unknown as CounterSample]
    );
    const [begin_ns = 0, end_ns = 0] = measured[0] ?? [];
    const counted = counterOver(
      { device: gpuDevice(), power: curve, counters, states: [] },
      [{ begin_ns, end_ns }],
      device?.update_period_ms ?? NaN,
    );
    const again = "reason" in counted ? NaN : counted.joules;
    near(device?.counter_j, again, "the counter");
    const headline = device?.source === "counter" ? again : trapezoids(powers, measured);
    near(energy?.headline_j, headline, "the headline");
    const tokens = lines.reduce((sum, { output_tokens }) => sum + output_tokens, 0);
    near(energy?.j_per_output_token, headline / tokens, "joules a token");
    near(throughput?.output_tokens_per_s, tokens / ((end_ns - begin_ns) / 1e9), "tokens a second");
  },
);
