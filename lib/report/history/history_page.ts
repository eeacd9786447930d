import { basename, resolve } from "node:path";
import type { History } from "../../results/history/history.ts";
import { chartSection } from "../html/details.ts";
import { contentPolicy } from "../html/content_policy.ts";
import { html, Markup } from "../html/markup.ts";
import { historyChart } from "./history_chart.ts";
import { historyNotes, historySentences } from "./history_text.ts";
import { NOTES_TITLE, PAGE_KIND } from "./messages.ts";
import STYLE from "../html/client/report.css" with { type: "text" };

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
  return html`
    ${new Markup("<!doctype html>")}
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy(null)}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${name} - ${PAGE_KIND}</title>
        ${new Markup(`<style>${STYLE}</style>`)}
      </head>
      <body>
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
      </body>
    </html>
  `.text;
}
