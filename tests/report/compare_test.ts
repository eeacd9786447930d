import assert from "node:assert/strict";
import { compareCsv } from "../../lib/report/compare/compare_csv.ts";
import { compareMarkdown } from "../../lib/report/compare/compare_markdown.ts";
import { compareText } from "../../lib/report/compare/compare_text.ts";
import { nullText } from "../../lib/report/compare/null_text.ts";
import { verdictSentence } from "../../lib/report/compare/verdict_sentence.ts";
import { compareStudies, USUAL_OPTIONS } from "../../lib/results/compare/compare.ts";
import type { CompareOptions } from "../../lib/results/compare/study_comparison.ts";
import { nullAlarms } from "../../lib/results/compare/null_alarms.ts";
import { JOULES_A, JOULES_B, JOULES_D } from "../statistics/worked.ts";
import { type RowDraft, tableOf } from "../support/tables.ts";

type Tables = Parameters<typeof compareStudies>[0];

const scaled = (factor: number): number[] =>
  JOULES_A.map((value, index) => value * factor * (1 + index * 1e-4));

function joules(batch: number, values: readonly number[], more: Partial<RowDraft> = {}): RowDraft {
  return {
    config: { params: { batch } },
    values: { j_per_output_token: values, ttft_ms: scaled(500) },
    ...more,
  };
}

function sentenceOf(tables: Tables, asked: Partial<CompareOptions> = {}): string {
  return verdictSentence(compareStudies(tables, { ...USUAL_OPTIONS, ...asked }));
}

const TABLE = tableOf({ a: joules(1, JOULES_A), b: joules(8, scaled(0.77)) });

Deno.test("the first line is a sentence that a manager reads", () => {
  assert.equal(
    sentenceOf([TABLE]),
    "batch=8 takes 23 % less energy per output token than batch=1 [23, 23]; median TTFT the same within 2 %.",
  );
  assert.equal(
    sentenceOf([TABLE], { baseline: "8", metrics: [{ name: "j_per_output_token", better: null }] }),
    "batch=1 takes 30 % more energy per output token than batch=8 [30, 30].",
  );
  const only = [{ name: "j_per_output_token", better: null }];
  const among = (...values: readonly (readonly number[])[]): string =>
    sentenceOf(
      [tableOf(Object.fromEntries(values.map((row, index) => [String(index), joules(index, row)])))],
      {
        metrics: only,
      },
    );
  assert.equal(
    among(JOULES_A, JOULES_B),
    "batch=1 takes 3.2 % less energy per output token than batch=0 [2.7, 3.8].",
  );
  assert.match(
    among(JOULES_A, JOULES_D),
    /^batch=1 and batch=0 are the same within 2 % in energy per output token\.$/,
  );
  assert.equal(
    among(JOULES_A, scaled(1.1), scaled(1.2), JOULES_D),
    "No setting is better than batch=0 in energy per output token: 2 worse, 1 the same.",
  );
  assert.match(
    among([100, 104, 97, 101], [101, 106, 103, 99]),
    /^Whether batch=1 differs from batch=0 in energy per output token is undecided \[-3.5, \+7.2\] %: \d+ more cycles/,
  );
  assert.equal(
    among(scaled(1), scaled(5)).replace(/ \[.*?\]/, ""),
    "batch=1 has 5 times the energy per output token of batch=0.",
  );
});

