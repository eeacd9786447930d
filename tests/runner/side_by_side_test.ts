/** Two attempts at once, and a held server beside an attempt: each ends with exactly what it started. */
import assert from "node:assert/strict";
import { monotonicMs } from "../../lib/base/clock.ts";
import { NO_INPUTS } from "../../lib/experiment/inputs.ts";
import type { AttemptLimits, Launcher } from "../../lib/launch/attempt_request.ts";
import { MemoryGate } from "../../lib/metering/memory_gate.ts";
import { unmetered } from "../../lib/metering/metering.ts";
import type { Containment } from "../../lib/process/cage.ts";
import { type ContainmentMethod, openContainment } from "../../lib/process/containment.ts";
import { Guard } from "../../lib/process/guard.ts";
import { HeldProcess } from "../../lib/process/held_process.ts";
import { spawnDetached } from "../../lib/process/spawn.ts";
import { StopSwitch } from "../../lib/process/stop.ts";
import { Suspension } from "../../lib/process/suspension.ts";
import type { AttemptFacts } from "../../lib/results/record.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { runOnce } from "../../lib/runner/run_once.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { launch, livingChildren } from "../support/attempts.ts";
import { CGROUP, type Need, PID_NAMESPACE, testWith } from "../support/needs.ts";
import { planOf, workerConfig } from "../support/plans.ts";
import { until } from "../support/program.ts";
import { sleepersOf, sleepOfItsOwn } from "../support/strays.ts";
import { TempFolder } from "../support/temp_folder.ts";

const NOTHING: Need = { what: "nothing", isMet: () => true };
const KINDS: readonly (readonly [kind: Containment, need: Need])[] = [
  ["group", NOTHING],
  ["cgroup", CGROUP],
  ["pidns", PID_NAMESPACE],
];

const LIMITS: AttemptLimits = { total_s: 60, startup_s: 30, silence_s: null, close_s: 20, grace_s: 20 };

/** What several attempts share. */
class Scene implements AsyncDisposable {
  readonly folder = new TempFolder();
  readonly guard = new Guard();
  readonly suspension = new Suspension();
  readonly method: ContainmentMethod;
  readonly #sleeps: string[] = [];
  readonly #before = livingChildren();
  #begun = 0;

  private constructor(method: ContainmentMethod) {
    this.method = method;
    Deno.mkdirSync(this.folder.at("runs"));
  }

  static async open(kind: Containment): Promise<Scene> {
    return new Scene(await openContainment(kind));
  }

  /** Begins an attempt of the fixture that leaves sleepers. */
  begin(
    leaves: string,
    change: { readonly limits?: Partial<AttemptLimits>; readonly ends?: string; readonly waits?: string } =
      {},
  ): Begun {
    const [run] = planOf([workerConfig("leaves_and_waits")]).runs;
    assert.ok(run !== undefined);
    this.#begun += 1;
    const run_id = `000${this.#begun}`;
    const runFolder = new RunFolder(realDisk, this.folder.path, run_id);
    const sleep = this.newSleep();
    const stop = new StopSwitch();
    const { folder, guard, suspension } = this;
    const request = {
      run,
      run_id,
      attempt: 1,
      limits: { ...LIMITS, ...change.limits },
      devices: [],
      base_dir: folder.path,
      study_dir: folder.path,
      inputs: NO_INPUTS,
      folder: runFolder,
    };
    let phases = 0;
    let hellos = 0;
    const withSleepers: Launcher = (of) => {
      const plain = launch(of);
      if ("failure" in plain) return plain;
      const env = {
        ...plain.spec.env,
        LEAVES: leaves,
        SLEEP: sleep,
        ENDS: change.ends ?? "asked",
        WAITS: change.waits ?? "no",
      };
      return { spec: { ...plain.spec, env } };
    };
    const facts = runOnce(
      request,
      { launch: withSleepers, guard, containment: this.method },
      {
        memory: new MemoryGate([], () => Promise.resolve(null)),
        metering: unmetered("a test without a meter"),
      },
      { stop, suspension, limit: { signal: new AbortController().signal, seconds: null } },
      {
        onStarting: () => {},
        onStarted: () => {},
        onFrame: ({ type }) => {
          if (type === "phase") phases += 1;
          if (type === "hello") hellos += 1;
        },
      },
    ).finally(() => runFolder.close());
    const sleepers = leaves === "" ? 0 : leaves.split(" ").length;
    return {
      sleep,
      stop,
      facts,
      left: () => sleepersOf(sleep),
      isThere: () => hellos > 0,
      leave: () => void folder.write(`runs/${run_id}/leave`, ""),
      hasLeft: () => sleepersOf(sleep).length === sleepers,
      work: () => void folder.write(`runs/${run_id}/begin`, ""),
      isReady: () => phases > 0 && sleepersOf(sleep).length === sleepers,
      letGo: () => void folder.write(`runs/${run_id}/go`, ""),
    };
  }

