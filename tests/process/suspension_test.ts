import assert from "node:assert/strict";
import { Suspension } from "../../lib/process/suspension.ts";
import "../support/libc.ts";

/** A simulated pair of clocks: no test can put the machine to sleep. */
class Clocks {
  now = 1000;
  slept = 50;
  readonly monotonicMs = (): number => this.now;
  readonly sleptMs = (): number => this.slept;
}

interface Watched extends Disposable {
  readonly clocks: Clocks;
  readonly suspension: Suspension;
  readonly heard: string[];
}

function watch(): Watched {
  const clocks = new Clocks();
  const suspension = new Suspension(clocks);
  const heard: string[] = [];
  suspension.listen((ms, cause) => heard.push(`${cause} ${ms}`));
  return { clocks, suspension, heard, [Symbol.dispose]: () => suspension[Symbol.dispose]() };
}

Deno.test("Suspension tells of a machine that slept, once", () => {
  using watched = watch();
  const { clocks, suspension, heard } = watched;
  clocks.now += 500;
  suspension.look();
  assert.deepEqual(heard, []);
  // The monotonic clock stands still meanwhile.
  clocks.slept += 3_600_000;
  clocks.now += 20;
  suspension.look();
  suspension.look();
  assert.deepEqual(heard, ["slept 3600000"]);
});

Deno.test("Suspension takes a late tick for a stop only with SIGCONT", () => {
  using watched = watch();
  const { clocks, suspension, heard } = watched;
  // A slow disk held us up.
  clocks.now += 30_000;
  suspension.look();
  clocks.now += 500;
  suspension.look();
  suspension.continued();
  assert.deepEqual(heard, [], "the SIGCONT has nothing to do with it");
  clocks.now += 8500;
  suspension.continued();
  assert.deepEqual(heard, ["stopped 8000"]);
  suspension.continued();
  assert.deepEqual(heard, ["stopped 8000"], "a second SIGCONT tells nothing new");
});

Deno.test("Suspension doubts a limit that passed while nothing of us ran, and only for a moment", () => {
  using watched = watch();
  const { clocks, suspension, heard } = watched;
  clocks.now += 400;
  assert.equal(suspension.doubtMs(), 0);
  clocks.now += 5000;
  const doubt = suspension.doubtMs();
  assert.ok(doubt > 0 && doubt < 1000);
  clocks.now += doubt + 1;
  assert.equal(suspension.doubtMs(), 0, "no SIGCONT came: it was no stop");
  clocks.now += 5000;
  assert.ok(suspension.doubtMs() > 0);
  suspension.continued();
  assert.deepEqual(heard, ["stopped 4500"]);
  assert.equal(suspension.doubtMs(), 0);
});

Deno.test("Suspension lets everybody get ready for a pause, and tells of it once", async () => {
  using watched = watch();
  const { clocks, suspension, heard } = watched;
  using _ = suspension.onPausing(() => heard.push("pausing"));
  let again: Promise<void> | null = null;
  await suspension.pause(() => {
    heard.push("stop");
    clocks.now += 4000;
    // Ctrl-Z twice, and the SIGCONT that ended the pause.
    again = suspension.pause(() => Promise.reject(new Error("a second pause")));
    suspension.continued();
    return Promise.resolve();
  });
  await again;
  assert.deepEqual(heard, ["pausing", "stop", "stopped 4000"]);
  suspension.continued();
  assert.equal(heard.length, 3);
});

Deno.test("Suspension tells no one who has left", () => {
  using watched = watch();
  const { clocks, suspension } = watched;
  const heard: number[] = [];
  suspension.listen((ms) => heard.push(ms))[Symbol.dispose]();
  clocks.slept += 5000;
  suspension.look();
  assert.deepEqual(heard, []);
});
