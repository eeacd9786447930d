import assert from "node:assert/strict";
import { signsOf } from "../../lib/report/summary/signs.ts";
import { textTable } from "../../lib/report/table.ts";

Deno.test("textTable() aligns words left and numbers right, with no spaces at the end of a line", () => {
  const table = textTable(["name", "n", "value", "note"], [
    ["a", "1", "10.5", ""],
    ["longer name", "200", "-", "x"],
    ["c", "30", "1 +- 2", ""],
  ]);
  assert.equal(
    table,
    [
      "name           n   value  note",
      "a              1    10.5",
      "longer name  200       -  x",
      "c             30  1 +- 2",
      "",
    ].join("\n"),
  );
});

Deno.test("textTable() of no rows is the head", () => {
  assert.equal(textTable(["one", "two"], []), "one  two\n");
});

Deno.test("textTable() keeps a row on one line and lets no control character through", () => {
  const table = textTable(["a\nb", "\x1b[1mc"], [["one\ntwo", "\x1b[31m\x07"]]);
  assert.equal(table, "a / b      ?[1mc\none / two  ?[31m?\n");
});

Deno.test("textTable() aligns by the columns that a terminal takes", () => {
  const table = textTable(["name", "n"], [["\u65e5\u672c\u8a9e", "1"], ["e\u0301", "20"], ["ab", ""]]);
  assert.equal(table, "name     n\n\u65e5\u672c\u8a9e   1\ne\u0301       20\nab\n");
});

Deno.test("signsOf() gives signs beyond ASCII where the locale is UTF-8", () => {
  const plusMinus = (env: Record<string, string>): string => signsOf(env).plusMinus;
  assert.equal(plusMinus({ LANG: "de_DE.UTF-8" }), "\u00b1");
  assert.equal(plusMinus({ LC_ALL: "C.utf8" }), "\u00b1");
  assert.equal(plusMinus({ LC_ALL: "C", LANG: "de_DE.UTF-8" }), "+-");
  assert.equal(plusMinus({ LC_ALL: "", LC_CTYPE: "POSIX" }), "+-");
  assert.equal(plusMinus({}), "+-");
});
