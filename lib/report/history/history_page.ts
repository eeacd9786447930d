import { basename, resolve } from "node:path";
import type { History } from "../../results/history/history.ts";
import { chartSection } from "../html/details.ts";
import { html } from "../html/markup.ts";
import { pageFrame } from "../html/page_frame.ts";
import { historyChart } from "./history_chart.ts";
import { historyNotes, historySentences } from "./history_text.ts";
import { NOTES_TITLE, PAGE_KIND } from "./messages.ts";

/** A history as one file for a browser: a sentence, a plot and a table for each configuration and metric. No script. */
export function historyPage(history: History): string {
  const charts = history.configurations.flatMap((configuration, at) =>
    configuration.metrics.filter(({ points }) => points.length > 0).map((metric, which) =>
      historyChart(configuration, metric, `history-${at + 1}-${which + 1}`)
    )
  );
  const notes = historyNotes(history);
  // Not the path: a page goes to people who have other folders.
  const name = basename(resolve(history.root));
  const body = html`
    <header>
      <p class="kind">${PAGE_KIND}</p>
      <h1>${name}</h1>
      ${historySentences(history).map((sentence) =>
        html`
          <p class="verdict">${sentence}</p>
        `
      )}
    </header>
    <main id="main">
      ${charts.map(chartSection)}${notes.length === 0 ? null : html`
        <section aria-labelledby="notes-title">
          <h2 id="notes-title">${NOTES_TITLE}</h2>
          <ul>${notes.map((note) =>
            html`
              <li>${note}</li>
            `
          )}</ul>
        </section>
      `}
    </main>
  `;
  return pageFrame({ title: `${name} - ${PAGE_KIND}`, script: null, style: "", body });
}
