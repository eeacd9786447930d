/** What an answer says, however a server frames and words it. */
import assert from "node:assert/strict";
import { readChunk } from "../../../../worker/engines/openai/stream/chunk.ts";
import { ChunkReader } from "../../../../worker/engines/openai/stream/chunk_reader.ts";
import {
  EventStream,
  MAX_EVENT_BYTES,
  type ServerEvent,
} from "../../../../worker/engines/openai/stream/event_stream.ts";
import { MAX_MESSAGE_CHARS } from "../../../../worker/engines/openai/stream/server_error.ts";
import { NO_ITL } from "../../../../lib/protocol/messages.ts";
import { RequestTrace } from "../../../../worker/engines/openai/stream/request_trace.ts";
import { atMs, chat, DONE, event, failedEnd, recordOf, WHOLE } from "./exchange.ts";

function eventsOf(parts: readonly Uint8Array[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  const stream = new EventStream((event) => events.push(event));
  const buffer = new Uint8Array(1024);
  for (const part of parts) {
    buffer.set(part);
    stream.push(buffer.subarray(0, part.length));
    buffer.fill(0xff);
  }
  stream.end();
  return events;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const FRAMED = ": keep-alive\n\n" +
  'data: {"a":"\u00e4\u20ac\ud83d\ude00"}\n\n' +
  'data:{"b":1}\r\n\r\n' +
  "event: error\r\ndata: out of memory\r\n\r\n" +
  "id: 4\nretry: 100\ndata: one\ndata: two\n\n" +
  "data: [DONE]\n\n";
const EVENTS: readonly ServerEvent[] = [
  { data: '{"a":"\u00e4\u20ac\ud83d\ude00"}', name: null },
  { data: '{"b":1}', name: null },
  { data: "out of memory", name: "error" },
  { data: "one\ntwo", name: null },
  { data: "[DONE]", name: null },
];

Deno.test("events are the same wherever the reads are cut, also inside a character", () => {
  const bytes = bytesOf(FRAMED);
  assert.deepEqual(eventsOf([bytes]), EVENTS);
  for (let cut = 1; cut < bytes.length; cut++) {
    assert.deepEqual(eventsOf([bytes.subarray(0, cut), bytes.subarray(cut)]), EVENTS, `cut at ${cut}`);
  }
  assert.deepEqual(eventsOf(Array.from(bytes, (byte) => Uint8Array.of(byte))), EVENTS);
});

Deno.test("an event without its blank line counts at the end of the body, and a cut one harms nothing", () => {
  assert.deepEqual(eventsOf([bytesOf("data: [DONE]")]).map(({ data }) => data), ["[DONE]"]);
  const record = recordOf({ reads: [[10, chat({ content: "a" })], [20, 'data: {"choi']] });
  assert.deepEqual([record.error, record.output_tokens, record.chunks], ["truncated", 1, 1]);
});

Deno.test("an event without end is given up at its limit", () => {
  const stream = new EventStream(() => assert.fail("there is no event"));
  const line = new Uint8Array(1024 * 1024).fill(0x61);
  stream.push(bytesOf("data: "));
  for (let bytes = 0; bytes <= MAX_EVENT_BYTES; bytes += line.length) stream.push(line);
  assert.ok(stream.isTooLarge);
  const lines = new EventStream(() => assert.fail("there is no event"));
  const dataLine = bytesOf(`data: ${"a".repeat(1024 * 1024)}\n`);
  for (let bytes = 0; bytes <= MAX_EVENT_BYTES; bytes += line.length) lines.push(dataLine);
  assert.ok(lines.isTooLarge);
});

Deno.test("a chat: role first, then tokens, finish, usage without choices, terminator", () => {
  const record = recordOf({
    asked: 12,
    reads: [
      [10, chat({ role: "assistant", content: null })],
      [20, chat({ content: "He" })],
      [30, chat({ content: "llo" }) + chat({ content: "!" })],
      [40, chat({}, {}, "length")],
      [
        41,
        event({
          choices: [],
          usage: { prompt_tokens: 11, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 8 } },
        }),
      ],
      [42, DONE],
    ],
  });
  assert.equal(record.error, null);
  assert.deepEqual([record.ttft_ms, record.ttfo_ms, record.e2e_ms, record.tpot_ms], [20, 20, 42, 5]);
  assert.deepEqual([record.input_tokens, record.input_tokens_from, record.asked_input_tokens], [
    11,
    "usage",
    12,
  ]);
  assert.deepEqual([record.output_tokens, record.output_tokens_from, record.cached_tokens], [3, "usage", 8]);
  assert.deepEqual(record.chunk_gap_ms, [10, 0]);
  // Three chunks with text and three tokens: each is one.
  assert.deepEqual([record.itl_ms, record.itl_reason], [[10, 0], null]);
  assert.deepEqual([record.finish_reason, record.http_status, record.chunks, record.reads], [
    "length",
    200,
    3,
    6,
  ]);
  assert.deepEqual(record.output_texts, ["Hello!"]);
  assert.equal(record.output_sha256?.length, 64);
});

Deno.test("reasoning counts as tokens and not as output, under each of its names", () => {
  for (const name of ["reasoning_content", "reasoning"]) {
    const record = recordOf({
      reads: [
        [10, chat({ role: "assistant", content: "" })],
        [20, chat({ [name]: "hm" })],
        [30, chat({ content: "yes" })],
        [40, chat({}, {}, "stop") + DONE],
      ],
    });
    assert.deepEqual([record.ttft_ms, record.ttfo_ms, record.chunks], [20, 30, 2]);
    assert.deepEqual([record.output_texts, record.reasoning_texts], [["yes"], ["hm"]]);
  }
});

Deno.test("the pieces of a tool call are tokens", () => {
  const call = (part: unknown) => chat({ tool_calls: [{ index: 0, function: part }] });
  const record = recordOf({
    reads: [[10, call({ name: "add", arguments: "" })], [20, call({ arguments: '{"x"' })], [
      30,
      call({ arguments: "" }) + chat({}, {}, "tool_calls") + DONE,
    ]],
  });
  assert.deepEqual([record.ttft_ms, record.ttfo_ms, record.chunks, record.error], [10, 10, 2, null]);
  assert.deepEqual(record.output_texts, ['add{"x"']);
});

Deno.test("llama-server's completion: the last chunk has usage and timings and no token", () => {
  const text = (text: string, more: object = {}) =>
    event({ choices: [{ index: 0, text, finish_reason: null }], ...more });
  const record = recordOf({
    asked: 200,
    reads: [
      [649, text("a")],
      [674, text("b")],
      [
        699,
        text("c") + event({
          choices: [{ index: 0, text: "", finish_reason: "length" }],
          usage: { prompt_tokens: 200, completion_tokens: 3 },
          timings: { cache_n: 199, prompt_n: 1, prompt_ms: 46, predicted_n: 3, predicted_ms: 75 },
        }) + DONE,
      ],
    ],
  });
  assert.deepEqual([record.chunks, record.output_tokens, record.tpot_ms], [3, 3, 25]);
  assert.deepEqual([record.chunk_gap_ms, record.itl_ms], [[25, 25], [25, 25]]);
  assert.deepEqual([record.cached_tokens, record.server], [199, {
    queue_ms: null,
    prefill_ms: 46,
    decode_ms: 75,
  }]);
});

Deno.test("llama-server's progress in the prompt is no token, and its timings are those of the task before", () => {
  const progress = {
    prompt_progress: { total: 200, cache: 0, processed: 64, time_ms: 90 },
    timings: { cache_n: 0, prompt_n: 9, predicted_n: 77 },
  };
  const timed = (predicted_n: number) => ({
    chunk: { timings: { cache_n: 0, prompt_n: 200, prompt_ms: 400, predicted_n, predicted_ms: 1 } },
  });
  const record = recordOf({
    reads: [
      [100, chat({ role: "assistant", content: null }, { chunk: progress })],
      [400, chat({ content: "a" }, timed(1))],
      [420, chat({ content: "bc" }, timed(3))],
      [440, chat({}, timed(3), "length") + DONE],
    ],
  });
  assert.deepEqual([record.ttft_ms, record.chunk_tokens, record.chunk_tokens_from], [400, [1, 2], "timings"]);
  assert.deepEqual([record.output_tokens, record.output_tokens_from, record.tpot_ms], [3, "timings", 10]);
  assert.deepEqual([record.input_tokens, record.input_tokens_from], [200, "timings"]);
  assert.equal(record.itl_ms, null);
});

Deno.test("a stream that is cut in the prompt has no tokens of the task before", () => {
  const progress = {
    prompt_progress: { total: 200, processed: 64 },
    timings: { cache_n: 0, prompt_n: 9, predicted_n: 77 },
  };
  const record = recordOf({
    reads: [[100, chat({ role: "assistant", content: null }, { chunk: progress })]],
  });
  assert.deepEqual([record.error, record.output_tokens, record.server], ["truncated", 0, null]);
});

Deno.test("usage in the last chunk alone is the closing one, with text in that chunk and without", () => {
  const usage = { usage: { prompt_tokens: 5, completion_tokens: 3 } };
  const last = (text: string) => event({ choices: [{ index: 0, text, finish_reason: "length" }], ...usage });
  const first: [number, string][] = [[10, event({ choices: [{ index: 0, text: "a" }] })], [
    20,
    event({ choices: [{ index: 0, text: "b" }] }),
  ]];
  const record = recordOf({ reads: [...first, [30, last("c")]] });
  assert.deepEqual([record.chunk_tokens, record.itl_ms, record.tpot_ms], [null, [10, 10], 10]);
  const silent = recordOf({ reads: [[30, last("")]] });
  assert.deepEqual([silent.error, silent.chunks, silent.ttft_ms, silent.output_tokens], [null, 0, null, 3]);
  // All in one chunk: its tokens are known, and there is no time between them.
  const whole = recordOf({ reads: [[30, last("abc")]] });
  assert.deepEqual([whole.first_chunk_tokens, whole.ttft_ms, whole.tpot_ms, whole.itl_reason], [
    3,
    30,
    null,
    NO_ITL.several_tokens,
  ]);
});

Deno.test("token ids tell the tokens of each chunk, and text that they do not grow with is none", () => {
  const ids = (list: number[]) => ({ choice: { token_ids: list } });
  const record = recordOf({
    reads: [
      [
        5,
        chat({ role: "assistant", content: "" }, {
          chunk: { prompt_token_ids: [1, 2, 3, 4] },
          choice: { token_ids: null },
        }),
      ],
      // Half a character: an id without text.
      [20, chat({ content: "" }, ids([9]))],
      [30, chat({ content: "\u20ac" }, ids([8, 7]))],
      [40, chat({ content: "." }, ids([]), "length") + DONE],
    ],
  });
  assert.deepEqual([record.chunk_tokens, record.chunk_tokens_from], [[1, 2], "token_ids"]);
  assert.deepEqual([record.ttft_ms, record.ttfo_ms, record.t_last_token_ns], [
    20,
    30,
    record.t_first_output_ns,
  ]);
  assert.deepEqual([record.output_tokens, record.output_tokens_from, record.input_tokens], [
    3,
    "token_ids",
    4,
  ]);
  assert.deepEqual([record.tpot_ms, record.itl_ms], [5, null]);
});

Deno.test("continuous usage tells tokens, also those whose text a parser holds back", () => {
  const used = (completion_tokens: number) => ({ chunk: { usage: { prompt_tokens: 5, completion_tokens } } });
  const record = recordOf({
    reads: [
      [10, chat({ role: "assistant", content: "" }, used(0))],
      [20, chat({ content: "a" }, used(1))],
      [30, chat({ content: "" }, used(2))],
      [40, chat({ content: "bc" }, used(3))],
      [50, chat({ content: "" }, used(3), "stop")],
      [51, event({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 3 } }) + DONE],
    ],
  });
  assert.deepEqual([record.chunk_tokens, record.chunk_tokens_from], [[1, 1, 1], "usage"]);
  assert.deepEqual([record.chunk_gap_ms, record.itl_ms, record.tpot_ms], [[10, 10], [10, 10], 10]);
});

