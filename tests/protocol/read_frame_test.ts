import assert from "node:assert/strict";
import { HiddenTexts } from "../../lib/experiment/hidden_texts.ts";
import type { Frame } from "../../lib/protocol/frame.ts";
import { holdsToken, readFrame } from "../../lib/protocol/read_frame.ts";
import { Random } from "../support/random.ts";

const TOKEN = "4f9c1d2e-token";
const encoder = new TextEncoder();

function read(text: string): ReturnType<typeof readFrame> {
  return readFrame(encoder.encode(text), TOKEN);
}

/** A frame of ours as the text of its fields. */
function ours(fields: string): string {
  return `{"token":"${TOKEN}",${fields}}`;
}

Deno.test("readFrame() takes what is not ours for log text", () => {
  const cases = [
    "",
    "plain text",
    "{",
    "null",
    "5",
    '"text"',
    "[]",
    "{}",
    '{"type":"result","output_tokens":5}',
    '{"type":"result","token":"somebody else"}',
    '{"type":"result","token":null}',
    '{"type":"result","token":["4f9c1d2e-token"]}',
    `{"type":"result","token":"${TOKEN.toUpperCase()}"}`,
    `{"type":"result","token":"${TOKEN} "}`,
    `["${TOKEN}"]`,
    '{"type":"result","token":"x"',
    "\ufffd\ufffd",
  ];
  for (const text of cases) assert.deepEqual(read(text), { kind: "foreign" }, text);
});

Deno.test("readFrame() knows its token also where a worker writes it in escape sequences", () => {
  const escaped = [...TOKEN].map((char) => `\\u00${char.charCodeAt(0).toString(16)}`).join("");
  assert.equal(read(`{"token":"${escaped}","type":"result"}`).kind, "frame");
});

Deno.test("readFrame() tells damaged text that holds our token from foreign text", () => {
  for (const text of [`{"token":"${TOKEN}"`, `{"token":"${TOKEN}","type":"result"}}`, `${TOKEN}`]) {
    const reading = read(text);
    assert.ok(reading.kind === "invalid", text);
    assert.match(reading.reason, /^not JSON: /);
  }
});

Deno.test("readFrame() names the type of a later version", () => {
  for (const type of ["weather", "Result", "", "toString", "__proto__", "constructor"]) {
    assert.deepEqual(read(ours(`"type":${JSON.stringify(type)},"x":1`)), { kind: "unknown", type });
  }
});

