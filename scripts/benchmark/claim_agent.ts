/**
 * An agent of a shared study that does nothing but claim: it takes chains of one run each and ends the runs at once. It
 * begins when so many agents are there.
 *
 *     deno run -A scripts/benchmark/claim_agent.ts DIR RUNS AGENTS
 */
import { sleep } from "../../lib/base/abort.ts";
import { monotonicMs } from "../../lib/base/clock.ts";
import { namesIn } from "../../lib/base/files.ts";
import { chainsOf } from "../../lib/plan/pool/chains.ts";
import { lockTaker } from "../../lib/session/open_study.ts";
import { ClaimFeed } from "../../lib/session/join/claim_feed.ts";
import { enterShared } from "../../lib/session/join/shared_dir.ts";
import { finished } from "../../tests/support/events.ts";
import { configOf, planOf } from "../../tests/support/plans.ts";

const LEASE_S = 10;
const LOOK_MS = 5;

async function claimAll(dir: string, runs: number, agents: number): Promise<void> {
  using shared = enterShared(dir, lockTaker({ noLock: false }, dir), LEASE_S);
  const feed = new ClaimFeed({
    ...shared,
    agent: shared.agent.agent,
    chains: chainsOf(
      planOf([configOf()], { n_cycles: runs }).runs,
      () => ({ boards: 1, exclusive: false }),
      [],
    ),
    nowMs: monotonicMs,
    again: new Map(),
    fits: () => true,
  });
  while (namesIn(`${dir}/agents`).filter((name) => name.endsWith(".json")).length < agents) {
    await sleep(LOOK_MS);
  }
  for (;;) {
    const fed = feed.take(() => "now");
    if (fed.kind === "none") break;
    if (fed.kind === "wait") {
      await sleep(fed.ms);
      continue;
    }
    for (const run of fed.chain.runs) if (feed.mayBegin(run, fed.chain)) feed.ends.take(run, finished(run));
    feed.done(fed.chain);
  }
}

if (import.meta.main) {
  const [dir = "", runs, agents] = Deno.args;
  await claimAll(dir, Number(runs), Number(agents));
}
