/** Files of `llem export` for other programs, held against the shapes that these document. */
import assert from "node:assert/strict";
import { Ajv, type Schema } from "ajv";
import { attemptSource } from "../../../lib/archive/attempt_source.ts";
import { readStudy } from "../../../lib/archive/read_study.ts";
import { exportOf } from "../../../lib/report/export/formats.ts";
import {
  AI_ENERGY_SCORE_COLUMNS,
  aiEnergyScoreView,
  mlEnergyView,
} from "../../../lib/report/export/formats/energy_views.ts";
import { prometheusText } from "../../../lib/report/export/formats/prometheus.ts";
import { latencyStatistics, requestLists } from "../../../lib/report/export/formats/request_lists.ts";
import type { ExportFormat } from "../../../lib/report/export/names.ts";
import type { ResultRecord } from "../../../lib/results/record.ts";
import type { AttemptSource } from "../../../lib/results/study_attempt.ts";
import "../../support/libc.ts";
import { type SyntheticStudy, syntheticStudy } from "../../support/synthetic_study.ts";
import { near } from "../../statistics/worked.ts";
import { TempFolder } from "../../support/temp_folder.ts";

function sourceOf(folder: TempFolder, ...wishes: readonly SyntheticStudy[]): AttemptSource {
  const wished = wishes.length === 0 ? [{ experiments: 2, requests: 4 }] : wishes;
  return attemptSource(wished.map((wish) => readStudy(syntheticStudy(folder.path, wish))), () => {});
}

/** The texts of the files, by name. */
async function filesOf(source: AttemptSource, format: ExportFormat): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const { name, pieces } of exportOf(source, format, []).files) {
    const decoder = new TextDecoder();
    let text = "";
    for await (const piece of pieces) text += decoder.decode(piece, { stream: true });
    files[name] = text;
  }
  return files;
}

function assertShape(schema: Schema, value: unknown): void {
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  assert.ok(ajv.validate(schema, value), ajv.errorsText());
}

const NUMBER_OR_NULL = { type: ["number", "null"] };

Deno.test("github-action-benchmark gets a file for each direction", async () => {
  using folder = new TempFolder();
  const source = sourceOf(folder);
  const files = await filesOf(source, "action-benchmark");
  assert.deepEqual(Object.keys(files), ["smaller-is-better.json", "bigger-is-better.json"]);
  const [smaller, bigger] = Object.values(files).map((text) => JSON.parse(text));
  const entry = {
    type: "object",
    properties: {
      name: { type: "string" },
      unit: { type: "string" },
      value: { type: "number" },
      range: { type: "string" },
      extra: { type: "string" },
    },
    required: ["name", "unit", "value"],
    additionalProperties: false,
  };
  for (const all of [smaller, bigger]) assertShape({ type: "array", items: entry, minItems: 2 }, all);
  const metricsOf = (all: { readonly name: string }[]): string[] =>
    all.map(({ name }) => name.split(": ").at(-1) ?? "");
  assert.ok(
    metricsOf(bigger).includes("output_tokens_per_s") && !metricsOf(smaller).includes("output_tokens_per_s"),
  );
  assert.ok(
    metricsOf(smaller).includes("j_per_output_token") && !metricsOf(bigger).includes("j_per_output_token"),
  );
  assert.ok(![...metricsOf(smaller), ...metricsOf(bigger)].includes("input_tokens"));
  assert.equal(new Set(smaller.map(({ name }: { name: string }) => name)).size, smaller.length);
});

Deno.test("Bencher gets a value and both bounds for each measure", async () => {
  using folder = new TempFolder();
  const source = sourceOf(folder);
  const report = JSON.parse(Object.values(await filesOf(source, "bmf"))[0] ?? "");
  const metric = {
    type: "object",
    properties: {
      value: { type: "number" },
      lower_value: { type: "number" },
      upper_value: { type: "number" },
    },
    required: ["value"],
    additionalProperties: false,
  };
  assertShape(
    { type: "object", additionalProperties: { type: "object", additionalProperties: metric } },
    report,
  );
  assert.deepEqual(Object.keys(report), [
    "synthetic org/synthetic-7b pytorch batch_size=1",
    "synthetic org/synthetic-7b pytorch batch_size=2",
  ]);
  const { geomean, low95, high95 } = source.studies[0]?.summary.rows[1]?.metrics["ttft_ms"] ?? {};
  assert.deepEqual(report["synthetic org/synthetic-7b pytorch batch_size=2"].ttft_ms, {
    value: geomean,
    lower_value: low95,
    upper_value: high95,
  });
});

Deno.test("two studies of one name are told apart where there is room, and else the newer one counts", async () => {
  using folder = new TempFolder();
  const source = sourceOf(
    folder,
    { experiments: 1, seed: 1, startedAt: "2026-01-02T03:04:05.000Z" },
    { experiments: 1, seed: 2, startedAt: "2026-01-01T03:04:05.000Z" },
  );
  const report = JSON.parse(Object.values(await filesOf(source, "bmf"))[0] ?? "");
  assert.deepEqual(
    Object.keys(report),
    source.studies.map(({ id }) => `synthetic org/synthetic-7b pytorch (${id})`),
  );
  const { text, leftOut } = prometheusText(source.studies, "textfile");
  assert.deepEqual(leftOut, [source.studies[1]]);
  const names = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const series = names.map((line) => line.slice(0, line.lastIndexOf(" ")));
  assert.equal(new Set(series).size, series.length);
});

