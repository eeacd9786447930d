/** Tables of `llem export`: their text, their types, and that they are never held whole. */
import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { parquetReadObjects } from "hyparquet";
import { attemptSource } from "../../../lib/archive/attempt_source.ts";
import { readStudy } from "../../../lib/archive/read_study.ts";
import { csvPieces } from "../../../lib/report/export/csv_lines.ts";
import { exportOf } from "../../../lib/report/export/formats.ts";
import { jsonLinesPieces } from "../../../lib/report/export/json_lines.ts";
import { parquetPieces } from "../../../lib/report/export/parquet_pieces.ts";
import { type Column, inBatches, type Row, type Table } from "../../../lib/report/export/table.ts";
import type { AttemptSource } from "../../../lib/results/study_attempt.ts";
import "../../support/libc.ts";
import { syntheticStudy } from "../../support/synthetic_study.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const COLUMNS: readonly Column[] = ([
  ["name", "text"],
  ["count", "integer"],
  ["value", "number"],
  ["isTrue", "boolean"],
  ["gaps_ms", "list"],
] as const).map(([name, type]) => ({ name, type, unit: null, definition: name }));

function tableOf(rows: Iterable<Row>): Table {
  return { name: "runs", columns: COLUMNS, batches: inBatches(rows) };
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await bytesOf(pieces));
}

async function bytesOf(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const all = await Array.fromAsync(pieces);
  return new Uint8Array(await new Blob(all.map((piece) => piece.slice())).arrayBuffer());
}

const ODD: readonly Row[] = [
  ['a "quoted", text\nof two lines', -1, -0.5, true, [0.25, 1]],
  ["=1+2", 2 ** 52, 1e-9, false, []],
  ["", null, null, null, null],
];

Deno.test("CSV is RFC 4180, and no text of it is a formula while numbers stay numbers", async () => {
  const texts = ["=SUM(A1)", "+1", "-1", "@cmd", "\tx", "\rx", "a=b", "1"];
  const text = await textOf(
    csvPieces(tableOf([...ODD, ...texts.map((one): Row => [one, -3, -4.5, null, null])])),
  );
  assert.ok(text.split("\r\n").length > 10 && text.endsWith("\r\n"));
  const [header, ...lines]: string[][] = parse(text, { record_delimiter: "\r\n" });
  assert.deepEqual(header, ["name", "count", "value", "isTrue", "gaps_ms"]);
  assert.deepEqual(lines[0], ['a "quoted", text\nof two lines', "-1", "-0.5", "true", "[0.25,1]"]);
  assert.deepEqual(lines[1], ["'=1+2", "4503599627370496", "1e-9", "false", "[]"]);
  assert.deepEqual(lines[2], ["", "", "", "", ""]);
  const cells = lines.slice(3);
  assert.deepEqual(cells.map(([first]) => first), [
    "'=SUM(A1)",
    "'+1",
    "'-1",
    "'@cmd",
    "'\tx",
    "'\rx",
    "a=b",
    "1",
  ]);
  assert.ok(cells.every(([, count, value]) => count === "-3" && value === "-4.5"));
});

Deno.test("JSON Lines and Parquet have the same values, and what is not known is null", async () => {
  const lines = (await textOf(jsonLinesPieces(tableOf(ODD)))).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(lines.map((line) => Object.values(line)), ODD);
  const file = (await bytesOf(parquetPieces(tableOf(ODD)))).buffer;
  const rows = await parquetReadObjects({ file });
  // This reader says undefined of a list that is null.
  const plain = rows.map(({ count, gaps_ms = null, ...row }) => ({
    ...row,
    count: count === null ? null : Number(count),
    gaps_ms,
  }));
  assert.deepEqual(plain, lines);
  assert.equal(typeof rows[1]?.["count"], "bigint");
});

