/** docs/faults.md and the tests of the faults agree. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../e2e/llem.ts";

/** The list has so many. */
const FAULTS = 82;

interface FaultSection {
  readonly number: number;
  readonly fault: string;
  readonly seen: string;
  readonly tests: string;
}

/** The sections of the page: `## number. fault`, a paragraph on what was seen, and a list with `tests:`. */
function faultSections(text: string): FaultSection[] {
  return text.split(/^## /m).slice(1).map((section) => {
    const [heading = "", ...lines] = section.split("\n");
    const [, number = "", fault = ""] = /^(\d+)\. (.*)$/.exec(heading) ?? [];
    const body = lines.join("\n");
    const [seen = "", rest = ""] = body.split(/^- tests: /m);
    return { number: Number(number), fault, seen: seen.trim(), tests: rest.split(/^- /m)[0] ?? "" };
  });
}

const sections = faultSections(Deno.readTextFileSync(join(ROOT, "docs", "faults.md")));

Deno.test("docs/faults.md has a section for each fault, in order", () => {
  assert.deepEqual(
    sections.map((section) => section.number),
    Array.from({ length: FAULTS }, (_, index) => index + 1),
  );
  assert.deepEqual(
    sections.filter((section) => section.fault === "" || section.seen.length < 10 || section.tests === ""),
    [],
  );
});

Deno.test("every section of docs/faults.md names tests of its fault", () => {
  for (const { number, tests } of sections) {
    const files = [...tests.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);
    assert.ok(files.length > 0, `fault ${number} names no file of tests`);
    for (const file of files) {
      assert.match(file, /^tests\/.*_test\.ts$/, `fault ${number}`);
      assert.ok(titles(file).has(number), `${file} has no test whose name begins with "fault ${number}: "`);
    }
  }
});

Deno.test("every test of a fault stands in docs/faults.md", () => {
  const files = [...Deno.readDirSync(join(ROOT, "tests", "faults"))].map(({ name }) => `tests/faults/${name}`)
    .filter((file) => file.endsWith("_test.ts"));
  assert.ok(files.length > 3);
  for (const file of files) {
    for (const number of titles(file)) {
      const section = sections.find((each) => each.number === number);
      assert.ok(
        section?.tests.includes(`\`${file}\``),
        `section ${number} of docs/faults.md does not name ${file}`,
      );
    }
  }
});

/** The numbers of the faults that a file's tests are about. */
function titles(file: string): Set<number> {
  const text = Deno.readTextFileSync(join(ROOT, file));
  return new Set([...text.matchAll(/["'`]fault (\d+): /g)].map(([, number]) => Number(number)));
}
