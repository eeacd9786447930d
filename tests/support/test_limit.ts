/**
 * Preloaded into every file of tests (`deno test --preload`): no test goes on for ever. One that is not over after
 * its limit fails by its name, whatever it started is killed, and the next one has its turn. A test that blocks its
 * whole thread is ended from outside, by scripts/testing.
 */
import { processesBelow } from "../../scripts/testing/processes_below.ts";

/** What a test gets to clear up once whatever it waited for is dead. */
const CLEARING_S = 2;
/** The kernel's clock ticks a second in /proc/PID/stat: 100 on every Linux that Deno runs on. */
const TICKS_PER_S = 100;

/** Seconds that a test may take: many times what the longest takes on a busy machine. */
const limitS = Number(Deno.env.get("LLEM_TEST_LIMIT_S") ?? 120);

/** As they are now: a test may put others in their place. */
const { setTimeout, clearTimeout } = globalThis;
const now = performance.now.bind(performance);

type Body = Deno.TestDefinition["fn"];

const plainTest = Deno.test;
const limitedTest = Object.assign((...args: unknown[]) => plainTest(limitedDefinition(args)), plainTest);
Object.defineProperty(Deno, "test", { value: limitedTest, configurable: true, enumerable: true });

/** One form for the five that Deno.test takes: name, options and body, some of them left out. */
function limitedDefinition(args: readonly unknown[]): Deno.TestDefinition {
  const name = args.find((each) => typeof each === "string");
  const options = args.find((each) => typeof each === "object") as Partial<Deno.TestDefinition> | undefined;
  const fn = args.find((each) => typeof each === "function") as Body | undefined ?? options?.fn;
  if (fn === undefined) throw new TypeError("Deno.test needs a function");
  return { ...options, name: name ?? options?.name ?? fn.name, fn: limited(fn, callerOfTest()) };
}

/** Where Deno.test was called, such as `tests/base/text_test.ts:12:6`: Deno itself would name this file. */
function callerOfTest(): string {
  const frames = (new Error().stack ?? "").split("\n");
  const own = frames.findLastIndex((frame) => frame.includes(import.meta.url));
  return /file:\/\/([^\s)]*)/.exec(frames[own + 1] ?? "")?.[1] ?? "";
}

function limited(body: Body, caller: string): Body {
  return async (context) => {
    const beganMs = now();
    const ended = (async () => await body(context))();
    if (await isOverWithin(limitS, ended)) return await ended;
    killWhatBeganSince(beganMs);
    await isOverWithin(CLEARING_S, ended);
    throw new Error(`Not over after ${limitS} s; what the test started was killed. It stands in ${caller}`);
  };
}

/** True where it is over, in whichever way, within so many seconds. */
async function isOverWithin(seconds: number, ended: Promise<void>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), seconds * 1000);
  const isOver = await Promise.race([ended.then(() => true, () => true), late.promise]);
  clearTimeout(timer);
  return isOver;
}

/** Kills the descendants of this process that began after that moment. */
function killWhatBeganSince(beganMs: number): void {
  const uptimeS = Number.parseFloat(Deno.readTextFileSync("/proc/uptime"));
  const beganTicks = (uptimeS - (now() - beganMs) / 1000) * TICKS_PER_S;
  for (const { pid, start_ticks } of processesBelow(Deno.pid)) {
    if (start_ticks < beganTicks - 1) continue;
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}