Deno.test("readFrame() refuses frames of ours that break the protocol, and says where", () => {
  const deep = `${"[".repeat(200)}${"]".repeat(200)}`;
  const cases: readonly (readonly [fields: string, where: string])[] = [
    ['"x":1', "type"],
    ['"type":null', "type"],
    ['"type":7', "type"],
    ['"type":NaN', "without a type"],
    ['"type":{"toString":1}', "type"],
    ['"type":"hello","backend":5', "backend"],
    ['"type":"hello","pid":-1', "pid"],
    ['"type":"hello","pid":1.5', "pid"],
    ['"type":"hello","devices":"none"', "devices"],
    ['"type":"hello","devices":[1]', "devices"],
    ['"type":"hello","versions":[]', "versions"],
    ['"type":"phase","edge":"begin","t_ns":1', "name"],
    ['"type":"phase","name":"","edge":"begin","t_ns":1', "name"],
    ['"type":"phase","name":"load","edge":"middle","t_ns":1', "edge"],
    ['"type":"phase","name":"load","edge":"begin"', "t_ns"],
    ['"type":"phase","name":"load","edge":"begin","t_ns":-1', "t_ns"],
    ['"type":"phase","name":"load","edge":"begin","t_ns":1.5', "t_ns"],
    ['"type":"phase","name":"load","edge":"begin","t_ns":1e999', "finite"],
    ['"type":"phase","name":"load","edge":"begin","t_ns":18446744073709551616', "CLOCK_MONOTONIC"],
    ['"type":"phase","name":"load","edge":"begin","t_ns":NaN', "t_ns is NaN"],
    ['"type":"phase","name":"load","edge":"begin","t_ns":"-5"', "t_ns"],
    ['"type":"phase","name":"load","edge":"begin","t_ns":"0x10"', "t_ns"],
    ['"type":"phase","name":"load","edge":"begin","t_ns":""', "t_ns"],
    ['"type":"phase","name":"load","edge":"begin","t_ns":" 5"', "t_ns"],
    ['"type":"phase","name":"load","edge":"begin","t_ns":"123456789012345678901"', "t_ns"],
    ['"type":"progress","total":2', "done"],
    ['"type":"progress","done":-1,"total":2', "done"],
    ['"type":"progress","done":1,"total":"2"', "total"],
    ['"type":"request","input_tokens":1,"output_tokens":1', "index"],
    ['"type":"request","index":0,"input_tokens":-1,"output_tokens":1', "input_tokens"],
    ['"type":"request","index":0,"input_tokens":1,"output_tokens":1.5', "output_tokens"],
    ['"type":"request","index":0,"input_tokens":1,"output_tokens":1,"ttft_ms":-0.1', "ttft_ms"],
    ['"type":"request","index":0,"input_tokens":1,"output_tokens":1,"e2e_ms":"5"', "e2e_ms"],
    ['"type":"request","index":0,"input_tokens":1,"output_tokens":1,"itl_ms":[1,null]', "itl_ms.1"],
    ['"type":"request","index":0,"input_tokens":1,"output_tokens":1,"itl_ms":[1,1e999]', "finite"],
    ['"type":"note"', "text"],
    ['"type":"note","level":"error","text":"x"', "level"],
    ['"type":"result","input_tokens":-5', "input_tokens"],
    ['"type":"result","output_tokens":1.5', "output_tokens"],
    ['"type":"result","output_tokens":"20"', "output_tokens"],
    ['"type":"result","requests":true', "requests"],
    ['"type":"result","metrics":5', "metrics"],
    ['"type":"result","metrics":[1]', "metrics"],
    ['"type":"result","model":"name"', "model"],
    ['"type":"result","output_tokens":1e999', "output_tokens is Infinity"],
    ['"type":"result","metrics":{"list":[NaN,NaN]},"requests":-Infinity', "requests is -Infinity"],
    ['"type":"request","index":0,"input_tokens":1,"output_tokens":1,"ttft_ms":-0.001', "it is -0.001"],
    [`"type":"result","metrics":{"deep":${deep}}`, "nested"],
    [`"type":"result","own":${deep}`, "nested"],
    ['"type":"error","message":"x"', "error_type"],
    ['"type":"error","error_type":"","message":"x"', "error_type"],
    ['"type":"error","error_type":"E"', "message"],
    ['"type":"error","error_type":"E","message":"x","retryable":"yes"', "retryable"],
  ];
  for (const [fields, where] of cases) {
    const reading = read(ours(fields));
    assert.ok(reading.kind === "invalid", `${fields.slice(0, 80)}: ${reading.kind}`);
    assert.ok(reading.reason.includes(where), `${fields.slice(0, 80)}: ${reading.reason}`);
  }
});

Deno.test("readFrame() fills in what a frame may leave out and keeps what it does not know", () => {
  const cases: readonly (readonly [fields: string, frame: Frame & Record<string, unknown>])[] = [
    ['"type":"hello"', { type: "hello", backend: "", versions: {}, pid: 0, devices: [] }],
    [
      '"type":"hello","backend":"b","versions":{"torch":"2.1","cuda":12.4},"pid":7,"devices":["gpu0"],"own":1',
      {
        type: "hello",
        backend: "b",
        versions: { torch: "2.1", cuda: "12.4" },
        pid: 7,
        devices: ["gpu0"],
        own: 1,
      },
    ],
    [
      '"type":"phase","name":"measure","edge":"end","t_ns":9007199254740991',
      { type: "phase", name: "measure", edge: "end", t_ns: 9007199254740991n },
    ],
    [
      '"type":"phase","name":"measure","edge":"end","t_ns":"9007199254740993"',
      { type: "phase", name: "measure", edge: "end", t_ns: 9007199254740993n },
    ],
    ['"type":"progress","done":0,"total":0', { type: "progress", done: 0, total: 0, unit: "" }],
    [
      '"type":"request","index":0,"input_tokens":0,"output_tokens":0',
      {
        type: "request",
        index: 0,
        input_tokens: 0,
        output_tokens: 0,
        t_start_ns: null,
        ttft_ms: null,
        e2e_ms: null,
        itl_ms: [],
      },
    ],
    ['"type":"note","text":"x"', { type: "note", level: "info", text: "x" }],
    ['"type":"result"', { type: "result" }],
    [
      '"type":"result","output_tokens":0,"input_tokens":null,"metrics":{"score":0.5,"notes":[null,"x"]},"own":[1]',
      {
        type: "result",
        output_tokens: 0,
        input_tokens: null,
        metrics: { score: 0.5, notes: [null, "x"] },
        own: [1],
      } as unknown as Frame & Record<string, unknown>,
    ],
    ['"type":"error","error_type":"E","message":""', { type: "error", error_type: "E", message: "" }],
  ];
  for (const [fields, frame] of cases) assert.deepEqual(read(ours(fields)), { kind: "frame", frame }, fields);
});

