import assert from "node:assert/strict";
import { MAX_FRAME_BYTES } from "../../lib/protocol/bounds.ts";
import { LF, RS } from "../../lib/protocol/frame.ts";
import { FrameSplitter, type Piece } from "../../lib/protocol/split_frames.ts";
import { Random } from "../support/random.ts";

const encoder = new TextEncoder();

/** Everything a splitter gives for these chunks, with log text that belongs together put together. */
function split(chunks: readonly Uint8Array[], maxBytes?: number, minBytes?: number): Piece[] {
  const splitter = new FrameSplitter(maxBytes, minBytes);
  const pieces: Piece[] = [];
  const take = (piece: Piece): void => {
    const last = pieces.at(-1);
    // A copy at once: a log piece is a view of a chunk that its owner may use again.
    const own = piece.kind === "oversized" ? piece : { ...piece, bytes: piece.bytes.slice() };
    if (own.kind === "log" && last?.kind === "log") {
      pieces[pieces.length - 1] = { kind: "log", bytes: Uint8Array.from([...last.bytes, ...own.bytes]) };
    } else pieces.push(own);
  };
  for (const chunk of chunks) for (const piece of splitter.push(chunk)) take(piece);
  for (const piece of splitter.end()) take(piece);
  return pieces;
}

/** The same by the plainest rule there is: byte by byte. */
function model(bytes: Uint8Array, maxBytes: number): Piece[] {
  const pieces: Piece[] = [];
  let log: number[] = [];
  let frame: number[] | null = null;
  const close = (kind: "frame" | "truncated"): void => {
    const whole = Uint8Array.from(frame ?? []);
    pieces.push(
      whole.length > maxBytes
        ? { kind: "oversized", head: new Uint8Array(), size_bytes: whole.length }
        : { kind, bytes: whole },
    );
    frame = null;
  };
  for (const byte of bytes) {
    if (frame === null && byte !== RS) log.push(byte);
    else if (frame === null) {
      if (log.length > 0) pieces.push({ kind: "log", bytes: Uint8Array.from(log) });
      log = [];
      frame = [];
    } else if (byte === LF) close("frame");
    else if (byte === RS) {
      close("truncated");
      frame = [];
    } else (frame as number[]).push(byte);
  }
  if (frame !== null) close("truncated");
  if (log.length > 0) pieces.push({ kind: "log", bytes: Uint8Array.from(log) });
  return pieces;
}

/** The same where shorter frames are log text. */
function withoutShort(pieces: readonly Piece[], minBytes: number): Piece[] {
  const kept: Piece[] = [];
  for (const piece of pieces) {
    if (piece.kind === "oversized") {
      kept.push(piece);
      continue;
    }
    const kind = piece.bytes.length < minBytes ? "log" : piece.kind;
    if (kind === "log" && piece.bytes.length === 0) continue;
    const last = kept.at(-1);
    if (kind === "log" && last?.kind === "log") {
      kept[kept.length - 1] = { kind, bytes: Uint8Array.from([...last.bytes, ...piece.bytes]) };
    } else kept.push({ kind, bytes: piece.bytes });
  }
  return kept;
}

/** Heads of oversized frames are checked apart: how much of one is kept may depend on the chunks. */
function withoutHeads(pieces: readonly Piece[]): unknown[] {
  return pieces.map((piece) => piece.kind === "oversized" ? { ...piece, head: null } : piece);
}

