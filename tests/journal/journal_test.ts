import assert from "node:assert/strict";
import { basename } from "node:path";
import { foldJournal } from "../../lib/journal/fold.ts";
import { makeManifest, type Manifest } from "../../lib/journal/manifest.ts";
import { sha256Hex } from "../../lib/base/canonical_json.ts";
import { Journal, JournalError, parseJournal } from "../../lib/journal/journal.ts";
import { encodeLine, LONGEST_LINE } from "../../lib/journal/journal_line.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { SaveError } from "../../lib/storage/save_error.ts";
import { closed, finished, opened, stamped, started, starting } from "../support/events.ts";
import { FailingDisk } from "../support/failing_disk.ts";
import { configOf, planOf } from "../support/plans.ts";
import { Program } from "../support/program.ts";
import { Random } from "../support/random.ts";
import { TempFolder } from "../support/temp_folder.ts";

const plan = planOf([configOf(), configOf({ n: 2 })]);
const [first, second] = plan.runs;
if (first === undefined || second === undefined) throw new Error("The plan is empty");
const history = stamped([
  opened(plan),
  started(first),
  finished(first),
  started(second),
  finished(second, "failed"),
]);
const encoder = new TextEncoder();
const lines = history.map(({ at, ...event }) => encodeLine(event, at));

function parse(text: string): ReturnType<typeof parseJournal> {
  return parseJournal(encoder.encode(text));
}

Deno.test("parseJournal() reads back every event", () => {
  const text = lines.join("");
  assert.deepEqual(parse(text), { events: history, valid_bytes: text.length, torn_bytes: 0 });
});

Deno.test("parseJournal() of an empty file is an empty history", () => {
  assert.deepEqual(parse(""), { events: [], valid_bytes: 0, torn_bytes: 0 });
});

Deno.test("parseJournal() reports a last line that is torn at any byte", () => {
  const before = lines.slice(0, -1).join("");
  const last = encoder.encode(
    encodeLine({ ...finished(second, "failed"), error_message: "\u00e9\ud83d\ude00" }, "x"),
  );
  for (let kept = 0; kept < last.length; kept++) {
    const bytes = Uint8Array.from([...encoder.encode(before), ...last.slice(0, kept)]);
    const found = parseJournal(bytes);
    assert.deepEqual(found, { events: history.slice(0, -1), valid_bytes: before.length, torn_bytes: kept });
  }
});

Deno.test("parseJournal() takes garbage at the end for a torn line, with its line feed or without", () => {
  const before = lines.join("");
  for (const tail of ["x", "\0\0\0\0", "{}\n", "\n", `${lines[1]?.slice(0, -5)}\n`, '{"v":1']) {
    assert.deepEqual(parse(before + tail), {
      events: history,
      valid_bytes: before.length,
      torn_bytes: tail.length,
    }, JSON.stringify(tail));
  }
});

Deno.test("parseJournal() takes for torn whatever a crash can leave at the end, also in several lines", () => {
  const before = encoder.encode(lines.join(""));
  const random = new Random(27);
  const half = (lines[2] ?? "").slice(100);
  const tails = [
    new Uint8Array(4096),
    new Uint8Array(10_000_000),
    encoder.encode(`${half}${half}`),
    encoder.encode(`\0\0\n\0\n${half}`),
    ...Array.from({ length: 50 }, () => random.bytes(random.integer(1, 8192))),
  ];
  for (const tail of tails) {
    const bytes = new Uint8Array(before.length + tail.length);
    bytes.set(before);
    bytes.set(tail, before.length);
    assert.deepEqual(parseJournal(bytes), {
      events: history,
      valid_bytes: before.length,
      torn_bytes: tail.length,
    });
  }
});

Deno.test("parseJournal() refuses garbage that is longer than any crash leaves, and a file of nothing else", () => {
  const garbage = "no journal\n";
  assert.throws(() => parse(lines.join("") + garbage.repeat(10_000)), /damaged at byte \d+, before its end/);
  assert.throws(() => parse(garbage.repeat(2)), /damaged at byte 0, before its end/);
  // The very first line, torn.
  for (const text of [lines[0]?.slice(0, 100) ?? "", "\0".repeat(4096), "\0\n".repeat(9) + "\0"]) {
    if (text.includes("\n")) assert.throws(() => parse(text), JournalError);
    else assert.deepEqual(parse(text).events, []);
  }
});

