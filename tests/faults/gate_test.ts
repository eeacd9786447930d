/** Faults that concern how much a worker says, and in what shape: one gate holds all of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { isFile } from "../../lib/base/files.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import { LONGEST_LINE } from "../../lib/journal/journal_line.ts";
import { LLEM, llem, type Ran, ran, readManifest, readResult, runFolder, Sandbox } from "../e2e/llem.ts";
import { assertInTime } from "../support/control.ts";
import { fuzzedBytes, fuzzing } from "../support/fuzzed_frames.ts";
import { program, testWith } from "../support/needs.ts";
import { Random } from "../support/random.ts";
import { commandStudy, fixture, restRuns } from "./_fault.ts";

const HELLO = frame('"type":"hello","backend":"gate","versions":{},"pid":1,"devices":[]');
const RESULT = frame('"type":"result","input_tokens":30,"output_tokens":20,"requests":2');

/** A frame as the fixture `says` fills the token in. */
function frame(fields: string): string {
  return `\x1e{"token":"@TOKEN@",${fields}}\n`;
}

/** The command of a worker that says this, and ends so: an exit code, `hang` or `again`. */
function says(box: Sandbox, name: string, text: string | Uint8Array<ArrayBuffer>, end = "0"): string[] {
  const path = join(box.dir, name);
  if (typeof text === "string") Deno.writeTextFileSync(path, text);
  else Deno.writeFileSync(path, text);
  return [fixture("says"), path, end];
}

/** Runs a worker that says this and one that is good. */
async function saying(
  box: Sandbox,
  text: string,
  execution: Readonly<Record<string, unknown>> = {},
): Promise<Ran> {
  return await box.run(commandStudy(box, [says(box, "said", text), "ok"], execution));
}

/** Every reader of ours takes the study's files: none calls them damaged, and none breaks. */
async function assertReadable(dir: string): Promise<void> {
  const { failed } = readManifest(dir);
  const readers = [
    { args: ["status", dir, "--json"], expected: 0 },
    { args: ["show", dir, "--json"], expected: 0 },
    { args: ["show", dir], expected: 0 },
    { args: ["run", "--resume", dir], expected: failed > 0 ? 1 : 0 },
  ];
  for (const { args, expected } of readers) {
    const { code, stderr } = await llem(args);
    assert.equal(code, expected, `${args.join(" ")}: ${code} ${stderr}`);
    assert.doesNotMatch(stderr, /damaged|at file:|RangeError/, args.join(" "));
  }
}

Deno.test("fault 43: a result of odd shape is refused by what it is too much of, and ends no study", async () => {
  const list = `${"[".repeat(90)}${"0,".repeat(1_000_000)}0${"]".repeat(90)}`;
  const keys = Array.from({ length: 21_000 }, (_, index) => `"k${index}":0`).join(",");
  const cases: readonly (readonly [fields: string, message: RegExp])[] = [
    [`"metrics":{"x":${list}}`, /^a frame of 20\d{5} bytes is nested deeper than the limit of 64 levels$/],
    [`"own":${"[".repeat(70)}${"]".repeat(70)}`, /^result frame: nested deeper than the limit of 64 levels$/],
    [`"own":[${"0,".repeat(250_001)}0]`, /^a frame of \d+ bytes holds more values than the limit of 250000$/],
    [`"own":{${keys}}`, /^a frame of \d+ bytes holds more keys than the limit of 20000$/],
    [
      `"own":[${`"${"x".repeat(3e6)}",`.repeat(3)}0]`,
      /^a frame of 9\d+ bytes holds more than the limit of 8 MiB/,
    ],
  ];
  using box = new Sandbox();
  const commands = cases.map(([fields], index) =>
    says(box, `said-${index}`, HELLO + frame(`"type":"result",${fields}`))
  );
  const { code, runs, dir, stderr } = await box.run(commandStudy(box, [...commands, "ok"], { retries: 2 }));
  assert.equal(code, 1, stderr);
  assert.deepEqual(runs.map(({ outcome }) => outcome), [...cases.map(() => "protocol_error"), "completed"]);
  for (const [index, [, message]] of cases.entries()) {
    assert.match(runs[index]?.error?.message ?? "", message);
  }
  await assertReadable(dir);
});

