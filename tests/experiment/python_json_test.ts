import { strictEqual } from "node:assert/strict";
import { pythonJson } from "../../lib/experiment/python_json.ts";
import type { Shape } from "../../lib/experiment/shape.ts";

const FLOAT: Shape = { kind: "number", whole: false, least: null, most: null };
const WHOLE: Shape = { kind: "number", whole: true, least: null, most: null };

/** What Python 3 writes. */
const FLOATS: readonly (readonly [value: number, text: string])[] = [
  [0.1, "0.1"],
  [1, "1.0"],
  [30, "30.0"],
  [-0, "-0.0"],
  [1e15, "1000000000000000.0"],
  [1e16, "1e+16"],
  [123456789012345680, "1.2345678901234568e+17"],
  [1e-4, "0.0001"],
  [1e-5, "1e-05"],
  [1.5e-7, "1.5e-07"],
  [1e300, "1e+300"],
  [1 / 3, "0.3333333333333333"],
];

for (const [value, text] of FLOATS) {
  Deno.test(`pythonJson() writes the float ${text}`, () => strictEqual(pythonJson(FLOAT, value), text));
}

Deno.test("pythonJson() writes whole numbers and free values as they are, keys sorted, ASCII only", () => {
  strictEqual(pythonJson(WHOLE, 30), "30");
  const value = { b: 'caf\u00e9\u2028\x7f\n"\\', a: [1, 2.5, null, true], "\u00e9": 1, B: {} };
  strictEqual(
    pythonJson({ kind: "free" }, value),
    String.raw`{"B": {}, "a": [1, 2.5, null, true], "b": "caf\u00e9\u2028\u007f\n\"\\", "\u00e9": 1}`,
  );
});
