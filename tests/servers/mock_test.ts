/** The mock server by raw sockets: what it says, and when, is known by construction. */
import assert from "node:assert/strict";
import { monotonicNs } from "../../lib/base/clock.ts";
import { sleep } from "../../lib/base/abort.ts";
import { isJsonObject, type Json, type JsonObject } from "../../lib/base/json.ts";
import { Problem } from "../../lib/base/problem.ts";
import { MockServer } from "../../lib/servers/mock/mock_server.ts";
import { type MockOptions, mockOptions, requestOptions } from "../../lib/servers/mock/options.ts";
import { PrefixCache } from "../../lib/servers/mock/prefix_cache.ts";
import { startMock } from "../../lib/servers/mock/start_mock.ts";
import { detokenize, tokenize } from "../../lib/servers/mock/tokens.ts";
import { TempFolder } from "../support/temp_folder.ts";

// Opened once for all, and not within the first test.
monotonicNs();

/** Fast enough for a test, slow enough to be told apart. */
const QUICK: Partial<MockOptions> = { ttft_ms: 2, tick_ms: 1 };

interface Answer {
  readonly status: number;
  readonly head: string;
  /** Without the lengths of chunks. */
  readonly body: string;
  /** True where it ended as HTTP says, false where the connection did. */
  readonly isWhole: boolean;
}

/** A connection that says and hears bytes. */
class Raw implements Disposable {
  readonly #socket: Deno.TcpConn;
  #text = "";

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<Raw> {
    return new Raw(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async ask(method: string, path: string, body?: Json, headers = ""): Promise<Answer> {
    await this.send(method, path, body, headers);
    return await this.answer();
  }

  async send(method: string, path: string, body?: Json, headers = ""): Promise<void> {
    const bytes = new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body));
    const head =
      `${method} ${path} HTTP/1.1\r\nHost: mock\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`;
    await this.#socket.write(new Uint8Array([...new TextEncoder().encode(head), ...bytes]));
  }