Deno.test("readFrame() reads times above 2^53 to the last digit", () => {
  const cases: readonly (readonly [fields: string, time: bigint])[] = [
    ['"type":"phase","name":"a","edge":"end","t_ns":9007199254740993', 9007199254740993n],
    ['"type":"phase","name":"a","edge":"end","t_ns" : 17446744073709551615', 17446744073709551615n],
    ['"type":"phase","name":"a","edge":"end","t_ns":9.507e15', 9507000000000000n],
    // The same name elsewhere: the nearest double stands.
    [
      '"type":"phase","own":{"t_ns":9007199254740999},"name":"a","edge":"end","t_ns":9007199254740995',
      9007199254740996n,
    ],
    [
      '"type":"request","index":0,"input_tokens":0,"output_tokens":0,"t_start_ns":9007199254740993',
      9007199254740993n,
    ],
  ];
  for (const [fields, time] of cases) {
    const reading = read(ours(fields));
    assert.ok(reading.kind === "frame", fields);
    const { frame } = reading;
    assert.equal(
      frame.type === "phase" ? frame.t_ns : frame.type === "request" ? frame.t_start_ns : null,
      time,
    );
  }
});

Deno.test("readFrame() makes null of numbers that JSON does not have where the worker is free, and says where", () => {
  const reading = read(
    ours('"type":"result","output_tokens":2,"metrics":{"loss":NaN,"a":[1e999]},"own":{"b":-inf}'),
  );
  assert.ok(reading.kind === "frame");
  assert.deepEqual(reading.frame, {
    type: "result",
    output_tokens: 2,
    metrics: { loss: null, a: [null] },
    own: { b: null },
  });
  const places = reading.remarks?.voided.list.map(({ path, said }) => `${path} ${said}`);
  assert.deepEqual(places, ["metrics.loss NaN", "metrics.a.0 Infinity", "own.b -inf"]);
});

Deno.test("readFrame() keeps what is right of a result that breaks the protocol, and knows what would come again", () => {
  const wrong = read(
    ours('"type":"result","output_tokens":NaN,"requests":-1,"input_tokens":3,"metrics":{"a":1},"own":2'),
  );
  assert.ok(wrong.kind === "invalid" && wrong.repeats);
  assert.deepEqual(wrong.rest, { type: "result", input_tokens: 3, metrics: { a: 1 }, own: 2 });
  const request = read(ours('"type":"request","index":-1,"input_tokens":1,"output_tokens":1'));
  assert.ok(request.kind === "invalid" && request.repeats && request.rest === undefined);
  const damaged = read(`{"token":"${TOKEN}"`);
  assert.ok(damaged.kind === "invalid" && !damaged.repeats);
});

