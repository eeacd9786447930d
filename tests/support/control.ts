/**
 * Limits judged beside a control process, which only sleeps, starts programs and syncs a file, over and over, and notes
 * when. How late it was tells what this machine made everybody wait in the same seconds. An absolute bound would be
 * broken by a busy machine, or so wide that it says nothing on an idle one.
 *
 * Import it for its process: that begins with the file of tests, and ends with it.
 */
import assert from "node:assert/strict";

/** By this much a limit may be kept late; the promise of a machine that is not overloaded. */
const LATENESS_S = 0.25;
/**
 * Where the control process has to wait once, an attempt may have to so many times: to be spawned, to be written down,
 * to be heard of, to be killed, to be seen dead.
 */
const WAITS = 5;
const ROUND_S = 0.1;
const SCRIPT =
  `while kill -0 "$PPID" 2>/dev/null; do date +%s.%N >>"$1"; sync -d "$1"; sleep ${ROUND_S}; done`;

const path = Deno.makeTempFileSync({ prefix: "llem-test-" });
const child = new Deno.Command("/bin/sh", {
  args: ["-c", SCRIPT, "llem-test-control", path],
  stdin: "null",
  stdout: "null",
  stderr: "null",
}).spawn();
child.unref();
globalThis.addEventListener("unload", () => {
  child.kill("SIGKILL");
  Deno.removeSync(path);
});

/** When something happened, by the wall clock (ISO 8601). */
export interface Span {
  readonly started_at: string;
  readonly ended_at: string;
}

/** Asserts that what must take `limitS` seconds took that long, and was late by no more than it must be here and now. */
export function assertInTime(seconds: number, limitS: number, span: Span): void {
  assert.ok(seconds >= limitS, `over after ${seconds} s, before the limit of ${limitS} s`);
  const latenessS = worstLatenessS(span);
  assert.ok(
    seconds <= limitS + LATENESS_S + WAITS * latenessS,
    `over after ${seconds} s; the limit was ${limitS} s, and the control process was late by ${latenessS} s at most`,
  );
}

/** Asserts that what must be over within `limitS` seconds was, or was late by no more than it must be here and now. */
export function assertWithin(seconds: number, limitS: number, span: Span): void {
  const latenessS = worstLatenessS(span);
  assert.ok(
    seconds <= limitS + WAITS * latenessS,
    `over after ${seconds} s; the limit was ${limitS} s, and the control process was late by ${latenessS} s at most`,
  );
}

/** Seconds by which the control process was late, at worst, during this time. */
function worstLatenessS({ started_at, ended_at }: Span): number {
  const [fromS, toS] = [Date.parse(started_at) / 1000, Date.parse(ended_at) / 1000];
  const begins = Deno.readTextFileSync(path).trimEnd().split("\n").map(Number);
  // A round that is not over yet is as late as it is by now.
  const ends = [...begins.slice(1), Date.now() / 1000];
  const latenesses = begins.flatMap((begin, index) => {
    const end = ends[index] ?? begin;
    return end >= fromS && begin <= toS ? [end - begin - ROUND_S] : [];
  });
  return Math.max(0, ...latenesses);
}