  /** Whatever sleeps that long dies with the scene. */
  newSleep(): string {
    const sleep = sleepOfItsOwn();
    this.#sleeps.push(sleep);
    return sleep;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.#sleeps.flatMap(sleepersOf);
    for (const pid of left) Deno.kill(pid, "SIGKILL");
    assert.deepEqual(left, [], "a stray is alive");
    assert.deepEqual(livingChildren(this.guard.pid, ...this.#before), [], "a child is alive");
    this.suspension[Symbol.dispose]();
    await this.guard.close();
    this.folder[Symbol.dispose]();
  }
}

interface Begun {
  readonly sleep: string;
  readonly stop: StopSwitch;
  readonly facts: Promise<AttemptFacts>;
  /** Its sleepers that live. */
  readonly left: () => number[];
  /** Its worker has said hello. */
  readonly isThere: () => boolean;
  /** Lets one that waits leave its sleepers. */
  readonly leave: () => void;
  /** All its sleepers are what they are to be: one that still is on its way there shows its environment. */
  readonly hasLeft: () => boolean;
  /** Lets one that waits begin its work, which is when the runner looks at what is below it. */
  readonly work: () => void;
  /** It works, and all its sleepers are there. */
  readonly isReady: () => boolean;
  /** Tells it to end. */
  readonly letGo: () => void;
}

async function ready(...all: readonly Begun[]): Promise<void> {
  await until("all attempts work", () => all.every(({ isReady }) => isReady()));
}

/** `kind flags` of an attempt that is told to end. */
async function end(attempt: Begun): Promise<string> {
  attempt.letGo();
  return told(await attempt.facts);
}

function told({ outcome, warnings }: AttemptFacts): string {
  return [outcome.kind, ...outcome.flags, ...warnings.map(({ code }) => code)].join(" ");
}

/** True until the attempt has ended. */
async function isUnderWay({ facts }: Begun): Promise<boolean> {
  return await Promise.race([
    facts.then(() => false),
    new Promise<true>((done) => setTimeout(done, 50, true)),
  ]);
}

for (const [kind, need] of KINDS) {
  for (const order of ["the first ends first", "the second ends first"] as const) {
    testWith([need], `two attempts at once, each with strays (${kind}, ${order})`, async () => {
      await using scene = await Scene.open(kind);
      const begun = [scene.begin("daemon child"), scene.begin("daemon child daemon")] as const;
      await ready(...begun);
      const [one, other] = order === "the first ends first" ? begun : [begun[1], begun[0]];
      const kept = other.left();
      assert.equal(await end(one), "completed leaked");
      assert.deepEqual([one.left(), other.left()], [[], kept], "exactly its own were killed");
      assert.ok(await isUnderWay(other), "the other one was ended with it");
      assert.equal(await end(other), "completed leaked");
      assert.deepEqual(other.left(), []);
    });

    testWith(
      [need],
      `an attempt without strays is not blamed for those of another (${kind}, ${order})`,
      async () => {
        await using scene = await Scene.open(kind);
        const [messy, clean] = [scene.begin("daemon daemon"), scene.begin("")];
        await ready(messy, clean);
        if (order === "the first ends first") {
          assert.equal(await end(messy), "completed leaked");
          assert.deepEqual(messy.left(), []);
          assert.equal(await end(clean), "completed");
        } else {
          assert.equal(await end(clean), "completed");
          assert.equal(messy.left().length, 2);
          assert.equal(await end(messy), "completed leaked");
        }
        assert.deepEqual(messy.left(), []);
      },
    );
  }

  testWith(
    [need],
    `an attempt that is killed at its limit takes nothing of another with it (${kind})`,
    async () => {
      await using scene = await Scene.open(kind);
      const other = scene.begin("daemon child");
      await ready(other);
      const late = scene.begin("daemon child", { limits: { total_s: 1 }, ends: "never" });
      await ready(late);
      // What a larger cage has killed by then has not leaked.
      assert.match(told(await late.facts), kind === "group" ? /^timed_out leaked$/ : /^timed_out( leaked)?$/);
      assert.deepEqual([late.left().length, other.left().length], [0, 2]);
      assert.ok(await isUnderWay(other));
      assert.equal(await end(other), "completed leaked");
    },
  );

  testWith([need], `both attempts are ended at once, and nothing of either is left (${kind})`, async () => {
    await using scene = await Scene.open(kind);
    const both = [scene.begin("daemon child"), scene.begin("daemon child")];
    await ready(...both);
    for (const attempt of both) attempt.letGo();
    for (const attempt of both) assert.equal(told(await attempt.facts), "completed leaked");
    assert.deepEqual(both.flatMap((attempt) => attempt.left()), []);
  });
}

for (const [kind, need] of KINDS.slice(1)) {
  testWith(
    [need],
    `a daemon without an environment is its attempt's where a cage holds it (${kind})`,
    async () => {
      await using scene = await Scene.open(kind);
      const [one, other] = [scene.begin("bare"), scene.begin("bare")];
      await ready(one, other);
      assert.equal(await end(one), "completed leaked");
      assert.deepEqual([one.left().length, other.left().length], [0, 1]);
      assert.equal(await end(other), "completed leaked");
      assert.deepEqual(other.left(), []);
    },
  );
}

Deno.test("a daemon that shows nothing waits until one attempt alone is left, and is held against none (group)", async () => {
  await using scene = await Scene.open("group");
  const waits = { waits: "yes" };
  const [one, other] = [scene.begin("bare", waits), scene.begin("bare daemon", waits)];
  // What is left by one that is alone is its own.
  await until("both workers are there", () => one.isThere() && other.isThere());
  for (const attempt of [one, other]) attempt.leave();
  await until("both have left theirs", () => one.hasLeft() && other.hasLeft());
  for (const attempt of [one, other]) attempt.work();
  await ready(one, other);
  assert.equal(await end(one), "completed");
  assert.deepEqual([one.left().length, other.left().length], [1, 2]);
  // Its daemon is known; which of the bare ones is its own is not.
  assert.equal(await end(other), "completed leaked unclaimed");
  assert.deepEqual([one.left(), other.left()], [[], []]);
});

Deno.test("a daemon that shows nothing is that attempt's which was alone when it began (group)", async () => {
  await using scene = await Scene.open("group");
  const first = scene.begin("bare");
  await ready(first);
  await clockTick();
  const second = scene.begin("");
  await ready(second);
  assert.equal(await end(first), "completed leaked");
  assert.deepEqual(first.left(), []);
  const third = scene.begin("");
  await ready(third);
  assert.equal(await end(second), "completed");
  assert.equal(await end(third), "completed");
});

Deno.test("what was seen below a worker before it was killed is its own, whatever it shows (group)", async () => {
  await using scene = await Scene.open("group");
  const [one, other] = [scene.begin("bare_child", { ends: "never" }), scene.begin("bare_child")];
  await ready(one, other);
  one.stop.request("SIGTERM");
  one.stop.request("SIGTERM");
  assert.equal(told(await one.facts), "interrupted leaked");
  assert.deepEqual([one.left().length, other.left().length], [0, 1]);
  other.stop.request("SIGTERM");
  other.stop.request("SIGTERM");
  assert.equal(told(await other.facts), "interrupted leaked");
  assert.deepEqual(other.left(), []);
});

/** Start times are in ticks of 10 ms. */
async function clockTick(): Promise<void> {
  const began = monotonicMs();
  await until("the clock ticks", () => monotonicMs() - began > 30);
}

/** A server with a daemon and a child, held until it is ended. */
async function beginServer(scene: Scene): Promise<{ end: () => Promise<number>; left: () => number[] }> {
  const sleep = scene.newSleep();
  const cage = await scene.method.makeCage();
  const tag = { name: "LLEM_SERVER_ID", value: crypto.randomUUID() };
  const script = `trap 'exit 0' TERM
    (setsid sleep ${sleep} </dev/null >/dev/null 2>&1 &)
    sleep ${sleep} </dev/null >/dev/null 2>&1 &
    while :; do sleep 0.02; done`;
  const env = { PATH: "/usr/bin:/bin", [tag.name]: tag.value };
  const spawned = spawnDetached(cage.wrap({ program: "/bin/sh", args: ["-c", script], cwd: "/", env }));
  assert.ok("child" in spawned);
  const ignore = (): void => {};
  const { guard } = scene;
  const server = new HeldProcess({
    child: spawned.child,
    cage,
    tag,
    container: null,
    guard,
    stdout: () => [].values(),
    stderr: ignore,
    warn: ignore,
  });
  await server.enlist();
  await until("the server is up", () => sleepersOf(sleep).length === 2);
  return {
    left: () => sleepersOf(sleep),
    /** How many processes had left its group. */
    end: async () => {
      server.terminate("SIGTERM", 20);
      const exit = await server.ended;
      const { swept } = await server.settle(exit);
      await server.release();
      await cage.close();
      assert.deepEqual([exit, server.wasKilled, swept.survivors], [{ code: 0, signal: null }, false, []]);
      return swept.escaped.length;
    },
  };
}

for (const [kind, need] of KINDS) {
  testWith([need], `a held server outlives attempts beside it, and their ends (${kind})`, async () => {
    await using scene = await Scene.open(kind);
    const server = await beginServer(scene);
    const kept = server.left();
    for (const leaves of ["daemon child", "", "daemon"]) {
      const attempt = scene.begin(leaves);
      await ready(attempt);
      assert.equal(await end(attempt), leaves === "" ? "completed" : "completed leaked");
      assert.deepEqual([attempt.left(), server.left()], [[], kept]);
    }
    assert.equal(await server.end(), 1);
    assert.deepEqual(server.left(), []);
  });

  testWith([need], `a held server that ends leaves an attempt beside it alone (${kind})`, async () => {
    await using scene = await Scene.open(kind);
    const server = await beginServer(scene);
    const attempt = scene.begin("daemon child");
    await ready(attempt);
    assert.equal(await server.end(), 1);
    assert.deepEqual([server.left().length, attempt.left().length], [0, 2]);
    assert.ok(await isUnderWay(attempt));
    assert.equal(await end(attempt), "completed leaked");
    assert.deepEqual(attempt.left(), []);
  });
}