Deno.test("the sentence about another study counts its rows by every metric, and names the largest change", () => {
  const night = (dir: string, ...factors: readonly number[]): Tables[0] =>
    tableOf(
      Object.fromEntries(factors.map((factor, index) => [
        String(index),
        joules(index, JOULES_A.map((joule) => joule * factor)),
      ])),
      { dir },
    );
  const slower = (dir: string): Tables[0] =>
    tableOf({
      a: { config: { params: { batch: 0 } }, values: { j_per_output_token: JOULES_A, ttft_ms: scaled(550) } },
      b: { config: { params: { batch: 1 } }, values: { j_per_output_token: JOULES_A, ttft_ms: scaled(550) } },
    }, { dir });
  const old = night("old", 1, 1);
  assert.equal(
    sentenceOf([old, night("new", 1, 1)]),
    "new and old are the same within 2 % in energy per output token, in both rows; median TTFT: 2 the same.",
  );
  // What a gate fires for stands in the first line, whichever metric it is.
  assert.equal(
    sentenceOf([old, slower("new")]),
    "new and old are the same within 2 % in energy per output token, in both rows; median TTFT: 2 worse.",
  );
  assert.match(
    sentenceOf([old, night("new", 1.2, 1)]),
    /^1 of 2 rows is worse in new than in old by energy per output token \(1 the same\); largest change: batch=0, 20 % higher \[\d+, \d+\]; median/,
  );
  assert.match(
    sentenceOf([old, night("b", 1, 1), night("c", 0.8, 0.9)]),
    /^2 of 4 rows are better in the others than in old by .* \(2 the same\); largest change: batch=0 in c, 20 % lower \[/,
  );
  const none = { ...night("none", 1, 1), runs: [], completed: 0 };
  assert.match(
    sentenceOf([old, none]),
    /^None of \d+ runs of none completed: there is nothing to compare\.$/,
  );
});

Deno.test("--by a path that never differs alone says so", () => {
  const both = tableOf({
    a: { config: { params: { x: 1, y: 1 } }, values: { score: [1, 2, 3] } },
    b: { config: { params: { x: 2, y: 2 } }, values: { score: [1, 2, 3] } },
  });
  assert.match(sentenceOf([both], { by: "params.x" }), /^No two rows differ in params\.x alone, so --by/);
});

Deno.test("a row that no run completed says so, and nothing wrong of the baseline", () => {
  const missing = tableOf({
    a: joules(1, JOULES_A),
    b: joules(2, JOULES_B),
    c: { config: { params: { batch: 3 } }, values: {} },
  });
  const { rows } = compareStudies([missing]);
  assert.deepEqual(rows.filter(({ varied }) => varied["params.batch"] === 3).map(({ reasons }) => reasons), [
    ["no run of the row has it"],
    ["no run of the row has it"],
  ]);
});

Deno.test("other answers stand in the sentence, as a refusal does", () => {
  const greedy = { config: { decoder: { temperature: 0 }, params: { batch: 8 } }, output_hash: "y" };
  const table = tableOf({
    a: joules(1, JOULES_A, {
      config: { decoder: { temperature: 0 }, params: { batch: 1 } },
      output_hash: "x",
    }),
    b: joules(8, scaled(0.77), greedy),
  });
  assert.match(sentenceOf([table]), /than batch=1 \[23, 23\], but other answers; median TTFT/);
  const other = tableOf({ a: joules(1, JOULES_A, { circumstances: { driver: "2" } }) }, { dir: "b" });
  const base = tableOf({ a: joules(1, JOULES_A, { circumstances: { driver: "1" } }) }, { dir: "a" });
  assert.match(
    sentenceOf([base, other]),
    /^b cannot be compared with a in energy .*: driver differs: 1 against 2;/,
  );
});

Deno.test("the sentence stays short and printable, whatever names a study has", () => {
  const wild = "\u001b[31m" + "long ".repeat(200);
  const table = tableOf({
    a: { config: { params: { [wild]: "a" } }, values: { j_per_output_token: JOULES_A } },
    b: { config: { params: { [wild]: "b".repeat(3000) } }, values: { j_per_output_token: scaled(0.5) } },
  });
  const sentence = sentenceOf([table]);
  assert.ok(sentence.length < 400, sentence);
  assert.ok(!sentence.includes("\u001b"));
});

Deno.test("text, Markdown and CSV hold the same rows", () => {
  const found = compareStudies([TABLE]);
  const text = compareText(found);
  assert.match(text, /^batch=8 takes .*\n\nsetting +metric +n +base +value +ratio +p +margin +verdict\n/);
  assert.match(
    text,
    /batch=8 +j_per_output_token +5 +0\.2318 +0\.1786 +0\.770 \[0\.770, 0\.770\] +<0\.001 +2 % +better\n/,
  );
  const markdown = compareMarkdown(found);
  assert.match(markdown, /^\*\*batch=8 takes/);
  assert.match(markdown, /\n\| batch=8 \| j_per_output_token \| 5 \| 0\.2318 \|/);
  const csv = compareCsv(found).split("\r\n");
  assert.match(csv[0] ?? "", /^study,config_hash,params.batch,metric,better,n_base,n,base,value,ratio,/);
  assert.match(csv[1] ?? "", /^study,[0-9a-f]{16},8,j_per_output_token,less,5,5,0.23183/);
  assert.equal(csv.length, 4);
});

Deno.test("a narrow terminal keeps what is compared, the ratio and the verdict, and says how much is hidden", () => {
  const found = compareStudies([TABLE]);
  for (const width of [60, 80, 120]) {
    const lines = compareText(found, width).trimEnd().split("\n");
    assert.deepEqual(lines.filter((line) => line.length > width), []);
    assert.match(lines.join("\n"), /\nbatch=8 +j_per_output_token .*0\.770 \[0\.770, 0\.770\].* better\n/);
  }
  assert.match(compareText(found, 80), /\n\d columns? hidden: use a wider terminal or --csv\.\n$/);
  assert.doesNotMatch(compareText(found, 120), /hidden/);
});

Deno.test("text of a study makes no markup and no formula", () => {
  const table = tableOf({
    a: { config: { params: { x: "<img src=x>|**b**" } }, values: { score: [1, 2, 3] } },
    b: { config: { params: { x: "=HYPERLINK(1)" } }, values: { score: [1, 2, 3] } },
  });
  const found = compareStudies([table], { ...USUAL_OPTIONS, baseline: "x==HYPERLINK(1)" });
  assert.ok(!/(?<!\\)<img|(?<!\\)\|\*\*/.test(compareMarkdown(found)), compareMarkdown(found));
  const other = compareStudies([table]);
  assert.match(compareCsv(other), /,'=HYPERLINK\(1\),/);

  const differs = { what: "engine", base: "v\u001b[31m1", other: "v2", refuses: false };
  const told = compareText({ ...other, differences: { declared: [], undeclared: [differs] } });
  assert.match(told, /engine differs: v\?\[31m1 against v2/);
});

Deno.test("what is not whole, marked or apart is told below the table", () => {
  const table = tableOf({
    a: joules(1, JOULES_A),
    b: { config: { params: { batch: 8 } }, values: { j_per_output_token: [0.2, 0.201, 0.199, 0.2, 0.9] } },
  }, { status: "running" });
  const runs = table.runs.map((run) =>
    run.index !== 10 || run.summary === null ? run : {
      ...run,
      summary: { ...run.summary, marks: { attempt: 2, flags: ["contended"], warnings: ["contended"] } },
    }
  );
  const text = compareText(compareStudies([{ ...table, runs }]));
  assert.match(text, /study is still running: 10 of 10 runs are compared\./);
  assert.match(text, /\n1 of 10 runs is marked as contended\.\n/);
  assert.match(
    text,
    /Run 0010_c5 is an outlier: j_per_output_token 0\.9, the median of its row is 0\.2; attempt 2, contended\./,
  );
});

Deno.test("the false alarms of a machine are a sentence and a line for each metric", () => {
  const ten = [100, 101, 99, 100.5, 99.5, 100.2, 99.8, 100.1, 100.4, 99.6];
  const text = nullText(nullAlarms([tableOf({ a: { values: { score: ten } } })], USUAL_OPTIONS));
  assert.match(
    text,
    /^Where nothing had changed, the gate would have fired in 0 of 252 comparisons .* \(0 %\)\.\nscore: 0 alarms/,
  );
});