Deno.test("fault 43: texts, names and lists over their bounds are cut with one warning, whatever the frame", async () => {
  const long = "x".repeat(200_000);
  const devices = Array.from({ length: 1000 }, (_, index) => `"${index}"`).join(",");
  const text = [
    frame(
      `"type":"hello","backend":"${long}","versions":{"${long}":"${long}"},"pid":1,"devices":[${devices}]`,
    ),
    frame(`"type":"phase","name":"${long}","edge":"begin","t_ns":1`),
    frame(`"type":"progress","done":1,"total":1,"unit":"${long}","note":"${long}"`),
    frame(`"type":"note","level":"warning","text":"${long}","code":"${long}"`),
    frame(`"type":"result","output_tokens":20,"metrics":{"${long}":1,"text":"${"y".repeat(5_000_000)}"}`),
  ].join("");
  using box = new Sandbox();
  const { row, record } = restRuns(await saying(box, text), 1, "completed");
  assert.deepEqual(row.warnings, ["x".repeat(64), "clipped"]);
  assert.match(
    record.warnings.at(-1)?.text ?? "",
    /^Cut to the length that the protocol allows .*: .*devices of a hello frame/,
  );
  assert.equal(record.worker?.backend.length, 128);
  assert.equal(record.worker?.devices.length, 256);
  assert.equal(record.phases[0]?.name.length, 128);
  const { metrics } = record.measurement ?? {};
  assert.deepEqual(Object.keys(metrics ?? {}).map((name) => name.length), [4, 128]);
  assert.equal(String(metrics?.["text"]).length, 3 * 1024 * 1024);
});

const MARK = frame('"type":"phase","name":"@","edge":"begin","t_ns":1');
const FLOODS: Readonly<Record<string, string>> = {
  "open phases, then ends without a begin":
    Array.from({ length: 30_000 }, (_, index) => MARK.replace('"@"', `"p${index}"`)).join("") +
    frame('"type":"phase","name":"nobody","edge":"end","t_ns":1').repeat(30_000),
  "one name opened many times": MARK.repeat(50_000),
  "requests, notes and progress": Array.from(
    { length: 10_000 },
    (_, index) =>
      frame(`"type":"request","index":${index},"input_tokens":1,"output_tokens":1`) +
      frame(`"type":"note","level":"warning","text":"${index}"`) +
      frame(`"type":"progress","done":${index},"total":1`),
  ).join(""),
  "frames of 60 MB": frame(`"type":"note","text":"${"\u00e9".repeat(30_000_000)}"`),
  "frames with 200,000 numbers": frame(`"type":"note","text":"","own":[${"0.123,".repeat(200_000)}0]`),
};

Deno.test("fault 44: no frame delays a limit, whatever came before it, and however many come at once", async () => {
  using box = new Sandbox();
  const floods = Object.values(FLOODS);
  const commands = floods.map((text, index) => says(box, `said-${index}`, HELLO + text, "again"));
  const { runs, dir } = await box.run(commandStudy(box, commands, { experiment_timeout_seconds: 0.8 }));
  for (const [index, what] of Object.keys(FLOODS).entries()) {
    const { outcome, timing } = readResult(runFolder(dir, index + 1));
    assert.equal(outcome.kind, "timed_out", `${what}: ${outcome.error?.message}`);
    assertInTime(timing.duration_s, 0.8, timing);
  }
  assert.equal(runs.length, floods.length);
});

