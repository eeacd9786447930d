/** The parts of a page that need no browser; pages in a real one are in tests/session/report_page_test.ts. */
import assert from "node:assert/strict";
import { failedRuns } from "../../lib/archive/failed_runs.ts";
import { openStudy } from "../../lib/archive/open_study.ts";
import { readStudy } from "../../lib/archive/read_study.ts";
import { bestRow } from "../../lib/report/compare/best_row.ts";
import { verdictSentence } from "../../lib/report/compare/verdict_sentence.ts";
import type { PageContent } from "../../lib/report/html/content.ts";
import { contentPolicy } from "../../lib/report/html/content_policy.ts";
import { dataTable } from "../../lib/report/html/data_table.ts";
import { escaped, html, Markup, scriptJson } from "../../lib/report/html/markup.ts";
import { nextSteps } from "../../lib/report/html/next_steps.ts";
import { reportPage } from "../../lib/report/html/page.ts";
import { variedText } from "../../lib/report/run_name.ts";
import { ratioGlyph, ratioScale } from "../../lib/report/html/ratio_glyph.ts";
import { failedTable, runsTable, settingsTable } from "../../lib/report/html/study_tables.ts";
import { trustItems } from "../../lib/report/html/trust/trust.ts";
import { compareStudies, USUAL_OPTIONS } from "../../lib/results/compare/compare.ts";
import type { StudyTable } from "../../lib/results/study_table.ts";
import { type SyntheticStudy, syntheticStudy } from "../support/synthetic_study.ts";
import "../support/libc.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("html`` escapes every text, and only markup stays as it is", () => {
  const text = `<b a="1" c='2'>&amp;\u0000\u202e\u2028</b>`;
  assert.equal(
    html`
      <i title="${text}">${text}${new Markup("<hr>")}${[1, null, "<"]}</i>
    `.text.trim(),
    '<i title="&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;?\ufffd\u2028&lt;/b&gt;">' +
      "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;?\ufffd\u2028&lt;/b&gt;<hr>1&lt;</i>",
  );
  assert.equal(escaped("a\nb"), "a / b");
});

Deno.test("scriptJson() lets no text end a script, and keeps its value", () => {
  const value = { text: "</script><!-- \u2028\u2029 &", list: [1, null] };
  const { text } = scriptJson(value);
  assert.doesNotMatch(text, /[<>&\u2028\u2029]/);
  assert.deepEqual(JSON.parse(text), value);
});

Deno.test("contentPolicy() lets a page load, send and evaluate nothing", () => {
  const rest = "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
  assert.equal(contentPolicy(null), `default-src 'none'; ${rest}`);
  // printf x | openssl sha256 -binary | base64
  const hash = "sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=";
  assert.equal(contentPolicy("x"), `default-src 'none'; script-src '${hash}'; ${rest}`);
});

Deno.test("dataTable() names its rows and columns for who cannot see them, and aligns numbers", () => {
  const { text } = dataTable({
    caption: "<c>",
    head: ["name", "value", "word"],
    rows: [{ cells: ["a", "1.5 \u00b12 %", "x"], config: "12ab", run: "7", set: '--set a="b"' }, {
      cells: ["", "-", "y"],
    }],
  });
  assert.match(text, /<caption><span>&lt;c&gt;<\/span><\/caption>/);
  assert.match(text, /<th scope="col">name<\/th><th scope="col" class=n>value<\/th><th scope="col">word/);
  assert.match(
    text,
    /<tr data-c="12ab" data-r="7" data-set="--set a=&quot;b&quot;"><th scope=row>a<td class=n>1.5/,
  );
  // An empty cell is no head of anything.
  assert.match(text, /<tr><td><td class=n>-<td>y/);
});

