import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  MAX_DEPTH,
  MAX_FRAME_BYTES,
  MAX_HELLO_ENTRIES,
  MAX_KEPT_FRAME_BYTES,
  MAX_KEYS,
  MAX_NAME_CHARS,
  MAX_OPEN_PHASES,
  MAX_OWN_METRICS,
  MAX_PHASE_NAMES_CHARS,
  MAX_PHASES,
  MAX_RECORD_BYTES,
  MAX_REQUESTS_BYTES,
  MAX_SAMPLES,
  MAX_STUDY_METRICS,
  MAX_TEXT_BYTES,
  MAX_TEXT_CHARS,
  MAX_VALUES,
  MAX_WARNINGS,
} from "../../lib/protocol/bounds.ts";

const PAGE = join(
  dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  "docs",
  "worker-protocol.md",
);

const { hello, phase, progress, note, error } = MAX_TEXT_CHARS;

/** Every row of the tables under "Bounds", and what the program goes by. */
const ROWS: Readonly<Record<string, readonly [bound: number | undefined, unit: string]>> = {
  "as it is sent": [MAX_FRAME_BYTES, "MiB"],
  "once its long texts are cut": [MAX_KEPT_FRAME_BYTES, "MiB"],
  "levels of nesting": [MAX_DEPTH, ""],
  "keys, of all objects together": [MAX_KEYS, ""],
  "values, those in lists included": [MAX_VALUES, ""],
  "name of a key: a metric, a version": [MAX_NAME_CHARS, "characters"],
  "`phase`: `name`": [phase["name"], "characters"],
  "`hello`: `backend`, each of `versions` and `devices`": [hello["devices"], "characters"],
  "`hello`: entries of `versions` and of `devices`": [MAX_HELLO_ENTRIES, ""],
  "`progress`: `unit`": [progress["unit"], "characters"],
  "`progress`: `note`": [progress["note"], "characters"],
  "`note`: `code`": [note["code"], "characters"],
  "`note`: `text`": [note["text"], "characters"],
  "`error`: `error_type`": [error["error_type"], "characters"],
  "`error`: `message`": [error["message"], "characters"],
  "`error`: the end of `traceback`": [error["traceback"], "characters"],
  "any other text": [MAX_TEXT_BYTES, "MiB"],
  "phases of a run": [MAX_PHASES, ""],
  "phases open at once": [MAX_OPEN_PHASES, ""],
  "names of all phases of a run together": [MAX_PHASE_NAMES_CHARS, "characters"],
  "warnings of an attempt": [MAX_WARNINGS, ""],
  "numbers of `metrics{}` in `--json` and tables, of one run": [MAX_OWN_METRICS, ""],
  "numbers of `metrics{}` in the summary of a study": [MAX_STUDY_METRICS, ""],
  "request frames in `requests.jsonl`": [MAX_REQUESTS_BYTES, "GiB"],
  "values behind each latency's quantiles": [MAX_SAMPLES, ""],
  "`result.json` of an attempt, as a result of all these": [MAX_RECORD_BYTES, "MiB"],
};

const BYTES: Readonly<Record<string, number>> = { MiB: 1024 ** 2, GiB: 1024 ** 3 };

function told([bound = NaN, unit]: readonly [number | undefined, string]): string {
  return `${(bound / (BYTES[unit] ?? 1)).toLocaleString("en-US")} ${unit}`.trim();
}

Deno.test("the page on the protocol has the bounds that the program goes by, and no others", () => {
  const [, section = ""] = Deno.readTextFileSync(PAGE).split("## Bounds\n");
  const lines = section.split("\n## ")[0]?.split("\n").filter((line) => line.startsWith("| ")) ?? [];
  const rows = lines.map((line) => line.split("|").map((cell) => cell.trim()).slice(1, 3));
  const found = Object.fromEntries(rows.filter(([, bound]) => bound !== "at most"));
  assert.deepEqual(found, Object.fromEntries(Object.entries(ROWS).map(([what, row]) => [what, told(row)])));
  assert.equal(hello["backend"], hello["devices"]);
  assert.equal(hello["versions"], hello["devices"]);
});