/** A stream with everything that can go wrong in it. */
function randomStream(random: Random): Uint8Array {
  const parts = Array.from({ length: random.integer(0, 12) }, (): Uint8Array => {
    switch (random.integer(0, 6)) {
      case 0:
        return encoder.encode('\x1e{"type":"note","text":"\u00e9\u4e16\ud83d\ude00"}\n');
      case 1:
        return encoder.encode("a line\r\n");
      case 2:
        return Uint8Array.of(RS);
      case 3:
        return Uint8Array.of(LF);
      case 4:
        return Uint8Array.of(RS, LF);
      case 5:
        return random.bytes(random.integer(0, 40));
      default:
        return encoder.encode(`\x1e${"x".repeat(random.integer(0, 60))}`);
    }
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("FrameSplitter gives the same pieces however the stream is cut, and those of the plain rule", () => {
  const random = new Random(1);
  for (let round = 0; round < 2000; round++) {
    const bytes = randomStream(random);
    const maxBytes = random.pick([4, 30, MAX_FRAME_BYTES]);
    const expected = withoutHeads(model(bytes, maxBytes));
    for (const longest of [1, 3, 17, Math.max(1, bytes.length)]) {
      const pieces = split(random.chunks(bytes, longest), maxBytes);
      assert.deepEqual(withoutHeads(pieces), expected, `round ${round}, chunks up to ${longest}`);
    }
  }
});

Deno.test("FrameSplitter takes what is too short for a frame for log text, however the stream is cut", () => {
  const random = new Random(2);
  for (let round = 0; round < 1000; round++) {
    const bytes = randomStream(random);
    const minBytes = random.pick([1, 5, 40]);
    const expected = withoutHeads(withoutShort(model(bytes, 50), minBytes));
    for (const longest of [1, 3, 17, Math.max(1, bytes.length)]) {
      const pieces = split(random.chunks(bytes, longest), 50, minBytes)
        .filter((piece) => piece.kind !== "log" || piece.bytes.length > 0);
      assert.deepEqual(withoutHeads(pieces), expected, `round ${round}, chunks up to ${longest}`);
    }
  }
});

Deno.test("FrameSplitter gives a flood of what is too short for a frame as one piece of text a chunk", () => {
  for (const flood of ["\x1e", "\x1e\n", "\x1e{", "a\x1e{}\n\n"]) {
    const splitter = new FrameSplitter(MAX_FRAME_BYTES, 36);
    const chunk = encoder.encode(flood.repeat(65536 / flood.length));
    for (let count = 0; count < 4; count++) {
      const pieces = [...splitter.push(chunk)];
      assert.ok(pieces.length <= 2 && pieces.every(({ kind }) => kind === "log"), JSON.stringify(flood));
    }
  }
});

Deno.test("FrameSplitter cuts a stream into log text and frames", () => {
  const cases: readonly (readonly [stream: string, pieces: readonly string[]])[] = [
    ["", []],
    ["text", ["log:text"]],
    ["\x1e{}\n", ["frame:{}"]],
    ["a\x1e{}\nb", ["log:a", "frame:{}", "log:b"]],
    ["\x1e{}\n\x1e{}\n", ["frame:{}", "frame:{}"]],
    ["\x1e{}\n\n", ["frame:{}", "log:\n"]],
    ["\x1e\n", ["frame:"]],
    ["\x1e{", ["truncated:{"]],
    ["\x1e", ["truncated:"]],
    ["\x1e{\x1e{}\n", ["truncated:{", "frame:{}"]],
    ["\x1e\x1e\x1e{}\n", ["truncated:", "truncated:", "frame:{}"]],
    ["\n\r\n\x1e{}\r\n", ["log:\n\r\n", "frame:{}\r"]],
    ["\x00\x1b[31m\x1e{}\n", ["log:\x00\x1b[31m", "frame:{}"]],
  ];
  for (const [stream, pieces] of cases) {
    const found = split([encoder.encode(stream)]).map((piece) =>
      piece.kind === "oversized" ? "oversized" : `${piece.kind}:${new TextDecoder().decode(piece.bytes)}`
    );
    assert.deepEqual(found, pieces, JSON.stringify(stream));
  }
});

Deno.test("FrameSplitter keeps a character whole that a read cuts in two", () => {
  const text = '{"text":"\u00e9\u4e16\ud83d\ude00"}';
  const bytes = encoder.encode(`\x1e${text}\n`);
  const [piece] = split([...bytes].map((byte) => Uint8Array.of(byte)));
  assert.ok(piece?.kind === "frame");
  assert.equal(new TextDecoder().decode(piece.bytes), text);
});

Deno.test("FrameSplitter does not hold on to a chunk whose memory is used again", () => {
  const splitter = new FrameSplitter();
  const chunk = encoder.encode("\x1e0123");
  const pieces = [...splitter.push(chunk)];
  chunk.fill(0x78);
  pieces.push(...splitter.push(encoder.encode("456\n")));
  assert.deepEqual(pieces, [{ kind: "frame", bytes: encoder.encode("0123456") }]);
});

Deno.test("FrameSplitter holds frames of exactly the cap and reports one byte more", () => {
  const frameOf = (size: number): Uint8Array => encoder.encode(`\x1e${"y".repeat(size)}\n`);
  for (const longest of [1, 3, 100]) {
    const cut = (size: number): Uint8Array[] => new Random(2).chunks(frameOf(size), longest);
    assert.deepEqual(split(cut(10), 10), [{ kind: "frame", bytes: encoder.encode("y".repeat(10)) }]);
    const [piece, ...rest] = split(cut(11), 10);
    assert.ok(piece?.kind === "oversized" && rest.length === 0);
    assert.equal(piece.size_bytes, 11);
    assert.match(new TextDecoder().decode(piece.head), /^y+$/);
  }
});

Deno.test("FrameSplitter gives the beginning of an oversized frame, its size, and goes on after it", () => {
  const splitter = new FrameSplitter(10_000);
  const chunk = encoder.encode("0123456789".repeat(1000));
  const pieces = [...splitter.push(Uint8Array.of(RS))];
  for (let count = 0; count < 50; count++) pieces.push(...splitter.push(chunk));
  pieces.push(...splitter.push(encoder.encode("\nlog\x1e{}\n")));
  const [oversized, ...rest] = pieces;
  assert.ok(oversized?.kind === "oversized");
  assert.equal(oversized.size_bytes, 500_000);
  assert.ok(oversized.head.length > 0 && oversized.head.length <= 10_000);
  assert.deepEqual(oversized.head, chunk.slice(0, oversized.head.length));
  assert.deepEqual(rest, [
    { kind: "log", bytes: encoder.encode("log") },
    { kind: "frame", bytes: encoder.encode("{}") },
  ]);
});

Deno.test("FrameSplitter reports an oversized frame that the stream's end or the next frame cuts off", () => {
  for (const [stream, after] of [["\x1e0123456789a", 0], ["\x1e0123456789a\x1e{}\n", 1]] as const) {
    const [piece, ...rest] = split([encoder.encode(stream)], 10);
    assert.ok(piece?.kind === "oversized", piece?.kind);
    assert.equal(piece.size_bytes, 11);
    assert.equal(rest.length, after);
  }
});

Deno.test("FrameSplitter gives nothing more when the end is told twice", () => {
  const splitter = new FrameSplitter();
  assert.deepEqual([...splitter.push(encoder.encode("\x1eab"))], []);
  assert.equal([...splitter.end()].length, 1);
  assert.deepEqual([...splitter.end()], []);
});

/** Bytes that count how many of them are looked at. */
class Scanned extends Uint8Array {
  static looks = 0;

  override indexOf(byte: number, from = 0): number {
    const at = super.indexOf(byte, from);
    Scanned.looks += (at === -1 ? this.length : at + 1) - from;
    return at;
  }
}

Deno.test("FrameSplitter looks at each byte a few times, whatever stands in the chunk", () => {
  const size = 20_000;
  const chunks: readonly (readonly [what: string, byte: (index: number) => number])[] = [
    ["separators", () => RS],
    ["line feeds", () => LF],
    ["text", () => 0x78],
    ["empty frames", (index) => index % 2 === 0 ? RS : LF],
    ["short frames", (index) => index % 8 === 0 ? RS : index % 8 === 7 ? LF : 0x78],
    ["frames and log", (index) => index % 8 === 0 ? RS : index % 8 === 3 ? LF : 0x78],
    ["cut frames", (index) => index % 8 === 0 ? RS : 0x78],
  ];
  for (const [what, byte] of chunks) {
    const chunk = Scanned.from({ length: size }, (_, index) => byte(index));
    for (const minBytes of [0, 36]) {
      Scanned.looks = 0;
      assert.ok(Array.from(new FrameSplitter(MAX_FRAME_BYTES, minBytes).push(chunk)).length <= size);
      assert.ok(Scanned.looks <= 4 * size, `${what}: ${Scanned.looks} looks`);
    }
  }
});