Deno.test("a role chunk with usage is no token: what it tells counts with the first text", () => {
  const used = (completion_tokens: number) => ({ chunk: { usage: { prompt_tokens: 5, completion_tokens } } });
  const record = recordOf({
    reads: [[10, chat({ role: "assistant", content: "" }, used(1))], [20, chat({ content: "a" }, used(1))], [
      30,
      chat({ content: "b" }, used(2), "length") + DONE,
    ]],
  });
  assert.deepEqual([record.ttft_ms, record.chunk_tokens], [20, [1, 1]]);
});

Deno.test("usage that stays at nought says nothing about chunks", () => {
  const zero = { chunk: { usage: { prompt_tokens: 0, completion_tokens: 0 } } };
  const record = recordOf({
    reads: [[10, chat({ content: "a" }, zero)], [20, chat({ content: "b" }, zero)], [
      30,
      chat({}, {}, "stop") + DONE,
    ]],
  });
  assert.deepEqual([record.chunks, record.chunk_tokens, record.ttft_ms], [2, null, 10]);
  assert.deepEqual([record.output_tokens, record.output_tokens_from, record.output_counts.usage], [
    2,
    "chunks",
    0,
  ]);
});

Deno.test("fault 80: a count that no answer can have is none, and neither is a prompt of no token", () => {
  const told = (prompt_tokens: unknown, completion_tokens: unknown): readonly unknown[] => {
    const usage = { chunk: { usage: { prompt_tokens, completion_tokens } } };
    const record = recordOf({
      asked: 4,
      reads: [[10, chat({ content: "a" }, {}, "stop") + chat({}, usage) + DONE]],
    });
    return [record.input_tokens, record.input_tokens_from, record.output_tokens, record.output_tokens_from];
  };
  assert.deepEqual(told(5, 2), [5, "usage", 2, "usage"]);
  for (const count of [-1, 1.5, "4", null, 2 ** 53 - 1, 1e12, 1e300, 0]) {
    assert.deepEqual(told(count, count), [4, "asked", 1, "chunks"], String(count));
  }
});

