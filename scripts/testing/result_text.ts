import type { FileResult } from "./run_file.ts";
import { type Counts, ignoredTests } from "./test_log.ts";

/** As many of the slowest tests are named at the end. */
const SLOWEST = 10;
/** Below this nobody would look for time to save. */
const WORTH_NAMING_S = 3;

/** What is shown as a file ends: a line, and its whole log where something failed or `verbose` asks for it. */
export function fileText({ file, counts, seconds, log }: FileResult, verbose: boolean): string {
  const verdict = counts.failed > 0 ? "FAILED" : "ok";
  const line = `${verdict} ${file}: ${countsText(counts)} (${seconds.toFixed(1)} s)`;
  return counts.failed > 0 || verbose ? `${line}\n${log.trimEnd()}` : line;
}

/** `12 passed, 0 failed, 1 ignored`. */
export function countsText({ passed, failed, ignored }: Counts): string {
  return `${passed} passed, ${failed} failed, ${ignored} ignored`;
}

/** What stands below all files: tests that took long, those that were not run, and what has failed. */
export function endText(results: readonly FileResult[]): string {
  const slowest = results.flatMap(({ file, tests }) => tests.map((test) => ({ ...test, file })))
    .filter(({ seconds }) => seconds >= WORTH_NAMING_S).sort((a, b) => b.seconds - a.seconds);
  return [
    section(
      "slowest tests:",
      slowest.slice(0, SLOWEST).map(({ file, name, seconds }) => `${seconds.toFixed(1)} s  ${file}: ${name}`),
    ),
    section("not run:", results.flatMap(({ log }) => ignoredTests(log))),
    section("FAILED:", results.filter(({ counts }) => counts.failed > 0).map(({ file }) => file)),
  ].join("");
}

/** How much of all files' time was that of those which run vLLM, and what its installation took. */
export function shareText(
  results: readonly FileResult[],
  isOfIt: (result: FileResult) => boolean,
  venvS: number | null,
): string {
  const secondsOf = (some: readonly FileResult[]): number =>
    Math.round(some.reduce((sum, { seconds }) => sum + seconds, 0));
  const of = results.filter(isOfIt);
  const installed = venvS === null ? "" : `; .venv, for it and PyTorch, took ${venvS} s beside them`;
  return `vLLM: ${secondsOf(of)} of ${
    secondsOf(results)
  } s of all files (${of.length} of ${results.length})${installed}`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `\n${title}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** The counts of several files together. */
export function sumOf(all: readonly Counts[]): Counts {
  return all.reduce((sum, { passed, failed, ignored }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    ignored: sum.ignored + ignored,
  }), { passed: 0, failed: 0, ignored: 0 });
}
