import assert from "node:assert/strict";
import { encodeFrame } from "../../lib/protocol/encode_frame.ts";
import type { Frame } from "../../lib/protocol/frame.ts";
import { AttemptView } from "../../lib/runner/attempt_view.ts";
import { OtherClock } from "../../lib/runner/other_clock.ts";
import { Random } from "../support/random.ts";

const TOKEN = "the-token";
const encoder = new TextEncoder();

/** A view with everything that it passed on. */
class Seen {
  readonly view: AttemptView;
  readonly frames: Frame[] = [];
  readonly requests: number[] = [];
  log = "";

  /** Pieces are frames, text, or bytes. */
  constructor(...pieces: readonly (Frame | string | Uint8Array)[]) {
    this.view = new AttemptView(TOKEN, {
      log: (bytes) => {
        this.log += new TextDecoder().decode(bytes);
      },
      request: (frame) => this.requests.push(frame.index),
      frame: (frame) => this.frames.push(frame),
    });
    for (const piece of pieces) this.push(piece);
  }

  push(piece: Frame | string | Uint8Array): void {
    if (typeof piece === "string") this.view.push(encoder.encode(piece));
    else this.view.push(piece instanceof Uint8Array ? piece : encodeFrame(piece, TOKEN));
  }

  end(): this {
    this.view.end();
    return this;
  }

  get codes(): string[] {
    return this.view.warnings.map(({ code }) => code);
  }
}

const hello: Frame = { type: "hello", backend: "b", versions: {}, pid: 7, devices: [] };
const result: Frame = { type: "result", output_tokens: 20 };
const mark = (name: string, edge: "begin" | "end", t_ns: bigint): Frame => ({
  type: "phase",
  name,
  edge,
  t_ns,
});
const request = (index: number, change: Partial<Frame & { type: "request" }> = {}): Frame => ({
  type: "request",
  index,
  input_tokens: 10,
  output_tokens: 3,
  t_start_ns: null,
  ttft_ms: 5,
  e2e_ms: 9,
  itl_ms: [1, 2],
  ...change,
});

Deno.test("AttemptView builds up what a good worker says", () => {
  const seen = new Seen(
    "starting\n",
    hello,
    mark("measure", "begin", 1n),
    "in between",
    request(0),
    request(1, { ttft_ms: null, e2e_ms: null, itl_ms: [] }),
    mark("measure", "end", 5n),
    { type: "progress", done: 1, total: 2, unit: "x" },
    { type: "note", level: "info", text: "not worth a warning" },
    { type: "note", level: "warning", text: "look out", code: "own" },
    { type: "note", level: "warning", text: "and here" },
    result,
    "closing\n",
  ).end();
  const { view } = seen;
  assert.equal(view.hello?.backend, "b");
  assert.equal(view.protocolIssue, null);
  assert.equal(view.error, null);
  assert.equal(seen.log, "starting\nin betweenclosing\n");
  assert.deepEqual(seen.frames.map(({ type }) => type), [
    "hello",
    "phase",
    "request",
    "request",
    "phase",
    "progress",
    "note",
    "note",
    "note",
    "result",
  ]);
  assert.deepEqual(seen.requests, [0, 1]);
  assert.deepEqual(view.phases.phases, [{ name: "measure", begin_ns: 1n, end_ns: 5n }]);
  assert.deepEqual([...view.samples.ttft_ms.values], [5]);
  assert.deepEqual([...view.samples.tpot_ms.values], [2]);
  assert.deepEqual([...view.samples.e2e_ms.values], [9]);
  assert.deepEqual([...view.samples.itl_ms.values], [1, 2]);
  assert.deepEqual(view.warnings, [{ code: "own", text: "look out" }, { code: "note", text: "and here" }]);
});

Deno.test("AttemptView takes the time per token that a worker says itself, where it is one", () => {
  const said = (tpot_ms: unknown): number[] => {
    const times = { t_start_ns: null, ttft_ms: 5, e2e_ms: 9, itl_ms: [] };
    const frame = {
      type: "request",
      index: 0,
      input_tokens: 1,
      output_tokens: 3,
      ...times,
      tpot_ms,
    } as Frame;
    return [...new Seen(frame).view.samples.tpot_ms.values];
  };
  assert.deepEqual([said(undefined), said(1.5), said(null)], [[2], [1.5], []]);
  assert.deepEqual([said("fast"), said(-1)], [[2], [2]]);
});

