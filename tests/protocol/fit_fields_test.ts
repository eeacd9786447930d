import assert from "node:assert/strict";
import { fitFields } from "../../lib/protocol/fit_fields.ts";
import { parseJson } from "../../lib/protocol/parse_json.ts";

Deno.test("parseJson() reads what is no number in JSON, and lets texts alone", () => {
  const cases: readonly (readonly [text: string, value: unknown, voided: readonly string[]])[] = [
    ['{"a":NaN}', { a: null }, ["a NaN"]],
    ['{"a":[1,-Infinity,+inf,nan,INFINITY]}', { a: [1, null, null, null, null] }, [
      "a.1 -Infinity",
      "a.2 +inf",
      "a.3 nan",
      "a.4 INFINITY",
    ]],
    ['{"a":"NaN","b":NaN}', { a: "NaN", b: null }, ["b NaN"]],
    ['{"NaN":NaN,"Infinity":"\\\\","c":"\\"NaN\\\\\\" nan","d":NaN}', {
      NaN: null,
      Infinity: "\\",
      c: '"NaN\\" nan',
      d: null,
    }, ["NaN NaN", "d NaN"]],
    ['{"a":1e999,"b":{"c":-1e999}}', { a: null, b: { c: null } }, ["a Infinity", "b.c -Infinity"]],
    ['{"info":1,"nano":"inf nan","a":"x NaN y NaN z"}', { info: 1, nano: "inf nan", a: "x NaN y NaN z" }, []],
  ];
  for (const [text, value, voided] of cases) {
    const fields = parseJson(text) as Record<string, unknown>;
    const found = fitFields(fields, "result").voided.list.map(({ path, said }) => `${path} ${said}`);
    assert.deepEqual([fields, found], [value, voided], text);
  }
});

Deno.test("parseJson() refuses everything else that is not JSON, in the words for what was sent", () => {
  for (
    const text of [
      "",
      "{",
      "NaNs",
      "{NaN}",
      '{"a":NaN',
      '{"a":NaN NaN}',
      '{"a":undefined}',
      '"NaN',
      "[1,NaN,]",
      "-",
    ]
  ) {
    assert.throws(() => parseJson(text), (error) => {
      assert.ok(error instanceof SyntaxError);
      assert.throws(() => JSON.parse(text), { message: error.message });
      return true;
    }, text);
  }
});

Deno.test("parseJson() takes no longer for many of them than for as many numbers", () => {
  const beganMs = performance.now();
  const list = parseJson(
    `["${'\\"'.repeat(100_000)}",${"NaN,".repeat(100_000)}"",${'"NaN",'.repeat(100_000)}0]`,
  );
  assert.equal((list as unknown[]).length, 200_003);
  // Looking for a quote from every one of them on took minutes.
  assert.ok(performance.now() - beganMs < 5_000);
});

Deno.test("fitFields() cuts texts and names, not in the middle of a character, and says where", () => {
  const fields: Record<string, unknown> = {
    code: "c".repeat(64),
    text: `${"x".repeat(1999)}\ud83d\ude00`,
    own: { ["n".repeat(200)]: 1, short: [{ ["m".repeat(129)]: null }] },
    __proto__: null,
  };
  const { cut, voided, tooDeep } = fitFields(fields, "note");
  assert.deepEqual(fields, {
    code: "c".repeat(64),
    text: "x".repeat(1999),
    own: { short: [{ ["m".repeat(128)]: null }], ["n".repeat(128)]: 1 },
    __proto__: null,
  });
  const paths = cut.list.map(({ path }) => path);
  assert.deepEqual(paths, ["text", `own.${"n".repeat(128)}`, `own.short.0.${"m".repeat(128)}`]);
  assert.deepEqual([cut.count, voided.count, tooDeep], [3, 0, false]);
});

Deno.test("fitFields() keeps the end of a traceback", () => {
  const fields: Record<string, unknown> = {
    message: "m".repeat(9000),
    traceback: `${"t".repeat(20_000)}OutOfMemory`,
  };
  fitFields(fields, "error");
  assert.equal(fields["message"], "m".repeat(8000));
  assert.match(String(fields["traceback"]), /^t{16373}OutOfMemory$/);
});

Deno.test("fitFields() tells a few of many changes, and the first of every field", () => {
  const list = (): number[] => new Array(1000).fill(Infinity);
  const { voided } = fitFields({ a: list(), b: list(), c: 1 }, "result");
  assert.equal(voided.count, 2000);
  assert.equal(voided.list.length, 11);
  assert.equal(voided.list.at(-1)?.path, "b.0");
});