Deno.test("fault 45: parseJournal() takes a line of any length for torn where it begins as ours do and does not end", () => {
  const before = lines.slice(0, 2).join("");
  const long = `${lines[2]?.slice(0, -20)},"warnings":["${"x".repeat(200_000)}`;
  for (const tail of [long, `${long}${"\0".repeat(5000)}`]) {
    const { events, torn_bytes } = parse(before + tail);
    assert.deepEqual([events.length, torn_bytes], [2, tail.length]);
  }
  for (const tail of [long.slice(1), `${long}\n`, `${long}\n${lines[3]}`, `${"x".repeat(70_000)}${long}`]) {
    assert.throws(() => parse(before + tail), JournalError);
  }
});

Deno.test("encodeLine() refuses what a reader would not take for torn, but for runs that are added", () => {
  const event = { ...finished(first), error_message: "\u4e16".repeat(5_400) };
  assert.ok(encodeLine({ ...event, error_message: "\u4e16".repeat(4_900) }, "now").length < LONGEST_LINE);
  assert.throws(
    () => encodeLine(event, "now"),
    /run_finished of \d+ bytes does not go into the journal: 16384/,
  );
  const { config: _, ...run } = first;
  const experiments = { [first.config_hash]: { ...first.config, params: { text: "x".repeat(100_000) } } };
  assert.ok(encodeLine({ type: "runs_added", experiments, runs: [run] }, "now").length > 100_000);
});

Deno.test("parseJournal() of a line that stands there twice has it twice, and the state does not change by it", () => {
  const twice = [...history, history.at(-1)].filter((event) => event !== undefined);
  const contents = parse(lines.join("") + lines.at(-1));
  assert.deepEqual(contents.events, twice);
  const [once, again] = [foldJournal(history), foldJournal(contents.events)];
  assert.deepEqual(again, once);
  const counts = (
    { completed, failed, interrupted, pending }: Manifest,
  ) => [completed, failed, interrupted, pending];
  assert.deepEqual(counts(makeManifest(plan, again)), [1, 1, 0, 0]);
});

Deno.test("parseJournal() refuses damage before the end, and names the byte", () => {
  for (let broken = 0; broken < lines.length - 1; broken++) {
    const damaged = lines.map((line, index) => index === broken ? line.replace("0", "1") : line).join("");
    const at = lines.slice(0, broken).join("").length;
    assert.throws(
      () => parse(damaged),
      (error) =>
        error instanceof JournalError && error.message.includes(`damaged at byte ${at}, before its end`),
    );
  }
  assert.throws(() => parse(`${lines[0]}\n${lines[1]}`), JournalError);
  assert.throws(() => parse(`\ufeff${lines.join("")}`), JournalError);
});

Deno.test("parseJournal() takes a hole that begins in an unsynced start for torn, with the one line after it", () => {
  const before = lines.slice(0, 3).join("");
  const [start = "", end = ""] = lines.slice(3);
  for (const zeros of [1, 40, start.length - 1, start.length]) {
    for (const kept of [0, 100]) {
      const hole = `${start.slice(0, kept)}${"\0".repeat(zeros)}`.slice(0, start.length);
      const tail = hole + start.slice(hole.length) + end;
      assert.deepEqual(parse(before + tail), {
        events: history.slice(0, 3),
        valid_bytes: before.length,
        torn_bytes: tail.length,
      }, `${kept} bytes, then ${zeros} zeros`);
    }
  }
});

Deno.test("parseJournal() takes a hole in the first line of an attempt for torn, with what follows of that attempt", () => {
  const whole = [
    ...history.slice(0, 3),
    ...stamped([starting(second), { ...started(second), tag: "tag" }, finished(second)]),
  ].map(({ at, ...event }) => encodeLine(event, at));
  const before = whole.slice(0, 3).join("");
  const [first = "", next = "", end = ""] = whole.slice(3);
  for (const kept of [0, 100]) {
    const hole = first.slice(0, kept) + "\0".repeat(60) + first.slice(kept + 60);
    for (const rest of [next, next + end, next + end.slice(0, 50)]) {
      const read = parse(before + hole + rest);
      assert.deepEqual([read.events.length, read.valid_bytes], [3, before.length], `${kept}: ${rest}`);
    }
    // Another line after those was written when the end had been synced.
    assert.throws(() => parse(before + hole + next + end + next), /before its end/);
    assert.throws(() => parse(before + hole + first + next + end), /before its end/);
  }
});

