import assert from "node:assert/strict";
import { MAX_DEPTH, MAX_KEYS, MAX_TEXT_BYTES, MAX_VALUES } from "../../lib/protocol/bounds.ts";
import { FrameShape } from "../../lib/protocol/frame_shape.ts";
import { CUT } from "../../lib/protocol/marks.ts";
import { Random } from "../support/random.ts";

const encoder = new TextEncoder();

/** What is kept of a text that comes in these chunks, and what there is too much of. */
function followed(chunks: readonly Uint8Array[]): { kept: string; excess: string | null } {
  const shape = new FrameShape();
  const parts = chunks.flatMap((chunk) => shape.push(chunk).map((part) => part.slice()));
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { kept: new TextDecoder().decode(bytes), excess: shape.excess };
}

Deno.test("FrameShape names what there is too much of, and nothing at the bound itself", () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  const cases: readonly (readonly [text: string, excess: RegExp | null])[] = [
    [nested(MAX_DEPTH), null],
    [nested(MAX_DEPTH + 1), /nested deeper than the limit of 64 levels/],
    [`[${nested(MAX_DEPTH - 1)},${nested(MAX_DEPTH - 1)}]`, null],
    [`"${"[".repeat(1000)}"`, null],
    [`"\\"${"[".repeat(1000)}"`, null],
    [`{${'"a":1,'.repeat(MAX_KEYS)}`, null],
    [`{${'"a":1,'.repeat(MAX_KEYS + 1)}`, /more keys than the limit of 20000/],
    [`[${"0,".repeat(MAX_VALUES - 1)}0]`, null],
    [`[${"0,".repeat(MAX_VALUES)}0]`, /more values than the limit of 250000/],
    [`[${`"${"x".repeat(MAX_TEXT_BYTES)}",`.repeat(2)}0]`, null],
    [`[${`"${"x".repeat(MAX_TEXT_BYTES)}",`.repeat(3)}0]`, /holds more than the limit of 8 MiB/],
    // Numbers have no bound but that of the frame.
    [`[${"1".repeat(9 * 1024 * 1024)}]`, /holds more than the limit of 8 MiB/],
  ];
  for (const [text, excess] of cases) {
    const found = followed([encoder.encode(text)]);
    if (excess === null) assert.deepEqual(found, { kept: text, excess: null });
    else assert.match(found.excess ?? "", excess);
  }
});

Deno.test("FrameShape cuts a long text where it can be parsed, and goes on after it", () => {
  for (const piece of ["x", "\\u00e9", '\\"', "\u00e9"]) {
    const long = piece.repeat(Math.ceil((MAX_TEXT_BYTES + 100) / encoder.encode(piece).length));
    const { kept, excess } = followed([encoder.encode(`{"a":"${long}","b":["${long}"],"c":1}`)]);
    assert.equal(excess, null);
    const { a, b, c } = JSON.parse(kept);
    assert.equal(c, 1, piece);
    for (const text of [a, b[0]]) {
      assert.ok(text.endsWith(CUT), piece);
      assert.ok(encoder.encode(text).length <= MAX_TEXT_BYTES + 20, piece);
    }
  }
});

Deno.test("FrameShape keeps the same however the bytes are cut", () => {
  const random = new Random(5);
  const bytes = encoder.encode(`{"a":"${'\\u00e9\\"'.repeat(450_000)}","b":[1,{"c":"\u4e16"}]}`);
  const whole = followed([bytes]);
  for (const longest of [3, 1000, 70_000]) {
    const chunks = longest === 3
      ? [
        bytes.slice(0, 3_145_000),
        ...random.chunks(bytes.slice(3_145_000, 3_147_000), 3),
        bytes.slice(3_147_000),
      ]
      : random.chunks(bytes, longest);
    assert.deepEqual(followed(chunks), whole);
  }
});
