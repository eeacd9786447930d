/** `llem export` of real studies, read back by the programs that it is for; and docs/results.md held against their files. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parquetMetadata } from "hyparquet";
import { stampNs } from "../../lib/base/stamp.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { metricDeclaration } from "../../lib/results/metric_declarations.ts";
import { POWER_COLUMNS } from "../../lib/report/export/tables/power.ts";
import { TABLE_NAMES } from "../../lib/report/export/names.ts";
import { MockServer } from "../../lib/servers/mock/mock_server.ts";
import { mockOptions } from "../../lib/servers/mock/options.ts";
import { type Fields, isGroup, type Leaf } from "../../scripts/reference/results/field.ts";
import { MANIFEST } from "../../scripts/reference/results/manifest.ts";
import { REQUEST_LINE } from "../../scripts/reference/results/requests.ts";
import { RESULT } from "../../scripts/reference/results/result.ts";
import { SUMMARY } from "../../scripts/reference/results/summary.ts";
import "../support/libc.ts";
import { meterEnv } from "../support/meters.ts";
import { C_COMPILER, EXPORT_READERS, TEST_PYTHON, testWith } from "../support/needs.ts";
import { buildNvmlStub } from "../support/nvml_stub.ts";
import { llem, readJson, ROOT, Sandbox, WORKERS } from "./llem.ts";

// The clock of the mock is opened once for all, and not within a test.
stampNs();

/** Studies of an engine, of a server and of metered commands, one of which fails, in `results/` of a box. */
async function makeStudies(box: Sandbox): Promise<void> {
  await using mock = new MockServer(mockOptions({ ttft_ms: 2, tick_ms: 1, slots: 2 }));
  const execution = {
    n_cycles: 2,
    cycle_order: "sequential",
    experiment_gap_seconds: 0,
    cycle_gap_seconds: 0,
  };
  const deno = ["run", "-A", "-q", "--no-check", "--cached-only", "--config", join(ROOT, "deno.json")];
  const metered = { argv: [Deno.execPath(), ...deno, join(WORKERS, "metered.ts")] };
  const command = { backend: "command", model: "none", command: metered };
  const studies = {
    engine: {
      model: "tiny-random",
      dataset: { n: 3, input_len: 16, output_len: 8 },
      sweep: { "llamacpp.n_batch": [64, 128] },
    },
    server: {
      backend: "openai",
      model: "mock",
      dataset: { n: 6, input_len: 4, output_len: 5 },
      warmup: { enabled: false },
      openai: { base_url: `http://127.0.0.1:${mock.port}/v1`, prefix_cache: "allow", concurrency: 2 },
      slo: { ttft_ms: 1000 },
    },
    metered: {
      warmup: { enabled: false },
      experiments: [
        { ...command, params: { seconds: 0.3 } },
        { ...command, params: { seconds: 0.2 }, command: { argv: [join(WORKERS, "exit_code.sh")] } },
      ],
    },
  };
  const env = { ...meterEnv(), ...buildNvmlStub().env({ boards: [{}] }) };
  const codes: number[] = [];
  for (const [name, study] of Object.entries(studies)) {
    const file = box.write(
      `${name}.json`,
      JSON.stringify({ name, ...study, baseline: { enabled: false }, execution }),
    );
    const ran = await llem(["run", file, "-q", "-o", join(box.dir, "results")], { clearEnv: true, env });
    codes.push(ran.code);
  }
  assert.deepEqual(codes, [0, 0, 1]);
}