Deno.test("labels of Prometheus are escaped, and OpenMetrics ends with # EOF", () => {
  using folder = new TempFolder();
  const [study] = sourceOf(folder, { experiments: 1, cycles: 1 }).studies;
  assert.ok(study);
  const [row] = study.summary.rows;
  assert.ok(row);
  const odd = { ...study, summary: { ...study.summary, rows: [{ ...row, model: 'a"b\\c\nd' }] } };
  const { text } = prometheusText([odd], "openmetrics");
  assert.ok(text.includes('model="a\\"b\\\\c\\nd"'));
  assert.ok(text.endsWith("\n# EOF\n"));
  for (const line of text.split("\n").filter((each) => each.startsWith("# UNIT"))) {
    const [, , name = "", unit = ""] = line.split(" ");
    assert.ok(name.endsWith(`_${unit}`), line);
  }
  const ttft = row.metrics["ttft_ms"]?.mean ?? NaN;
  assert.match(text, new RegExp(`^llem_ttft_seconds\\{.*\\} ${ttft * 1e-3}$`, "m"));
  const ofRequest = Number(/^llem_energy_per_request_joules\{.*\} (\S+)$/m.exec(text)?.[1]);
  const requests = 64;
  near(ofRequest, (row.metrics["energy_j"]?.mean ?? NaN) / requests, 1e-9);
});

const NAMES = ["ttft", "tpot", "itl", "e2el"].flatMap((name) =>
  ["mean", "median", "std", "p50", "p90", "p95", "p99"].map((what) => `${what}_${name}_ms`)
);
const LISTS = ["input_lens", "output_lens", "ttfts", "latencies", "start_times", "queue_times"];

/** The fields of `vllm bench serve` with --save-detailed, as 009e6d4 writes them. */
const VLLM_RESULT: Schema = {
  type: "object",
  properties: {
    date: { type: "string", pattern: "^\\d{8}-\\d{6}$" },
    request_rate: { type: ["number", "string", "null"] },
    ...Object.fromEntries(["backend", "model_id", "tokenizer_id"].map((name) => [name, { type: "string" }])),
    ...Object.fromEntries(
      ["num_prompts", "completed", "failed", "total_input_tokens", "total_output_tokens"].map((name) => [
        name,
        { type: "integer" },
      ]),
    ),
    ...Object.fromEntries(
      [
        "duration",
        "request_throughput",
        "output_throughput",
        "total_token_throughput",
        "max_output_tokens_per_s",
        "max_concurrent_requests",
        "rtfx",
      ].map((name) => [name, { type: "number" }]),
    ),
    ...Object.fromEntries(NAMES.map((name) => [name, { type: "number" }])),
    ...Object.fromEntries(LISTS.map((name) => [name, { type: "array", items: { type: "number" } }])),
    itls: { type: "array", items: { type: "array", items: { type: "number" } } },
    errors: { type: "array", items: { type: "string" } },
    label: { type: ["string", "null"] },
    burstiness: NUMBER_OR_NULL,
    max_concurrency: NUMBER_OR_NULL,
    request_goodput: NUMBER_OR_NULL,
  },
  required: [
    "date",
    "label",
    "burstiness",
    "max_concurrency",
    "request_goodput",
    "itls",
    "errors",
    ...NAMES,
    ...LISTS,
  ],
};

Deno.test("each completed run is a result file of vllm bench serve, its lists in seconds", async () => {
  using folder = new TempFolder();
  const source = sourceOf(folder, { experiments: 2, cycles: 2, requests: 4, failed: (index) => index === 2 });
  const files = Object.values(await filesOf(source, "vllm-bench"));
  assert.equal(files.length, 3);
  for (const text of files) {
    const result = JSON.parse(text);
    assertShape(VLLM_RESULT, result);
    assert.deepEqual([result.ttfts.length, result.itls.length, result.itls[0].length], [4, 4, 15]);
    assert.ok(Math.abs(result.ttfts[0] - 0.04) < 0.03 && result.itls[0][0] < 0.03);
    const sum = result.itls[0].reduce((all: number, one: number) => all + one, result.ttfts[0]);
    assert.ok(Math.abs(sum - result.latencies[0]) < 1e-9);
    assert.equal(text.indexOf("\n"), text.length - 1);
  }
});

