import { metricHeading } from "../../results/metric_declarations.ts";
import type { ComparedRow, StudyComparison } from "../../results/compare/study_comparison.ts";
import { formatNumber } from "../../base/text.ts";
import { baseName, rowName } from "../compare/side_name.ts";
import { excludedNotes, methodNote } from "../compare/compare_notes.ts";
import { verdictSentence } from "../compare/verdict_sentence.ts";
import type { Summary } from "../../results/summary.ts";
import { variedText } from "../run_name.ts";
import { summaryColumns } from "../summary/columns.ts";
import { type BestRow, bestRow } from "../compare/best_row.ts";
import type { PageContent } from "./content.ts";
import { dataTable } from "./data_table.ts";
import { html, type Markup } from "./markup.ts";
import {
  BEST_HEAD,
  BEST_TITLES,
  bestCaption,
  missesPromise,
  moreNotes,
  nextTitle,
  NOT_COMPARED,
  NOTES,
  nothingMeasured,
  NUMBERS_HEAD,
  numbersCaption,
  PAGE_KIND,
  ratioText,
  STATES,
  studyLine,
  trustTitle,
  unnamedStudy,
  VERDICTS,
} from "./messages.ts";
import { keepsPromise, promiseSentence, searchSentences } from "./promise.ts";
import { nextSteps } from "./next_steps.ts";
import { type DrawnRatio, ratioGlyph, ratioScale } from "./ratio_glyph.ts";
import { UNICODE } from "./signs.ts";
import { TRUST_ITEMS } from "./trust/messages.ts";
import { trustItems } from "./trust/trust.ts";

/** The name of the page: of its study, or of all of them. */
export function pageTitle({ studies }: PageContent): string {
  return studies.map(({ table }) => table.name ?? unnamedStudy()).join(", ");
}

/** The head of the page: what it is about, and what it comes to. */
export function pageHeader(content: PageContent): Markup {
  const { studies } = content;
  const promises = studies.flatMap(({ table: { summary } }) =>
    // A search says it already.
    summary.search === undefined ? promiseSentence(summary) ?? [] : []
  );
  return html`
    <header>
      <p class="kind">${PAGE_KIND}</p>
      <h1>${pageTitle(content)}</h1>
      <p class="verdict"><strong>${verdictOf(content)}</strong></p>
      ${promises.map((text) =>
        html`
          <p class="promise">${text}</p>
        `
      )}${studies.map(({ table }) =>
        html`
          <p class="study">${studyLine(table)}</p>
        `
      )}
    </header>
  `;
}

/** What it all comes to: what was searched for, else what was compared, else the numbers of what is alone. */
function verdictOf(content: PageContent): string {
  const { studies: [{ table: { summary } }], comparison, not_compared } = content;
  if (!hasCompleted(content)) return nothingMeasured();
  const found = searchSentences(summary);
  if (found.length > 0) return found.join(" ");
  return comparison === null
    ? [not_compared ?? NOT_COMPARED, ...headline(summary)].join(" ")
    : verdictSentence(comparison);
}

/** Whether there is a number at all. */
export function hasCompleted({ studies }: PageContent): boolean {
  return studies.some(({ table }) => table.runs.some(({ standing }) => standing === "completed"));
}

/** What an experiment that is alone comes to. */
function headline({ rows: [row, ...others] }: Summary): string[] {
  if (row === undefined || others.length > 0) return [];
  const told = HEADLINE_METRICS.flatMap((metric) => {
    const spread = row.metrics[metric];
    if (spread === null || spread === undefined) return [];
    return [
      `${formatNumber(Number((spread.geomean ?? spread.mean).toPrecision(4)))} ${metricHeading(metric)}`,
    ];
  });
  return told.length === 0 ? [] : [`${told.join(", ")}.`];
}

const HEADLINE_METRICS = ["j_per_output_token", "output_tokens_per_s"] as const;

/** What can be trusted, the best setting beside the baseline, and what to do next. */
export function firstScreen(content: PageContent): Markup {
  const { comparison } = content;
  const best = comparison === null ? null : bestRow(comparison);
  return html`
    ${trustSection(content)}${best === null || comparison === null
      ? numbersSection(content)
      : bestSection(best, comparison, content)}${nextSection(content)}
  `;
}

function trustSection(content: PageContent): Markup {
  return html`
    <section id="trust" aria-labelledby="trust-title">
      <h2 id="trust-title">${trustTitle()}</h2>
      <ul class="trust">${trustItems(content).map(({ id, state, text }) =>
        html`
          <li class="${state}">
            <span class="sign" aria-hidden="true">${STATES[state]
              .sign}</span> <b>${TRUST_ITEMS[id]}</b> <i>${STATES[state].word}</i> <span
            >${text}</span>
          </li>
        `
      )}</ul>
    </section>
  `;
}

