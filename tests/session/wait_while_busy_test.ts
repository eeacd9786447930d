import assert from "node:assert/strict";
import { BusyError } from "../../lib/archive/busy.ts";
import { CommandError } from "../../lib/base/refusal.ts";
import { busyNow } from "../../lib/session/messages.ts";
import { waitWhileBusy } from "../../lib/session/wait_while_busy.ts";
import { StopSwitch } from "../../lib/process/stop.ts";

/** Something that is busy so many times before it is opened. */
function busyFor(times: number): { open: () => Promise<string>; tries: () => number } {
  let tries = 0;
  const open = (): Promise<string> => {
    tries += 1;
    return tries > times
      ? Promise.resolve("opened")
      : Promise.reject(new BusyError("it is held by process 7"));
  };
  return { open, tries: () => tries };
}

function waiting(
  seconds: number,
): { stop: StopSwitch; seconds: number; said: string[]; say: (line: string) => void } {
  const said: string[] = [];
  return { seconds, stop: new StopSwitch(), said, say: (line) => said.push(line) };
}

Deno.test("waitWhileBusy() opens at once what is free, and says nothing", async () => {
  const setting = waiting(60);
  assert.equal(await waitWhileBusy(busyFor(0).open, setting), "opened");
  assert.deepEqual(setting.said, []);
});

Deno.test("waitWhileBusy() without a time tries once and says what would wait", async () => {
  const { open, tries } = busyFor(1);
  const setting = waiting(0);
  const expected = {
    name: "CommandError",
    exitCode: 75,
    message: busyNow("it is held by process 7"),
  };
  await assert.rejects(waitWhileBusy(open, setting), expected);
  assert.equal(tries(), 1);
  assert.deepEqual(setting.said, []);
});

Deno.test("waitWhileBusy() tries until it is free, and says once what it waits for", async () => {
  const { open, tries } = busyFor(2);
  const setting = waiting(60);
  assert.equal(await waitWhileBusy(open, setting), "opened");
  assert.equal(tries(), 3);
  assert.deepEqual(setting.said, ["waiting up to 60 s: it is held by process 7"]);
});

Deno.test("waitWhileBusy() gives up when the time is over", async () => {
  const { open, tries } = busyFor(Infinity);
  await assert.rejects(waitWhileBusy(open, waiting(0.25)), {
    exitCode: 75,
    message: "it is held by process 7",
  });
  assert.ok(tries() >= 2);
});

Deno.test("waitWhileBusy() ends with the user's stop and its exit code", async () => {
  const setting = waiting(3600);
  const waits = waitWhileBusy(busyFor(Infinity).open, {
    ...setting,
    say: () => setting.stop.request("SIGTERM"),
  });
  await assert.rejects(waits, { exitCode: 143, message: /stopped by SIGTERM while waiting: it is held/ });
});

Deno.test("waitWhileBusy() ends with the wish to begin no further run", async () => {
  const setting = waiting(3600);
  const waits = waitWhileBusy(busyFor(Infinity).open, { ...setting, say: () => setting.stop.drain() });
  await assert.rejects(waits, { exitCode: 140, message: /stopped by SIGUSR2 while waiting: it is held/ });
});

Deno.test("waitWhileBusy() waits for nothing else that goes wrong", async () => {
  const setting = waiting(3600);
  const error = new CommandError(2, "no such study");
  await assert.rejects(waitWhileBusy(() => Promise.reject(error), setting), error);
});
