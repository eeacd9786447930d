import { deepStrictEqual } from "node:assert/strict";
import type { Run } from "../../../lib/experiment/run.ts";
import { Gate } from "../../../lib/plan/pool/gate.ts";
import { configOf, planOf } from "../../support/plans.ts";

const [one, other, third] = planOf([configOf({})], { n_cycles: 3 }).runs as [Run, Run, Run];

Deno.test("Gate: a run that fails while it waits takes no turn from those behind it", () => {
  const gate = new Gate("staged", false);
  for (const run of [one, other, third]) gate.begin(run);
  deepStrictEqual(gate.ready(one), [one]);
  deepStrictEqual([gate.ready(other), gate.ready(third)], [[], []]);
  deepStrictEqual(gate.measured(other), []);
  deepStrictEqual(gate.measured(one), [third]);
  deepStrictEqual(gate.leave(other), []);
});

Deno.test("Gate: a run that fails while it loads is waited for by nobody, where nothing may load meanwhile", () => {
  const gate = new Gate("staged", true);
  for (const run of [one, other]) gate.begin(run);
  deepStrictEqual(gate.ready(one), []);
  deepStrictEqual(gate.measured(other), [one]);
});
