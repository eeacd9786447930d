import { clientParts } from "./charts/client/client_parts.ts";
import type { PageContent } from "./content.ts";
import { chartSection, tableSection, tableSections } from "./details.ts";
import { definitionsSection } from "./definitions/definitions.ts";
import { definitionsTitle } from "./definitions/messages.ts";
import { firstScreen, hasCompleted, pageHeader, pageTitle } from "./first_screen.ts";
import { html, type Markup, scriptJson } from "./markup.ts";
import { CONTENTS, FOOTER, LABELS, PAGE_KIND, SKIP } from "./messages.ts";
import { pageFrame } from "./page_frame.ts";
import SCRIPT from "./client/report.client.js" with { type: "text" };

/**
 * A study, or several beside each other, as one file for a browser: it asks nothing of a network, is whole without script
 * and style, and the same content makes the same bytes.
 */
export function reportPage(content: PageContent): string {
  const parts = clientParts(content.charts);
  const script = parts.script + SCRIPT;
  const all = tableSections(content);
  // Where nothing completed, why is all that there is to read.
  const isFirst = ({ id }: { readonly id: string }): boolean =>
    !hasCompleted(content) && id.startsWith("failed");
  const [reasons, tables] = [all.filter(isFirst), all.filter((each) => !isFirst(each))];
  const places = [
    ...content.charts.map(({ id, title }) => ({ id: `chart-${id}`, title })),
    ...tables,
    { id: "definitions", title: definitionsTitle() },
  ];
  const interactions = Object.fromEntries(
    content.charts.flatMap(({ id, interaction }) => interaction === undefined ? [] : [[id, interaction]]),
  );
  const body = html`
    <a class="skip" href="#main">${SKIP}</a>
    ${pageHeader(content)}<main id="main" tabindex="-1">
      <div class="first">
        ${firstScreen(content)}${reasons.map(tableSection)}
      </div>
      ${contentsList(places)}${content.charts.map(chartSection)}${tables.map(
        tableSection,
      )}${definitionsSection()}
    </main>
    <footer><p>${FOOTER}</p></footer>
    <script type="application/json" id="llem-data">
    ${scriptJson({
      labels: LABELS,
      charts: interactions,
      study: content.studies[0].table.id,
      folders: content.folders ?? null,
    })}
    </script>
  `;
  return pageFrame({ title: `${pageTitle(content)} - ${PAGE_KIND}`, script, style: parts.style, body });
}

/** Where to find what. */
function contentsList(places: readonly { readonly id: string; readonly title: string }[]): Markup {
  return html`
    <nav aria-label="${CONTENTS}"><ul>${places.map(({ id, title }) =>
      html`
        <li><a href="#${id}">${title}</a></li>
      `
    )}</ul></nav>
  `;
}