Deno.test("several choices in one stream count together and have no time per token", () => {
  const choice = (index: number, text: string, finish: string | null = null) =>
    event({ choices: [{ index, text, finish_reason: finish }] });
  const reads: [number, string][] = [
    [10, choice(0, "a")],
    [11, choice(1, "x")],
    [
      20,
      event({
        choices: [{ index: 0, text: "b", finish_reason: "length" }, {
          index: 1,
          text: "y",
          finish_reason: "length",
        }],
      }),
    ],
    [21, event({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 4 } })],
  ];
  const record = recordOf({ reads: [...reads, [22, DONE]] });
  assert.deepEqual([record.n_choices, record.output_tokens, record.chunks], [2, 4, 3]);
  assert.deepEqual([record.output_texts, record.tpot_ms, record.itl_ms], [["ab", "xy"], null, null]);
  // Times and counts of one of them are not those of the request.
  const timings = { predicted_n: 2, predicted_ms: 9, prompt_ms: 1, cache_n: 0, prompt_n: 5 };
  const timed = recordOf({ reads: [...reads.slice(0, 3), [21, event({ choices: [], timings }) + DONE]] });
  assert.deepEqual([timed.server, timed.output_tokens, timed.output_tokens_from], [null, 3, "chunks"]);
  // One of two has no end, and there is no terminator.
  assert.equal(recordOf({ reads: [[10, choice(0, "a", "stop")], [11, choice(1, "x")]] }).error, "truncated");
  assert.equal(recordOf({ reads }).error, null);
});

