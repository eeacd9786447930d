import assert from "node:assert/strict";
import { exactInteger, exactIntegers } from "../../lib/base/exact_integer.ts";

Deno.test("exactInteger() gives a number up to 2^53 - 1 and a decimal string above", () => {
  const most = 2n ** 53n - 1n;
  assert.deepEqual([0n, most, most + 1n, 2n ** 64n].map(exactInteger), [
    0,
    9007199254740991,
    "9007199254740992",
    "18446744073709551616",
  ]);
  assert.equal(
    JSON.stringify({ a: [1n, most + 1n], b: "c" }, exactIntegers),
    '{"a":[1,"9007199254740992"],"b":"c"}',
  );
});