function bestSection(best: BestRow, comparison: StudyComparison, { studies }: PageContent): Markup {
  const { row, rows, is } = best;
  const drawn = rows.map(drawnRatio);
  const scale = ratioScale(drawn.filter((each) => each !== null));
  const plain = bestCaption(rowName(comparison, row), baseName(comparison, row));
  const isBroken = studies.some(({ table }) =>
    table.summary.rows.some((own) =>
      own.config_hash === row.config_hash && own.slo !== undefined && !keepsPromise(own)
    )
  );
  const caption = isBroken ? missesPromise(plain) : plain;
  return html`
    <section id="best" aria-labelledby="best-title">
      <h2 id="best-title">${BEST_TITLES[is]}</h2>
      ${dataTable({
        caption,
        head: BEST_HEAD,
        rows: rows.map((each, index) => {
          const glyph = drawn[index] ?? null;
          return {
            config: each.config_hash,
            cells: [
              metricHeading(each.metric),
              numberText(each.base, each.lower_bound),
              numberText(each.value, each.lower_bound),
              ratioText(each),
              glyph === null ? "" : ratioGlyph(glyph, scale),
              verdictCell(each),
            ],
          };
        }),
      })}${notesOf(comparison)}
    </section>
  `;
}

/** The first are read at once, and more of them do not push what to do next off the screen. */
function notesOf(comparison: StudyComparison): Markup | null {
  const notes = [...excludedNotes(comparison), ...comparison.notes, ...methodNote(comparison)];
  const [first, more] = [notes.slice(0, MOST_NOTES), notes.slice(MOST_NOTES)];
  return notes.length === 0 ? null : html`
    ${noteList(first, NOTES)}${more.length === 0 ? null : html`
      <details class="notes"><summary>${moreNotes(more.length)}</summary>${noteList(
        more,
        moreNotes(more.length),
      )}</details>
    `}
  `;
}

function noteList(notes: readonly string[], label: string): Markup {
  return html`
    <ul class="notes" aria-label="${label}">${notes.map((note) =>
      html`
        <li>${note}</li>
      `
    )}</ul>
  `;
}

const MOST_NOTES = 3;

function drawnRatio({ ratio, ci95 }: ComparedRow): DrawnRatio | null {
  return ratio === null || ratio <= 0 ? null : { ratio, low: ci95?.[0] ?? null, high: ci95?.[1] ?? null };
}

function verdictCell({ verdict, reasons }: ComparedRow): Markup {
  const { sign, word } = VERDICTS[verdict];
  const [reason] = reasons;
  return html`
    <span class="verdict-${verdict}"><span aria-hidden="true">${sign}</span> ${word}</span>${reason ===
        undefined
      ? null
      : html`
        <br><small>${reason}</small>
      `}
  `;
}

/** Where there is nothing to compare: the numbers of what was searched for, or of the first experiment that has some, as its row has them below. */
function numbersSection({ studies: [{ table: { summary } }] }: PageContent): Markup | null {
  const highest = summary.search?.found.find((found) => found.highest !== null)?.highest?.config_hash;
  const row = summary.rows.find(({ config_hash }) => config_hash === highest) ??
    summary.rows.find(({ completed }) => completed > 0);
  if (row === undefined) return null;
  const columns = summaryColumns({ ...summary, rows: [row] }, UNICODE);
  const numbers = columns.slice(columns.findIndex(({ head }) => head === "runs"));
  return html`
    <section id="best" aria-labelledby="best-title">
      <h2 id="best-title">${numbersCaption()}</h2>
      ${dataTable({
        caption: variedText(row.varied, row.load) || row.model,
        head: NUMBERS_HEAD,
        rows: numbers.map(({ head, cells }) => ({ cells: [head, cells[0] ?? ""] })),
      })}
    </section>
  `;
}

function nextSection(content: PageContent): Markup {
  return html`
    <section id="next" aria-labelledby="next-title">
      <h2 id="next-title">${nextTitle()}</h2>
      <ul class="next">${nextSteps(content).map(({ text, command }) =>
        html`
          <li>${text}${command === null ? null : html`
            <br><code class="copy">${command}</code>
          `}</li>
        `
      )}</ul>
    </section>
  `;
}

function numberText(value: number | null, isLowerBound: boolean): string {
  if (value === null) return "-";
  return `${isLowerBound ? ">= " : ""}${formatNumber(value)}`;
}
