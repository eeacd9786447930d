/**
 * Agents on a folder of which only `create` can be relied on: answers get lost, what is read may be old, agents die, or stand
 * still while others go on. Each file operation is one step of a server; the code under test is the real one.
 */
import assert from "node:assert/strict";
import type { Beat } from "../../lib/cluster/beats.ts";
import { Liveness } from "../../lib/cluster/liveness.ts";
import type { SharedFiles } from "../../lib/cluster/shared_files.ts";
import type { Chain } from "../../lib/plan/pool/chain.ts";
import type { Run } from "../../lib/experiment/run.ts";
import { ClaimFeed } from "../../lib/session/join/claim_feed.ts";
import { finished } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";
import { Random } from "../support/random.ts";
import { sized } from "../support/sampled.ts";

/** How the folder, or the agents on it, are worse than they may be. */
type Fault = "none" | "no nonce" | "no exclusive end";

interface Counts {
  runs: number;
  doubled: number;
  missing: number;
  vain: number;
  replaced: number;
}

const LEASE_S = 60;
const CONFIGS = [1, 2, 3].map((n) => configOf({ n }));
/** Chains of one to three runs each. */
const PLAN = planOf(CONFIGS, { n_cycles: 5 });

/** A server's folder: what is there now, and what a client may still believe. */
class Folder {
  readonly #now = new Map<string, { text: string; atS: number }>();
  readonly #random: Random;
  readonly #clock: { s: number };

  constructor(random: Random, clock: { s: number }) {
    this.#random = random;
    this.#clock = clock;
  }