Deno.test("a stream is truncated only where both finish reason and terminator are missing", () => {
  const token = chat({ content: "a" });
  const finish = chat({}, {}, "stop");
  const errorOf = (body: string, end = failedEnd("reset", "connection reset by peer")) =>
    recordOf({ reads: [[10, body]], end }).error;
  assert.equal(recordOf({ reads: [[10, token + finish]] }).error, null);
  assert.equal(recordOf({ reads: [[10, token + DONE]] }).error, null);
  assert.equal(recordOf({ reads: [[10, token]] }).error, "truncated");
  assert.equal(recordOf({ reads: [] }).error, "truncated");
  assert.equal(errorOf(token), "truncated");
  assert.equal(errorOf(token + finish), null);
  assert.equal(errorOf(token + DONE), null);
  assert.equal(errorOf(token + finish, failedEnd("timeout", "no answer within 120 s")), "timeout");
  assert.equal(recordOf({ reads: [], end: failedEnd("reset", "x") }).error, "reset");
});

Deno.test("a failed request keeps its tokens and stamps, and has no latencies", () => {
  const record = recordOf({
    reads: [[10, chat({ content: "a" })], [20, chat({ content: "b" })]],
    end: failedEnd("timeout", "no answer within 1 s"),
    endMs: 1000,
    schedMs: -3,
  });
  assert.deepEqual([record.error, record.error_message], ["timeout", "no answer within 1 s"]);
  assert.deepEqual([record.output_tokens, record.output_tokens_from], [2, "chunks"]);
  assert.deepEqual([record.ttft_ms, record.tpot_ms, record.e2e_ms, record.itl_ms, record.chunk_gap_ms], [
    null,
    null,
    null,
    null,
    [],
  ]);
  assert.equal(record.lateness_ms, 3);
  assert.deepEqual(record.chunk_at_ns, [10e6, 20e6]);
  assert.equal(record.t_done_ns, (record.t_send_ns ?? 0n) + 1_000_000_000n);
});

