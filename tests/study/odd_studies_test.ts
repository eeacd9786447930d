import { ok } from "node:assert/strict";
import type { Json } from "../../lib/base/json.ts";
import { studyShape } from "../../lib/study/study_schema.ts";
import { leafFields } from "../experiment/_samples.ts";
import { sized } from "../support/sampled.ts";
import { tell } from "./_tell.ts";

const VALUES: readonly Json[] = [
  null,
  true,
  0,
  1,
  -1,
  0.5,
  1e300,
  "",
  "m",
  "pytorch",
  "vllm",
  "command",
  "llamacpp",
  [],
  [1, 2],
  ["pytorch", "vllm"],
  [[]],
  {},
  { n: 3 },
  { jsonl: "f" },
  { argv: ["a"] },
  { preset: "creative" },
  { engine: { block_size: 8 } },
  { n: [1, 2] },
  [{ n: 1 }],
  { "decoder.temperature": [0, 1] },
  { backend: ["pytorch", "command"], "params.x": [1] },
  [{ model: "a" }, { backend: "vllm" }],
];

const ROUNDS = sized(4_000, 400);

Deno.test("readStudy() and makePlan() give a plan or a reason for every odd mixture of keys and values", () => {
  const keys = [...studyShape().keys.keys(), "constructor", "toString", "hasOwnProperty", "x"];
  const paths = leafFields().map(({ path }) => path);
  let state = 3;
  const draw = <Item>(items: readonly Item[]): Item => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return items[Math.floor(state / 65536) % items.length] as Item;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const study: Record<string, Json> = { model: "m" };
    for (let count = draw([0, 1, 2, 3, 4]); count > 0; count--) study[draw(keys)] = draw(VALUES);
    if (draw([true, false])) {
      study.sweep = { [draw(paths)]: [draw(VALUES), draw(VALUES)], [draw(paths)]: draw(VALUES) };
    }
    const override = { path: draw([...keys, ...paths]), source: "--set", value: draw(VALUES) };
    const text = JSON.stringify(study);
    const { plan, errors } = tell(text, draw([[], [override]]));
    ok((plan === null) === (errors.length > 0), text);
    if (plan !== null) ok(plan.runs.length > 0, text);
  }
});