Deno.test("readFrame() does not let a frame change what objects are", () => {
  const reading = read(
    ours('"type":"result","__proto__":{"polluted":1},"metrics":{"__proto__":{"polluted":1}}'),
  );
  assert.equal(reading.kind, "frame");
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

Deno.test("readFrame() never throws, whatever the bytes", () => {
  const random = new Random(3);
  const whole = encoder.encode(
    ours('"type":"request","index":0,"input_tokens":1,"output_tokens":2,"itl_ms":[1.5,2]'),
  );
  for (let round = 0; round < 5000; round++) {
    const bytes = whole.slice(0, random.integer(0, whole.length));
    for (let changes = random.integer(0, 3); changes > 0 && bytes.length > 0; changes--) {
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
    }
    assert.ok(["frame", "foreign", "unknown", "invalid"].includes(readFrame(bytes, TOKEN).kind));
    readFrame(random.bytes(20), TOKEN);
  }
});

Deno.test("holdsToken() finds the token anywhere in bytes", () => {
  assert.equal(holdsToken(encoder.encode(`\ufffd{"token":"${TOKEN}`), TOKEN), true);
  assert.equal(holdsToken(encoder.encode(`{"token":"${TOKEN.slice(0, -1)}`), TOKEN), false);
  assert.equal(holdsToken(new Uint8Array(), TOKEN), false);
});

Deno.test("readFrame() hides secrets in every name and text, however they are written, and in nothing of the protocol", () => {
  const hidden = new HiddenTexts(["s3cret-1", "measure", "metrics", "result", 12345678]);
  const frameOf = (fields: string): unknown => {
    const reading = readFrame(encoder.encode(ours(fields)), TOKEN, hidden);
    assert.ok(reading.kind === "frame");
    return reading.frame;
  };
  const escaped = "\\u0073\\u0033cret-1";
  assert.deepEqual(
    frameOf(
      `"type":"result","metrics":{"calls s3cret-1":3,"n":{"${escaped}":[1,"s3cret-1"]}},"own s3cret-1":{"p":12345678,"metrics":1},` +
        `"model":{"name":"${escaped}"},"output_tokens":12345678`,
    ),
    {
      type: "result",
      metrics: { "calls ***": 3, n: { "***": [1, "***"] } },
      "own ***": { p: "***", "***": 1 },
      model: { name: "***" },
      output_tokens: 12345678,
    },
  );
  const phase = (name: string): string => `"type":"phase","name":"${name}","edge":"begin","t_ns":"12345678"`;
  assert.deepEqual(frameOf(phase("load s3cret-1")), {
    type: "phase",
    name: "load ***",
    edge: "begin",
    t_ns: 12345678n,
  });
  assert.deepEqual(frameOf(phase("measure")), {
    type: "phase",
    name: "measure",
    edge: "begin",
    t_ns: 12345678n,
  });
  const request = '"type":"request","index":0,"input_tokens":1,"output_tokens":1,"itl_ms":[12345678]';
  assert.deepEqual(frameOf(`${request},"headers":{"A s3cret-1":"Bearer s3cret-1"}`), {
    ...{ type: "request", index: 0, input_tokens: 1, output_tokens: 1, itl_ms: [12345678] },
    ...{ t_start_ns: null, ttft_ms: null, e2e_ms: null, headers: { "A ***": "Bearer ***" } },
  });
  assert.deepEqual(frameOf(`"type":"result","metrics":{"s3cret-1":1,"a":0,"measure":2,"${escaped}s":3}`), {
    type: "result",
    metrics: { "***": 1, a: 0, "*** (2)": 2, "***s": 3 },
  });
  // A text is clipped after that, so that no part of a secret is left at its end.
  const note = frameOf(`"type":"note","text":"x","code":"${"c".repeat(60)}s3cret-1"`) as { code: string };
  assert.equal(note.code, `${"c".repeat(60)}***`);
});

Deno.test("readFrame() tells no secret in what it says of a broken frame", () => {
  const hidden = new HiddenTexts(["s3cret-1"]);
  const broken = [
    ours(`"type":"result", s3cret-1`),
    ours(`"type":"s3cret-1"`),
    ours(`"type":"result","input_tokens":"s3cret-1"`),
    ours(`"type":"hello","versions":{"s3cret-1":{}}`),
    ours(`"type":"phase","name":"s3cret-1","edge":"s3cret-1","t_ns":1`),
  ];
  for (const text of broken) {
    const reading = JSON.stringify(readFrame(encoder.encode(text), TOKEN, hidden));
    assert.ok(!reading.includes("s3cret") && !reading.includes("cret-1"), reading);
  }
});