Deno.test("AttemptView takes counts that the result does not give from the requests", () => {
  const counts = (...pieces: readonly Frame[]): unknown[] => {
    const { measurement } = new Seen(...pieces).view;
    return measurement === null
      ? []
      : [measurement.input_tokens, measurement.output_tokens, measurement.requests];
  };
  assert.deepEqual(counts(), []);
  assert.deepEqual(counts(request(0)), []);
  assert.deepEqual(counts({ type: "result" }), [null, null, null]);
  assert.deepEqual(counts(request(0), request(1), { type: "result" }), [20, 6, 2]);
  assert.deepEqual(counts(request(0), { type: "result", input_tokens: 0, requests: 5 }), [0, 3, 5]);
  assert.deepEqual(counts({ type: "result", input_tokens: 1, output_tokens: 2, requests: 3 }), [1, 2, 3]);
});

Deno.test("AttemptView keeps every field of the result", () => {
  const { measurement } =
    new Seen({ type: "result", metrics: { a: 1 }, own: [1], model: { layers: 2 } }).view;
  assert.deepEqual(measurement, {
    input_tokens: null,
    output_tokens: null,
    requests: null,
    model: { layers: 2 },
    memory: {},
    metrics: { a: 1 },
    own: [1],
  });
});

Deno.test("AttemptView takes what is not ours for log text, and blames no one", () => {
  const strangers = [
    '\x1e{"type":"result","token":"other","output_tokens":9}\n',
    '\x1e{"type":"result","output_tokens":9}\n',
    "\x1enot json\n",
    '{"type":"result","token":"the-token","output_tokens":9}\n',
    "\x1e\x1e\x1e\n",
  ];
  const seen = new Seen(...strangers, "\x1ecut off").end();
  assert.equal(seen.view.hasResult, false);
  assert.equal(seen.view.protocolIssue, null);
  assert.deepEqual(seen.codes, []);
  assert.deepEqual(seen.frames, []);
  assert.ok(seen.log.includes('"token":"other"') && seen.log.includes("cut off"));
});

Deno.test("AttemptView names the first thing that was wrong with our own frames", () => {
  const cases: readonly (readonly [pieces: readonly (Frame | string)[], issue: RegExp, result: boolean])[] = [
    [['\x1e{"token":"the-token","type":"result","output_tok'], /cut off before its line feed/, false],
    [['\x1e{"token":"the-token","type":"res', result], /cut off before its line feed/, true],
    [['\x1e{"token":"the-token","type":"result","output_tokens":-5}\n'], /output_tokens/, false],
    [['\x1e{"token":"the-token"}\n'], /without a type/, false],
    [['\x1e{"token":"the-token",}\n'], /not JSON/, false],
    [[result, result], /second result frame/, true],
    [['\x1e{"token":"the-token","type":"hello","pid":-1}\n', result, result], /pid/, true],
  ];
  for (const [pieces, issue, hasResult] of cases) {
    const seen = new Seen(...pieces).end();
    assert.match(seen.view.protocolIssue ?? "", issue);
    assert.equal(seen.view.hasResult, hasResult);
    assert.equal(seen.codes[0], "protocol");
  }
});

Deno.test("AttemptView keeps the first result, hello and error", () => {
  const error = (message: string): Frame => ({ type: "error", error_type: "E", message });
  const { view } = new Seen(
    hello,
    { ...hello, backend: "other" },
    result,
    { type: "result", output_tokens: 99 },
    error("first"),
    error("second"),
  );
  assert.equal(view.hello?.backend, "b");
  assert.equal(view.measurement?.output_tokens, 20);
  assert.equal(view.error?.message, "first");
});

Deno.test("AttemptView warns of frames of a later version and goes on", () => {
  const seen = new Seen('\x1e{"token":"the-token","type":"weather"}\n', result).end();
  assert.deepEqual(seen.codes, ["unknown_frame"]);
  assert.match(seen.view.warnings[0]?.text ?? "", /"weather"/);
  assert.equal(seen.view.protocolIssue, null);
  assert.equal(seen.view.hasResult, true);
});