Deno.test("ratioGlyph() draws a ratio on the scale of its table, whatever its interval", () => {
  const scale = ratioScale([{ ratio: 2, low: 1.9, high: 2.1 }, { ratio: 0.5, low: 1e-9, high: 1e9 }]);
  assert.deepEqual(scale, { low: 0.5, high: 2.1 });
  for (const drawn of [{ ratio: 0.5, low: 1e-9, high: 1e9 }, { ratio: 2, low: null, high: null }]) {
    assert.doesNotMatch(ratioGlyph(drawn, scale).text, /NaN|Infinity|="-/);
  }
  assert.deepEqual(ratioScale([{ ratio: 1, low: 1, high: 1 }]), { low: 0.9, high: 1.1 });
});

Deno.test("trustItems() doubts what is to be doubted, each in words", () => {
  using folder = new TempFolder();
  const states = (wish: SyntheticStudy): Record<string, string> => {
    const content = contentOf(readStudy(syntheticStudy(folder.at(wish.name ?? ""), wish)));
    return Object.fromEntries(trustItems(content).map(({ id, state, text }) => [id, `${state}: ${text}`]));
  };
  const usual = states({ name: "usual", retried: (index) => index === 2 });
  assert.equal(usual["runs"], "ok: 12 of 12 runs completed, 1 after a retry");
  assert.equal(usual["energy"], "ok: 12 resolved");
  assert.equal(usual["inputs"], "ok: the same in all runs");
  assert.match(usual["driver"] ?? "", /^ok: \d/);
  const dark = states({ name: "dark", energy: false, failed: (index) => index === 1 });
  assert.equal(dark["runs"], "doubt: 11 of 12 runs completed, 1 failed");
  assert.equal(dark["energy"], "unknown: not metered");
  const failed = states({ name: "failed", failed: () => true });
  assert.equal(failed["drift"], "unknown: no run completed");
  assert.equal(failed["others"], "unknown: no run completed");
});

Deno.test("nextSteps() names the command that helps by the study's name alone", () => {
  using folder = new TempFolder();
  const content = contentOf(readStudy(syntheticStudy(folder.path, { failed: (index) => index < 3 })));
  const [first] = nextSteps(content);
  const { id } = content.studies[0].table;
  assert.deepEqual(first, { text: "2 runs failed; this tells why", command: `llem show --failed ${id}` });

  const short = contentOf(readStudy(syntheticStudy(folder.at("short"), { cycles: 1, energy: false })));
  assert.deepEqual(nextSteps(short).flatMap(({ command }) => command ?? []), [
    "llem doctor",
    "llem run study.yaml --cycles 5",
  ]);
});

Deno.test("nextSteps() sends who has a disturbed or a worse study after the cause", () => {
  using folder = new TempFolder();
  const base = readStudy(syntheticStudy(folder.at("base"), { cv: 0.005 }));
  const slower = readStudy(syntheticStudy(folder.at("new"), { cv: 0.005, slowdown: 1.2, seed: 3 }));
  const content = contentOf(base);
  const steps = nextSteps({
    ...content,
    studies: [{ table: base, failed: [] }, { table: slower, failed: [] }],
    comparison: compareStudies([base, slower]),
  }).map(({ text }) => text);
  assert.match(steps[0] ?? "", /^Find the cause of what got worse: nothing that llem records differs/);
  assert.match(steps.at(-1) ?? "", /^Other processes were at work in \d of 24 runs/);
});

Deno.test("reportPage() says first what a single experiment comes to, and why nothing completed", () => {
  using folder = new TempFolder();
  const headOf = (wish: SyntheticStudy): string => {
    const table = readStudy(syntheticStudy(folder.at(String(wish.cycles)), wish));
    const failed = failedRuns(openStudy(table.dir), false, {});
    const page = reportPage({ ...contentOf(table), studies: [{ table, failed }], comparison: null });
    return page.slice(0, page.indexOf("<nav"));
  };
  const one = headOf({ experiments: 1, cycles: 1 });
  assert.match(
    one,
    /<p class="verdict"><strong>Nothing can be compared\. 0\.\d+ J\/token, \d+\.?\d* output tok\/s\.</,
  );
  const failed = headOf({ cycles: 2, failed: () => true });
  assert.match(failed, /<p class="verdict"><strong>No run completed/);
  assert.match(failed, /id="failed"[^]*exited with code 3/);
});

Deno.test("bestRow() is the best inside a study, and between studies the one that got worst", () => {
  using folder = new TempFolder();
  const base = readStudy(syntheticStudy(folder.at("base"), { cv: 0.005 }));
  const best = bestRow(compareStudies([base]));
  assert.equal(best?.is, "better");
  assert.deepEqual(best?.row.varied, { "pytorch.batch_size": 4 });
  assert.deepEqual(best?.rows.map(({ metric }) => metric).slice(0, 1), [best?.row.metric]);

  const slower = readStudy(syntheticStudy(folder.at("new"), { cv: 0.005, slowdown: 1.2, seed: 3 }));
  assert.equal(bestRow(compareStudies([base, slower]))?.is, "worse");
  assert.equal(bestRow({ design: "paired", rows: [] }), null);
  // The table speaks of the row that the sentence above it speaks of.
  for (const tables of [[base], [base, slower]] as const) {
    const comparison = compareStudies([...tables]);
    const row = bestRow(comparison)?.row;
    assert.ok(row !== undefined && verdictSentence(comparison).includes(variedText(row.varied)));
  }
});

Deno.test("a page says which runs were left out and why, and has the ratios with them as well", () => {
  using folder = new TempFolder();
  const table = readStudy(syntheticStudy(folder.path, { cycles: 5 }));
  const without = [{ run_id: table.runs[0]?.run_id ?? "", reason: "a backup ran" }];
  const comparison = compareStudies([table], { ...USUAL_OPTIONS, without, adjust: "bh" });
  const page = reportPage({ ...contentOf(table), comparison });
  assert.match(page, /<li>Left out: .* \(a backup ran\)\.<\/li>/);
  assert.match(page, /p by Benjamini and Hochberg over/);
  assert.match(page, /id="with-excluded"/);
  assert.doesNotMatch(reportPage(contentOf(table)), /id="with-excluded"|Left out:/);
});

Deno.test("tables of a page are bounded, and say what they leave out", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 101, cycles: 5, failed: (index) => index === 505 });
  const table = readStudy(dir);
  const runs = runsTable({ table, failed: [] }, null);
  assert.equal(runs.rows.length, 500);
  assert.match(runs.caption, /^505 runs .*500 of 505 are shown/);
  // What did not complete is not left out.
  assert.equal(runs.rows.at(-1)?.run, "505");
  assert.equal(failedTable({ table, failed: [] }, () => ""), null);
  const settings = settingsTable({ table, failed: [] })?.rows.map(({ cells }) => cells) ?? [];
  assert.deepEqual(settings.filter(([path]) => path === "pytorch.batch_size"), [[
    "pytorch.batch_size",
    "varies",
  ]]);
});

Deno.test("reportPage() gives the same bytes for the same content, and allows its own script alone", async () => {
  using folder = new TempFolder();
  const content = contentOf(readStudy(syntheticStudy(folder.path)));
  const page = reportPage(content);
  assert.equal(reportPage(content), page);
  const script = /<script>([^]*)<\/script>/.exec(page)?.[1] ?? "";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  assert.ok(page.includes(`default-src &#39;none&#39;; script-src &#39;sha256-${hash}&#39;;`));
  assert.doesNotMatch(script, /\b(eval|Function|fetch|XMLHttpRequest|localStorage|innerHTML)\b/);
  assert.doesNotMatch(page, / on\w+=|javascript:|<link|src=/);
});

/** Without plots: they need the library that draws. */
function contentOf(table: StudyTable): PageContent {
  return {
    studies: [{ table, failed: [] }],
    comparison: compareStudies([table]),
    not_compared: null,
    runs: [],
    charts: [],
  };
}
