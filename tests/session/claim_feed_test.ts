import assert from "node:assert/strict";
import type { SharedFiles } from "../../lib/cluster/shared_files.ts";
import type { Loss } from "../../lib/cluster/liveness.ts";
import { runKey } from "../../lib/experiment/run.ts";
import type { Chain } from "../../lib/plan/pool/chain.ts";
import { chainsOf } from "../../lib/plan/pool/chains.ts";
import { chainSource } from "../../lib/session/join/chain_source.ts";
import { ClaimFeed, type ClaimFeedParts } from "../../lib/session/join/claim_feed.ts";
import { sharedChains } from "../../lib/session/join/shared_chains.ts";
import { StopSwitch } from "../../lib/process/stop.ts";
import { finished } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";

/** A folder in memory that counts what is read. */
class Folder implements SharedFiles {
  readonly files = new Map<string, string>();
  reads = 0;

  create(name: string, text: string): boolean {
    if (this.files.has(name)) return false;
    this.files.set(name, text);
    return true;
  }

  read(name: string): string | null {
    this.reads += 1;
    return this.files.get(name) ?? null;
  }
}

const chains = (cycles: number, experiments = 2): Chain[] => {
  const configs = Array.from({ length: experiments }, (_, n) => configOf({ n: n + 1 }));
  return chainsOf(planOf(configs, { n_cycles: cycles }).runs, () => ({ boards: 1, exclusive: false }), []);
};

function feedOf(files: SharedFiles, agent: string, parts: Partial<ClaimFeedParts> = {}): ClaimFeed {
  return new ClaimFeed({
    files,
    agent,
    liveness: { lossOf: () => null },
    chains: chains(2),
    leaseMs: 1000,
    nowMs: () => 0,
    again: new Map(),
    fits: () => true,
    ...parts,
  });
}

/** Takes a chain and ends all of its runs. */
function work(feed: ClaimFeed): string | null {
  const fed = feed.take(() => "now");
  if (fed.kind !== "chain") return null;
  for (const run of fed.chain.runs) {
    assert.equal(feed.mayBegin(run, fed.chain), true);
    assert.equal(feed.ends.take(run, finished(run)), true);
  }
  feed.done(fed.chain);
  return fed.chain.id;
}

Deno.test("ClaimFeed hands out each chain to one agent, in order, and is over with the last end", () => {
  const files = new Folder();
  const [one, other] = [feedOf(files, "one"), feedOf(files, "other")];
  assert.equal(one.take(() => "now").kind, "chain");
  assert.equal(work(other), "c2");
  assert.equal(other.take(() => "now").kind, "wait");
  assert.deepEqual([...files.files.keys()].filter((name) => name.startsWith("claims/")), [
    "claims/c1.g1",
    "claims/c2.g1",
  ]);
});

Deno.test("ClaimFeed gives up after a lease of waiting, and says who has what is left", () => {
  const files = new Folder();
  const clock = { ms: 0 };
  const [one, other] = [feedOf(files, "one"), feedOf(files, "other", { nowMs: () => clock.ms })];
  one.take(() => "now");
  work(other);
  assert.equal(other.take(() => "now").kind, "wait");
  clock.ms = 1100;
  assert.equal(other.take(() => "now").kind, "wait");
  clock.ms = 1200;
  assert.equal(other.take(() => "now").kind, "none");
  assert.deepEqual(other.end, { kind: "others", held: [{ of: "c1", generation: 1, agent: "one" }] });
});

Deno.test("ClaimFeed takes over what a lost agent left, without the runs that have ended, and whoever lost it goes on no more", () => {
  const files = new Folder();
  const losses: Record<string, Loss> = {};
  const lossOf = (agent: string | null): Loss | null => losses[agent ?? ""] ?? null;
  const [one, other] = [feedOf(files, "one"), feedOf(files, "other", { liveness: { lossOf } })];
  const fed = one.take(() => "now");
  assert.ok(fed.kind === "chain");
  const [first, second] = fed.chain.runs;
  assert.ok(first !== undefined && second !== undefined);
  one.ends.take(first, finished(first));
  losses["one"] = "silent";
  const taken = other.take(() => "now");
  assert.ok(taken.kind === "chain");
  assert.deepEqual(taken.chain.runs.map(runKey), [runKey(second)]);
  assert.equal(one.mayBegin(second, fed.chain), false);
  assert.equal(other.mayBegin(second, taken.chain), true);
  assert.equal(other.ends.take(second, { ...finished(second), run_id: "others" }), true);
  assert.equal(one.ends.take(second, finished(second)), false);
});

Deno.test("ClaimFeed begins no run that its former agent has ended after all", () => {
  const files = new Folder();
  const own = { chains: chains(1), liveness: { lossOf: () => "silent" as const } };
  const [one, other] = [feedOf(files, "one", own), feedOf(files, "other", own)];
  const [fed, taken] = [one.take(() => "now"), other.take(() => "now")];
  assert.ok(fed.kind === "chain" && taken.kind === "chain");
  const [first, second] = fed.chain.runs;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(one.ends.take(first, finished(first)), true);
  assert.deepEqual(taken.chain.runs.map((run) => other.mayBegin(run, taken.chain)), [false, true]);
});

