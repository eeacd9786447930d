/** The soak in short: studies struck at random moments, in every way. `scripts/soak` plays it for as long as one likes. */
import assert from "node:assert/strict";
import { roundText, soak } from "../../scripts/soaking/soak.ts";
import { sized } from "../support/sampled.ts";

Deno.test("fault 22: whatever is killed at a random moment, no result is lost, none doubled, and nobody lives on", async () => {
  let said = "";
  const all = sized(14, 4);
  const totals = await soak({ rounds: all, seed: 20 }, (round, { rounds }) => {
    said += roundText(round, rounds);
  });
  assert.deepEqual(totals, { rounds: all, lost: 0, doubled: 0, orphans: 0, other: 0 }, said);
});