testWith(
  [C_COMPILER, EXPORT_READERS],
  "an export of real studies is read by the programs it is for",
  async (t) => {
    using box = new Sandbox();
    await makeStudies(box);
    const results = join(box.dir, "results");
    const dirs = [...Deno.readDirSync(results)].map(({ name }) => join(results, name));
    const exported = async (to: string, path: string): Promise<void> => {
      const { code, stderr } = await llem(["export", results, "--to", to, "-o", join(box.dir, path)]);
      assert.equal(code, 0, stderr);
    };

    await t.step("docs/results.md declares every field that their files have", () => {
      assert.deepEqual(dirs.flatMap(undeclaredIn), []);
    });

    await t.step("pandas, pyarrow and DuckDB read the same rows in Parquet, CSV and JSON Lines", async () => {
      await exported("parquet", "out");
      await exported("csv", "csv");
      await exported("jsonl", "jsonl");
      const told = await python(box, READ_TABLES);
      const records = dirs.flatMap(recordsIn);
      const completed = records.filter(({ outcome }) => outcome.kind === "completed");
      const requests = dirs.flatMap(linesIn).length;
      assert.deepEqual(told["rows"], {
        experiments: [5, 5, 5, 5],
        runs: [records.length, records.length, records.length, records.length],
        metrics: told["metrics_rows"],
        requests: [requests, requests, requests, requests],
        power: told["power_rows"],
      });
      assert.equal(told["counted"], completed.length);
      const speed = (record: ResultRecord): number => record.throughput?.output_tokens_per_s ?? NaN;
      assert.deepEqual(
        told["speeds"],
        Object.fromEntries(completed.map((one) => [one.run.run_id, speed(one)])),
      );
      assert.deepEqual(
        told["medians"],
        Object.fromEntries(
          completed.flatMap(({ run, latency }) =>
            latency?.ttft_ms ? [[run.run_id, latency.ttft_ms.median]] : []
          ),
        ),
      );
      assert.equal(told["itl_type"], "list<element: double>");
    });

    await t.step("prometheus_client reads the textfile and OpenMetrics", async () => {
      await exported("textfile", "llem.prom");
      await exported("openmetrics", "llem.om");
      const { textfile, openmetrics, energy } = await python(box, READ_PROMETHEUS);
      assert.deepEqual(textfile, openmetrics);
      const [metered] = dirs.filter((dir) => dir.includes("metered_"));
      const summary = readJson<
        { rows: { metrics: Record<string, { geomean: number | null; mean: number }> }[] }
      >(
        join(metered ?? "", "summary.json"),
      );
      const of = summary.rows[0]?.metrics["energy_j"];
      assert.equal(energy, of?.geomean ?? of?.mean);
    });

    await t.step("the queries and programs of docs/results.md run as they stand there", async () => {
      const page = Deno.readTextFileSync(join(ROOT, "docs", "results.md"));
      const blocks = [...page.matchAll(/^```(sql|python)\n([\s\S]*?)^```$/gm)];
      assert.equal(blocks.length, 5);
      const [engine = ""] = dirs.filter((dir) => dir.includes("engine_"));
      const [metered = ""] = dirs.filter((dir) => dir.includes("metered_"));
      for (const [, language, text = ""] of blocks) {
        if (language === "python") await python(box, `import json\n${text}\nprint("{}")`);
        else {
          const query = `import duckdb, json\nrows = duckdb.sql(${JSON.stringify(text)}).fetchall()\n` +
            "print(json.dumps({'rows': len(rows)}))";
          const { rows } = await python(box, query, text.includes("power") ? metered : engine);
          assert.ok(Number(rows) > 0, text);
        }
      }
    });

    await t.step("stdout takes one table, and tells what is wrong otherwise", async () => {
      const one = await llem(["export", results, "--to", "csv", "--table", "metrics", "-o", "-"]);
      assert.equal(one.stdout, Deno.readTextFileSync(join(box.dir, "csv", "metrics.csv")));
      const several = await llem(["export", results, "--to", "csv", "-o", "-"]);
      assert.deepEqual([several.code, several.stdout], [2, ""]);
      assert.match(several.stderr, /choose one table with --table/);
      const ours = await llem(["export", results, "--to", "csv", "-o", dirs[0] ?? ""]);
      assert.equal(ours.code, 2);
      assert.match(ours.stderr, /holds something that no export of llem made/);
      const nowhere = await llem(["export", results, "--to", "bmf", "-o", "/proc/no/bmf.json"]);
      assert.equal(nowhere.code, 4, nowhere.stderr);
    });
  },
);

const READ_TABLES = `
import duckdb, json, pandas as pd, pyarrow.parquet as pq
told = {"rows": {}}
for table in ${JSON.stringify(TABLE_NAMES)}:
    file = f"out/{table}.parquet"
    counts = [len(pd.read_parquet(file)), len(pd.read_csv(f"csv/{table}.csv")),
              len(pd.read_json(f"jsonl/{table}.jsonl", lines=True)),
              duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchall()[0][0]]
    assert len(set(counts)) == 1 and counts[0] > 0, (table, counts)
    assert list(pd.read_csv(f"csv/{table}.csv").columns) == pq.read_schema(file).names
    told["rows"][table] = counts
told["metrics_rows"], told["power_rows"] = told["rows"]["metrics"], told["rows"]["power"]
runs = pd.read_parquet("out/runs.parquet")
told["counted"] = int(runs.counts.sum())
told["speeds"] = dict(runs[runs.counts][["run_id", "output_tokens_per_s"]].values.tolist())
told["medians"] = dict(duckdb.sql("SELECT run_id, median(ttft_ms) FROM 'out/requests.parquet' GROUP BY 1").fetchall())
told["itl_type"] = str(pq.read_schema("out/requests.parquet").field("itl_ms").type)
print(json.dumps(told))
`;

