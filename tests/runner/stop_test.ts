import assert from "node:assert/strict";
import { StopSwitch } from "../../lib/runner/stop.ts";

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
