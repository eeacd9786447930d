import assert from "node:assert/strict";
import { figureLine, figuresJson } from "../../scripts/benchmark/figure.ts";
import { measureMeter } from "../../scripts/benchmark/metering.ts";
import { measurePoolSlots } from "../../scripts/benchmark/pool_slots.ts";

Deno.test("without a C compiler the cost of metering is not measured, and the line says why", async () => {
  const figures = await measureMeter({ seconds: 1, rounds: 1, runsPerRound: 2 }, () => false);
  assert.equal(figuresJson(figures), '{"meter":null}');
  assert.match(figures.map(figureLine).join("\n"), /^meter +- .*not measured: .* a C compiler \(cc\)$/);
});

Deno.test("without a C compiler the slots of a pool are not measured, and the line says why", async () => {
  const figures = await measurePoolSlots(() => false);
  assert.equal(figuresJson(figures), '{"pool_spacing_ratio":null}');
  assert.match(figures.map(figureLine).join("\n"), /not measured: .* a C compiler \(cc\)$/);
});
