/**
 * Writes the reference pages in docs/ from the declarations of the study language and of results, and from the texts in
 * scripts/reference/.
 * Run by `deno task docs`, which also breaks the long lines of every page; a test fails where a page is stale.
 */
import { LISTED_BACKENDS } from "../lib/engines/listed.ts";
import { DECODER_PRESETS } from "../lib/experiment/presets.ts";
import type { MapShape } from "../lib/experiment/shape.ts";
import { experimentShape, STUDY_ONLY_KEYS, studyShape } from "../lib/study/study_schema.ts";
import { userConfigShape } from "../lib/study/user_config_schema.ts";
import { fillTemplate, keysBelow } from "./reference/fill_template.ts";
import { resultsPage } from "./reference/results/page.ts";
import { wrapMarkdown } from "./reference/wrap_markdown.ts";

/** A generated page: its path from the repository's root, and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** All generated pages as they should be. */
export function referencePages(): Page[] {
  const template = read("study-file.md").replace("<!-- backends -->", backendList());
  const studyFile = fillTemplate(template, studyKeys).replace("<!-- presets -->", presetList());
  const userConfig = fillTemplate(
    read("user-configuration.md"),
    (path) => path === "*" ? userConfigShape().keys : keysBelow(userConfigShape(), path),
  );
  return [
    { path: "docs/study-file.md", text: wrapMarkdown(studyFile) },
    { path: "docs/user-configuration.md", text: wrapMarkdown(userConfig) },
    { path: "docs/results.md", text: wrapMarkdown(resultsPage(read("results.md"))) },
  ];
}

function backendList(): string {
  return `This version runs ${LISTED_BACKENDS.map((name) => `\`${name}\``).join(", ")}.`;
}

function studyKeys(path: string): MapShape["keys"] | null {
  if (path === "*") return only((key) => STUDY_ONLY_KEYS.has(key));
  if (path === "experiment") return only((key) => experimentShape().keys.has(key));
  return keysBelow(studyShape(), path);
}

function presetList(): string {
  return Object.entries(DECODER_PRESETS).map(([name, settings]) => {
    const parts = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
    return `- \`${name}\`: ${parts.join(", ")}`;
  }).join("\n");
}

function only(isWanted: (key: string) => boolean): MapShape["keys"] {
  return new Map([...studyShape().keys].filter(([key]) => isWanted(key)));
}

function read(template: string): string {
  return Deno.readTextFileSync(new URL(`reference/${template}`, import.meta.url));
}

if (import.meta.main) {
  for (const { path, text } of referencePages()) {
    Deno.writeTextFileSync(new URL(`../${path}`, import.meta.url), text);
  }
  for (const folder of ["../docs/", "../docs/proven/"]) {
    const docs = new URL(folder, import.meta.url);
    for (const { name } of Deno.readDirSync(docs)) {
      if (!name.endsWith(".md")) continue;
      const page = new URL(name, docs);
      Deno.writeTextFileSync(page, wrapMarkdown(Deno.readTextFileSync(page)));
    }
  }
}
