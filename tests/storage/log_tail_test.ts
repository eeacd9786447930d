import assert from "node:assert/strict";
import { BoundedLog } from "../../lib/storage/bounded_log.ts";
import { lastLines, TAIL_LINE_LENGTH, TAIL_LINES } from "../../lib/storage/log_tail.ts";
import { Random } from "../support/random.ts";
import { TempFolder } from "../support/temp_folder.ts";

function fail(error: Error): void {
  throw error;
}

/** The last lines of a log with these bytes in it. */
function linesOf(content: string | Uint8Array<ArrayBuffer>): string[] {
  using folder = new TempFolder();
  Deno.writeFileSync(
    folder.at("log"),
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );
  return lastLines(folder.at("log"));
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index}`);

Deno.test("lastLines() gives the lines of a short log, with or without a line feed at its end", () => {
  const cases: readonly (readonly [content: string, lines: readonly string[]])[] = [
    ["", []],
    ["\n\n", []],
    ["one", ["one"]],
    ["one\n", ["one"]],
    ["one\n\ntwo\n \n\n", ["one", "", "two"]],
    ["with\r\nline\r\nends\r\n", ["with", "line", "ends"]],
    ["\ufeffmark\n", ["\ufeffmark"]],
  ];
  for (const [content, lines] of cases) assert.deepEqual(linesOf(content), lines, JSON.stringify(content));
});

Deno.test("lastLines() keeps the last 40 lines", () => {
  assert.equal(TAIL_LINES, 40);
  assert.deepEqual(linesOf(numbered(40).join("\n")), numbered(40));
  assert.deepEqual(linesOf(numbered(41).join("\n")), numbered(41).slice(1));
  assert.deepEqual(linesOf(numbered(100_000).join("\n")), numbered(100_000).slice(-40));
});

Deno.test("lastLines() clips a long line and never splits a character", () => {
  const [line = ""] = linesOf("x".repeat(10_000));
  assert.equal(line.length, TAIL_LINE_LENGTH);
  assert.ok(line.endsWith("x..."));
  assert.deepEqual(linesOf("y".repeat(TAIL_LINE_LENGTH)), ["y".repeat(TAIL_LINE_LENGTH)]);
  for (const start of ["", "a"]) {
    assert.ok(linesOf(start + "\u{1f600}".repeat(1000)).every((text) => text.isWellFormed()));
  }
});

Deno.test("lastLines() changes whole lines, before they are clipped", () => {
  using folder = new TempFolder();
  const start = "x".repeat(TAIL_LINE_LENGTH - 8);
  Deno.writeTextFileSync(folder.at("log"), `${start}secret-of-16-chars`);
  const [line = ""] = lastLines(folder.at("log"), (text) => text.replace("secret-of-16-chars", "***"));
  assert.equal(line, `${start}***`);
});

Deno.test("lastLines() shows a progress bar as a terminal does at its end", () => {
  const bar = Array.from({ length: 200 }, (_, index) => `\r${index}/200`).join("");
  assert.deepEqual(linesOf(`loading\n${bar}\ndone\n`), ["loading", "199/200", "done"]);
  assert.deepEqual(linesOf("10 %\r20 %\r"), ["20 %"]);
});

Deno.test("lastLines() makes U+FFFD of what is no UTF-8 and keeps control characters", () => {
  const bytes = Uint8Array.of(0x61, 0xff, 0xfe, 0x00, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xc3, 0x0a, 0x62);
  assert.deepEqual(linesOf(bytes), ["a\ufffd\ufffd\u0000\u001b[31m\ufffd", "b"]);
});

Deno.test("lastLines() reads the end of a large log only, and drops the half line it begins with", () => {
  const long = `${"z".repeat(1000)}\n`.repeat(2000);
  const lines = linesOf(`${long}last\n`);
  assert.equal(lines.length, 40);
  assert.ok(lines.slice(0, -1).every((line) => line === `${"z".repeat(TAIL_LINE_LENGTH - 3)}...`));
  assert.equal(lines.at(-1), "last");
  // One line longer than what is read.
  assert.equal(linesOf("w".repeat(1_000_000)).length, 1);
});

Deno.test("lastLines() is empty where there is no log to read", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("folder"));
  new Deno.Command("mkfifo", { args: [folder.at("pipe")] }).outputSync();
  Deno.symlinkSync("/dev/zero", folder.at("zeros"));
  for (const name of ["missing", "missing/log", "folder", "pipe", "zeros"]) {
    assert.deepEqual(lastLines(folder.at(name)), []);
  }
});

Deno.test("lastLines() finds the end of a bounded log wherever it lies: in its head, at the seam, in its tail", () => {
  const random = new Random(11);
  const limits = { headBytes: 300, tailBytes: 200 };
  for (const count of [1, 20, 29, 30, 31, 32, 40, 50, 500]) {
    using folder = new TempFolder();
    const text = Array.from({ length: count }, (_, index) => `line ${String(index).padStart(4, "0")}\n`).join(
      "",
    );
    const log = new BoundedLog(folder.at("log"), fail, limits);
    for (const chunk of random.chunks(new TextEncoder().encode(text), 17)) log.write(chunk);
    log.close();
    const last = text.trimEnd().split("\n").slice(-15);
    assert.deepEqual(lastLines(folder.at("log")).slice(-Math.min(15, count)), last, `${count} lines`);
  }
});
