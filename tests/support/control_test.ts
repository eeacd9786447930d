import assert from "node:assert/strict";
import { assertInTime, type Span } from "./control.ts";

/** A time of so many seconds that begins now, once it is over. */
async function pass(seconds: number): Promise<Span> {
  const started_at = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return { started_at, ended_at: new Date().toISOString() };
}

Deno.test("assertInTime() takes what came in time, and nothing that came early or late", async () => {
  const span = await pass(0.5);
  assertInTime(0.5, 0.5, span);
  assertInTime(0.6, 0.5, span);
  assert.throws(() => assertInTime(0.49, 0.5, span), /over after 0\.49 s, before the limit of 0\.5 s/);
  assert.throws(
    () => assertInTime(60, 0.5, span),
    /over after 60 s; the limit was 0\.5 s, and the control process/,
  );
});

Deno.test("assertInTime() allows for what the control process had to wait", async () => {
  const control = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).find(isControl);
  assert.ok(control !== undefined);
  Deno.kill(control, "SIGSTOP");
  const span = await pass(1);
  Deno.kill(control, "SIGCONT");
  assertInTime(2, 0.5, span);
});

function isControl(pid: number): boolean {
  try {
    const [, , ppid] = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/\(.*\) /, "").split(" ");
    const { length } = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0llem-test-control\0");
    return Number(ppid) === Deno.pid && length === 2;
  } catch {
    return false;
  }
}
