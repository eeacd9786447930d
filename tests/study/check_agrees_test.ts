import { deepStrictEqual, ok } from "node:assert/strict";
import type { z } from "zod";
import type { Json } from "../../lib/base/json.ts";
import { experimentSchema } from "../../lib/experiment/config.ts";
import { mapShapeOf, slotOf } from "../../lib/experiment/shape.ts";
import { checkTree } from "../../lib/study/check.ts";
import { executionSchema } from "../../lib/study/execution.ts";
import { newFindings } from "../../lib/study/findings.ts";
import { findMissing } from "../../lib/study/missing.ts";
import { optionText } from "../../lib/study/source_text.ts";
import { treeOfJson } from "../../lib/study/tree.ts";
import { leafFields, valuesFor } from "../experiment/_samples.ts";

const ANYTHING: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  2,
  3,
  7,
  8,
  16,
  0.01,
  0.5,
  0.9,
  1.5,
  2.5,
  5,
  30,
  60,
  120,
  256,
  257,
  512,
  31622401,
  1e15,
  2 ** 53,
  1e300,
  "",
  "a",
  "auto",
  "bf16",
  "q8_0",
  "1",
  "yes",
  "command",
  [],
  ["a"],
  [""],
  [1],
  {},
  { a: 1 },
  { a: "b" },
  { n: 3 },
  { n: 0 },
  { jsonl: "f" },
  { jsonl: "" },
  { n: 3, jsonl: "f" },
  { argv: ["a"] },
  { argv: [] },
  { argv: ["a"], env: { A: "b" } },
  { min_seconds: 1 },
  { preset: "creative" },
  { preset: "x" },
  { engine: { block_size: 8 } },
  { engine: { block_size: 9 } },
  { adapter_id: "a" },
  { base_url: "x", concurrency: 0 },
  { base_url: "x" },
  { enabled: false },
  { backend: null },
];

/** What the walk over the declaration says: the value it would hand on, or null where it finds a mistake. */
function checked(schema: z.ZodType, value: Json): { readonly value: Json | undefined } | null {
  const findings = newFindings();
  const tree = treeOfJson(value, { source: optionText("test"), offset: 0 });
  const result = checkTree(findings, slotOf(schema), tree, "x");
  findMissing(findings, slotOf(schema), tree, "x");
  return findings.found.length === 0 ? { value: result } : null;
}

for (const [name, schema] of [["an experiment", experimentSchema], ["execution", executionSchema]] as const) {
  Deno.test(`checkTree() and zod agree about every field of ${name}`, () => {
    for (const [key, field] of Object.entries(schema.shape) as [string, z.ZodType][]) {
      for (const value of ANYTHING) {
        const found = checked(field, value);
        const strict = field.safeParse(value);
        const told = `${key}: ${JSON.stringify(value)}`;
        // What zod takes, the walk takes for the same thing.
        if (strict.success) ok(found !== null, `${told} is refused`);
        if (strict.success && found !== null) deepStrictEqual(field.parse(found.value), strict.data, told);
        // What the walk hands on, zod takes: lax spellings are put right on the way.
        if (found !== null) {
          ok(field.safeParse(found.value).success, `${told} is handed on as ${JSON.stringify(found.value)}`);
        }
      }
    }
  });
}

Deno.test("checkTree() and zod agree about every field inside the sections", () => {
  for (const { path, slot } of leafFields()) {
    for (const value of [...valuesFor(slot.shape), ...ANYTHING]) {
      const keys = path.split(".");
      const [top = "", ...rest] = keys;
      const wrapped = rest.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
      const field = (experimentSchema.shape as Record<string, z.ZodType>)[top];
      if (field === undefined || rest.length === 0) continue;
      const found = checked(field, wrapped);
      if (field.safeParse(wrapped).success) {
        ok(found !== null, `${path}: ${JSON.stringify(value)} is refused`);
      }
      if (found !== null) ok(field.safeParse(found.value).success, `${path}: ${JSON.stringify(value)}`);
    }
  }
});

Deno.test("slotOf() reads every declaration there is", () => {
  ok(mapShapeOf(experimentSchema).keys.size > 20);
  ok(leafFields().length > 100);
});