Deno.test("an error inside a 200 is a failure, in every form, and the first cause stands", () => {
  const said = { message: "CUDA out of memory", type: "InternalServerError", code: 500 };
  const bodies = [
    event({ error: said }),
    event({ object: "error", ...said }),
    `event: error\n${event(said)}`,
    `error: ${JSON.stringify(said)}\n\n`,
    JSON.stringify({ error: said }),
  ];
  for (const body of bodies) {
    const record = recordOf({ reads: [[10, body]], end: failedEnd("reset", "gone") });
    assert.equal(record.error, "server_error", body);
    const whole = recordOf({ reads: [[10, body]] });
    assert.equal(whole.error, "server_error", body);
    assert.match(whole.error_message ?? "", /CUDA out of memory/);
  }
  const after = recordOf({ reads: [[10, chat({ content: "a" })], [20, event({ error: said }) + DONE]] });
  assert.deepEqual([after.error, after.output_tokens], ["server_error", 1]);
  assert.equal(after.error_message, "CUDA out of memory (InternalServerError 500)");
  assert.equal(
    recordOf({ reads: [[10, event({ error: "overloaded", error_type: "overloaded" })]] }).error_message,
    "overloaded (overloaded)",
  );
  assert.equal(recordOf({ reads: [[10, chat({}, {}, "abort") + DONE]] }).error, "gave_up");
});

Deno.test("an answer that is no stream, and an event that is no JSON, are failures of their own", () => {
  const plain = recordOf({
    reads: [[10, '{"object":"text_completion",'], [12, '"choices":[{"text":"hi"}]}']],
  });
  assert.equal(plain.error, "not_a_stream");
  assert.equal(recordOf({ reads: [[10, "<html>welcome</html>"]] }).error, "not_a_stream");
  assert.equal(recordOf({ reads: [[10, "data: hello\n\n" + DONE]] }).error, "bad_event");
});

