import assert from "node:assert/strict";
import { canonicalJson, hash16, sha256Hex } from "../../lib/base/canonical_json.ts";
import type { Json } from "../../lib/base/json.ts";

/** A double by its bits, as RFC 8785, appendix B, gives its samples. */
function double(hex: string): number {
  return new DataView(new BigUint64Array([BigInt(`0x${hex}`)]).buffer).getFloat64(0, true);
}

Deno.test("canonicalJson() writes numbers as RFC 8785 does", () => {
  const samples: readonly (readonly [bits: string, text: string])[] = [
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ];
  for (const [bits, text] of samples) assert.equal(canonicalJson(double(bits)), text, bits);
});

Deno.test("canonicalJson() writes values as RFC 8785 does", () => {
  const cases: readonly (readonly [value: Json, text: string])[] = [
    [null, "null"],
    [true, "true"],
    ["", '""'],
    [[], "[]"],
    [{}, "{}"],
    [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
    [{ "10": 1, "9": 2, "1": 3 }, '{"1":3,"10":1,"9":2}'],
    [{ a: [3, { z: 1, y: [] }, "x"] }, '{"a":[3,{"y":[],"z":1},"x"]}'],
    [{ absent: undefined, here: null }, '{"here":null}'],
    // Section 3.2.3: keys sort by UTF-16 code units, so a surrogate pair comes before U+FB33.
    [
      {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\ud83d\ude00": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
      },
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis",' +
      '"\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    ],
    // Section 3.2.2.2: short escapes where there are some, \u00xx for other controls, everything else as it is.
    [
      '\u20ac$\u000f\nA\'B"\\\\"/\b\t\f\r\u001f\u007f\u2028',
      '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\\b\\t\\f\\r\\u001f\u007f\u2028"',
    ],
  ];
  for (const [value, text] of cases) assert.equal(canonicalJson(value), text);
});

Deno.test("hash16() is the same for any order of keys and differs for any other value", () => {
  assert.equal(hash16({ a: 1, b: { c: 2, d: 3 } }), hash16({ b: { d: 3, c: 2 }, a: 1 }));
  const values: readonly Json[] = [
    { a: 1 },
    { a: "1" },
    { a: [1] },
    { a: 2 },
    { A: 1 },
    [1, 2],
    [2, 1],
    null,
    "",
    {},
  ];
  assert.equal(new Set(values.map(hash16)).size, values.length);
  for (const value of values) assert.match(hash16(value), /^[0-9a-f]{16}$/);
  assert.equal(hash16({}), "44136fa355b3678a");
});

Deno.test("sha256Hex() hashes text as UTF-8, and bytes as they are", () => {
  const known: readonly (readonly [text: string, hex: string])[] = [
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ];
  for (const [text, hex] of known) assert.equal(sha256Hex(text), hex);
  assert.equal(sha256Hex("\u00e9"), sha256Hex(new Uint8Array([0xc3, 0xa9])));
});
