/**
 * A server of tokens that computes nothing: what it says, and when, is known beforehand. Speaks HTTP/1.1 on the socket
 * itself, so that it can stamp every write and cut a stream wherever it is told to.
 */
import { ownVariable } from "../../base/own_environment.ts";
import { monotonicMs } from "../../base/clock.ts";
import { isJsonObject, type Json } from "../../base/json.ts";
import { Problem } from "../../base/problem.ts";
import { Connection } from "./connection.ts";
import { metricsText } from "./counters.ts";
import { Engine } from "./engine.ts";
import { type MockApi, readGeneration } from "./generation_request.ts";
import { asciiJson, errorBody, wholeAnswer } from "./http_answer.ts";
import * as messages from "./messages.ts";
import type { MockOptions } from "./options.ts";
import type { BadRequest, MockRequest } from "./request_reader.ts";
import { stampNs } from "../../base/stamp.ts";
import { detokenize, tokenize } from "./tokens.ts";
import { TruthFile } from "./truth.ts";
import { Wheel } from "./wheel.ts";

/** An answer that is there at once. */
interface Answer {
  readonly status: number;
  readonly type: "application/json" | "text/plain; version=0.0.4" | "text/html";
  readonly body: string;
}

const APIS: Readonly<Record<string, MockApi | undefined>> = {
  "/chat/completions": "chat",
  "/completions": "completions",
};

/** The server, from the moment it listens. */
export class MockServer implements Disposable, AsyncDisposable {
  readonly #options: MockOptions;
  readonly #listener: Deno.TcpListener;
  readonly #wheel = new Wheel();
  readonly #truth: TruthFile | null;
  readonly #engine: Engine;
  readonly #connections = new Set<Connection>();
  readonly #accepting: Promise<void>;
  readonly #ready_ms: number;
  readonly #key: string | null;
  #accepted = 0;
  #generations = 0;