Deno.test("the body of a refused request is told, bounded, on one line and without the key", () => {
  const hide = (text: string) => text.replaceAll("sk-secret-key", "***");
  const refused = (status: number, body: string) =>
    recordOf({ status, hide, reads: body === "" ? [] : [[10, body]] });
  const cases: readonly [number, string, string][] = [
    [
      400,
      JSON.stringify({ error: { message: "too long", type: "exceed_context_size_error", code: 400 } }),
      "too long (exceed_context_size_error 400)",
    ],
    [
      401,
      JSON.stringify({ error: { message: "Incorrect API key provided: sk-secret-key." } }),
      "Incorrect API key provided: ***.",
    ],
    [404, JSON.stringify({ detail: "Not Found" }), "Not Found"],
    [422, JSON.stringify({ detail: [{ loc: ["body", "n"], msg: "is no number" }] }), "body.n: is no number"],
    [
      429,
      JSON.stringify({ error: "Model is overloaded", error_type: "overloaded" }),
      "Model is overloaded (overloaded)",
    ],
    [500, "Internal\r\nServer Error", "The server answered: Internal Server Error"],
    [
      502,
      "<html><head><title>x</title></head><body><h1>502 Bad Gateway</h1></body></html>",
      "The server answered: 502 Bad Gateway",
    ],
    [503, "", "The server answered 503 without a text."],
  ];
  for (const [status, body, message] of cases) {
    const record = refused(status, body);
    assert.deepEqual([record.error, record.http_status, record.error_message], [
      `http_${status}`,
      status,
      message,
    ]);
  }
  const headers = { location: "https://elsewhere/v1/completions?key=sk-secret-key" };
  assert.equal(
    recordOf({ status: 301, headers, hide, reads: [[1, "<h1>Moved Permanently</h1>"]] }).error_message,
    "The server answered 301 and points to https://elsewhere/v1/completions?key=***",
  );
  // The key would stand across the place where the text is cut.
  const long = refused(500, "x".repeat(MAX_MESSAGE_CHARS - 30) + " sk-secret-key".repeat(40));
  assert.ok((long.error_message ?? "").length <= MAX_MESSAGE_CHARS);
  assert.doesNotMatch(long.error_message ?? "", /sk-/);
  assert.equal(recordOf({ status: 429, reads: [[1, "{}"]], end: failedEnd("reset", "x") }).error, "http_429");
});

Deno.test("an answer that begins before the request is sent makes no time negative", () => {
  for (const isSent of [true, false]) {
    const trace = new RequestTrace({ index: 0, tSchedNs: null, askedInputTokens: null });
    trace.head(200, null, atMs(10));
    if (isSent) trace.sent(atMs(12));
    trace.body(new TextEncoder().encode(chat({ content: "a" }) + DONE), atMs(11));
    const record = trace.end(WHOLE, atMs(13));
    assert.deepEqual([record.ttft_ms, record.e2e_ms, record.chunk_at_ns], [1, 1, [1_000_000]]);
  }
});

Deno.test("a request that is sent again counts from when the server got it", () => {
  const trace = new RequestTrace({ index: 0, tSchedNs: atMs(0), askedInputTokens: null });
  trace.sent(atMs(1));
  trace.sent(atMs(4));
  trace.head(200, null, atMs(5));
  trace.body(new TextEncoder().encode(chat({ content: "a" }) + DONE), atMs(6));
  const record = trace.end({ ...WHOLE, retried: true }, atMs(7));
  assert.deepEqual([record.ttft_ms, record.lateness_ms, record.ttft_sched_ms, record.retried], [
    2,
    4,
    6,
    true,
  ]);
});

