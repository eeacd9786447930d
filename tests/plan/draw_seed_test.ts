import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { sharedDesignHash } from "../../lib/plan/draw_seed.ts";
import { planOf } from "../study/_tell.ts";

const ONCE = "execution: { n_cycles: 1, cycle_order: sequential }\n";

/** Designs with the hash that llenergymeasure gives them, and so the order in which it shuffles them. */
const DESIGNS: readonly (readonly [text: string, hash: string])[] = [
  ["model: gpt2\n", "d96a5c414f02c3be"],
  ["model: gpt2\nsweep: { precision: [fp16, bf16] }\n", "184ab8fd5d4d4525"],
  ["model: gpt2\nsweep: { precision: [fp16, bf16], n: [50, 100] }\n", "a06005d0a2541cc6"],
  ["model: gpt2\nsweep: { pytorch.batch_size: [1, 2, 4, 8] }\n", "eafe41f0d326757b"],
  [
    "model: gpt2\nsweep: { precision: [fp16, bf16] }\nexperiments: [{ precision: fp32, pytorch: { load_in_4bit: true } }]\n",
    "cd3915f8f823c60d",
  ],
];

for (const [text, hash] of DESIGNS) {
  Deno.test(`sharedDesignHash() is ${hash} for ${JSON.stringify(text)}`, () => {
    strictEqual(sharedDesignHash(planOf(text + ONCE).runs.map(({ config }) => config)), hash);
  });
}

Deno.test("sharedDesignHash() has none for what llenergymeasure could not run", () => {
  for (
    const text of [
      "model: m\nbackend: llamacpp\n",
      "model: m\nbackend: command\ncommand: { argv: [a] }\n",
      "model: m\ndataset: { jsonl: p.jsonl }\n",
      "model: m\nmeasure: { min_seconds: 5 }\n",
    ]
  ) strictEqual(sharedDesignHash(planOf(text).runs.map(({ config }) => config)), null, text);
});

Deno.test("drawSeed() is the low 32 bits of the design hash, and gives the order again when given", () => {
  const text = "model: m\nbackend: llamacpp\nsweep: { n: [1, 2, 3, 4] }\n";
  const plan = planOf(text);
  strictEqual(plan.seed, Number(BigInt(`0x${plan.study_design_hash}`) & 0xffffffffn));
  deepStrictEqual(planOf(`${text}execution: { shuffle_seed: ${plan.seed} }\n`).runs, plan.runs);
});

Deno.test("drawSeed() is drawn for a shuffled order only", () => {
  strictEqual(planOf("model: m\n").seed, null);
  strictEqual(
    planOf("model: m\nsweep: { n: [1, 2] }\nexecution: { cycle_order: interleaved, shuffle_seed: 3 }\n").seed,
    null,
  );
});