Deno.test("AttemptView warns once of all marks that make no sense", () => {
  const seen = new Seen(mark("a", "end", 1n), mark("b", "begin", 5n), mark("b", "end", 4n)).end();
  assert.deepEqual(seen.view.warnings, [
    { code: "phase_marks", text: "2 phase marks ignored (unpaired, going backwards, or too many)" },
  ]);
});

Deno.test("AttemptView counts warnings beyond a hundred and does not keep them", () => {
  const seen = new Seen();
  for (let count = 0; count < 150; count++) seen.push({ type: "note", level: "warning", text: "x" });
  seen.end();
  assert.equal(seen.view.warnings.length, 101);
  assert.deepEqual(seen.view.warnings.at(-1), { code: "more", text: "50 more warnings" });
});

Deno.test("AttemptView reports a frame over the cap by its size and logs its head", () => {
  const seen = new Seen(hello);
  const chunk = new Uint8Array(1024 * 1024).fill(0x78);
  seen.push('\x1e{"token":"the-token","type":"result","blob":"');
  for (let count = 0; count < 65; count++) seen.push(chunk);
  assert.ok(seen.log.length === 0);
  seen.push('"}\n');
  seen.push(result);
  seen.end();
  assert.match(seen.view.protocolIssue ?? "", /^a frame of 6815\d{4} bytes exceeds the limit of 64 MiB$/);
  assert.ok(seen.log.length > 0 && seen.log.length < 10_000);
  assert.equal(seen.view.hasResult, true);
});

Deno.test("AttemptView sees the same however the stream is cut", () => {
  const random = new Random(11);
  const stream = Uint8Array.from([
    ..."log \u00e9\n".split("").flatMap((letter) => [...encoder.encode(letter)]),
    ...encodeFrame(hello, TOKEN),
    ...encodeFrame(request(0), TOKEN),
    ...encoder.encode('\x1e{"type":"note","token":"other"}\n'),
    ...encodeFrame(result, TOKEN),
    ...encoder.encode("the end\x1e"),
  ]);
  const whole = new Seen(stream).end();
  for (let round = 0; round < 100; round++) {
    const seen = new Seen();
    for (const chunk of random.chunks(stream, 9)) {
      seen.push(chunk.slice());
      chunk.fill(0);
    }
    seen.end();
    assert.deepEqual(seen.frames, whole.frames);
    assert.deepEqual(seen.codes, whole.codes);
    assert.deepEqual(seen.view.measurement, whole.view.measurement);
  }
});

Deno.test("AttemptView tells in one warning of a kind what was cut and what was no number", () => {
  const seen = new Seen();
  for (let count = 0; count < 150; count++) {
    seen.push({ type: "note", level: "warning", text: "x".repeat(3000), code: "c".repeat(100) });
  }
  seen.push('\x1e{"token":"the-token","type":"result","metrics":{"a":NaN,"b":{"c":1e999}}}\n');
  seen.end();
  assert.equal(seen.view.warnings.length, 103);
  assert.deepEqual(seen.codes.slice(99), ["c".repeat(64), "clipped", "not_a_number", "more"]);
  assert.ok(seen.view.warnings.every(({ text }) => text.length <= 2000));
  assert.match(
    seen.view.warnings[100]?.text ?? "",
    /^Cut .*: text of a note frame, code of a note frame, and 298 more\./,
  );
  assert.match(
    seen.view.warnings[101]?.text ?? "",
    /: metrics\.a of a result frame \(NaN\), metrics\.b\.c of a result frame \(Infinity\)\.$/,
  );
  assert.equal(seen.view.protocolIssue, null);
});

Deno.test("AttemptView knows which troubles the same worker would make again", () => {
  const cases: readonly (readonly [piece: string, repeats: boolean])[] = [
    ['\x1e{"token":"the-token","type":"result","output_tok', false],
    ['\x1e{"token":"the-token",}\n', false],
    ['\x1e{"token":"the-token","type":"result","output_tokens":-5}\n', true],
    [`\x1e{"token":"the-token","type":"result","own":${"[".repeat(99)}${"]".repeat(99)}}\n`, true],
  ];
  for (const [piece, repeats] of cases) {
    const { view } = new Seen(piece).end();
    assert.deepEqual([view.protocolIssue !== null, view.protocolIssueRepeats], [true, repeats], piece);
  }
});

