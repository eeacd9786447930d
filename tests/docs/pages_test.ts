/** README.md and docs/: length, width of lines, links that lead somewhere. */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { PAGE_WIDTH } from "../../scripts/reference/wrap_markdown.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const README_LINES = 120;
const README_BYTES = 6000;

const docs = ["docs", "docs/proven"].flatMap((folder) =>
  [...Deno.readDirSync(join(ROOT, folder))].filter(({ isFile }) => isFile).map(({ name }) =>
    `${folder}/${name}`
  )
);
const pages = new Map(["README.md", ...docs].map((page) => [page, Deno.readTextFileSync(join(ROOT, page))]));

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-");
}

function anchorsOf(text: string): Set<string> {
  return new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading)));
}

Deno.test(`README.md has at most ${README_LINES} lines and ${README_BYTES} bytes`, () => {
  const text = pages.get("README.md") ?? "";
  assert.ok(text.split("\n").length - 1 <= README_LINES);
  assert.ok(new TextEncoder().encode(text).length <= README_BYTES);
});

Deno.test(`no line of README.md and docs/ is over ${PAGE_WIDTH} characters (deno task docs breaks prose)`, () => {
  const long = [...pages].flatMap(([page, text]) =>
    text.split("\n").flatMap((line, index) => [...line].length > PAGE_WIDTH ? [`${page}:${index + 1}`] : [])
  );
  assert.deepEqual(long, []);
});

Deno.test("links of README.md and docs/ lead to files and headings that are there", () => {
  const broken = [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target).filter((target) => {
      if (/^\w+:/.test(target)) return false;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : relative(ROOT, join(ROOT, dirname(page), path));
      try {
        Deno.statSync(join(ROOT, file));
      } catch {
        return true;
      }
      return anchor !== undefined && !anchorsOf(pages.get(file) ?? "").has(anchor);
    }).map((target) => `${page}: ${target}`)
  );
  assert.deepEqual(broken, []);
});

Deno.test("every page of docs/ can be reached from README.md", () => {
  const readme = pages.get("README.md") ?? "";
  assert.deepEqual(docs.filter((page) => !readme.includes(`(${page}`)), []);
});
