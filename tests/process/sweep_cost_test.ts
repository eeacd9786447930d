/** What a sweep costs must not grow with the processes of the machine. */
import assert from "node:assert/strict";
import { ownChild } from "../../lib/base/own_children.ts";
import { becomeSubreaper, childrenOf } from "../../lib/process/adopted.ts";
import type { Cage, Containment } from "../../lib/process/cage.ts";
import { openContainment } from "../../lib/process/containment.ts";
import { holdTree, type ProcessTree } from "../../lib/process/ownership.ts";
import { signalProcess } from "../../lib/process/process_group.ts";
import { spawnDetached } from "../../lib/process/spawn.ts";
import { sweep } from "../../lib/process/sweep.ts";
import "../support/libc.ts";
import { CGROUP, type Need, PID_NAMESPACE, testWith } from "../support/needs.ts";
import { PATIENCE_MS, until } from "../support/program.ts";

becomeSubreaper();

const NOTHING: Need = { what: "nothing", isMet: () => true };
const KINDS: readonly (readonly [kind: Containment, need: Need])[] = [
  ["group", NOTHING],
  ["cgroup", CGROUP],
  ["pidns", PID_NAMESPACE],
];

const SLEEPERS = 2000;
const SWEEPS = 400;
/** The longest measurement, should a sweep be slow. */
const MEASURE_MS = 2000;
/** What a sweep may cost more among many processes, in parts of the bare start of a program: a run has at least that. */
const MOST_PART = 0.1;
const SPAWNS = 20;
/** A busy machine may disturb a comparison; what grows with the processes fails in all of them. */
const ROUNDS = 3;

/** Many processes that do nothing, below one that only waits for them; they end by themselves, should a test be killed. */
class Sleepers implements AsyncDisposable {
  readonly #keeper: Deno.ChildProcess;

  private constructor(keeper: Deno.ChildProcess) {
    this.#keeper = keeper;
  }

  static async start(): Promise<Sleepers> {
    const script = `i=0; while [ $i -lt ${SLEEPERS} ]; do sleep 60 & i=$((i + 1)); done; wait`;
    const keeper = ownChild(
      new Deno.Command("/bin/sh", { args: ["-c", script], stdin: "null", detached: true }).spawn(),
    );
    const sleepers = new Sleepers(keeper);
    await until("all sleep", () => childrenOf(keeper.pid).length === SLEEPERS);
    return sleepers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let left = childrenOf(this.#keeper.pid); left.length > 0; left = childrenOf(this.#keeper.pid)) {
      for (const pid of left) signalProcess(pid, "SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.#keeper.status;
  }
}

/** What is left of a worker that has ended, without a trace, in a cage that is still open. */
async function endedTree(kind: Containment): Promise<{ tree: ProcessTree; cage: Cage }> {
  const cage = await (await openContainment(kind)).makeCage();
  const spawned = spawnDetached(
    cage.wrap({ program: "/bin/sh", args: ["-c", "read -r go"], cwd: "/", env: { PATH: "/usr/bin:/bin" } }),
  );
  assert.ok("child" in spawned);
  const { pid, start_ticks, exited, stdin, stdout, stderr } = spawned.child;
  cage.admit(pid);
  await stdin.close();
  await exited;
  await Promise.all([stdout.cancel(), stderr.cancel()]);
  return { tree: { pgid: pid, start_ticks, cage, tags: { LLEM_TEST_TAG: String(pid) } }, cage };
}

/** Milliseconds of a sweep that finds nothing: one in five is quicker, so that what else runs here counts little. */
async function costMs(tree: ProcessTree): Promise<number> {
  const times: number[] = [];
  const endMs = performance.now() + MEASURE_MS;
  while (times.length < SWEEPS && performance.now() < endMs) {
    const beganMs = performance.now();
    const found = await sweep(tree, PATIENCE_MS);
    times.push(performance.now() - beganMs);
    assert.deepEqual(found, { in_group: [], escaped: [], unclaimed: [], survivors: [] });
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 5)] ?? NaN;
}

/** Milliseconds from the start of a program that does nothing to its end: the median of a few. */
async function bareSpawnMs(): Promise<number> {
  const times: number[] = [];
  for (let spawn = 0; spawn < SPAWNS; spawn++) {
    const beganMs = performance.now();
    await ownChild(new Deno.Command("/bin/true", { stdin: "null" }).spawn()).status;
    times.push(performance.now() - beganMs);
  }
  return times.sort((a, b) => a - b)[SPAWNS / 2] ?? NaN;
}

for (const [kind, need] of KINDS) {
  testWith(
    [need],
    `a sweep costs as much with ${SLEEPERS} processes more on the machine (${kind})`,
    async () => {
      const { tree, cage } = await endedTree(kind);
      using _ = holdTree(tree);
      const parts: string[] = [];
      let isAlike = false;
      for (let round = 0; round < ROUNDS && !isAlike; round++) {
        const before = await costMs(tree);
        let among = NaN;
        {
          await using _sleepers = await Sleepers.start();
          among = await costMs(tree);
        }
        const alone = (before + await costMs(tree)) / 2;
        const spawnMs = await bareSpawnMs();
        parts.push(`${among.toFixed(3)} ms to ${alone.toFixed(3)} ms, a bare start ${spawnMs.toFixed(3)} ms`);
        isAlike = among - alone <= MOST_PART * spawnMs;
      }
      await cage.close();
      assert.ok(isAlike, parts.join("; "));
    },
  );
}
