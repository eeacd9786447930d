/** The page of `llem history --html`, in a real Chromium. */
import assert from "node:assert/strict";
import { historyPage } from "../../lib/report/history/history_page.ts";
import { historyText } from "../../lib/report/history/history_text.ts";
import { historyCsv } from "../../lib/report/history/history_csv.ts";
import type { History } from "../../lib/results/history/history.ts";
import { metricHistory } from "../../lib/results/history/metric_history.ts";
import { BROWSER, Browser } from "../support/browser.ts";
import { testWith } from "../support/needs.ts";
import { TempFolder } from "../support/temp_folder.ts";

const VALUES = [0.2310, 0.2321, 0.2298, 0.2335, 0.2316, 0.2307, 0.2329, 0.2312, 0.2300, 0.2450, 0.2460];
/** Would be something else in a page that takes it for markup. */
const HOSTILE = `</title></script><script>alert(1)</script>'"&amp;<img src=x onerror=alert(2)>`;

function historyOf(model = "org/model", better: "less" | "more" | null = "less"): History {
  const studies = VALUES.map((value, index) => ({
    study_dir: `results/${model}_${index}`,
    started_at: `2026-01-${String(index + 1).padStart(2, "0")}T02:00:00.000Z`,
    llem_version: "0.1.0",
    runs: [0.999, 1, 1.001].map((factor) => ({ j_per_output_token: value * factor })),
    circumstances: { driver: index < 9 ? "550" : "560" },
  }));
  return {
    schema: "llem.history/1",
    llem_version: "0.1.0",
    root: `results/${model}`,
    studies: VALUES.length + 1,
    damaged: [{ study_dir: "results/cut", problem: `The plan of ${model} is cut off.` }],
    truncated: false,
    confidence: 0.95,
    configurations: [{
      config_hash: "0123456789abcdef",
      config_hashes: ["0123456789abcdef"],
      join_hash: null,
      backend: "pytorch",
      model,
      varied: { "pytorch.batch_size": 8 },
      machine: "NVIDIA H200, AMD EPYC",
      skipped: { other_machine: 2, other_content: 0, no_runs: 0, older: 0, missing_results: 0 },
      metrics: [metricHistory(studies, { name: "j_per_output_token", better })],
    }],
    others: 0,
  };
}

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
  assert.equal(lines.length, 1 + VALUES.length);
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
  assert.equal(page.match(/<tr/g)?.length, 1 + VALUES.length);
  const blank = { ...historyOf(), configurations: [] };
  assert.match(historyPage(blank), /<main id="main">/);
});

testWith(
  [BROWSER],
  "the page of a history asks for nothing, complains of nothing and can be used by everybody",
  async () => {
    using folder = new TempFolder();
    await using browser = await Browser.start();
    for (const [name, model] of [["usual", "org/model"], ["hostile", HOSTILE]] as const) {
      const path = folder.write(`${name}.html`, historyPage(historyOf(model)));
      await using page = await browser.open(path);
      for (const dark of [false, true]) {
        await page.emulate({ dark });
        assert.deepEqual(await page.violations(), [], `${name} ${dark ? "dark" : "light"}`);
      }
      assert.deepEqual([page.requests, page.console], [[encodeURI(`file://${path}`)], []], name);
    }
  },
);