  async answer(): Promise<Answer> {
    while (true) {
      const found = takeAnswer(this.#text);
      if (found !== null) {
        this.#text = found.rest;
        return found.answer;
      }
      if (await this.more()) continue;
      const [head = "", ...body] = this.#text.split("\r\n\r\n");
      return { status: statusOf(head), head, body: unchunked(body.join("\r\n\r\n")), isWhole: false };
    }
  }

  /** False at the end of the connection. */
  async more(): Promise<boolean> {
    const bytes = new Uint8Array(65_536);
    const count = await this.#socket.read(bytes);
    this.#text += new TextDecoder().decode(bytes.subarray(0, count ?? 0));
    return count !== null;
  }

  get heard(): string {
    return this.#text;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

const statusOf = (head: string): number => Number(head.split(" ")[1]);

function unchunked(text: string): string {
  return text.replace(/^[0-9a-f]+\r\n/, "").replace(/\r\n[0-9a-f]+\r\n/g, "").replace(/\r\n$/, "");
}

function takeAnswer(text: string): { answer: Answer; rest: string } | null {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const [head, body] = [text.slice(0, end), text.slice(end + 4)];
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length !== undefined) {
    if (body.length < Number(length)) return null;
    const whole = { status: statusOf(head), head, body: body.slice(0, Number(length)), isWhole: true };
    return { answer: whole, rest: body.slice(Number(length)) };
  }
  const last = body.indexOf("\r\n0\r\n\r\n");
  if (last === -1) return null;
  const whole = { status: statusOf(head), head, body: unchunked(body.slice(0, last)), isWhole: true };
  return { answer: whole, rest: body.slice(last + 7) };
}

/** The JSON of the events of a stream, and `[DONE]` as it is. */
function eventsOf(body: string): (JsonObject | "[DONE]")[] {
  return [...body.matchAll(/^data: (.*?)\r?$/gm)].map(([, data = ""]) =>
    data === "[DONE]" ? data : JSON.parse(data)
  );
}

/** What an event says, in short. */
function shortly(event: JsonObject | "[DONE]"): string {
  if (event === "[DONE]") return "done";
  if (event.error !== undefined) return "error";
  const usage = isJsonObject(event.usage) ? ` u${event.usage.completion_tokens}` : "";
  const choice = (event.choices as JsonObject[])[0];
  if (choice === undefined) return `none${usage}`;
  const delta = (choice.delta ?? { content: choice.text }) as JsonObject;
  const words = (text: unknown): number => tokenize(String(text), 32_000).length;
  const parts = Object.entries(delta).flatMap(([name, value]) => {
    if (name === "role") return ["role"];
    if (name !== "tool_calls") return words(value) > 0 ? [`${name}${words(value)}`] : [];
    const [call] = value as unknown as { function: { arguments: string } }[];
    return [`tool${words(call?.function.arguments)}`];
  });
  const ids = Array.isArray(choice.token_ids) ? ` i${choice.token_ids.length}` : "";
  const finish = choice.finish_reason === null ? "" : ` ${choice.finish_reason}`;
  return `${parts.join("+")}${ids}${finish}${usage}`;
}

const CHAT = { messages: [{ role: "user", content: "a b c" }], stream: true, max_tokens: 3 };
const TEXT = { prompt: "a b c", stream: true, max_tokens: 3 };
const [CHAT_PATH, TEXT_PATH] = ["/v1/chat/completions", "/v1/completions"];

Deno.test("streams say what they were told to, in every variant", async () => {
  await using server = new MockServer(mockOptions(QUICK));
  using raw = await Raw.open(server.port);
  const include = { stream_options: { include_usage: true } };
  const cases: readonly (readonly [path: string, change: JsonObject, events: string])[] = [
    [TEXT_PATH, {}, "content1,content1,content1, length,done"],
    [CHAT_PATH, {}, "role,content1,content1,content1, length,done"],
    [CHAT_PATH, { mock: { role_chunk: "early" } }, "role,content1,content1,content1, length,done"],
    [CHAT_PATH, { mock: { role_chunk: "none" } }, "content1,content1,content1, length,done"],
    [TEXT_PATH, { mock: { finish: "last" } }, "content1,content1,content1 length,done"],
    [TEXT_PATH, { mock: { finish: "none" } }, "content1,content1,content1,done"],
    [TEXT_PATH, { mock: { done: false } }, "content1,content1,content1, length"],
    [TEXT_PATH, { mock: { tokens_per_chunk: 2 } }, "content2,content1, length,done"],
    [TEXT_PATH, include, "content1,content1,content1, length,none u3,done"],
    [TEXT_PATH, { mock: { usage: "finish" } }, "content1,content1,content1, length u3,done"],
    [TEXT_PATH, { mock: { usage: "finish", finish: "last" } }, "content1,content1,content1 length u3,done"],
    [TEXT_PATH, { ...include, mock: { usage: "none" } }, "content1,content1,content1, length,done"],
    [
      TEXT_PATH,
      { stream_options: { include_usage: true, continuous_usage_stats: true } },
      "content1 u1,content1 u2,content1 u3, length u3,none u3,done",
    ],
    [TEXT_PATH, { return_token_ids: true }, "content1 i1,content1 i1,content1 i1, i0 length,done"],
    [CHAT_PATH, {
      max_tokens: 6,
      mock: { reasoning_tokens: 3, tool_tokens: 1, tokens_per_chunk: 2 },
    }, "role,reasoning_content2,reasoning_content1+content1,content1+tool1, tool_calls,done"],
    [
      CHAT_PATH,
      { max_tokens: 2, mock: { reasoning_tokens: 1, reasoning_field: "reasoning" } },
      "role,reasoning1,content1, length,done",
    ],
    [TEXT_PATH, { mock: { newline: "crlf", split_at: 40 } }, "content1,content1,content1, length,done"],
    [TEXT_PATH, { mock: { comment_every: 2 } }, "content1,content1,content1, length,done"],
    // Lengths: a limit cuts, an own end does not.
    [TEXT_PATH, { max_tokens: 9, mock: { natural_tokens: 1 } }, "content1, stop,done"],
    [
      TEXT_PATH,
      { max_tokens: 2, ignore_eos: true, mock: { natural_tokens: 1 } },
      "content1,content1, length,done",
    ],
    [
      TEXT_PATH,
      { max_tokens: 2, ignore_eos: true, mock: { natural_tokens: 1, ignore_eos: "ignore" } },
      "content1, stop,done",
    ],
    [
      TEXT_PATH,
      { max_tokens: 9, min_tokens: 2, mock: { natural_tokens: 1 } },
      "content1,content1, stop,done",
    ],
    [
      TEXT_PATH,
      { max_tokens: 9, min_tokens: 2, mock: { natural_tokens: 1, min_tokens: "ignore" } },
      "content1, stop,done",
    ],
    [CHAT_PATH, { max_tokens: 2, max_completion_tokens: 1 }, "role,content1, length,done"],
    [
      CHAT_PATH,
      { max_tokens: 2, max_completion_tokens: 1, mock: { max_completion_tokens: "ignore" } },
      "role,content1,content1, length,done",
    ],
    [
      TEXT_PATH,
      { max_tokens: 1, mock: { max_tokens: "ignore", natural_tokens: 2 } },
      "content1,content1, stop,done",
    ],
    // An error inside a 200.
    [TEXT_PATH, { mock: { error_after: 1 } }, "content1,error,done"],
    [TEXT_PATH, { mock: { error_after: 0, error_form: "event" } }, "error,done"],
  ];
  for (const [path, change, events] of cases) {
    const base = path === CHAT_PATH ? CHAT : TEXT;
    const answer = await raw.ask("POST", path, { ...base, ...change } as JsonObject);
    assert.ok(answer.isWhole, answer.head);
    assert.equal(eventsOf(answer.body).map(shortly).join(","), events, JSON.stringify(change));
    assert.equal(answer.body.includes("\r\n\r\n"), JSON.stringify(change).includes("crlf"));
    assert.equal(answer.body.includes(": ping\n\n"), JSON.stringify(change).includes("comment"));
    assert.equal(/^event: error\ndata: /m.test(answer.body), JSON.stringify(change).includes("error_form"));
  }
  const timed = await raw.ask("POST", TEXT_PATH, { ...TEXT, mock: { timings: "last" } });
  const [{ timings = null } = {}, ...before] = eventsOf(timed.body).filter((event) => event !== "[DONE]")
    .reverse();
  assert.ok(isJsonObject(timings) && Number(timings.prompt_ms) >= 2 && Number(timings.predicted_ms) >= 0);
  assert.deepEqual([timings.cache_n, timings.prompt_n, timings.predicted_n], [0, 3, 3]);
  assert.deepEqual(before.map(({ timings }) => timings), [undefined, undefined, undefined]);
  const whole = await raw.ask("POST", CHAT_PATH, { ...CHAT, stream: false });
  const { choices: [choice], usage } = JSON.parse(whole.body);
  assert.equal(tokenize(choice.message.content, 32_000).length, 3);
  assert.deepEqual([usage.prompt_tokens, usage.completion_tokens, choice.finish_reason], [7, 3, "length"]);
});

Deno.test("tokens are due at fixed times, are never early, and bear the stamp of their write", async () => {
  using folder = new TempFolder();
  const truth = `${folder.path}/truth.ndjson`;
  const began_ns = monotonicNs();
  {
    await using mock = await startMock({ ttft_ms: 30, tick_ms: 10, stamps: true, truth });
    using raw = await Raw.open(mock.port);
    const asked_ns = monotonicNs();
    const answer = await raw.ask("POST", TEXT_PATH, { prompt: [9, 8, 7], stream: true, max_tokens: 8 });
    const heard_ns = monotonicNs();
    const events = eventsOf(answer.body).filter((event) => event !== "[DONE]");
    const written = events.map(({ mock }) => BigInt(String((mock as JsonObject).written_ns)));
    assert.equal(written.length, 9);
    written.slice(0, 8).forEach((ns, index) => {
      const late_ms = Number(ns - asked_ns) / 1e6 - 30 - 10 * index;
      assert.ok(late_ms > 0, `chunk ${index} is early by ${-late_ms} ms`);
      assert.ok(ns < heard_ns);
    });
    // The same prompt has the same answer; the finish comes with the last token.
    assert.equal(written[8], written[7]);
    assert.ok(asked_ns > began_ns);
    // The server's clock is ours, and its truth is in the file once it has ended.
    Deno.kill(mock.pid, "SIGTERM");
    assert.deepEqual({ ...await mock.status }, { success: true, code: 0, signal: null });
    const [line = "", ...more] = Deno.readTextFileSync(truth).trim().split("\n");
    const told = JSON.parse(line);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [told.end, told.input_tokens, told.output_tokens, told.chunks, told.queued_writes],
      ["whole", 3, 8, 8, 0],
    );
    assert.equal(told.first_write_ns, String(written[0]));
    assert.equal(told.last_write_ns, String(written[7]));
    const order = [asked_ns, told.arrived_ns, told.started_ns, told.first_write_ns, told.ended_ns].map(
      BigInt,
    );
    assert.deepEqual(order.toSorted((a, b) => Number(a - b)), order);
  }
});

Deno.test("streams are cut and stall where they were told to; a client that leaves frees its slot", async () => {
  await using server = new MockServer(mockOptions({ ...QUICK, slots: 1 }));
  for (const cut_after of [0, 2]) {
    using raw = await Raw.open(server.port);
    const answer = await raw.ask("POST", TEXT_PATH, { ...TEXT, mock: { cut_after } });
    assert.deepEqual([answer.status, answer.isWhole], [200, false]);
    assert.equal(
      eventsOf(answer.body).map(shortly).join(","),
      ["content1", "content1"].slice(0, cut_after).join(","),
    );
  }
  {
    using raw = await Raw.open(server.port);
    await raw.send("POST", TEXT_PATH, { ...TEXT, mock: { cut_after: 1, cut_form: "reset" } });
    await assert.rejects(raw.answer(), Deno.errors.ConnectionReset);
  }
  using next = await Raw.open(server.port);
  {
    using stalled = await Raw.open(server.port);
    await stalled.send("POST", TEXT_PATH, { ...TEXT, mock: { stall_after: 1 } });
    while (!stalled.heard.includes("data: ")) await stalled.more();
    // It holds the only slot: the next one waits, and hears nothing.
    await next.send("POST", TEXT_PATH, TEXT);
    using metrics = await Raw.open(server.port);
    const text = (await metrics.ask("GET", "/metrics")).body;
    assert.match(text, /^vllm:num_requests_running\{.*\} 1$/m);
    assert.match(text, /^llamacpp:requests_deferred 1$/m);
    await sleep(20);
    assert.equal(next.heard, "");
    assert.equal(stalled.heard.match(/data: /g)?.length, 1);
  }
  assert.ok((await next.answer()).isWhole);
});

Deno.test("connections end after their requests and when they are idle; requests are refused as told", async () => {
  await using server = new MockServer(
    mockOptions({ ...QUICK, close_after_requests: 2, idle_close_ms: 60, status_every: 3, loading_ms: 40 }),
  );
  using first = await Raw.open(server.port);
  assert.equal((await first.ask("GET", "/health")).status, 503);
  const last = await first.ask("GET", "/v1/models");
  assert.match(last.head, /Connection: close/);
  assert.equal(await first.more(), false);
  // The server's clock begins with the connection, which a busy client hears of later.
  const since = performance.now();
  using idle = await Raw.open(server.port);
  assert.equal(await idle.more(), false);
  assert.ok(performance.now() - since >= 59);
  const ask = async (body: Json, path = TEXT_PATH): Promise<Answer> => {
    using raw = await Raw.open(server.port);
    return await raw.ask("POST", path, body);
  };
  assert.equal((await ask(TEXT)).status, 200);
  assert.equal((await ask(TEXT)).status, 200);
  const refused = await ask(TEXT);
  assert.deepEqual([refused.status, JSON.parse(refused.body).error.code], [429, 429]);
  assert.match(refused.head, /Retry-After: 1/);
  assert.equal((await ask({ ...TEXT, mock: { status_every: 1, status: 500 } })).status, 500);
  for (const body of [{ prompt: 3 }, "x", { ...TEXT, mock: { tick: 1 } }, { ...TEXT, mock: { slots: 1 } }]) {
    assert.equal((await ask(body)).status, 400, JSON.stringify(body));
  }
  assert.equal((await ask(TEXT, "/v1/nothing")).status, 404);
  Deno.env.set("LLEM_TEST_KEY", "secret");
  await using locked = new MockServer(mockOptions({ ...QUICK, api_key_env: "LLEM_TEST_KEY" }));
  Deno.env.delete("LLEM_TEST_KEY");
  using raw = await Raw.open(locked.port);
  const statuses: number[] = [];
  for (const header of ["", "Authorization: Bearer x\r\n", "Authorization: Bearer secret\r\n"]) {
    statuses.push((await raw.ask("GET", "/v1/models", undefined, header)).status);
  }
  assert.deepEqual(statuses, [401, 401, 200]);
  assert.throws(() => new MockServer(mockOptions({ api_key_env: "LLEM_TEST_KEY" })), /LLEM_TEST_KEY/);
});

Deno.test("prompts come back as cached tokens until the cache is reset, and ids are words", async () => {
  await using server = new MockServer(mockOptions({ ...QUICK, prefill_us_per_token: 1 }));
  using raw = await Raw.open(server.port);
  const ids = Array.from({ length: 40 }, (_, index) => 500 + index);
  const cached = async (prompt: Json): Promise<number> => {
    const { body } = await raw.ask("POST", TEXT_PATH, { prompt, max_tokens: 1 });
    return JSON.parse(body).usage.prompt_tokens_details.cached_tokens;
  };
  assert.deepEqual([await cached(ids), await cached(ids), await cached(ids.slice(0, 32))], [0, 32, 16]);
  assert.equal(await cached([...ids.slice(0, 20), 1, 2, 3]), 16);
  await raw.ask("POST", "/reset_prefix_cache");
  assert.equal(await cached(ids), 0);
  assert.match((await raw.ask("GET", "/metrics")).body, /^vllm:prefix_cache_hits_total\{.*\} 64$/m);
  const text = JSON.parse((await raw.ask("POST", "/detokenize", { tokens: ids })).body).prompt;
  assert.deepEqual(JSON.parse((await raw.ask("POST", "/tokenize", { content: text })).body).tokens, ids);
  assert.equal(tokenize("every word  is\na token", 600).length, 5);
  assert.equal(detokenize([300, 301]), "t300 t301");
  const cache = new PrefixCache();
  cache.look(ids);
  assert.equal(cache.look([...ids].reverse()), 0);
});

Deno.test("options are checked; a mock that cannot listen says why", async () => {
  assert.throws(() => mockOptions({ tick_ms: -1 }), /tick_ms cannot be -1/);
  assert.throws(() => requestOptions(mockOptions(), { port: 1 }), /port is an option of the server/);
  assert.equal(requestOptions(mockOptions(), { tick_ms: 0.5 }).tick_ms, 0.5);
  await using server = new MockServer(mockOptions());
  await assert.rejects(
    startMock({ port: server.port }),
    (error) => error instanceof Problem && /cannot listen on 127\.0\.0\.1:\d+: .*in use/.test(error.message),
  );
});
