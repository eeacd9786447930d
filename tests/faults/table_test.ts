/** docs/faults.md and the tests of the faults agree. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../e2e/llem.ts";

/** The list has so many. */
const FAULTS = 68;

interface TableRow {
  readonly number: number;
  readonly fault: string;
  readonly seen: string;
  readonly tests: string;
}

/** The rows of the table; a bar inside a cell is written `\|`. */
function tableRows(text: string): TableRow[] {
  return text.split("\n").filter((line) => /^\| \d/.test(line)).map((line) => {
    const [, number = "", fault = "", seen = "", tests = ""] = line.split(/(?<!\\)\|/).map((cell) =>
      cell.trim()
    );
    return { number: Number(number), fault, seen, tests };
  });
}

const rows = tableRows(Deno.readTextFileSync(join(ROOT, "docs", "faults.md")));

Deno.test("docs/faults.md has a row for each fault, in order", () => {
  assert.deepEqual(rows.map((row) => row.number), Array.from({ length: FAULTS }, (_, index) => index + 1));
  assert.deepEqual(rows.filter((row) => row.fault === "" || row.seen.length < 10 || row.tests === ""), []);
});

Deno.test("every row of docs/faults.md names tests of its fault", () => {
  for (const { number, tests } of rows) {
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
      const row = rows.find((each) => each.number === number);
      assert.ok(row?.tests.includes(`\`${file}\``), `row ${number} of docs/faults.md does not name ${file}`);
    }
  }
});

/** The numbers of the faults that a file's tests are about. */
function titles(file: string): Set<number> {
  const text = Deno.readTextFileSync(join(ROOT, file));
  return new Set([...text.matchAll(/["'`]fault (\d+): /g)].map(([, number]) => Number(number)));
}
