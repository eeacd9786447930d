/** What the words of `deno test` say. */

/** How many tests of a file ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

/** Reads Deno's last line, `ok | 12 passed (3 steps) | 0 failed | 1 ignored (2s)`; null where there is none. */
export function readCounts(log: string): Counts | null {
  const line = log.split("\n").findLast((each) => /^(ok|FAILED) \| \d+ passed/.test(each));
  if (line === undefined) return null;
  const count = (word: string): number => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), ignored: count("ignored") };
}

/** The names of the tests that were not run. */
export function ignoredTests(log: string): string[] {
  return log.split("\n").filter((line) => / \.\.\. ignored\b/.test(line)).map((line) =>
    line.replace(/ \.\.\. ignored.*/, "")
  );
}

/** The test that was under way when the log broke off; null where none was. */
export function unfinishedTest(log: string): string | null {
  const begun = [...log.matchAll(/^(.*) \.\.\.(?! (?:ok|FAILED|ignored)\b)/gm)].at(-1)?.[1];
  return begun ?? null;
}

/** A test and how long it took. */
export interface TimedTest {
  readonly name: string;
  readonly seconds: number;
}

/** The tests of a report that `deno test --junit-path` wrote. */
export function readJunit(xml: string): TimedTest[] {
  return [...xml.matchAll(/<testcase name="([^"]*)"[^>]*? time="([\d.]+)"/g)].map(([, name = "", time]) => ({
    name: plainText(name),
    seconds: Number(time),
  }));
}

function plainText(escaped: string): string {
  return escaped.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'").replaceAll("&amp;", "&");
}
