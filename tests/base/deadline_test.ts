import assert from "node:assert/strict";
import { firstAbort, pause, resolvesWithin } from "../../lib/base/abort.ts";
import { Deadline } from "../../lib/base/deadline.ts";
import { until } from "../support/program.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A clock that stands still until it is moved, with timers that fire when it passes them. */
class FakeTime implements Disposable {
  nowMs = 1000;
  longestMs = 0;
  #timers = new Map<number, { atMs: number; action: () => void }>();
  #next = 1;
  readonly #real = { setTimeout, clearTimeout, now: performance.now };

  constructor() {
    globalThis.setTimeout = ((action: () => void, ms: number): number => {
      this.longestMs = Math.max(this.longestMs, ms);
      this.#timers.set(this.#next, { atMs: this.nowMs + ms, action });
      return this.#next++;
    }) as typeof setTimeout;
    globalThis.clearTimeout = (id) => void this.#timers.delete(Number(id));
    performance.now = () => this.nowMs;
  }

  get timers(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while (true) {
      const due = [...this.#timers].filter(([, { atMs }]) => atMs <= endMs)
        .sort(([, one], [, other]) => one.atMs - other.atMs)[0];
      if (due === undefined) break;
      const [id, { atMs, action }] = due;
      this.#timers.delete(id);
      this.nowMs = Math.max(this.nowMs, atMs);
      action();
    }
    this.nowMs = endMs;
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#real.setTimeout;
    globalThis.clearTimeout = this.#real.clearTimeout;
    performance.now = this.#real.now;
  }
}

Deno.test("Deadline fires at its end and not before", () => {
  using time = new FakeTime();
  using deadline = new Deadline(5);
  time.advance(4999);
  assert.equal(deadline.signal.aborted, false);
  time.advance(1);
  assert.equal(deadline.signal.aborted, true);
  assert.equal(time.timers, 0);
});

Deno.test("Deadline of nothing never fires and holds no timer", () => {
  using time = new FakeTime();
  using deadline = new Deadline(null);
  assert.equal(time.timers, 0);
  time.advance(1e12);
  assert.equal(deadline.signal.aborted, false);
});

Deno.test("Deadline started over has its whole time again, as often as one likes", () => {
  using time = new FakeTime();
  using deadline = new Deadline(5);
  for (let count = 0; count < 50; count++) {
    time.advance(4900);
    deadline.restart(5);
    // No timer more, however often it is started over.
    assert.equal(time.timers, 1);
  }
  assert.equal(deadline.signal.aborted, false);
  time.advance(4999);
  assert.equal(deadline.signal.aborted, false);
  time.advance(2);
  assert.equal(deadline.signal.aborted, true);
});

Deno.test("Deadline can be lifted and set again", () => {
  using time = new FakeTime();
  using deadline = new Deadline(5);
  deadline.restart(null);
  time.advance(1e9);
  assert.equal(deadline.signal.aborted, false);
  deadline.restart(5);
  time.advance(5001);
  assert.equal(deadline.signal.aborted, true);
});

Deno.test("Deadline longer than the longest timer waits to its end, in slices", () => {
  const day = 86_400;
  for (const seconds of [2 ** 31 / 1000, 30 * day, 366 * day]) {
    using time = new FakeTime();
    using deadline = new Deadline(seconds);
    time.advance(seconds * 1000 - 1);
    assert.equal(deadline.signal.aborted, false, `${seconds} s`);
    time.advance(2);
    assert.equal(deadline.signal.aborted, true, `${seconds} s`);
    assert.ok(time.longestMs <= LONGEST_TIMER_MS);
  }
});

Deno.test("Deadline does nothing any more once it is disposed", () => {
  using time = new FakeTime();
  const deadline = new Deadline(5);
  deadline[Symbol.dispose]();
  deadline[Symbol.dispose]();
  assert.equal(time.timers, 0);
  deadline.restart(5);
  assert.equal(time.timers, 0);
  time.advance(10_000);
  assert.equal(deadline.signal.aborted, false);
});

Deno.test("Deadline keeps real time", async () => {
  using long = new Deadline(30 * 86_400);
  using none = new Deadline(null);
  using short = new Deadline(0.02);
  await until("the short one fires", () => short.signal.aborted);
  assert.deepEqual([long.signal.aborted, none.signal.aborted], [false, false]);
});

Deno.test("pause() ends after its time, or at once with the signal", async () => {
  await pause(1);
  const controller = new AbortController();
  const waiting = pause(1e9, controller.signal);
  controller.abort();
  await waiting;
  await pause(1e9, controller.signal);
  // One that ended by itself does not listen on.
  const other = new AbortController();
  await pause(1, other.signal);
  other.abort();
});

Deno.test("Deadline asks whether its time is to be believed before it fires", () => {
  using time = new FakeTime();
  const doubts = [100, 100, 0];
  using deadline = new Deadline(5, () => doubts.shift() ?? 0);
  time.advance(5000);
  assert.equal(deadline.signal.aborted, false);
  time.advance(100);
  assert.equal(deadline.signal.aborted, false);
  time.advance(100);
  assert.equal(deadline.signal.aborted, true);
});

Deno.test("Deadline takes back time that did not count, also while it is in doubt", () => {
  using time = new FakeTime();
  const doubts = [100];
  using deadline = new Deadline(5, () => doubts.shift() ?? 0);
  time.advance(5000);
  deadline.extend(3000);
  time.advance(100 + 2899);
  assert.equal(deadline.signal.aborted, false);
  time.advance(1);
  assert.equal(deadline.signal.aborted, true);
});

Deno.test("Deadline of null stays without an end when time is given back", () => {
  using time = new FakeTime();
  using deadline = new Deadline(null);
  deadline.extend(3000);
  time.advance(1e12);
  assert.equal(deadline.signal.aborted, false);
});

Deno.test("firstAbort() ends with whichever signal comes first, also with one that came before", async () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const waiting = firstAbort(one.signal, two.signal);
  two.abort();
  await waiting;
  await firstAbort(one.signal, two.signal);
});

Deno.test("firstAbort() ends although garbage was collected while it waited", async () => {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--v8-flags=--expose-gc", WAIT_AMID_GARBAGE],
    cwd: import.meta.dirname ?? "",
  }).output();
  assert.ok(success);
});

/** Ends with 0 where the wait ends. */
const WAIT_AMID_GARBAGE = `
  import { firstAbort, pause, resolvesWithin } from "${import.meta.resolve("../../lib/base/abort.ts")}";
  const [one, two] = [new AbortController(), new AbortController()];
  const waiting = firstAbort(one.signal, two.signal).then(() => Deno.exit(0));
  for (let round = 0; round < 3; round++) {
    await pause(1);
    gc();
  }
  one.abort();
  await pause(2000);
  Deno.exit(1);
`;

Deno.test("resolvesWithin() waits for the promise, but no longer than that", async () => {
  using time = new FakeTime();
  const early = Promise.withResolvers<void>();
  const inTime = resolvesWithin(200, early.promise);
  time.advance(199);
  early.resolve();
  assert.equal(await inTime, true);
  const late = resolvesWithin(200, new Promise(() => {}));
  assert.equal(time.timers, 1, "that of the first is cleared");
  time.advance(200);
  assert.equal(await late, false);
});
