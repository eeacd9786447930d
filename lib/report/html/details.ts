import { runNamer } from "../run_name.ts";
import type { Chart } from "./charts/chart.ts";
import type { PageContent, PageStudy } from "./content.ts";
import { comparisonTable } from "./comparison_table.ts";
import { type DataTable, dataTable } from "./data_table.ts";
import { html, Markup } from "./markup.ts";
import { dataAsTable, SECTIONS, tableOfChart, unnamedStudy } from "./messages.ts";
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

/** A section of the page that holds a table. */
interface TableSection {
  /** For the address of the section. */
  readonly id: string;
  readonly title: string;
  readonly table: DataTable;
  /** False for what is folded up until it is asked for. */
  readonly isOpen: boolean;
}

/** All tables of a page in their order: what was compared, then study by study. */
export function tableSections({ comparison, studies }: PageContent): TableSection[] {
  const compared = comparisonTable(comparison);
  const rows = comparison?.rows_with_excluded;
  const whole = comparison === null || rows === undefined ? null : comparisonTable({ ...comparison, rows });
  return [
    ...compared === null
      ? []
      : [{ id: "comparisons", title: SECTIONS.comparisons, table: compared, isOpen: false }],
    ...whole === null
      ? []
      : [{ id: "with-excluded", title: SECTIONS.withExcluded, table: whole, isOpen: false }],
    ...studies.flatMap((study, index) => studySections(study, studies.length === 1 ? null : index + 1)),
  ];
}

export function tableSection({ id, title, table, isOpen }: TableSection): Markup {
  return html`
    <section id="${id}" aria-labelledby="${id}-title">
      <h2 id="${id}-title">${title}</h2>
      ${isOpen ? dataTable(table) : html`
        <details><summary>${table.caption}</summary>${dataTable(table)}</details>
      `}
    </section>
  `;
}

/** `place`: of several studies; null where there is one. */
function studySections(study: PageStudy, place: number | null): TableSection[] {
  const { experiments, order, id, name } = study.table;
  const runName = runNamer(experiments.map(({ config }) => config), order.n_cycles);
  const section = (key: keyof typeof SECTIONS, own: DataTable | null, isOpen: boolean): TableSection[] => {
    if (own === null) return [];
    if (place === null) return [{ id: key, title: SECTIONS[key], table: own, isOpen }];
    const title = `${SECTIONS[key]}: ${name ?? unnamedStudy()}`;
    return [{ id: `${key}-${place}`, title, table: { ...own, caption: `${own.caption}: ${id}` }, isOpen }];
  };
  return [
    ...section("experiments", experimentsTable(study), true),
    ...section("failed", failedTable(study, runName, place), true),
    ...section("runs", runsTable(study, place), false),
    ...section("settings", settingsTable(study), false),
    ...section("environment", environmentTable(study), false),
  ];
}
