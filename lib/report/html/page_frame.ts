import { contentPolicy } from "./content_policy.ts";
import { html, Markup } from "./markup.ts";
import STYLE from "./client/report.css" with { type: "text" };

/** What differs between pages. */
export interface PageParts {
  /** For the tab of the browser. */
  readonly title: string;
  /** The only script that the page allows; null for none. */
  readonly script: string | null;
  /** Besides the style that all pages share. */
  readonly style: string;
  readonly body: Markup;
}

/** A page as one file that asks nothing of a network. */
export function pageFrame({ title, script, style, body }: PageParts): string {
  return html`
    ${new Markup("<!doctype html>")}
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy(script)}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title}</title>
        ${new Markup(`<style>${STYLE + style}</style>`)}
      </head>
      <body>
        ${body}${script === null ? null : new Markup(`<script>${script}</script>`)}
      </body>
    </html>
  `.text;
}