Deno.test("AttemptView keeps what is right of a result that breaks the protocol, which is no result", () => {
  const { view } = new Seen(
    request(0),
    '\x1e{"token":"the-token","type":"result","output_tokens":-5,"metrics":{"a":1}}\n',
  ).end();
  assert.equal(view.hasResult, false);
  assert.deepEqual([view.measurement?.metrics, view.measurement?.output_tokens], [{ a: 1 }, 3]);
});

Deno.test("AttemptView passes on requests up to so many bytes, and counts all of them", () => {
  const kept: number[] = [];
  const one = encodeFrame(request(0), TOKEN).length - 2;
  const sinks = {
    log: () => {},
    request: (frame: { index: number }) => kept.push(frame.index),
    frame: () => {},
  };
  const view = new AttemptView(TOKEN, sinks, null, 3 * one);
  for (let index = 0; index < 5; index++) view.push(encodeFrame(request(index), TOKEN));
  view.push(encodeFrame({ type: "result" }, TOKEN));
  view.end();
  assert.deepEqual(kept, [0, 1, 2]);
  assert.equal(view.measurement?.requests, 5);
  assert.equal(view.samples.ttft_ms.n, 5);
  assert.match(view.warnings[0]?.text ?? "", /^2 requests missing from requests\.jsonl/);
});

Deno.test("AttemptView passes a request on with the phases that ended before it, unless the worker tells its own", () => {
  const kept: Frame[] = [];
  const view = new AttemptView(TOKEN, {
    log: () => {},
    request: (frame) => kept.push(frame),
    frame: () => {},
  });
  const push = (...frames: readonly Frame[]): void =>
    frames.forEach((each) => view.push(encodeFrame(each, TOKEN)));
  push(hello, mark("load", "begin", 1n), mark("load", "end", 2n), mark("measure", "begin", 3n));
  push(request(0));
  push(
    mark("prefill", "begin", 4n),
    mark("prefill", "end", 2n ** 53n),
    request(1, { phases: ["own"] }),
    request(2),
  );
  push(request(3), mark("prefill", "begin", 5n), mark("prefill", "end", 6n));
  view.end();
  assert.deepEqual(kept.map((frame) => (frame as Frame & { type: "request" }).phases), [
    [{ name: "load", begin_ns: 1, end_ns: 2 }],
    ["own"],
    [{ name: "prefill", begin_ns: 4, end_ns: "9007199254740992" }],
    undefined,
  ]);
  // What no request told is left for the record, with what never ended.
  assert.deepEqual(view.phases.takeLeft().map(({ name, begin_ns }) => [name, begin_ns]), [
    ["measure", 3n],
    ["prefill", 5n],
  ]);
});

Deno.test("AttemptView takes bytes in by steps of one frame", () => {
  const seen = new Seen();
  const bytes = Uint8Array.from([...encodeFrame(hello, TOKEN), ...encodeFrame(result, TOKEN)]);
  const steps = seen.view.steps(bytes);
  for (const count of [1, 2]) {
    steps.next();
    assert.equal(seen.frames.length, count);
  }
});

Deno.test("OtherClock finds a time that lies ahead, once, and lets others be", () => {
  let now = 1_000_000_000_000n;
  const clock = new OtherClock(() => now);
  clock.look(1n);
  now += 5_000_000_000n;
  clock.look(now);
  clock.look(now + 900_000_000n);
  assert.equal(clock.found, null);
  clock.look(1_764_455_000_000_000_000n);
  assert.match(
    clock.found ?? "",
    /^The timestamp 1764455000000000000 ns is \d+d \d+h ahead of CLOCK_MONOTONIC/,
  );
});

Deno.test("AttemptView lets a sink's error through: saving is not its affair", () => {
  const view = new AttemptView(TOKEN, {
    log: () => {},
    request: () => {
      throw new Error("full");
    },
    frame: () => {},
  });
  assert.throws(() => view.push(encodeFrame(request(0), TOKEN)), /full/);
});