Deno.test("a table without rows is one all the same", async () => {
  assert.equal(await textOf(csvPieces(tableOf([]))), "name,count,value,isTrue,gaps_ms\r\n");
  const file = (await bytesOf(parquetPieces(tableOf([])))).buffer;
  assert.deepEqual(await parquetReadObjects({ file }), []);
});

for (
  const [format, pieces, mostHeld] of [["csv", csvPieces, 2000], ["Parquet", parquetPieces, 20_000]] as const
) {
  Deno.test(`a million numbers pass through ${format} without being held`, async () => {
    const gaps = Array.from({ length: 49 }, (_, index) => index / 7);
    let made = 0;
    let told = 0;
    let held = 0;
    function* rows(): Generator<Row> {
      for (; made < 40_000; made++) yield ["a", made, made / 3, true, gaps];
    }
    for await (const _ of pieces(tableOf(rows()))) {
      held = Math.max(held, made - told);
      told = made;
    }
    assert.equal(made, 40_000);
    assert.ok(held <= mostHeld, `${held} rows were taken before a piece came`);
  });
}

/** A study with a retried, a failed and a missing run. */
function study(folder: TempFolder): AttemptSource {
  const dir = syntheticStudy(folder.path, {
    experiments: 2,
    cycles: 3,
    requests: 3,
    powerReadings: 5,
    failed: (index) => index === 2,
    retried: (index) => index === 3,
  });
  const [lost] = [...Deno.readDirSync(`${dir}/runs`)].filter(({ name }) => name.startsWith("0006"));
  Deno.writeTextFileSync(`${dir}/runs/${lost?.name}/result.json`, "{");
  return attemptSource([readStudy(dir)], () => {});
}

async function rowsOf(
  source: AttemptSource,
  table: "experiments" | "runs" | "metrics" | "requests" | "power",
) {
  const [file] = exportOf(source, "jsonl", [table]).files;
  const text = new TextDecoder().decode(await bytesOf(file?.pieces ?? []));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("runs has a row for each attempt, with where it stands and what counts", async () => {
  using folder = new TempFolder();
  const source = study(folder);
  const runs = await rowsOf(source, "runs");
  assert.deepEqual(
    runs.map(({ run_index, attempt, standing, counts }) => [run_index, attempt, standing, counts]),
    [
      [1, 1, "completed", true],
      [2, 1, "failed", false],
      [3, 1, "failed", false],
      [3, 2, "completed", true],
      [4, 1, "completed", true],
      [5, 1, "completed", true],
      [6, 1, "missing", false],
    ],
  );
  assert.deepEqual(runs.map((run) => run["config.pytorch.batch_size"]), [1, 2, 1, 1, 2, 1, 2]);
  assert.equal(runs[6].output_tokens_per_s, null);
  const [first, second] = await rowsOf(source, "experiments");
  assert.deepEqual(
    [first.completed, first.output_tokens_per_s_n, second.completed, second.failed, second.pending],
    [3, 3, 1, 1, 1],
  );
  const { j_per_output_token: combined } = source.studies[0]?.summary.rows[0]?.energy ?? {};
  assert.equal(first.j_per_output_token_low95, combined?.low95);
  const metrics = await rowsOf(source, "metrics");
  assert.deepEqual(
    metrics.find(({ metric, attempt }) => metric === "ttft_ms" && attempt === 2),
    {
      study_id: runs[3].study_id,
      run_id: runs[3].run_id,
      config_hash: runs[3].config_hash,
      cycle: 2,
      attempt: 2,
      counts: true,
      metric: "ttft_ms",
      unit: "ms",
      better: "less",
      value: runs[3].ttft_ms,
    },
  );
  const requests = await rowsOf(source, "requests");
  const power = await rowsOf(source, "power");
  // Also of the run whose result is gone.
  assert.deepEqual([requests.length, power.length], [15, 25]);
  assert.ok(requests.every(({ itl_ms, in_window }) => itl_ms.length === 15 && in_window));
});