const READ_PROMETHEUS = `
import json
from prometheus_client.parser import text_string_to_metric_families as textfile
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
def samples(families):
    found = [sample for family in families for sample in family.samples]
    assert all(sample.timestamp is None for sample in found)
    return sorted([sample.name, sorted(sample.labels.items()), sample.value] for sample in found)
first = samples(textfile(open("llem.prom").read()))
energy = [value for name, _, value in first if name == "llem_energy_joules"]
print(json.dumps({"textfile": first, "openmetrics": samples(openmetrics(open("llem.om").read())), "energy": energy[0]}))
`;

/** Runs Python and reads the JSON on its last line. */
async function python(box: Sandbox, program: string, cwd = box.dir): Promise<Record<string, unknown>> {
  const { success, stdout, stderr } = await new Deno.Command(TEST_PYTHON, {
    args: ["-c", program],
    cwd,
    env: { PYTHONIOENCODING: "utf-8" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "");
}

function filesIn(dir: string, name: string): string[] {
  return [...Deno.readDirSync(join(dir, "runs"))].map((entry) => join(dir, "runs", entry.name, name))
    .filter((path) => {
      try {
        return Deno.statSync(path).isFile;
      } catch {
        return false;
      }
    });
}

function recordsIn(dir: string): ResultRecord[] {
  return filesIn(dir, "result.json").map((path) => readJson<ResultRecord>(path));
}

function linesIn(dir: string): Record<string, unknown>[] {
  return filesIn(dir, "requests.jsonl").flatMap((path) =>
    Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line))
  );
}

/** Where the files of a study have a field that is not declared, or of another kind than it is declared. */
function undeclaredIn(dir: string): string[] {
  const traces = filesIn(dir, "power.parquet").flatMap((path) => {
    const bytes = Deno.readFileSync(path);
    const { schema } = parquetMetadata(bytes.buffer);
    return schema.slice(1).map(({ name }) => name);
  });
  const declared = POWER_COLUMNS.map(({ name }) => name);
  if (traces.length > 0) assert.deepEqual(traces.slice(0, declared.length), declared);
  const own = recordsIn(dir).filter(({ config }) => config.backend !== "command")
    .flatMap(({ measurement }) => Object.entries(measurement?.metrics ?? {}))
    .filter(([name, value]) => typeof value === "number" && metricDeclaration(name) === null);
  const all = [
    ...recordsIn(dir).flatMap((record) =>
      undeclared({ ...record }, RESULT as unknown as Fields, "result.json")
    ),
    ...undeclared(readJson(join(dir, "summary.json")), SUMMARY as unknown as Fields, "summary.json"),
    ...undeclared(readJson(join(dir, "manifest.json")), MANIFEST as unknown as Fields, "manifest.json"),
    ...linesIn(dir).flatMap((line) => undeclared(line, REQUEST_LINE as unknown as Fields, "requests.jsonl")),
    ...own.map(([name]) => `metric ${name}`),
  ];
  return [...new Set(all)];
}

function undeclared(value: Readonly<Record<string, unknown>>, fields: Fields, path: string): string[] {
  return Object.entries(value).flatMap(([name, part]) => {
    const field = fields[name];
    const here = `${path}: ${name}`;
    if (field === undefined) return [here];
    if (part === null) return [];
    if (!isGroup(field)) return isOfKind(part, field) ? [] : [`${here} is no ${field.kind}`];
    const parts = (field.kind === "objects" ? part : [part]) as readonly Readonly<Record<string, unknown>>[];
    return parts.flatMap((each) => undeclared(each, field.fields, here));
  });
}

function isOfKind(value: unknown, { kind }: Leaf): boolean {
  if (kind === "list") return Array.isArray(value);
  if (kind === "number or text") return true;
  return kind === (typeof value === "string" ? "text" : typeof value);
}