Deno.test("lists have 0 for a request that failed, statistics leave it out, and the most at once is counted", () => {
  const line = {
    input_tokens: 3,
    output_tokens: 3,
    ttft_ms: 100,
    e2e_ms: 300,
    itl_ms: [100, 100],
    t_start_ns: 1e9,
  };
  const lists = requestLists([
    line,
    { ...line, t_start_ns: 1.1e9, ttft_ms: 200, e2e_ms: 500, itl_ms: [50, 250] },
    { ...line, t_start_ns: 1.35e9, error: "timeout", ttft_ms: null, e2e_ms: null, itl_ms: [] },
    { ...line, t_start_ns: 9e9, in_window: false },
  ], 1e9);
  assert.deepEqual([lists.ttfts, lists.latencies, lists.output_lens, lists.errors], [
    [0.1, 0.2, 0],
    [0.3, 0.5, 0],
    [3, 3, 0],
    ["", "", "timeout"],
  ]);
  assert.deepEqual([lists.max_concurrent_requests, lists.max_output_tokens_per_s], [2, 6]);
  // The seconds are those of the window, and not of the clock.
  const late = { ...line, t_start_ns: 1.85e9 };
  assert.equal(requestLists([late], 1.85e9).max_output_tokens_per_s, 3);
  assert.equal(requestLists([late], 1e9).max_output_tokens_per_s, 2);
  const { mean_ttft_ms, std_ttft_ms, median_tpot_ms, p90_e2el_ms, std_itl_ms } = latencyStatistics(
    lists,
    null,
  );
  assert.deepEqual([mean_ttft_ms, std_ttft_ms, median_tpot_ms, p90_e2el_ms], [150, 50, 125, 480]);
  // numpy.std([100, 100, 50, 250])
  assert.ok(Math.abs((std_itl_ms ?? 0) - 75) < 1e-12);
  assert.equal(requestLists([], 0).max_concurrent_requests, null);
});

/** A run of the study, as if it had been made with the prompts and on the board of a leaderboard. */
function onBoard(record: ResultRecord, dataset: string, gpu: string): ResultRecord {
  const { energy, measurement } = record;
  assert.ok(energy && measurement);
  return {
    ...record,
    config: { ...record.config, dataset, measure: { min_seconds: null, steady: true } },
    energy: { ...energy, verdict: "resolved", devices: energy.devices.map((row) => ({ ...row, name: gpu })) },
    measurement: { ...measurement, requests: 1000 },
  };
}

Deno.test("views for leaderboards say whether a run may stand there, and leave empty what is not known", async () => {
  using folder = new TempFolder();
  const source = sourceOf(folder, { experiments: 1, cycles: 1, requests: 2 });
  const [attempt] = [...source.attempts()];
  assert.ok(attempt?.record);
  const { record } = attempt;
  const score = aiEnergyScoreView({ attempt, record });
  assert.equal(score.compatible, false);
  assert.match(String(score.reasons), /only H100-80GB compares.*none of AI Energy Score's tasks/);
  assert.deepEqual([score.co2_emissions_g, score.model_class, score.failed_prompts], [null, null, null]);
  const joules = record.energy?.headline_j ?? NaN;
  assert.equal(score.gpu_energy_wh, joules / 3600);
  assert.equal(score.wh_per_1000_queries, joules / 3600 / 64 * 1000);
  const { input_tokens = 0, output_tokens = 0 } = record.measurement ?? {};
  near(Number(score.tokens_per_joule), (Number(input_tokens) + Number(output_tokens)) / joules, 1e-12);
  const theirs = onBoard(record, "aienergyscore", "NVIDIA H100 80GB HBM3");
  const { compatible, reasons, task } = aiEnergyScoreView({ attempt, record: theirs });
  assert.deepEqual([compatible, reasons, task], [true, "", "text_generation"]);
  assert.ok(theirs.energy);
  const doubtful: ResultRecord = { ...theirs, energy: { ...theirs.energy, verdict: "marginal" } };
  assert.match(String(aiEnergyScoreView({ attempt, record: doubtful }).reasons), /marginal/);

  const view = mlEnergyView({ attempt, record }, [16, 16, 20]);
  near(Number(view["energy_per_request_joules"]), joules / 64, 1e-12);
  assert.deepEqual([view["compatible"], view["architecture"], view["avg_batch_size"]], [false, null, null]);
  const { bins, counts } = view["output_length_distribution"] as { bins: number[]; counts: number[] };
  assert.deepEqual([bins.length, counts.length, counts[0], counts.at(-1)], [51, 50, 2, 1]);
  const dataset = onBoard(record, "lmarena-ai/arena", "NVIDIA B200");
  const listed = mlEnergyView({
    attempt,
    record: { ...dataset, config: { ...dataset.config, dataset: hub } },
  }, []);
  assert.deepEqual([listed["compatible"], listed["reasons"]], [true, []]);
  assert.equal(listed["output_length_distribution"], null);

  const unmetered = { ...record, energy: null, energy_reason: "no meter" };
  const none = aiEnergyScoreView({ attempt, record: unmetered });
  assert.deepEqual([none.gpu_energy_wh, none.tokens_per_joule, none.compatible], [null, null, false]);
  const csv = Object.values(await filesOf(source, "ai-energy-score"))[0] ?? "";
  assert.equal(csv.split("\r\n")[0], AI_ENERGY_SCORE_COLUMNS.join(","));
});

const hub = { hub: "lmarena-ai/arena", split: "train", column: null, subset: null, revision: null };
