/** Plans of the size that people run; the bench says how long they take. */
import { ok, strictEqual } from "node:assert/strict";
import { planOf } from "../study/_tell.ts";
import { sized } from "../support/sampled.ts";

Deno.test("makePlan() plans 100,000 runs of a grid within 600 MB", () => {
  const values = JSON.stringify(Array.from({ length: 100 }, (_, index) => index + 1));
  const text =
    `model: m\nbackend: llamacpp\nsweep: { n: ${values}, llamacpp.n_threads: ${values} }\nexecution: { n_cycles: 10 }\n`;
  const value = planOf(text);
  strictEqual(value.runs.length, 100_000);
  ok(Deno.memoryUsage().heapUsed < 600e6, `${Deno.memoryUsage().heapUsed} bytes`);
});

/** As many as people list, or enough to see that it works. */
const LISTED = sized(10_000, 1_000);

Deno.test(`makePlan() plans ${LISTED} listed experiments`, () => {
  const items = Array.from(
    { length: LISTED },
    (_, index) => `  - { n: ${index + 1}, decoder: { temperature: 0.5 } }`,
  );
  const value = planOf(`model: m\nexperiments:\n${items.join("\n")}\n`);
  strictEqual(value.n_experiments, LISTED);
});

Deno.test(`makePlan() plans ${LISTED} listed experiments that stand in one line of JSON`, () => {
  const experiments = Array.from(
    { length: LISTED },
    (_, index) => ({ n: index + 1, decoder: { temperature: 0.5 } }),
  );
  const value = planOf(JSON.stringify({ model: "\u{1F600}", experiments }));
  strictEqual(value.n_experiments, LISTED);
});
