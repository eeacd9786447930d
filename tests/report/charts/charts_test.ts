import assert from "node:assert/strict";
import { readReportData, type ReportData } from "../../../lib/archive/report/report_data.ts";
import { readStudy } from "../../../lib/archive/read_study.ts";
import type { Json } from "../../../lib/base/json.ts";
import type { Chart } from "../../../lib/report/html/charts/chart.ts";
import { numberText } from "../../../lib/report/html/charts/metric.ts";
import { drawCharts } from "../../../lib/report/html/charts/draw_charts.ts";
import { middleOf } from "../../../lib/report/html/charts/rows.ts";
import { compareStudies } from "../../../lib/results/compare/compare.ts";
import { type SyntheticStudy, syntheticStudy } from "../../support/synthetic_study.ts";
import "../../support/libc.ts";
import { TempFolder } from "../../support/temp_folder.ts";

async function dataOf(folder: string, ...wishes: readonly SyntheticStudy[]): Promise<ReportData> {
  const [first, ...others] = wishes.map((wish) => readStudy(syntheticStudy(folder, wish)));
  assert.ok(first !== undefined);
  const tables = [first, ...others] as const;
  const isOne = others.length === 0 && first.experiments.length < 2;
  const comparison = isOne || wishes.some(({ failed }) => failed?.(1) === true)
    ? null
    : compareStudies(tables);
  return await readReportData(tables, { comparison, traces: "all" });
}

function chart(charts: readonly Chart[], id: string): Chart {
  const found = charts.find((each) => each.id === id);
  assert.ok(found !== undefined, `${id} is not among ${charts.map((each) => each.id).join(", ")}`);
  return found;
}

function count(svg: string, pattern: RegExp): number {
  return [...svg.matchAll(pattern)].length;
}

/** The other pictures of a chart, as the page's script finds them. */
async function otherLayers({ interaction }: Chart): Promise<readonly string[]> {
  if (interaction?.kind !== "layers") return [];
  const bytes = Uint8Array.fromBase64(interaction.packed);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const svgs = JSON.parse(await new Response(stream).text()) as readonly string[];
  assert.equal(svgs.length, interaction.choices.length - 1);
  return svgs;
}

/** Each picture as a chart of its own. */
async function withLayers(charts: readonly Chart[]): Promise<Chart[]> {
  const all = await Promise.all(charts.map(async (chart) => {
    const others = await otherLayers(chart);
    return [chart, ...others.map((svg, at): Chart => ({ ...chart, id: `${chart.id}-${at + 2}`, svg }))];
  }));
  return all.flat();
}

function layerIds(charts: readonly Chart[], id: string): string[] {
  const { interaction } = chart(charts, id);
  return interaction?.kind === "layers" ? interaction.choices.map((choice) => choice.id) : [];
}

