import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { Shape } from "../../lib/experiment/shape.ts";
import { studyShape } from "../../lib/study/study_schema.ts";
import { fillTemplate, keysBelow } from "../../scripts/reference/fill_template.ts";
import { wrapMarkdown } from "../../scripts/reference/wrap_markdown.ts";
import { referencePages } from "../../scripts/reference_page.ts";

for (const { path, text } of referencePages()) {
  Deno.test(`${path} says what the declaration says (else run: deno task docs)`, () => {
    strictEqual(Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url)), text);
  });
}

Deno.test("docs/study-file.md has an entry for every key of the study language", () => {
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
  const wrong = [...counts].filter(([key, count]) => page.split(`\n- \`${key}\` (`).length - 1 !== count);
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

Deno.test("fillTemplate() puts lists of keys into a text, and refuses a path that is none", () => {
  const tables = (path: string) => keysBelow(studyShape(), path);
  strictEqual(
    fillTemplate("a\n<!-- keys: measure -->\nb\n", tables),
    "a\n- `min_seconds` (number > 0 and <= 31622400; default `null`): minimum length of the measured window; " +
      "the workload is repeated to fill it; null runs the workload once\n" +
      "- `steady` (true or false; default `false`): openai: measure steady load, for min_seconds or longer (null is 30)\nb\n",
  );
  throws(() => fillTemplate("<!-- keys: decoder.top_k -->", tables), /decoder\.top_k has no keys/);
});

Deno.test("wrapMarkdown() breaks prose alone, at 120 characters, and its own result no further", () => {
  const words = `${"word ".repeat(30)}\`${"code ".repeat(4)}x\` - [a link](b.md) ${"**bold** ".repeat(9)}`
    .trim();
  const kept = ["# heading", "", `    ${"code ".repeat(40)}x`, "", `| ${"cell ".repeat(40)} |`].join("\n");
  const page = `${kept}\n\n${words}\n\n- ${words}\n  more\n- ${words}\n`;
  const text = wrapMarkdown(page);
  ok(text.startsWith(`${kept}\n\n`));
  const prose = text.slice(kept.length).split("\n");
  ok(prose.every((line) => line.length <= 120));
  ok(prose.every((line) => !/^\s+- /.test(line)), "a dash of a sentence becomes a list");
  strictEqual(prose.filter((line) => line.startsWith("- ")).length, 2);
  strictEqual(prose.join(" ").split(/\s+/).join(" "), page.slice(kept.length).split(/\s+/).join(" "));
  strictEqual(wrapMarkdown(text), text);
});
