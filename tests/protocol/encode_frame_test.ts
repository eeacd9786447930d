import assert from "node:assert/strict";
import { encodeFrame } from "../../lib/protocol/encode_frame.ts";
import { type Frame, LF, RS } from "../../lib/protocol/frame.ts";
import { readFrame } from "../../lib/protocol/read_frame.ts";
import { FrameSplitter } from "../../lib/protocol/split_frames.ts";

const TOKEN = "the-token";

const frames: readonly Frame[] = [
  { type: "hello", backend: "llamacpp", versions: { llama: "b1" }, pid: 42, devices: ["cpu"] },
  { type: "phase", name: "measure", edge: "begin", t_ns: 0n },
  { type: "phase", name: "measure", edge: "end", t_ns: 9007199254740991n },
  { type: "phase", name: "measure", edge: "end", t_ns: 9007199254740993n },
  { type: "phase", name: "own \u00e9\n\x1e\ud83d\ude00", edge: "end", t_ns: 18446744073709551615n },
  { type: "progress", done: 1, total: 2, unit: "requests" },
  { type: "progress", done: 0.5, total: 2, unit: "s", note: "warm" },
  {
    type: "request",
    index: 3,
    input_tokens: 15,
    output_tokens: 3,
    t_start_ns: 9007199254740999n,
    ttft_ms: 5.25,
    e2e_ms: null,
    itl_ms: [1.5, 2],
  },
  { type: "note", level: "warning", text: 'quotes " and \\ and\ttabs', code: "own" },
  { type: "result" },
  {
    type: "result",
    input_tokens: 1,
    output_tokens: 2,
    requests: 3,
    metrics: { a: [1, null] },
    own: { b: "c" },
  },
  { type: "error", error_type: "ValueError", message: "line\nline", traceback: "T", retryable: false },
];

for (const frame of frames) {
  const name = `${frame.type} ${"t_ns" in frame ? frame.t_ns : ""}`.trim();
  Deno.test(`encodeFrame() and readFrame() agree on ${name}`, () => {
    const bytes = encodeFrame(frame, TOKEN);
    assert.equal(bytes[0], RS);
    assert.equal(bytes.at(-1), LF);
    // Nothing inside may end the frame or begin another.
    assert.ok(bytes.subarray(1, -1).every((byte) => byte !== RS && byte !== LF));
    const [piece, ...rest] = new FrameSplitter().push(bytes);
    assert.ok(piece?.kind === "frame" && rest.length === 0);
    assert.deepEqual(readFrame(piece.bytes, TOKEN), { kind: "frame", frame });
  });
}

Deno.test("encodeFrame() puts type and token first and writes exact integers", () => {
  const text = (frame: Frame): string => new TextDecoder().decode(encodeFrame(frame, TOKEN)).slice(1, -1);
  const phase = (t_ns: bigint): Frame => ({ type: "phase", name: "load", edge: "begin", t_ns });
  const before = '{"type":"phase","token":"the-token","name":"load","edge":"begin","t_ns":';
  assert.equal(text(phase(5n)), `${before}5}`);
  assert.equal(text(phase(9007199254740991n)), `${before}9007199254740991}`);
  assert.equal(text(phase(9007199254740992n)), `${before}"9007199254740992"}`);
  const window = { type: "result", window: { from_ns: [5n, 9007199254740993n] } } as unknown as Frame;
  assert.equal(
    text(window),
    '{"type":"result","token":"the-token","window":{"from_ns":[5,"9007199254740993"]}}',
  );
});
