import assert from "node:assert/strict";
import { StopSwitch } from "../../lib/process/stop.ts";

Deno.test("StopSwitch remembers the first signal and tells every one", () => {
  const stop = new StopSwitch();
  assert.equal(stop.requested, null);
  assert.equal(stop.signal.aborted, false);
  const heard: string[] = [];
  using _ = stop.listen((signal, urgency) => heard.push(`${signal} ${urgency}`));
  stop.request("SIGTERM");
  stop.request("SIGINT");
  stop.request("SIGINT");
  assert.deepEqual(heard, ["SIGTERM first", "SIGINT again", "SIGINT again"]);
  assert.equal(stop.requested, "SIGTERM");
  assert.equal(stop.signal.aborted, true);
});

Deno.test("StopSwitch tells no one who has left, also when he leaves while being told", () => {
  const stop = new StopSwitch();
  const heard: string[] = [];
  const first = stop.listen(() => {
    heard.push("first");
    first[Symbol.dispose]();
  });
  using _ = stop.listen(() => heard.push("second"));
  stop.request("SIGINT");
  stop.request("SIGINT");
  assert.deepEqual(heard, ["first", "second", "second"]);
});

Deno.test("StopSwitch has its state in place when it tells", () => {
  const stop = new StopSwitch();
  const seen: unknown[] = [];
  using _ = stop.listen(() => seen.push(stop.requested, stop.signal.aborted));
  stop.request("SIGHUP");
  assert.deepEqual(seen, ["SIGHUP", true]);
});

Deno.test("StopSwitch drains without stopping", () => {
  const stop = new StopSwitch();
  assert.equal(stop.draining.aborted, false);
  stop.drain();
  stop.drain();
  assert.equal(stop.draining.aborted, true);
  assert.deepEqual([stop.requested, stop.signal.aborted], [null, false]);
});

Deno.test("StopSwitch calls it hanging only some time after the second signal", async () => {
  const stop = new StopSwitch();
  stop.request("SIGINT");
  assert.equal(stop.isHanging(0), false);
  stop.request("SIGINT");
  assert.equal(stop.isHanging(60_000), false);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(stop.isHanging(1), true);
  // A third one does not start the time anew.
  stop.request("SIGINT");
  assert.equal(stop.isHanging(1), true);
});