Deno.test("parseJournal() refuses a hole before lines of which one was synced after the other", () => {
  const hole = "\0".repeat(lines[1]?.length ?? 0);
  // A hole in the first start: the end of that run was synced before the second start was written.
  const damaged = [lines[0], hole, ...lines.slice(2)].join("");
  assert.throws(() => parse(damaged), new RegExp(`damaged at byte ${lines[0]?.length}, before its end`));
});

Deno.test("parseJournal() refuses a newer format, wherever it begins", () => {
  const body = '{"v":2,"at":"x","type":"new"';
  const newer = `${body},"check":"${sha256Hex(body).slice(0, 8)}"}\n`;
  // Its lines need not end as ours do, and its last one may be torn.
  const other = '{"v":2,"checksum":"sha512"}\n';
  const texts = [
    newer,
    lines.join("") + newer,
    newer + lines.join(""),
    other,
    lines.join("") + other + '{"v":',
  ];
  for (const text of texts) {
    assert.throws(
      () => parse(text),
      (error) => error instanceof JournalError && /format 2; this llem reads format 1/.test(error.message),
    );
  }
});

Deno.test("Journal writes each event with one write, durable but for a start, in a file whose name is durable", () => {
  using folder = new TempFolder();
  const disk = new FailingDisk();
  const journal = new Journal(disk, folder.at("journal.jsonl"));
  const events = [opened(plan), started(first), finished(first), closed("completed")];
  const written = events.map((event) => journal.append(event));
  journal.close();
  assert.deepEqual(disk.done, [
    "open journal.jsonl",
    `syncFolder ${basename(folder.path)}`,
    "append+sync journal.jsonl",
    "append journal.jsonl",
    "append+sync journal.jsonl",
    "append+sync journal.jsonl",
  ]);
  assert.deepEqual(parse(folder.read("journal.jsonl")).events, written);
  for (const [index, event] of written.entries()) {
    const { at, ...rest } = event;
    assert.deepEqual(rest, events[index]);
    assert.match(at, /^\d{4}-.*Z$/);
  }
});

Deno.test("Journal goes on where an earlier one ended", () => {
  using folder = new TempFolder();
  for (const event of [opened(plan), opened(plan, "study_resumed")]) {
    const journal = new Journal(realDisk, folder.at("journal.jsonl"));
    journal.append(event);
    journal.close();
  }
  const types = parse(folder.read("journal.jsonl")).events.map(({ type }) => type);
  assert.deepEqual(types, ["study_started", "study_resumed"]);
});

Deno.test("Journal throws SaveError where it cannot be opened or written, and what was torn can be told", () => {
  using folder = new TempFolder();
  const path = folder.at("journal.jsonl");
  const naming = (error: unknown): boolean =>
    error instanceof SaveError && /^Cannot save the journal .*no space left/.test(error.message);
  assert.throws(() => new Journal(new FailingDisk(1), path), naming);
  assert.throws(() => new Journal(new FailingDisk(2), path), naming);
  const journal = new Journal(new FailingDisk(4), path);
  journal.append(opened(plan));
  assert.throws(() => journal.append(finished(first)), naming);
  journal.close();
  const { events, torn_bytes } = parse(folder.read("journal.jsonl"));
  assert.equal(events.length, 1);
  assert.ok(torn_bytes > 0);
});

Deno.test("Journal of a killed process holds every event that was appended", async () => {
  for (let round = 0; round < 3; round++) {
    using folder = new TempFolder();
    await using writer = new Program(
      `
      import { Journal } from "/lib/journal/journal.ts";
      import { realDisk } from "/lib/storage/disk.ts";
      const journal = new Journal(realDisk, Deno.args[0]);
      for (let index = 1;; index++) {
        journal.append({ type: "run_finished", index, error_message: "x".repeat(index % 300) });
        console.log(index);
      }`,
      { args: [folder.at("journal.jsonl")] },
    );
    let told = 0;
    while (told < 20 + round * 30) told = Number(await writer.line());
    writer.kill();
    await writer.status;
    const { events } = parseJournal(Deno.readFileSync(folder.at("journal.jsonl")));
    assert.ok(events.length >= told);
    events.forEach((event, index) => assert.equal(event.type === "run_finished" && event.index, index + 1));
  }
});