Deno.test("fault 80: no field of a chunk, whatever its type, makes reading fail", () => {
  assert.equal(readChunk("not json"), null);
  assert.equal(readChunk("[1]"), null);
  const odd = [null, 7, "text", true, [], {}, [null, 7, []], { a: { b: null } }];
  for (const value of odd) {
    for (
      const name of ["choices", "usage", "timings", "metrics", "prompt_token_ids", "object", "new_field"]
    ) {
      assert.ok(readChunk(JSON.stringify({ [name]: value })) !== null);
    }
    for (const name of ["delta", "message", "text", "index", "finish_reason", "token_ids", "logprobs"]) {
      assert.ok(readChunk(JSON.stringify({ choices: [{ [name]: value }] })) !== null);
    }
    for (const name of ["content", "reasoning", "reasoning_content", "tool_calls", "function_call", "role"]) {
      assert.ok(readChunk(JSON.stringify({ choices: [{ delta: { [name]: value } }] })) !== null);
    }
  }
  const nested = (depth: number, left: string, right: string): string =>
    `${left.repeat(depth)}"x"${right.repeat(depth)}`;
  const deep = nested(5000, '[{"text":', "}]");
  assert.equal(readChunk(`{"choices":[{"delta":{"content":${deep}}}]}`)?.choices[0]?.text, "");
  const bottomless = nested(50_000, "[", "]");
  for (const detail of [bottomless, `{"a":${bottomless}}`, `[{"loc":[${bottomless}],"msg":${bottomless}}]`]) {
    assert.ok(readChunk(`{"detail":${detail}}`)?.error !== null);
  }
  const parts = readChunk(
    JSON.stringify({ choices: [{ delta: { content: [{ type: "text", text: "hi" }] } }] }),
  );
  assert.equal(parts?.choices[0]?.text, "hi");
});

/** A text completion, with what stands around its text. */
function completion(
  text: unknown,
  more: Record<string, unknown> = {},
  choice: Record<string, unknown> = {},
): string {
  return JSON.stringify({
    id: "c-1",
    model: "m",
    choices: [{ index: 0, text, finish_reason: null, ...choice }],
    ...more,
  });
}

Deno.test("a reader of chunks says of each what parsing it says, whatever came before it", () => {
  const texts = [
    " one",
    " two",
    "",
    " ",
    "m",
    "text",
    "null",
    "0",
    '"',
    "\\",
    "a\nb",
    "\u00e4\ud83d\ude00",
    "\u2028",
    "]}",
    ",",
  ];
  const chunks = [
    ...texts.map((text) => completion(text)),
    completion(null),
    completion("x", { usage: { prompt_tokens: 1, completion_tokens: 2 } }),
    completion("y", { usage: { prompt_tokens: 1, completion_tokens: 3 } }),
    completion("z", {}, { token_ids: [1] }),
    completion("z", {}, { token_ids: [1, 2] }),
    completion("end", {}, { finish_reason: "length" }),
    completion("e", {}, { delta: { role: "assistant", content: "no" } }),
    completion("text").replace("text", "\\u0074ext"),
    completion("cut").slice(0, -1),
    completion("cut").replace('"cut"', '"c"ut"'),
    completion("tab").replace("tab", "t\tb"),
    JSON.stringify({ choices: [{ index: 0, delta: { content: "a" } }] }),
    JSON.stringify({ choices: [{ index: 0, delta: { reasoning: "a" } }] }),
    JSON.stringify({ choices: [{ index: 0, delta: { content: [{ text: "a" }, { text: "b" }] } }] }),
    JSON.stringify({ choices: [{ index: 0, text: "a" }, { index: 1, text: "b" }] }),
    JSON.stringify({ choices: [], usage: { completion_tokens: 4 } }),
    JSON.stringify({ error: { message: "no" } }),
    "[DONE]",
  ];
  for (const first of chunks) {
    for (const second of chunks) {
      const reader = new ChunkReader();
      for (const data of [first, second, first]) assert.deepEqual(reader.read(data), readChunk(data), data);
    }
  }
});

Deno.test("a chunk that differs in its text only is not parsed again", () => {
  const parse = JSON.parse;
  let parsed = 0;
  JSON.parse = (text: string) => {
    parsed += 1;
    return parse(text);
  };
  try {
    const reader = new ChunkReader();
    for (let word = 0; word < 50; word++) {
      assert.equal(reader.read(completion(` w${word}`))?.choices[0]?.text, ` w${word}`);
    }
  } finally {
    JSON.parse = parse;
  }
  assert.equal(parsed, 1);
});
