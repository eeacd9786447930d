import assert from "node:assert/strict";
import { sleep } from "../../lib/base/abort.ts";
import { OwnTime } from "../../lib/base/own_time.ts";
import { block } from "../support/block.ts";

Deno.test("OwnTime is over after its time, and at once where it has none", async () => {
  const time = new OwnTime(60);
  const beganMs = performance.now();
  while (!time.isOver) await time.sleep(5);
  const tookMs = performance.now() - beganMs;
  assert.ok(tookMs >= 55 && tookMs < 1000, `${tookMs} ms`);
  assert.equal(new OwnTime(0).isOver, true);
});

Deno.test("OwnTime.sees() resolves with the promise, or when the time is over", async () => {
  assert.equal(await new OwnTime(1e6).sees(Promise.resolve()), true);
  assert.equal(await new OwnTime(1e6).sees(sleep(40)), true);
  assert.equal(await new OwnTime(50).sees(new Promise(() => {})), false);
  assert.equal(await new OwnTime(0).sees(Promise.resolve()), false);
});

Deno.test("OwnTime does not count what the loop stood still, and looks once more after it", async () => {
  for (const atMs of [0, 30, 70]) {
    const event = Promise.withResolvers<void>();
    // Due within the time; when the loop goes on, the time is up by the clock.
    setTimeout(() => {
      setTimeout(event.resolve, 10);
      block(300);
    }, atMs);
    assert.equal(await new OwnTime(100).sees(event.promise), true, `a stall after ${atMs} ms`);
  }
  const time = new OwnTime(100);
  setTimeout(() => block(300), 10);
  await time.sleep(50);
  assert.equal(time.isOver, false);
});

Deno.test("OwnTime ends also where the loop stands still all the time", async () => {
  let nowMs = 0;
  const time = new OwnTime(5, () => nowMs += 500);
  let looks = 0;
  for (; !time.isOver; looks++) await time.sleep(5);
  assert.ok(looks > 1 && looks < 30, `${looks} looks`);
});