  /** Of one client. A file of its own is never hidden from it but by a lost answer. */
  filesOf(fault: Fault): SharedFiles {
    const own = new Set<string>();
    return {
      create: (name, text) => {
        const isEnd = name.startsWith("ends/");
        if (this.#now.has(name) && !(fault === "no exclusive end" && isEnd)) return false;
        this.#now.set(name, { text, atS: this.#clock.s });
        if (this.#random.next() < 0.05) return false;
        own.add(name);
        return true;
      },
      read: (name) => {
        const file = this.#now.get(name);
        if (file === undefined) return null;
        const ageS = this.#clock.s - file.atS;
        const isOwnAnswer = ageS === 0;
        const isOld = !own.has(name) && !isOwnAnswer && ageS < 30 * this.#random.next();
        if (isOld && this.#random.next() < 0.2) return null;
        return fault === "no nonce" ? file.text.replace(/"(nonce|agent|run_id)":"/g, '"$1":"?') : file.text;
      },
    };
  }

  has(name: string): boolean {
    return this.#now.has(name);
  }
}

interface Agent {
  readonly name: string;
  readonly feed: ClaimFeed;
  nextS: number;
  /** Until then it stands still, or its beats get nowhere. */
  cutS: number;
  state: "there" | "dead" | "over";
  readonly steps: Generator<number, void>;
}

/** One study to its end; the same seed gives the same one. */
function runModel(seed: number, fault: Fault, counts: Counts): void {
  const random = new Random(seed);
  const clock = { s: 0 };
  const folder = new Folder(random, clock);
  const chains = chainsOf(random);
  const runs = chains.flatMap((chain) => chain.runs);
  const beats = new Map<string, Beat>();
  const counted: Run[] = [];
  let executed = 0;
  const agents: Agent[] = [];
  let attempts = 0;

  function* work(name: string, feed: ClaimFeed): Generator<number, void> {
    for (;;) {
      const fed = feed.take(() => "now");
      yield 0.1;
      if (fed.kind === "none") return;
      if (fed.kind === "wait") {
        yield fed.ms / 1000;
        continue;
      }
      for (const run of fed.chain.runs) {
        if (!feed.mayBegin(run, fed.chain)) continue;
        yield 0.1;
        executed += 1;
        attempts += 1;
        const end = { ...finished(run, "completed"), run_id: `${name}-${attempts}` };
        yield 5 + 15 * random.next();
        // Durable by now.
        if (feed.ends.take(run, end)) counted.push(run);
        yield 0.1;
      }
      feed.done(fed.chain);
    }
  }

  const spawn = (): void => {
    const name = `agent${agents.length + 1}`;
    const liveness = new Liveness({
      leaseMs: LEASE_S * 1000,
      nowMs: () => clock.s * 1000,
      beatOf: (agent) => beats.get(agent) ?? null,
      isGone: () => false,
    });
    const feed = new ClaimFeed({
      files: folder.filesOf(fault),
      agent: name,
      liveness,
      chains,
      leaseMs: LEASE_S * 1000,
      nowMs: () => clock.s * 1000,
      again: new Map(),
      fits: () => true,
    });
    const nextS = clock.s + 5 * random.next();
    agents.push({ name, feed, nextS, cutS: 0, state: "there", steps: work(name, feed) });
  };

  const first = random.integer(2, 5);
  for (let index = 0; index < first; index++) spawn();
  let troubles = 0;
  for (let step = 0; step < 20_000; step++) {
    const there = agents.filter(({ state }) => state === "there");
    if (there.length === 0) {
      // Whoever is left of a cluster is started again, until the study is over.
      if (runs.every((run) => folder.has(`ends/${run.config_hash}-c${run.cycle}`)) || agents.length > 12) {
        break;
      }
      spawn();
      continue;
    }
    const agent = there.reduce((one, other) => other.nextS < one.nextS ? other : one);
    clock.s = agent.nextS;
    for (const { name, cutS } of there) {
      if (cutS <= clock.s) beats.set(name, { count: Math.floor(clock.s / 10), state: "working" });
    }
    const chance = random.next();
    if (troubles < 6 && chance < 0.008) {
      troubles += 1;
      counts.replaced += 1;
      spawn();
      if (chance < 0.004) agent.state = "dead";
      else {
        // It stands still, or works on while nobody hears of it; its successor has begun.
        agent.cutS = clock.s + 30 + 200 * random.next();
        agent.nextS = random.next() < 0.5 ? agent.cutS : agent.nextS + 0.1;
      }
      continue;
    }
    const { value, done } = agent.steps.next();
    if (done === true) {
      agent.state = "over";
      beats.set(agent.name, { count: 0, state: "left" });
    } else agent.nextS = clock.s + value + 0.05 * random.next();
  }
  const distinct = new Set(counted).size;
  counts.runs += runs.length;
  counts.doubled += counted.length - distinct;
  counts.missing += runs.length - distinct;
  counts.vain += executed - distinct;
}

function chainsOf(random: Random): Chain[] {
  const cycles = random.integer(2, 5);
  return Array.from({ length: cycles }, (_, index): Chain => {
    const runs = PLAN.runs.filter(({ cycle }) => cycle === index + 1).slice(0, random.integer(1, 3));
    return { id: `c${index + 1}`, cycle: index + 1, boards: 1, exclusive: false, runs };
  });
}

function runModels(studies: number, fault: Fault): Counts {
  const counts = { runs: 0, doubled: 0, missing: 0, vain: 0, replaced: 0 };
  for (let seed = 1; seed <= studies; seed++) runModel(seed, fault, counts);
  return counts;
}

Deno.test("every run of a shared study counts once, whatever becomes of answers, listings and agents", () => {
  const counts = runModels(sized(30_000, 2_000), "none");
  console.log(JSON.stringify(counts));
  assert.deepEqual([counts.doubled, counts.missing], [0, 0]);
  assert.ok(counts.replaced > 500, "too few agents were lost");
});

Deno.test("the model has teeth: without the nonce runs are lost, without the exclusive end they count twice", () => {
  const [deaf, loose] = [runModels(400, "no nonce"), runModels(1_000, "no exclusive end")];
  console.log(JSON.stringify({ deaf, loose }));
  assert.ok(deaf.missing > 0);
  assert.ok(loose.doubled > 0);
});
