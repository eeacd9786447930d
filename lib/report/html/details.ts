import { runNamer } from "../run_name.ts";
import type { Chart } from "./charts/chart.ts";
import type { PageContent, PageStudy } from "./content.ts";
import { type DataTable, dataTable } from "./data_table.ts";
import { html, Markup } from "./markup.ts";
import {
  dataAsTable,
  DEFINITIONS,
  definitionsTitle,
  SECTIONS,
  tableOfChart,
  unnamedStudy,
} from "./messages.ts";
import { environmentTable, experimentsTable, failedTable, runsTable, settingsTable } from "./study_tables.ts";

/** A plot with what it shows in words and as a table: whole without script. */
export function chartSection(chart: Chart): Markup {
  const { id, title, description, svg, absent, table: { rows } } = chart;
  return html`
    <section class="chart" id="chart-${id}" aria-labelledby="chart-${id}-title">
      <h2 id="chart-${id}-title">${title}</h2>
      ${absent === null
        ? html`
          <figure>
            <div class="scroll plot">${new Markup(svg)}</div>
            <figcaption>${description}</figcaption>
          </figure>
        `
        : html`
          <p class="absent">${absent}</p>
        `}${rows.length === 0 ? null : dataOf(chart)}
    </section>
  `;
}

function dataOf({ title, table: { head, rows, left_out } }: Chart): Markup {
  const caption = tableOfChart(title, left_out);
  return html`
    <details>
      <summary>${dataAsTable(title)}</summary>
      ${dataTable({ caption, head, rows: rows.map((cells) => ({ cells })) })}
    </details>
  `;
}

/** All tables of all studies, study by study. */
export function detailSections({ studies }: PageContent): Markup {
  const isOne = studies.length === 1;
  return html`
    ${studies.map((study, index) => studySections(study, isOne ? "" : `-${index + 1}`, isOne))}
  `;
}

/** How the numbers of the page were made. */
export function definitionsSection(): Markup {
  return html`
    <section id="definitions" aria-labelledby="definitions-title">
      <h2 id="definitions-title">${definitionsTitle()}</h2>
      <dl>${DEFINITIONS.map(({ term, text }) =>
        html`
          <dt>${term}</dt><dd>${text}</dd>
        `
      )}</dl>
    </section>
  `;
}

function studySections(study: PageStudy, suffix: string, isOne: boolean): Markup {
  const { table } = study;
  const name = runNamer(table.experiments.map(({ config }) => config), table.order.n_cycles);
  const title = (text: string): string => isOne ? text : `${text}: ${table.name ?? unnamedStudy()}`;
  const section = (id: keyof typeof SECTIONS, found: DataTable | null, isOpen: boolean): Markup | null =>
    found === null ? null : html`
      <section id="${id}${suffix}" aria-labelledby="${id}${suffix}-title">
        <h2 id="${id}${suffix}-title">${title(SECTIONS[id])}</h2>
        ${isOpen ? dataTable(found) : html`
          <details><summary>${found.caption}</summary>${dataTable(found)}</details>
        `}
      </section>
    `;
  return html`
    ${section("experiments", experimentsTable(study), true)}${section(
      "failed",
      failedTable(study, name),
      true,
    )}${section("runs", runsTable(study), false)}${section("settings", settingsTable(study), false)}${section(
      "environment",
      environmentTable(study),
      false,
    )}
  `;
}
