import { deepStrictEqual } from "node:assert/strict";
import type { Run } from "../../../lib/experiment/run.ts";
import { chainsOf } from "../../../lib/plan/pool/chains.ts";
import { configOf, planOf } from "../../support/plans.ts";

const configs = ["a", "b"].flatMap((model) => [1, 2].map((batch) => configOf({ model, params: { batch } })));
const { runs } = planOf(configs, { n_cycles: 2 });
const oneEach = (): { boards: number; exclusive: boolean } => ({ boards: 1, exclusive: false });
const namesOf = (chains: ReturnType<typeof chainsOf>): string[] =>
  chains.map(({ id, runs }) => `${id}: ${runs.map(({ index }) => index).join(" ")}`);

Deno.test("chainsOf() makes a chain of each cycle, its runs in the order of the plan", () => {
  deepStrictEqual(namesOf(chainsOf(runs, oneEach, [])), ["c1: 1 3 5 7", "c2: 2 4 6 8"]);
});

Deno.test("chainsOf() parts a cycle by boards, and by runs that are alone, which stay together", () => {
  const demandOf = ({ config: { model }, index }: Run): { boards: number; exclusive: boolean } =>
    model === "a" ? { boards: 4, exclusive: false } : { boards: index > 6 ? 1 : 0, exclusive: true };
  deepStrictEqual(namesOf(chainsOf(runs, demandOf, [])), [
    "c1-k4: 1 3",
    "c2-k4: 2 4",
    "c1-alone: 5",
    "c2-alone: 6",
    "c1-alone-k1: 7",
    "c2-alone-k1: 8",
  ]);
});

Deno.test("chainsOf() parts a cycle by equal values of pair_by, under names that a resume finds again", () => {
  const chains = chainsOf(runs, oneEach, ["model"]);
  deepStrictEqual(chains.map(({ runs }) => runs.map(({ index }) => index)), [[1, 3], [2, 4], [5, 7], [6, 8]]);
  deepStrictEqual(new Set(chains.map(({ id }) => id)).size, 4);
  const left = chainsOf(runs.slice(5), oneEach, ["model"]);
  deepStrictEqual(left.map(({ id }) => id), [chains[3]?.id, chains[2]?.id]);
  deepStrictEqual(chainsOf(runs, oneEach, ["params.none"]).length, 2);
});
