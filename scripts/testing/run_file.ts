import { fileURLToPath } from "node:url";
import { ignoredAtStart } from "../../lib/process/inherited.ts";
import { taggedProcesses } from "../../lib/process/tagged.ts";
import type { TestingOptions } from "./options.ts";
import { processesBelow } from "./processes_below.ts";
import { type Counts, readCounts, readJunit, type TimedTest, unfinishedTest } from "./test_log.ts";

/** Fails a test that takes too long; see there. */
const PRELOAD = fileURLToPath(new URL("../../tests/support/test_limit.ts", import.meta.url));
/** Everything that a file of tests starts carries this variable, and is found by it. */
const TAG = "LLEM_TEST_FILE";

/** What became of one file of tests. */
export interface FileResult {
  readonly file: string;
  readonly counts: Counts;
  readonly log: string;
  readonly seconds: number;
  /** Empty where the file did not come to its end. */
  readonly tests: readonly TimedTest[];
}

/** How one file of tests is run. */
export type RunOptions = Pick<TestingOptions, "extent" | "seed" | "options" | "limitS" | "graceS">;

/** Runs one file of tests in a process of its own. Nothing that it started outlives it. */
export async function runFile(file: string, options: RunOptions): Promise<FileResult> {
  const { limitS, graceS } = options;
  const beganMs = performance.now();
  const tag = crypto.randomUUID();
  const report = Deno.makeTempFileSync({ prefix: "llem-test-", suffix: ".xml" });
  const child = new Deno.Command("env", {
    args: [
      ...[...heedAllSignals(), Deno.execPath()],
      ...["test", "--allow-all", "--no-check", "--frozen", "--preload", PRELOAD, `--junit-path=${report}`],
      ...[...options.options, file],
    ],
    env: {
      [TAG]: tag,
      NO_COLOR: "1", // its words are read
      LLEM_TEST_LIMIT_S: String(limitS),
      LLEM_TEST_SEED: String(options.seed),
      LLEM_TEST_SLOW: options.extent === "slow" ? "1" : "",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isStuck = false;
  const stop = (): void => {
    isStuck = true;
    killAll([{ pid: child.pid }, ...processesBelow(child.pid)]);
  };
  const silenceMs = (limitS + graceS) * 1000;
  let timer = setTimeout(stop, silenceMs);
  let log = "";
  const collect = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      log += text;
      clearTimeout(timer);
      if (!isStuck) timer = setTimeout(stop, silenceMs);
    }
  };
  const reading = Promise.all([collect(child.stdout), collect(child.stderr)]);
  const status = await child.status;
  // What a test left behind may hold the pipes open.
  killAll(taggedProcesses({ [TAG]: tag }));
  await reading;
  clearTimeout(timer);
  const xml = Deno.readTextFileSync(report);
  Deno.removeSync(report);
  if (isStuck) log += `\n${file}: no word for ${limitS + graceS} s, killed. ${stuckText(log)}\n`;
  // Deno takes the file that called Deno.test for that of the test.
  log = log.replaceAll(/=> \S*\/test_limit\.ts:\d+:\d+/g, `=> ${file}`);
  const seconds = (performance.now() - beganMs) / 1000;
  return { file, counts: countsOf(log, status), log, seconds, tests: readJunit(xml) };
}

/** Options of env(1): a signal that is ignored here (behind `&` or nohup) would be ignored by all that is tested. */
function heedAllSignals(): string[] {
  return ignoredAtStart().size === 0 ? [] : ["--default-signal"];
}

function stuckText(log: string): string {
  const name = unfinishedTest(log);
  return name === null ? "No test had begun." : `The test that hangs: ${name}`;
}

/** What `deno test` counted; any other trouble counts as a failure. */
function countsOf(log: string, status: Deno.CommandStatus): Counts {
  const counts = readCounts(log) ?? { passed: 0, failed: 0, ignored: 0 };
  return !status.success && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function killAll(processes: readonly { readonly pid: number }[]): void {
  for (const { pid } of processes) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
}
