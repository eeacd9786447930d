import { metricHeading } from "../../results/metric_declarations.ts";
import type { ComparedRow, StudyComparison } from "../../results/compare/study_comparison.ts";
import { formatNumber } from "../../base/text.ts";
import { baseName, rowName } from "../compare/side_name.ts";
import { excludedNotes, methodNote } from "../compare/compare_notes.ts";
import { verdictSentence } from "../compare/verdict_sentence.ts";
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
  TRUST_ITEMS,
  trustTitle,
  unnamedStudy,
  VERDICTS,
} from "./messages.ts";
import { nextSteps } from "./next_steps.ts";
import { type DrawnRatio, ratioGlyph, ratioScale } from "./ratio_glyph.ts";
import { UNICODE } from "./signs.ts";
import { trustItems } from "./trust.ts";

/** The name of the page: of its study, or of all of them. */
export function pageTitle({ studies }: PageContent): string {
  return studies.map(({ table }) => table.name ?? unnamedStudy()).join(", ");
}

/** The head of the page: what it is about, and what it comes to. */
export function pageHeader(content: PageContent): Markup {
  const { studies, comparison, not_compared } = content;
  const hasNumbers = studies.some(({ table }) => table.runs.some(({ summary }) => summary !== null));
  const verdict = !hasNumbers
    ? nothingMeasured()
    : comparison === null
    ? not_compared ?? NOT_COMPARED
    : verdictSentence(comparison);
  return html`
    <header>
      <p class="kind">${PAGE_KIND}</p>
      <h1>${pageTitle(content)}</h1>
      <p class="verdict">${verdict}</p>
      ${studies.map(({ table }) =>
        html`
          <p class="study">${studyLine(table)}</p>
        `
      )}
    </header>
  `;
}

/** What can be trusted, the best setting beside the baseline, and what to do next. */
export function firstScreen(content: PageContent): Markup {
  const { comparison } = content;
  const best = comparison === null ? null : bestRow(comparison);
  return html`
    ${trustSection(content)}${best === null || comparison === null
      ? numbersSection(content)
      : bestSection(best, comparison)}${nextSection(content)}
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

function bestSection(best: BestRow, comparison: StudyComparison): Markup {
  const { row, rows, is } = best;
  const drawn = rows.map(drawnRatio);
  const scale = ratioScale(drawn.filter((each) => each !== null));
  const caption = bestCaption(rowName(comparison, row), baseName(comparison, row));
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

function notesOf(comparison: StudyComparison): Markup | null {
  const notes = [
    ...excludedNotes(comparison),
    ...comparison.notes.slice(0, MOST_NOTES),
    ...methodNote(comparison),
  ];
  return notes.length === 0 ? null : html`
    <ul class="notes" aria-label="${NOTES}">${notes.map((note) =>
      html`
        <li>${note}</li>
      `
    )}</ul>
  `;
}

const MOST_NOTES = 8;

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

/** Where there is nothing to compare: the numbers of the first experiment that has some, as its row has them below. */
function numbersSection({ studies: [{ table: { summary } }] }: PageContent): Markup | null {
  const row = summary.rows.find(({ completed }) => completed > 0);
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