Deno.test("fault 45: a code of 200 kB makes no line that a crash could tear beyond belief", async () => {
  using box = new Sandbox();
  const note = frame(
    `"type":"note","level":"warning","text":"short","code":"${
      "\u0001x".repeat(100_000).replaceAll("\u0001", "\\u0001")
    }"`,
  );
  const { dir, code } = await saying(box, HELLO + note.repeat(12) + RESULT);
  assert.equal(code, 0);
  const path = join(dir, "journal.jsonl");
  const lines = Deno.readTextFileSync(path).split(/(?<=\n)/);
  assert.ok(lines.every((line) => line.length <= LONGEST_LINE));
  const last = lines.findLastIndex((line) => line.includes('"run_finished"'));
  const torn = lines.slice(0, last).join("") + (lines[last] ?? "").slice(0, -100);
  Deno.writeTextFileSync(path, torn);
  await assertReadable(dir);
});

Deno.test("fault 46: NaN and infinities among the metrics cost no finished run, and say where they were", async () => {
  using box = new Sandbox();
  const text = frame(
    '"type":"result","output_tokens":20,"metrics":{"loss":NaN,"says":"NaN \\\\\\"Infinity","more":[1,-Infinity,1e999]},"own":nan',
  );
  const { row, record } = restRuns(await saying(box, HELLO + text, { retries: 2 }), 1, "completed");
  assert.deepEqual(row.warnings, ["not_a_number"]);
  assert.deepEqual(record.measurement?.metrics, {
    loss: null,
    says: 'NaN \\"Infinity',
    more: [1, null, null],
  });
  assert.equal(record.measurement?.["own"], null);
  assert.equal(
    record.warnings[0]?.text,
    "Not numbers in JSON, so recorded as null: metrics.loss of a result frame (NaN), metrics.more.1 of a result frame (-Infinity), " +
      "metrics.more.2 of a result frame (Infinity), own of a result frame (nan).",
  );
});

Deno.test("fault 46: a count or time that is no number is told by name, the rest is kept, and nothing is tried again", async () => {
  const cases: readonly (readonly [frames: string, message: string, metrics: JsonObject | undefined])[] = [
    [
      frame('"type":"result","output_tokens":NaN,"input_tokens":3,"metrics":{"answer":42}'),
      "result frame: output_tokens is NaN, and a finite number is needed",
      { answer: 42 },
    ],
    [
      frame('"type":"request","index":0,"input_tokens":1,"output_tokens":1,"ttft_ms":-0.001') + RESULT,
      "request frame: ttft_ms: Too small: expected number to be >=0 (it is -0.001)",
      {},
    ],
    [
      frame('"type":"phase","name":"measure","edge":"begin","t_ns":12.5') + RESULT,
      "phase frame: t_ns: must be whole nanoseconds of CLOCK_MONOTONIC, as a number or as a string of digits (it is 12.5)",
      {},
    ],
  ];
  using box = new Sandbox();
  const commands = cases.map(([frames], index) => says(box, `said-${index}`, HELLO + frames));
  const { runs, dir } = await box.run(
    commandStudy(box, commands, { retries: 2, retry_backoff_seconds: 0.1 }),
  );
  assert.deepEqual(
    runs.map(({ outcome, error, attempt, will_retry }) => [outcome, error?.message, attempt, will_retry]),
    cases.map(([, message]) => ["protocol_error", message, 1, false]),
  );
  for (const [index, [, , metrics]] of cases.entries()) {
    assert.deepEqual(readResult(runFolder(dir, index + 1)).measurement?.metrics, metrics);
  }
});

