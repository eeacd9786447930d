import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { Shape } from "../../lib/experiment/shape.ts";
import { studyShape } from "../../lib/study/study_schema.ts";
import { fillTemplate, keysBelow } from "../../scripts/reference/fill_template.ts";
import { ENGINES } from "../../lib/engines/engines.ts";
import { LISTED_BACKENDS } from "../../lib/engines/listed.ts";
import { referencePages } from "../../scripts/reference_page.ts";

for (const { path, text } of referencePages()) {
  Deno.test(`${path} says what the declaration says (else run: deno task docs)`, () => {
    strictEqual(Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url)), text);
  });
}

Deno.test("docs/study-file.md has a row for every key of the study language", () => {
  const page = referencePages().find(({ path }) => path === "docs/study-file.md")?.text ?? "";
  const counts = new Map<string, number>();
  const visit = (shape: Shape): void => {
    if (shape.kind === "either") { for (const option of shape.options) visit(option.shape); }
    if (shape.kind !== "map") return;
    for (const [key, slot] of shape.keys) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      visit(slot.shape);
    }
  };
  visit(studyShape());
  ok(counts.size > 100);
  const wrong = [...counts].filter(([key, count]) => page.split(`\n| \`${key}\` |`).length - 1 !== count);
  deepStrictEqual(wrong, []);
});

Deno.test("every key of the study language says what it means", () => {
  const silent: string[] = [];
  const visit = (shape: Shape, path: string): void => {
    if (shape.kind === "either") { for (const option of shape.options) visit(option.shape, path); }
    if (shape.kind !== "map") return;
    for (const [key, slot] of shape.keys) {
      if (slot.about === null) silent.push(`${path}${key}`);
      visit(slot.shape, `${path}${key}.`);
    }
  };
  visit(studyShape(), "");
  deepStrictEqual(silent, []);
});

Deno.test("fillTemplate() puts tables into a text, and refuses a path that is none", () => {
  const tables = (path: string) => keysBelow(studyShape(), path);
  strictEqual(
    fillTemplate("a\n<!-- keys: measure -->\nb\n", tables),
    "a\n| key | type | default | meaning |\n|---|---|---|---|\n" +
      "| `min_seconds` | number > 0 and <= 31622400 | `null` | the workload is repeated until the measured window is at " +
      "least this long; null runs it once |\nb\n",
  );
  throws(() => fillTemplate("<!-- keys: decoder.top_k -->", tables), /decoder\.top_k has no keys/);
});

Deno.test("the page marks the sections of every backend that this version cannot run, and of no other", () => {
  const page = referencePages().find(({ path }) => path === "docs/study-file.md")?.text ?? "";
  for (const backend of LISTED_BACKENDS) {
    const section = page.split(`\n### ${backend}\n\n`)[1] ?? "";
    strictEqual(section.startsWith("**Not in this version**"), ENGINES[backend].worker === null, backend);
  }
});
