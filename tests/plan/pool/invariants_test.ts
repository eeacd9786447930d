import { deepEqual } from "node:assert/strict";
import { createPool } from "../../../lib/plan/pool/create_pool.ts";
import { sized } from "../../support/sampled.ts";
import { play } from "./_simulation.ts";

Deno.test("the scheduler keeps its twelve invariants in made-up studies with crashes, stops and lost boards", () => {
  const count = sized(300_000, 20_000);
  const sum = { starts: 0, sessions: 0, splits: 0, left: 0, worstBypass: 0 };
  for (let seed = 1; seed <= count; seed++) {
    try {
      const played = play(seed, createPool);
      sum.starts += played.starts;
      sum.sessions += played.sessions;
      sum.splits += played.splits;
      sum.left += played.left;
      sum.worstBypass = Math.max(sum.worstBypass, played.worstBypass);
      if (seed % 50 === 0) deepEqual(play(seed, createPool), played, "12: the same seed, other decisions");
    } catch (error) {
      throw new Error(`study ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
  console.log(`${count} studies: ${JSON.stringify(sum)}`);
});