Deno.test("fault 47: nanoseconds above 2^53 are read to the last digit, as numbers and as texts; another clock is called that", async () => {
  const mark = (edge: string, time: string): string =>
    frame(`"type":"phase","name":"measure","edge":"${edge}","t_ns":${time}`);
  const timeOfDay = `${Date.now()}000000`;
  const cases: readonly (readonly [begin: string, end: string, windowS: number])[] = [
    ["9504000000000000001", "9504000000200000003", 0.200000002],
    ['"9504000000000000001"', '"9504000000200000003"', 0.200000002],
    [timeOfDay, String(BigInt(timeOfDay) + 5n), 5e-9],
  ];
  const said = cases.map(([begin, end]) => {
    const request = frame(
      `"type":"request","index":0,"input_tokens":1,"output_tokens":1,"t_start_ns":${begin}`,
    );
    return HELLO + mark("begin", begin) + request + mark("end", end) + RESULT;
  });
  using box = new Sandbox();
  const { dir } = await box.run(
    commandStudy(box, said.map((text, index) => says(box, `said-${index}`, text))),
  );
  for (const [index, [begin, , windowS]] of cases.entries()) {
    const folder = runFolder(dir, index + 1);
    const { outcome, throughput, phases, warnings } = readResult(folder);
    const digits = begin.replaceAll('"', "");
    assert.deepEqual([outcome.kind, throughput?.window_s], ["completed", windowS]);
    assert.equal(String(phases[0]?.begin_ns), digits);
    const line = Deno.readTextFileSync(join(folder, "requests.jsonl"));
    assert.ok(line.includes(`"t_start_ns":"${digits}"`), line);
    assert.deepEqual(warnings.map(({ code }) => code), ["other_clock"]);
    assert.match(warnings[0]?.text ?? "", /ahead of CLOCK_MONOTONIC, so it is from another clock/);
  }
});

/** A clock that says that the machine has been up for 110 days. */
const UPTIME = [
  "unshare",
  "--time",
  "--monotonic",
  `${110 * 86_400}`,
  "--boottime",
  `${110 * 86_400}`,
] as const;

testWith(
  [program("root and time namespaces", ...UPTIME, "true")],
  "fault 47: a machine that is up for 110 days",
  async () => {
    using box = new Sandbox();
    const study = commandStudy(box, ["metered_by_uptime"]);
    const out = join(box.dir, "out");
    const [file, ...args] = [...UPTIME, LLEM, "run", study, "-o", out, "--json"];
    const { success, stdout } = await new Deno.Command(file, { args, stdin: "null" }).output();
    assert.ok(success);
    const end = ran({ code: 0, signal: null, stdout: new TextDecoder().decode(stdout), stderr: "" });
    const { record } = restRuns(end, 1, "completed");
    const windowS = record.throughput?.window_s ?? 0;
    assert.ok(windowS > 0.15 && windowS < 5, `${windowS} s`);
    assert.ok(BigInt(record.phases[0]?.begin_ns ?? 0) > 2n ** 53n);
    assert.deepEqual(record.warnings, []);
  },
);

function requestLines(folder: string): string[] {
  const path = join(folder, "requests.jsonl");
  return isFile(path) ? Deno.readTextFileSync(path).split("\n").filter((line) => line !== "") : [];
}

Deno.test("fault 48: random and changed frames end no study, delay no limit and make no file that is not read back", async () => {
  const { seed, seconds } = fuzzing("the program", 1.5, 60);
  const endMs = performance.now() + seconds * 1000;
  let runs = 0;
  for (let round = 0; performance.now() < endMs; round++) {
    const random = new Random(seed + round);
    using box = new Sandbox();
    const ends = ["0", "0", "1", "hang", "again"];
    const commands = ends.map((end, index) => says(box, `said-${index}`, fuzzedBytes(random), end));
    const study = commandStudy(box, [...commands, "ok"], { experiment_timeout_seconds: 0.5 });
    const { code, runs: rows, finish, dir, stderr } = await box.run(study);
    const told = `LLEM_FUZZ_SEED=${seed + round}`;
    assert.ok(code === 0 || code === 1, `${told}: ${stderr}`);
    assert.deepEqual(
      [finish?.total, rows.length, rows.at(-1)?.outcome],
      [6, 6, "completed"],
      `${told}: ${stderr}`,
    );
    for (const { run_id, outcome } of rows) {
      const { timing } = readResult(join(dir, "runs", run_id));
      if (outcome === "timed_out") assertInTime(timing.duration_s, 0.5, timing);
      for (const line of requestLines(join(dir, "runs", run_id))) JSON.parse(line);
    }
    // What the readers look at was written while the worker spoke, and must not need it.
    await assertReadable(dir);
    runs += rows.length;
  }
  console.log(`${runs} runs`);
});