/** What holds for every plot of every page. */
function assertSound(charts: readonly Chart[]): void {
  const ids = charts.flatMap((
    { id, svg },
  ) => [id, ...[...svg.matchAll(/ id="([^"]*)"/g)].map(([, own]) => own)]);
  assert.equal(new Set(ids).size, ids.length, "an id stands twice");
  for (const { id, svg, absent, description, table } of charts) {
    assert.equal(svg === "", absent !== null, id);
    assert.ok(
      description.length > 20 && !/undefined|NaN|Infinity/.test(description),
      `${id}: ${description}`,
    );
    assert.ok(table.rows.every((row) => row.length === table.head.length), id);
    assert.ok(!table.rows.flat().some((cell) => /undefined|NaN|Infinity/.test(cell)), id);
    if (svg === "") continue;
    assert.match(svg, /^<svg [^>]*role="img"/);
    assert.ok(!/NaN|undefined|Infinity/.test(svg), `${id} has no number somewhere`);
    // Style and script may be refused, so that nothing may hang on them; nothing comes from elsewhere.
    assert.ok(!/<style|<script|style=|href|url\((?!#)/.test(svg), id);
    assert.ok(svg.includes(`<title id="${id}-t">`) && svg.includes(`<desc id="${id}-d">`), id);
  }
}

/** Well-formed by a parser that takes nothing else. */
async function assertXml(charts: readonly Chart[]): Promise<void> {
  const child = new Deno.Command("python3", {
    args: [
      "-c",
      "import json,sys,xml.etree.ElementTree as e\nfor t in json.load(sys.stdin): e.fromstring(t)",
    ],
    stdin: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(
    new TextEncoder().encode(JSON.stringify(charts.flatMap(({ svg }) => svg === "" ? [] : [svg]))),
  );
  await writer.close();
  const { success, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test("drawCharts() draws every plot of a study with energy, requests and power, twice the same bytes", async () => {
  using folder = new TempFolder();
  const data = await dataOf(folder.path, {
    experiments: 4,
    cycles: 3,
    requests: 64,
    powerReadings: 100,
    failed: (index) => index === 6,
    retried: (index) => index === 7,
  });
  const charts = await drawCharts(data);
  assert.deepEqual(charts.map(({ id }) => id), [
    "throughput-ttft-ms",
    "throughput-ttft-p99-ms",
    "swept-value",
    "ratios-j-per-output-token",
    "ratios-output-tokens-per-s",
    "ratios-ttft-ms",
    "cycles",
    "residuals",
    "latency-ttft-ms",
    "latency-itl-ms",
    "latency-e2e-ms",
    "energy-split",
    "power",
    "temperature",
    "clocks",
    "timeline",
  ]);
  const pictures = await withLayers(charts);
  assertSound(pictures);
  await assertXml(pictures);
  assert.deepEqual(await drawCharts(data), charts);

  // What a reader may choose: the same marks in each picture.
  assert.deepEqual(layerIds(charts, "swept-value"), [
    "j_per_output_token-fit",
    "j_per_output_token-log",
    "j_per_total_token-fit",
    "j_per_total_token-log",
  ]);
  assert.deepEqual(layerIds(charts, "throughput-ttft-ms"), ["total", "requests", "user"]);
  assert.deepEqual(layerIds(charts, "ratios-j-per-output-token"), ["file", "effect"]);
  assert.deepEqual(layerIds(charts, "latency-ttft-ms"), ["runs", "pooled"]);
  for (const [id, marks] of [["swept-value", 4 + 11], ["throughput-ttft-ms", 4]] as const) {
    for (const svg of await otherLayers(chart(charts, id))) assert.equal(count(svg, /data-c=/g), marks, id);
  }
  const [pooled = ""] = await otherLayers(chart(charts, "latency-ttft-ms"));
  assert.equal(count(pooled, /data-c=/g), 4);
  assert.equal(count(pooled, /data-r=/g), 0);

  // One mark for each experiment or run, with its hash and its place.
  const hash = data.tables[0].experiments[0]?.config_hash;
  assert.equal(count(chart(charts, "throughput-ttft-ms").svg, /data-c=/g), 4);
  assert.equal(count(chart(charts, "ratios-j-per-output-token").svg, /data-c=/g), 3);
  assert.equal(count(chart(charts, "cycles").svg, /data-r=/g), 11);
  assert.ok(chart(charts, "cycles").svg.includes(`data-c="${hash}"`));
  assert.equal(count(chart(charts, "residuals").svg, /data-r=/g), 11);
  assert.equal(count(chart(charts, "latency-ttft-ms").svg, /data-r=/g), 11);
  assert.equal(count(chart(charts, "energy-split").svg, /<rect/g), 4 * 4);
  // An attempt more than runs, and two of all that did not complete.
  assert.equal(count(chart(charts, "timeline").svg, /<rect[^>]*data-r=/g), 13);
  assert.match(chart(charts, "timeline").description, /^13 attempts .* 2 did not complete/);
  assert.equal(chart(charts, "timeline").table.rows[0]?.[3], "crashed");
  assert.match(chart(charts, "power").description, /traces of 11 runs/);
  // The made-up counter tells a hundredth more than the integral.
  const { head, rows } = chart(charts, "power").table;
  assert.deepEqual(head.slice(-3), ["counter, J", "integral of readings, J", "counter / integral"]);
  assert.equal(rows[0]?.at(-1), "1.01");
  assert.match(chart(charts, "swept-value").description, /Best: batch_size=4/);
  // The interval of energy is that of the table, with the error that all runs on the board share.
  const [row] = data.tables[0].summary.rows;
  const { low95, high95 } = row?.energy?.j_per_output_token ?? {};
  assert.ok((low95 ?? 0) < (row?.metrics["j_per_output_token"]?.low95 ?? 0));
  const [, , drawn] = chart(charts, "swept-value").table.rows[0] ?? [];
  assert.ok(drawn?.endsWith(`[${numberText(low95 ?? NaN)}, ${numberText(high95 ?? NaN)}]`), drawn);
});

Deno.test("drawCharts() has the rate of a board where experiments run on several", async () => {
  using folder = new TempFolder();
  const data = await dataOf(folder.path, { experiments: 2 });
  const [first] = data.tables;
  const runs = first.runs.map((run) =>
    run.config_hash === first.experiments[1]?.config_hash
      ? { ...run, circumstances: { ...run.circumstances, GPU: "GPU-1, GPU-2" } }
      : run
  );
  const charts = await drawCharts({ ...data, tables: [{ ...first, runs }] });
  assert.deepEqual(layerIds(charts, "throughput-ttft-ms"), ["total", "requests", "gpu", "user"]);
  const [, perBoard = ""] = await otherLayers(chart(charts, "throughput-ttft-ms"));
  const [of] = first.summary.rows.slice(1).map(({ metrics }) =>
    metrics["output_tokens_per_s"]?.geomean ?? NaN
  );
  const told = /batch_size=2: output tok\/s per GPU ([\d,.]+) /.exec(perBoard)?.[1] ?? "";
  assert.ok(Math.abs(Number(told.replaceAll(",", "")) - (of ?? NaN) / 2) < 1, `${told} is not half of ${of}`);
});

Deno.test("drawCharts() of one run, of none that completed, without energy, of two studies", async () => {
  using folder = new TempFolder();
  const cases: readonly (readonly [
    wishes: readonly SyntheticStudy[],
    there: readonly string[],
    not: readonly string[],
  ])[] = [
    [
      [{ name: "one", experiments: 1, cycles: 1, requests: 8, powerReadings: 8 }],
      ["latency-ttft-ms", "energy-split", "power", "timeline"],
      ["throughput-ttft-ms", "cycles", "residuals", "swept-value"],
    ],
    [[{ name: "failed", failed: () => true }], ["plots", "timeline"], ["cycles", "energy"]],
    [[{ name: "no-energy", energy: false }], ["cycles", "energy"], [
      "energy-split",
      "power",
      "temperature",
    ]],
    [
      [{ name: "base" }, { name: "new", slowdown: 1.1, seed: 7 }],
      ["throughput-ttft-ms", "ratios-j-per-output-token", "cycles", "timeline"],
      ["residuals", "plots"],
    ],
  ];
  for (const [wishes, there, not] of cases) {
    const charts = await drawCharts(await dataOf(folder.path, ...wishes));
    assertSound(charts);
    await assertXml(charts);
    const ids = charts.map(({ id }) => id);
    assert.deepEqual(there.filter((id) => !ids.includes(id)), [], wishes[0]?.name);
    assert.deepEqual(not.filter((id) => ids.includes(id)), [], wishes[0]?.name);
    if (ids.includes("plots")) assert.match(chart(charts, "plots").absent ?? "", /None of 12 runs completed/);
    if (ids.includes("energy")) {
      assert.match(chart(charts, "energy").absent ?? "", /no meter on this machine/);
    }
  }
});

Deno.test("drawCharts() keeps a page of 100 experiments and 5 cycles small, and says what it leaves out", async () => {
  using folder = new TempFolder();
  const charts = await drawCharts(await dataOf(folder.path, { experiments: 100, cycles: 5 }));
  assertSound(charts);
  const bytes = charts.reduce((sum, { svg, table }) => sum + svg.length + JSON.stringify(table).length, 0);
  assert.ok(bytes < 600_000, `${bytes} bytes`);
  assert.match(chart(charts, "ratios-j-per-output-token").description, /59 more ratios are not drawn/);
  // 500 dots of which every one can be pointed at.
  assert.equal(count(chart(charts, "cycles").svg, /data-r=/g), 500);
  assert.ok(charts.every(({ table }) => table.rows.length <= 40));
});

Deno.test("drawCharts() takes texts of a study as texts", async () => {
  using folder = new TempFolder();
  const hostile = `</title></desc></svg><script>alert("1")</script>'&amp;`;
  const data = await dataOf(folder.path, { experiments: 2, cycles: 3, gpu: hostile });
  const [table] = data.tables;
  const rows = table.summary.rows.map((row, index) => ({
    ...row,
    varied: { [`a${hostile}`]: `${hostile}${index}` },
  }));
  const charts = await drawCharts({ ...data, tables: [{ ...table, summary: { ...table.summary, rows } }] });
  assertSound(charts);
  await assertXml(charts);
  assert.ok(charts.some(({ svg }) => svg.includes("&lt;script&gt;alert")));
});

/** The same study with other settings: `settings` gives those of an experiment by its position. */
function withSettings(
  data: ReportData,
  settings: (index: number) => Readonly<Record<string, Json>>,
): ReportData {
  const [table, ...others] = data.tables;
  const rows = table.summary.rows.map((row, index) => ({ ...row, varied: settings(index) }));
  return { ...data, tables: [{ ...table, summary: { ...table.summary, rows } }, ...others] };
}

Deno.test("drawCharts() draws two settings as a field, more as lines across their axes", async () => {
  using folder = new TempFolder();
  const data = await dataOf(folder.path, { experiments: 12, cycles: 2 });
  const two = await drawCharts(
    withSettings(data, (at) => ({ "llamacpp.n_threads": at % 4, n: Math.floor(at / 4) })),
  );
  const field = chart(two, "field");
  assert.equal(field.title, "J/token by n_threads and n");
  assert.equal(count(field.svg, /<rect[^>]*data-c=/g), 12);
  assert.deepEqual(field.table.head, ["n_threads", "n", "J/token"]);
  const three = await drawCharts(
    withSettings(data, (at) => ({ a: at % 2, b: ["x", "y", "z"][at % 3] ?? "", c: Math.floor(at / 6) })),
  );
  assert.equal(count(chart(three, "field").svg, /<path[^>]*data-c=/g), 12);
  assert.match(chart(three, "field").description, /across a, b, c, J\/token/);
  const { interaction } = chart(three, "field");
  assert.ok(interaction?.kind === "filter");
  assert.deepEqual(interaction.axes.map(({ label }) => label), ["a", "b", "c", "J/token"]);
  assert.deepEqual(interaction.axes[1]?.values, ["x", "y", "z"]);
  // In the order of the study: a counts to 2, b to 3, c every sixth.
  assert.deepEqual(Object.values(interaction.rows).map(([a, b, c]) => [a, b, c]).slice(5, 8), [
    [1, 2, 0],
    [0, 0, 1],
    [1, 1, 1],
  ]);
  const metric = Object.values(interaction.rows).map((row) => row[3] ?? -1);
  assert.ok(metric.every((at) => at >= 0 && at < (interaction.axes[3]?.values.length ?? 0)));
  assertSound([...two]);
  assertSound([...three]);
  await assertXml([...two, ...three]);
  // Numbers that span a decade stand by their logarithms, each with its own tick.
  const wide = await drawCharts(withSettings(data, (at) => ({ n: 2 ** at })));
  assert.ok(chart(wide, "swept-value").svg.includes(">2048</text>"));
});

Deno.test("drawCharts() draws the limit of a promise, and marks runs that were throttled or lie apart", async () => {
  using folder = new TempFolder();
  const made = await dataOf(folder.path, { experiments: 2, cycles: 4, requests: 16 });
  const [table] = made.tables;
  const slo = { ttft_ms: 45, tpot_ms: null, itl_ms: null, e2e_ms: null, share: 0.99 };
  const rows = table.summary.rows.map((row) => ({
    ...row,
    outliers: [{ metric: "j_per_output_token", cycle: 2, value: 1 }],
  }));
  const runs = made.runs.map((run, at) =>
    at !== 3 || run.heat === null ? run : {
      ...run,
      heat: { ...run.heat, throttled_s: { hw_thermal: 2.5 }, disqualifying: ["hw_thermal"] },
    }
  );
  const charts = await drawCharts({
    ...made,
    runs,
    tables: [{ ...table, summary: { ...table.summary, rows, slo } }],
  });
  assertSound(charts);
  assert.match(chart(charts, "latency-ttft-ms").description, /limit is 45 ms/);
  assert.ok(chart(charts, "latency-ttft-ms").svg.includes("limit 45 ms"));
  assert.ok(!chart(charts, "latency-itl-ms").svg.includes("limit"));
  assert.match(chart(charts, "temperature").description, /1 run throttled/);
  assert.equal(chart(charts, "temperature").table.rows[0]?.[5], "hw_thermal 2.5 s");
  assert.match(chart(charts, "cycles").svg, /\(outlier\)/);
});

Deno.test("drawCharts() of 3,000 experiments draws a part of them and says how many it leaves out", async () => {
  using folder = new TempFolder();
  const data = await dataOf(folder.path, { experiments: 20, cycles: 1 });
  const [table] = data.tables;
  const rows = Array.from({ length: 3000 }, (_, at) => {
    const row = table.summary.rows[at % 20];
    assert.ok(row !== undefined);
    return { ...row, varied: { n: at, m: at % 7 } };
  });
  const begun = performance.now();
  const charts = await drawCharts({
    ...data,
    comparison: null,
    tables: [{ ...table, summary: { ...table.summary, rows } }],
  });
  assert.ok(performance.now() - begun < 20_000);
  assertSound(charts);
  assert.ok(charts.reduce((sum, { svg }) => sum + svg.length, 0) < 800_000);
  assert.match(chart(charts, "throughput-ttft-ms").description, /2000 more experiments are not drawn/);
  assert.match(chart(charts, "cycles").description, /2900 more experiments are not drawn/);
});

Deno.test("an interval of joules in a plot holds the error of the meter, as that of the table beside it", () => {
  using folder = new TempFolder();
  const [row] = readStudy(syntheticStudy(folder.path, { cycles: 5 })).summary.rows;
  assert.ok(row !== undefined);
  const [drawn, repeats] = [middleOf(row, "j_per_output_token"), row.metrics["j_per_output_token"]];
  const { low95, high95 } = row.energy?.j_per_output_token ?? {};
  assert.deepEqual([drawn?.low, drawn?.high], [low95, high95]);
  assert.ok((drawn?.low ?? NaN) < (repeats?.low95 ?? NaN), "wider than the repeats alone");
  assert.equal(middleOf(row, "output_tokens_per_s")?.low, row.metrics["output_tokens_per_s"]?.low95);
  assert.equal(middleOf(row, "no_such_metric"), null);
});

Deno.test("lines of a plot against a swept value stand beside each other, and only what is cut is said to be", async () => {
  using folder = new TempFolder();
  const two = [{ name: "base", experiments: 2, cycles: 5 }, {
    name: "new",
    experiments: 2,
    cycles: 5,
    seed: 7,
  }];
  const { svg, description } = chart(await drawCharts(await dataOf(folder.path, ...two)), "swept-value");
  // Each line is moved by its own share of the room, half a pixel included.
  assert.ok(
    new Set([...svg.matchAll(/translate\((-?[\d.]+),/g)].map(([, x]) => x)).size >= 2,
    svg.slice(0, 400),
  );
  assert.doesNotMatch(description, /cut off/);
  const wide = [{ name: "wide", experiments: 2, cycles: 2, cv: 0.4 }];
  assert.match(
    chart(await drawCharts(await dataOf(folder.path, ...wide)), "swept-value").description,
    /cut off/,
  );
});

Deno.test("a plot against a swept value that has no room for all experiments keeps whole lines, the best among them", async () => {
  using folder = new TempFolder();
  const data = await dataOf(folder.path, { experiments: 400, cycles: 1, cv: 0.001 });
  const { table, description } = chart(await drawCharts(data), "swept-value");
  const best =
    data.tables[0].summary.rows.toSorted((a, b) =>
      (a.metrics["j_per_output_token"]?.mean ?? 0) - (b.metrics["j_per_output_token"]?.mean ?? 0)
    )[0];
  assert.match(description, new RegExp(`Best: input_len=${best?.varied["dataset.input_len"]} `));
  // The slow end is there as well as the fast one.
  assert.ok(table.rows.some(([, x]) => x === "1"));
  assert.match(description, /\d+ more experiments are not drawn/);
});