Deno.test("ClaimFeed takes no chain whose first run does not fit, and none that was given up here", () => {
  const files = new Folder();
  const late = feedOf(files, "late", { fits: () => false });
  assert.equal(late.take(() => "now").kind, "none");
  assert.deepEqual(late.end, { kind: "no_time" });
  const one = feedOf(files, "one", { chains: chains(1) });
  const fed = one.take(() => "now");
  assert.ok(fed.kind === "chain");
  one.done(fed.chain);
  assert.equal(one.take(() => "now").kind, "none");
  assert.deepEqual(one.end, { kind: "left" });
  // The time may run out in the middle of a chain.
  let fits = true;
  const own = { chains: chains(1), liveness: { lossOf: () => "left" as const }, fits: () => fits };
  const two = feedOf(files, "two", own);
  const taken = two.take(() => "now");
  assert.ok(taken.kind === "chain");
  const [first, second] = taken.chain.runs;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(two.mayBegin(first, taken.chain), true);
  two.ends.take(first, finished(first));
  fits = false;
  assert.equal(two.mayBegin(second, taken.chain), false);
  two.done(taken.chain);
  assert.equal(two.take(() => "now").kind, "none");
  assert.deepEqual(two.end, { kind: "no_time" });
});

Deno.test("ClaimFeed leaves to others what there will never be boards for here, and waits where there may be", () => {
  const files = new Folder();
  const feed = feedOf(files, "small");
  assert.equal(feed.take(() => "later").kind, "wait");
  assert.equal(feed.take(({ id }) => id === "c1" ? "never" : "later").kind, "wait");
  const taken = feed.take(({ id }) => id === "c1" ? "never" : "now");
  assert.ok(taken.kind === "chain" && taken.chain.id === "c2");
  for (const run of taken.chain.runs) feed.ends.take(run, finished(run));
  feed.done(taken.chain);
  assert.equal(feed.take(() => "never").kind, "none");
  assert.deepEqual(feed.end, { kind: "no_room" });
});

Deno.test("agents that make several runs at a time name chains as the first of them did, whatever their machine says", () => {
  const files = new Folder();
  const place = { env: {}, base_dir: "/" };
  const plan = planOf([configOf({ n: 1 })], { n_cycles: 2 });
  const parallel = { ...plan, execution: { ...plan.execution, parallel: "staged" as const } };
  const first = sharedChains(files, parallel, place);
  assert.deepEqual(sharedChains(files, parallel, place), first);
  const others = first.map((chain) => ({ ...chain, id: `${chain.id}-alone`, boards: 0, exclusive: true }));
  const stored = others.map(({ runs, ...chain }) => ({ ...chain, runs: runs.map(({ index }) => index) }));
  files.files.set("chains.json", JSON.stringify(stored));
  assert.deepEqual(sharedChains(files, parallel, place), others);
  files.files.set("chains.json", "[{");
  assert.deepEqual(sharedChains(files, parallel, place), first);
});

Deno.test("ClaimFeed makes runs again in a round of their own", () => {
  const files = new Folder();
  const own = chains(1, 1);
  const [run] = own[0]?.runs ?? [];
  assert.ok(run !== undefined);
  work(feedOf(files, "one", { chains: own }));
  assert.equal(work(feedOf(files, "two", { chains: own, liveness: { lossOf: () => "left" } })), null);
  const again = new Map([[runKey(run), 1]]);
  assert.equal(
    work(feedOf(files, "three", { chains: own, liveness: { lossOf: () => "left" }, again })),
    "c1",
  );
  assert.ok(files.files.has(`ends/${run.config_hash}-c1.r2`));
  assert.equal(work(feedOf(files, "four", { chains: own, liveness: { lossOf: () => "left" }, again })), null);
});

Deno.test("what ClaimFeed reads for a claim does not grow with the runs that are done", () => {
  const files = new Folder();
  const all = chains(400);
  const [one, other] = ["one", "other"].map((agent) => feedOf(files, agent, { chains: all }));
  assert.ok(one !== undefined && other !== undefined);
  const readsOf = (rounds: number): number => {
    const before = files.reads;
    for (let round = 0; round < rounds; round++) assert.ok(work(one) !== null && work(other) !== null);
    return files.reads - before;
  };
  // The first claims find nothing of the other yet.
  const [_, early, __, late] = [readsOf(5), readsOf(20), readsOf(140), readsOf(20)];
  assert.equal(late, early);
});

Deno.test("chainSource() makes one chain after the other and ends its wait with a stop", async () => {
  const files = new Folder();
  const stop = new StopSwitch();
  const own = chains(2);
  const runs = own.flatMap((chain) => chain.runs);
  feedOf(files, "other", { chains: own.slice(1) }).take(() => "now");
  let waits = 0;
  const feed = feedOf(files, "one", { chains: own });
  const source = chainSource(feed, runs, { stop, onWait: () => waits += 1 });
  const state = {} as Parameters<typeof source.next>[0];
  for (const run of own[0]?.runs ?? []) {
    assert.equal(await source.next(state), run);
    feed.ends.take(run, finished(run));
  }
  setTimeout(() => stop.drain(), 50);
  assert.equal(await source.next(state), null);
  assert.equal(waits, 1);
  assert.equal(source.rest().length, 2);
});
