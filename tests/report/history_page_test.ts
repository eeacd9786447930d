/** What `llem history` says: text, CSV and page. tests/session/report_page_test.ts looks at the page in a Chromium. */
import assert from "node:assert/strict";
import { historyPage } from "../../lib/report/history/history_page.ts";
import { historyText } from "../../lib/report/history/history_text.ts";
import { historyCsv } from "../../lib/report/history/history_csv.ts";
import { historyOf, HOSTILE_NAME as HOSTILE, NIGHTS } from "../support/histories.ts";

Deno.test("historyText() says first what it comes to, then shows every study, then what is to be known", () => {
  const [first, ...rest] = historyText(historyOf()).split("\n");
  assert.equal(
    first,
    "org/model, pytorch, batch_size=8: worse. The energy per output token of each of the newest two studies is above " +
      "what 9 earlier ones predict: now 0.2460, 6.3 % above their mean, expected 0.2284 to 0.2345.",
  );
  const text = rest.join("\n");
  assert.match(
    text,
    /batch_size=8 \[01234567\] on NVIDIA H200, AMD EPYC\nj_per_output_token \(J\/token; less is better\)/,
  );
  assert.match(text, /2026-01-11 02:00 .* 0\.2460 \[.*\] +0\.2284 to 0\.2345 +worse\n/);
  assert.match(text, /driver changed with .*_9: from 550 to 560\./);
  assert.match(text, /2 studies of another machine are left out\./);
  assert.match(text, /1 study cannot be read; the first: The plan/);
});

Deno.test("historyCsv() has a line for each study, and no formula", () => {
  const lines = historyCsv(historyOf("=cmd()")).trimEnd().split("\r\n");
  assert.equal(lines.length, 1 + NIGHTS.length);
  assert.ok(
    lines[1]?.startsWith(
      `"'=cmd(), pytorch, batch_size=8",0123456789abcdef,,j_per_output_token,J/token,less,`,
    ),
  );
  assert.match(lines.at(-1) ?? "", /,worse$/);
});

Deno.test("historyPage() is whole without script, escapes what it shows, and has the same bytes every time", () => {
  const page = historyPage(historyOf(HOSTILE));
  assert.equal(page, historyPage(historyOf(HOSTILE)));
  assert.ok(!/<script|<img|<link|https?:\/\/(?!www\.w3\.org)/.test(page));
  assert.match(page, /<svg[^]*role="img"[^]*<\/svg>/);
  assert.equal(page.match(/<tr/g)?.length, 1 + NIGHTS.length);
  const blank = { ...historyOf(), configurations: [] };
  assert.match(historyPage(blank), /<main id="main">/);
});