  /** Throws what the system says of the address or of the truth file, and a Problem where a key is named and not there. */
  constructor(options: MockOptions) {
    this.#options = options;
    this.#key = options.api_key_env === null ? null : keyOf(options.api_key_env);
    this.#listener = Deno.listen({ hostname: options.host, port: options.port, tcpBacklog: 4096 });
    this.#truth = options.truth === null ? null : new TruthFile(options.truth);
    this.#ready_ms = monotonicMs() + options.loading_ms;
    this.#engine = new Engine({
      slots: options.slots,
      hasPrefixCache: options.prefix_cache,
      wheel: this.#wheel,
      ended: (record) => this.#truth?.add(record),
    });
    this.#accepting = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Ends it: connections are cut, and the truth is written. */
  [Symbol.dispose](): void {
    this.#listener.close();
    this.#wheel[Symbol.dispose]();
    for (const connection of [...this.#connections]) connection.close();
    this.#truth?.[Symbol.dispose]();
  }

  /** The same; resolves once every socket is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const connections = [...this.#connections];
    this[Symbol.dispose]();
    await Promise.all([this.#accepting, ...connections.map(({ ended }) => ended)]);
  }

  async #accept(): Promise<void> {
    try {
      while (true) {
        const connection = new Connection(await this.#listener.accept(), this.#accepted, this);
        this.#accepted += 1;
        this.#connections.add(connection);
        if (this.#options.idle_close_ms > 0) this.#watch(connection);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) {
        throw error;
      }
    }
  }

  /** Closes a connection on which nothing has happened for so long; one entry on the wheel for each. */
  #watch(connection: Connection): void {
    const { idle_close_ms } = this.#options;
    this.#wheel.add({
      due_ms: connection.idle_since_ms + idle_close_ms,
      fire: (now_ms) => {
        if (connection.isGone) return;
        if (!connection.isIdle) connection.idle_since_ms = now_ms;
        if (now_ms - connection.idle_since_ms >= idle_close_ms) connection.close();
        else this.#watch(connection);
      },
    });
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection);
    this.#engine.leave(connection);
  }

  refuse({ bad_status }: BadRequest, connection: Connection): void {
    this.#send(connection, failure(bad_status, messages.requestNotRead()), false);
  }

  answer(request: MockRequest, connection: Connection): void {
    const { close_after_requests } = this.#options;
    const isKept = request.headers.get("connection")?.toLowerCase() !== "close" &&
      (close_after_requests === 0 || connection.requests < close_after_requests);
    const path = request.path.replace(/^\/v1(?=\/)/, "");
    const api = request.method === "POST" ? APIS[path] : undefined;
    if (path !== "/health" && path !== "/metrics" && !this.#isAllowed(request)) {
      return this.#send(connection, failure(401, messages.keyRefused()), isKept);
    }
    if (api === undefined) return this.#send(connection, this.#plain(request, path), isKept);
    const refusal = this.#generate(api, request, connection, isKept);
    if (refusal === null) return;
    this.#truth?.add({
      id: null,
      connection: connection.number,
      status: refusal.status,
      end: "refused",
      arrived_ns: request.arrived_ns,
      started_ns: null,
      headers_ns: null,
      first_write_ns: null,
      last_write_ns: null,
      ended_ns: stampNs(),
      input_tokens: 0,
      cached_tokens: 0,
      output_tokens: 0,
      chunks: 0,
      late_ms: 0,
      queued_writes: 0,
    });
    this.#send(connection, refusal, isKept);
  }

  /** Null where the request was taken. */
  #generate(api: MockApi, request: MockRequest, connection: Connection, isKept: boolean): Answer | null {
    this.#generations += 1;
    if (this.#isLoading) return failure(503, messages.loadingModel());
    try {
      const generation = readGeneration(api, jsonOf(request.body), this.#options);
      const { status_every, status } = generation.options;
      if (status_every > 0 && this.#generations % status_every === 0) {
        return failure(status, messages.statusAsked(status));
      }
      const id = `${api === "chat" ? "chatcmpl" : "cmpl"}-${this.#generations}`;
      this.#engine.submit(generation, { id, connection, isKept, arrived_ns: request.arrived_ns });
      return null;
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
      return failure(400, error.message);
    }
  }

  #plain(request: MockRequest, path: string): Answer {
    const { model, owner, tokenizer, metrics, vocab } = this.#options;
    switch (`${request.method} ${path}`) {
      case "GET /health":
        return this.#isLoading ? failure(503, messages.loadingModel()) : json({ status: "ok" });
      case "GET /version":
        return json({ version: "mock" });
      case "GET /models":
        return json({
          object: "list",
          data: [{ id: model, object: "model", owned_by: owner, root: model }],
        });
      case "GET /props":
        return json({
          total_slots: this.#options.slots,
          model_path: model,
          n_vocab: vocab,
          build_info: "mock",
        });
      case "GET /metrics":
        if (!metrics) break;
        return {
          status: 200,
          type: "text/plain; version=0.0.4",
          body: metricsText(this.#engine.counters(), model),
        };
      case "POST /reset_prefix_cache":
      case "POST /flush_cache":
        this.#engine.cache.reset();
        return json({ success: true });
      case "POST /tokenize":
      case "POST /detokenize":
        if (tokenizer === "no") break;
        if (tokenizer === "nonsense") return { status: 200, type: "text/html", body: "<html>mock</html>" };
        return this.#tokenizer(path, request.body);
    }
    return failure(404, messages.noSuchPath(request.method, path));
  }

  /** Both servers' names: `prompt` or `content` for the text, `tokens` for ids. */
  #tokenizer(path: string, bytes: Uint8Array): Answer {
    let body: Json;
    try {
      body = jsonOf(bytes);
    } catch (error) {
      return failure(400, (error as Error).message);
    }
    const given = isJsonObject(body) ? body : {};
    if (path === "/detokenize") {
      const ids = Array.isArray(given.tokens) ? given.tokens.map(Number) : [];
      const text = detokenize(ids);
      return json({ prompt: text, content: text });
    }
    const text = given.prompt ?? given.content;
    if (typeof text !== "string") return failure(400, messages.noPrompt("prompt"));
    const tokens = tokenize(text, this.#options.vocab);
    return json({ tokens, count: tokens.length, max_model_len: 1_000_000 });
  }

  get #isLoading(): boolean {
    return monotonicMs() < this.#ready_ms;
  }

  #isAllowed({ headers }: MockRequest): boolean {
    return this.#key === null || headers.get("authorization") === `Bearer ${this.#key}`;
  }

  #send(connection: Connection, { status, type, body }: Answer, isKept: boolean): void {
    // As llama-server does: an answer that says 400 is the connection's last.
    const stays = isKept && status !== 400;
    connection.send(wholeAnswer(status, type, body, { isKept: stays }));
    connection.finish(stays);
  }
}

function keyOf(variable: string): string {
  const key = ownVariable(variable) ?? "";
  if (key === "") throw new Problem(messages.keyNotSet(variable));
  return key;
}

function json(value: unknown): Answer {
  return { status: 200, type: "application/json", body: asciiJson(value) };
}

function failure(status: number, message: string): Answer {
  return { status, type: "application/json", body: errorBody(status, message) };
}

function jsonOf(bytes: Uint8Array): Json {
  return JSON.parse(new TextDecoder().decode(bytes));
}
