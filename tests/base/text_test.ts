import assert from "node:assert/strict";
import { palette } from "../../lib/report/color.ts";
import { clip, formatNumber, jsonText, plural, printable, printableLines } from "../../lib/base/text.ts";

Deno.test("printable() lets no control character through", () => {
  const cases: readonly (readonly [text: string, shown: string])[] = [
    ["plain \u00e9 \ud83d\ude00", "plain \u00e9 \ud83d\ude00"],
    ["\x1b[31mred\x1b[0m", "?[31mred?[0m"],
    ["a\tb", "a?b"],
    ["a\rb", "a?b"],
    ["a\nb", "a / b"],
    ["a\r\n\r\nb", "a / b"],
    ["\0\x07\x08", "?"],
    ["\x7f\x9b31m", "?31m"],
  ];
  for (const [text, shown] of cases) assert.equal(printable(text), shown);
  const all = String.fromCharCode(...Array.from({ length: 0x100 }, (_, code) => code));
  assert.doesNotMatch(printable(all), /\p{Cc}/u);
});

Deno.test("printableLines() keeps lines and nothing else", () => {
  assert.equal(printableLines("a\x1b\r\nb\tc\n\nd"), "a?\nb?c\n\nd");
});

Deno.test("jsonText() is JSON of the same value without any control character", () => {
  const all = String.fromCharCode(...Array.from({ length: 0x110 }, (_, code) => code), 0xd800);
  const value = { [all]: [all, 1, null], plain: "\u00e9" };
  const text = jsonText(value);
  assert.doesNotMatch(text, /\p{Cc}/u);
  assert.deepEqual(JSON.parse(text), value);
  assert.equal(jsonText({ plain: "\u00e9" }), '{"plain":"\u00e9"}');
});

Deno.test("formatNumber() gives four significant digits as a person would write them", () => {
  const cases: readonly (readonly [value: number, text: string])[] = [
    [0, "0"],
    [1, "1"],
    [-1, "-1"],
    [42, "42"],
    [1234, "1234"],
    [12345, "12345"],
    [12345.6, "12346"],
    [9999.6, "10000"],
    [123.456, "123.5"],
    [1.5, "1.5"],
    [0.12346, "0.1235"],
    [0.00012346, "0.0001235"],
    [0.00001, "1.00e-5"],
    [1e7, "1.00e+7"],
    [9_999_999, "9999999"],
    [-0.5, "-0.5"],
    [Infinity, "Infinity"],
    [NaN, "NaN"],
  ];
  for (const [value, text] of cases) assert.equal(formatNumber(value), text);
});

Deno.test("plural() and clip()", () => {
  assert.deepEqual([0, 1, 2].map((count) => plural(count, "run")), ["0 runs", "1 run", "2 runs"]);
  const cases: readonly (readonly [text: string, width: number, cut: string])[] = [
    ["", 5, ""],
    ["abcde", 5, "abcde"],
    ["abcdef", 5, "ab..."],
    ["abcdef", 3, "..."],
  ];
  for (const [text, width, cut] of cases) assert.equal(clip(text, width), cut);
});

Deno.test("palette() colours on a terminal only, and not against NO_COLOR", () => {
  const cases: readonly (readonly [isTerminal: boolean, noColor: string | undefined, coloured: boolean])[] = [
    [true, undefined, true],
    [true, "", true],
    [true, "1", false],
    [true, "0", false],
    [false, undefined, false],
    [false, "1", false],
  ];
  for (const [isTerminal, noColor, coloured] of cases) {
    const { good, bad, weak } = palette(isTerminal, noColor);
    assert.equal(good("x"), coloured ? "\x1b[32mx\x1b[0m" : "x");
    assert.equal(bad("x"), coloured ? "\x1b[31mx\x1b[0m" : "x");
    assert.equal(weak("x"), coloured ? "\x1b[2mx\x1b[0m" : "x");
  }
});
