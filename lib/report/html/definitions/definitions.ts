import { html, type Markup } from "../markup.ts";
import { DEFINITIONS, definitionsTitle } from "./messages.ts";

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
