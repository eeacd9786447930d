import { ok, strictEqual } from "node:assert/strict";
import { planOf } from "../study/_tell.ts";

// The aims are 3 s and 2 s; a machine that runs other tests beside these may be half as fast.
const SLACK = 2;

function timed<Value>(work: () => Value): { readonly value: Value; readonly seconds: number } {
  const start = performance.now();
  const value = work();
  return { value, seconds: (performance.now() - start) / 1000 };
}

Deno.test("makePlan() plans 100,000 runs of a grid within 3 s and 600 MB", () => {
  const values = JSON.stringify(Array.from({ length: 100 }, (_, index) => index + 1));
  const text =
    `model: m\nbackend: llamacpp\nsweep: { n: ${values}, llamacpp.n_threads: ${values} }\nexecution: { n_cycles: 10 }\n`;
  const { value, seconds } = timed(() => planOf(text));
  strictEqual(value.runs.length, 100_000);
  ok(seconds < 3 * SLACK, `${seconds} s`);
  ok(Deno.memoryUsage().heapUsed < 600e6, `${Deno.memoryUsage().heapUsed} bytes`);
});

Deno.test("makePlan() plans 10,000 listed experiments within 2 s", () => {
  const items = Array.from(
    { length: 10_000 },
    (_, index) => `  - { n: ${index + 1}, decoder: { temperature: 0.5 } }`,
  );
  const { value, seconds } = timed(() => planOf(`model: m\nexperiments:\n${items.join("\n")}\n`));
  strictEqual(value.n_experiments, 10_000);
  ok(seconds < 2 * SLACK, `${seconds} s`);
});

Deno.test("makePlan() plans 10,000 listed experiments within 2 s when they stand in one line of JSON", () => {
  const experiments = Array.from(
    { length: 10_000 },
    (_, index) => ({ n: index + 1, decoder: { temperature: 0.5 } }),
  );
  const { value, seconds } = timed(() => planOf(JSON.stringify({ model: "\u{1F600}", experiments })));
  strictEqual(value.n_experiments, 10_000);
  ok(seconds < 2 * SLACK, `${seconds} s`);
});
