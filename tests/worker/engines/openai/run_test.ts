/** Whole runs of the client against the mock server: what is told of a load whose truth is known. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { sleep } from "../../../../lib/base/abort.ts";
import type { JsonObject } from "../../../../lib/base/json.ts";
import { openaiSchema } from "../../../../lib/experiment/engines/openai/declaration.ts";
import type { Frame, ResultFrame } from "../../../../lib/protocol/frame.ts";
import { parseSettled } from "../../../../lib/protocol/settled.ts";
import { MockServer } from "../../../../lib/servers/mock/mock_server.ts";
import { type MockOptions, mockOptions } from "../../../../lib/servers/mock/options.ts";
import { stampNs } from "../../../../lib/base/stamp.ts";
import { prepareWaits } from "../../../../worker/engines/openai/load/wait_until.ts";
import { runOpenai } from "../../../../worker/engines/openai/main.ts";
import { Outbox } from "../../../../worker/engines/openai/run/outbox.ts";
import type { OpenaiRequestFrame } from "../../../../worker/engines/openai/stream/request_record.ts";
import { WorkerError } from "../../../../worker/worker_error.ts";
import { RawServer } from "./http/raw_server.ts";
import { TempFolder } from "../../../support/temp_folder.ts";
import { type Changes, makeAssignment } from "../../worker_process.ts";

// Opened once for all, and not within the first test.
stampNs();
prepareWaits();

const QUICK: Partial<MockOptions> = { ttft_ms: 2, tick_ms: 1 };

interface Told {
  readonly frames: readonly Frame[];
  readonly requests: readonly OpenaiRequestFrame[];
  readonly result: ResultFrame | null;
  readonly serving: Record<string, JsonObject>;
  readonly codes: readonly string[];
  readonly error: WorkerError | null;
}

interface Wish {
  readonly openai?: Readonly<Record<string, unknown>>;
  readonly config?: Changes["config"];
  readonly warmup?: Changes["warmup"];
  readonly mock?: Partial<MockOptions>;
  readonly request_timeout_s?: number;
  /** Files of the folder of the study. */
  readonly files?: Readonly<Record<string, string>>;
}

/** One run against a mock of its own. */
async function run({ mock, ...wish }: Wish = {}): Promise<Told> {
  await using server = new MockServer(mockOptions({ ...QUICK, ...mock }));
  return await runAt(`http://127.0.0.1:${server.port}`, wish);
}

async function runAt(
  base_url: string,
  { openai, config, warmup, request_timeout_s, files = {} }: Wish,
): Promise<Told> {
  await using folder = new TempFolder();
  for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(join(folder.path, name), text);
  const section = openaiSchema.parse({ base_url, ...openai });
  const assignment = {
    ...makeAssignment({
      config: {
        ...config,
        backend: "openai",
        openai: section,
        model: config?.["model"] ?? "mock",
        baseline: { enabled: false, duration_seconds: 30 },
      },
      warmup,
      baseDir: folder.path,
      runDir: folder.path,
    }),
    ...request_timeout_s === undefined ? {} : { request_timeout_s },
  };
  const frames: Frame[] = [];
  let error: WorkerError | null = null;
  try {
    await runOpenai(assignment, (frame) => frames.push(frame));
  } catch (thrown) {
    if (!(thrown instanceof WorkerError)) throw thrown;
    error = thrown;
  }
  const result = frames.find((frame) => frame.type === "result") ?? null;
  return {
    frames,
    requests: frames.filter((frame): frame is OpenaiRequestFrame => frame.type === "request"),
    result,
    serving: (result?.["serving"] ?? {}) as Record<string, JsonObject>,
    codes: frames.flatMap((frame) => frame.type === "note" ? [frame.code ?? ""] : []),
    error,
  };
}

function synthetic(n: number, input_len = 16, output_len = 4): Changes["config"] {
  const dataset = { n, input_len, output_len, seed: 42, prefix_len: null, turns: null, think_time_s: null };
  return { n, dataset };
}

const CLOSED = { load: { arrivals: "closed", concurrency: 3 } };

function phases({ frames }: Told): string[] {
  return frames.flatMap((frame) => frame.type === "phase" ? [`${frame.name} ${frame.edge}`] : []);
}

Deno.test("a closed load makes exactly n requests, its window goes from the first send to the last end", async () => {
  const told = await run({ openai: CLOSED, config: synthetic(7), warmup: { enabled: true, n_warmup: 2 } });
  assert.equal(told.requests.length, 7);
  assert.deepEqual(told.requests.map(({ index }) => index).toSorted((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(phases(told), [
    "load begin",
    "load end",
    "warmup begin",
    "warmup end",
    "measure begin",
    "measure end",
    "close begin",
    "close end",
  ]);
  assert.equal(told.result?.input_tokens, 7 * 16);
  assert.equal(told.result?.output_tokens, 7 * 4);
  assert.equal(told.serving["load"]?.["most_in_flight"], 3);
  const ends = told.requests.map(({ t_done_ns }) => t_done_ns ?? 0n);
  const sends = told.requests.map(({ t_send_ns }) => t_send_ns ?? 0n);
  const edges = told.frames.filter((frame) => frame.type === "phase" && frame.name === "measure");
  const [begin, end] = edges.map((frame) => frame.type === "phase" ? frame.t_ns : 0n);
  assert.equal(end, ends.reduce((last, ns) => ns > last ? ns : last));
  const firstNs = sends.reduce((first, ns) => ns < first ? ns : first);
  assert.equal(begin, firstNs);
  // The server counted what the client did, nothing of the warm-up and nothing less.
  assert.equal(told.serving["server_tokens"]?.["input_difference"], 0);
  assert.equal(told.serving["server_tokens"]?.["output_difference"], 0);
});

Deno.test("a schedule is kept: the same seed sends at the same times after the start, and lateness is told", async () => {
  const openai = { load: { arrivals: "poisson", rate: 300, seed: 7 } };
  const [one, other] = [
    await run({ openai, config: synthetic(12) }),
    await run({ openai, config: synthetic(12) }),
  ];
  const gaps = ({ requests }: Told): number[] => {
    const due = requests.toSorted((a, b) => a.index - b.index).map(({ t_sched_ns }) => t_sched_ns ?? 0n);
    return due.map((ns) => Number(ns - (due[0] ?? 0n)));
  };
  assert.equal(one.requests.length, 12);
  assert.deepEqual(gaps(one), gaps(other));
  assert.ok(one.requests.every(({ lateness_ms }) => lateness_ms !== null && lateness_ms >= 0));
  assert.equal(one.serving["load"]?.["due_unsent"], 0);
});

Deno.test("a steady window: tokens by time in it, latencies of requests due in it, all requests of the phase counted", async () => {
  const told = await run({
    openai: CLOSED,
    config: { ...synthetic(4), measure: { min_seconds: 0.5, steady: true } },
    mock: { ttft_ms: 4, tick_ms: 4 },
  });
  assert.deepEqual(phases(told).slice(2, 6), ["warmup begin", "warmup end", "measure begin", "measure end"]);
  const edges = told.frames.flatMap((frame) =>
    frame.type === "phase" && frame.name === "measure" ? [frame.t_ns] : []
  );
  const [t0 = 0n, t1 = 0n] = edges;
  assert.ok(t1 - t0 >= 500_000_000n);
  const tokens =
    told.requests.flatMap(({ t_send_ns, chunk_at_ns }) =>
      chunk_at_ns.map((at) => (t_send_ns ?? 0n) + BigInt(at))
    ).filter((ns) => ns >= t0 && ns < t1).length;
  const window = told.result?.["window"] as { readonly output_tokens: number };
  assert.ok(Math.abs(window.output_tokens - tokens) < 1e-6, `${window.output_tokens} for ${tokens}`);
  // More requests than prompts, each counted; those before the window are marked.
  assert.equal(told.result?.requests, told.requests.length);
  assert.ok(told.requests.length > 4);
  const outside = told.requests.filter(({ in_window }) => in_window === false);
  assert.ok(outside.length > 0 && outside.length < told.requests.length);
  const due = told.requests.filter(({ in_window }) => in_window !== false);
  assert.ok(
    due.every(({ t_send_ns }) =>
      t_send_ns !== null && t_send_ns >= t0 - 5_000_000n && t_send_ns < t1 + 5_000_000n
    ),
  );
});

Deno.test("failed requests stand beside the others with their kind; the run fails where none succeeded", async () => {
  const some = await run({ openai: CLOSED, config: synthetic(6), mock: { status_every: 3 } });
  assert.equal(some.error, null);
  assert.equal(some.requests.filter(({ error }) => error === "http_429").length, 2);
  assert.ok(some.codes.includes("requests_failed"));
  const cut = await run({ openai: CLOSED, config: synthetic(3), mock: { cut_after: 2 } });
  assert.equal(cut.error?.errorType, "requests_failed");
  assert.match(cut.error?.message ?? "", /All 3 requests .* \(truncated 3\)/);
  assert.ok(cut.requests.every(({ error, output_tokens }) => error === "truncated" && output_tokens === 2));
  const stalled = await run({
    openai: CLOSED,
    config: synthetic(3),
    mock: { stall_after: 1 },
    request_timeout_s: 0.2,
  });
  assert.match(stalled.error?.message ?? "", /timeout 3.*request_timeout_seconds/);
  const served = (mock: Partial<MockOptions>, openai = {}): Promise<Told> =>
    run({ openai, config: { ...synthetic(1), model: "served" }, mock });
  const keyless = await served({ api_key_env: "PATH" });
  assert.equal(keyless.error?.errorType, "model_unknown");
  assert.match(keyless.error?.message ?? "", /answers 401 .*api_key_env/);
  const wrongKey = await served({ api_key_env: "PATH" }, { api_key_env: "HOME" });
  assert.match(wrongKey.error?.message ?? "", /Correct the key in HOME/);
  const absent = await runAt("http://127.0.0.1:1", { config: synthetic(1) });
  assert.equal(absent.error?.errorType, "server_unreachable");
  assert.match(absent.error?.message ?? "", /openai\.base_url/);
});

Deno.test("fault 80: a connection that stays open after the answer's own end holds no slot of the load", async () => {
  const stream = 'data: {"choices":[{"text":"","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
  await using server = new RawServer(async ({ request, say }) => {
    for (let asked = await request(); asked !== null; asked = await request()) {
      if (!asked.includes("completions")) await say("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
      else await say(`HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n${stream}`);
    }
  });
  const told = await runAt(`http://127.0.0.1:${server.port}`, {
    openai: CLOSED,
    config: synthetic(3),
    warmup: { enabled: false, n_warmup: 0 },
    request_timeout_s: 20,
  });
  assert.deepEqual(told.requests.map(({ error }) => error), [null, null, null]);
  assert.ok(told.codes.includes("empty_answers"));
  const { t0_ns, t1_ns } = told.serving["window"] ?? {};
  assert.ok(Number(t1_ns) - Number(t0_ns) < 5e9);
});

Deno.test("requests that openai.load.max_in_flight holds back are no fault of the client", async () => {
  const load = { arrivals: "constant", rate: 500, max_in_flight: 1 };
  const told = await run({ openai: { load }, config: synthetic(8) });
  assert.ok(told.codes.includes("held_back"));
  const texts = told.frames.flatMap((frame) => frame.type === "note" ? [frame.text] : []);
  assert.ok(texts.every((text) => !/client was a limit.*sent late/.test(text)));
});

Deno.test("conversations: each turn holds what was said, and the next is due when the thinking is over", async () => {
  const dataset = {
    n: 4,
    input_len: 8,
    output_len: 4,
    seed: 1,
    prefix_len: null,
    turns: 2,
    think_time_s: 0.02,
  };
  const told = await run({
    openai: { api: "chat", prefix_cache: "allow", load: { arrivals: "closed", concurrency: 2 } },
    config: { n: 4, dataset },
  });
  assert.equal(told.error, null);
  const [first, second] = [0, 1].map((index) => told.requests.find((request) => request.index === index));
  assert.ok(first !== undefined && second !== undefined);
  assert.ok(second.input_tokens > first.input_tokens + first.output_tokens);
  const thought = Number((second.t_send_ns ?? 0n) - (first.t_done_ns ?? 0n)) / 1e6;
  assert.ok(thought >= 20, `${thought} ms`);
});

Deno.test("conversations of token ids hold the answers as the server's tokenizer has them", async () => {
  const dataset = {
    n: 6,
    input_len: 8,
    output_len: 4,
    seed: 1,
    prefix_len: null,
    turns: 3,
    think_time_s: null,
  };
  const wish = { openai: { load: { arrivals: "closed", concurrency: 2 } }, config: { n: 6, dataset } };
  const told = await run({ ...wish, mock: { owner: "vllm" } });
  const inputs = told.requests.toSorted((a, b) => a.index - b.index).map(({ input_tokens }) => input_tokens);
  assert.deepEqual(inputs, [8, 20, 32, 8, 20, 32]);
  assert.ok(!told.codes.includes("answers_left_out"));
  const without = await run({ ...wish, mock: { owner: "vllm", tokenizer: "no" } });
  assert.ok(without.codes.includes("answers_left_out"));
  // Repeated whole: no conversation ends before its last turn.
  const measure = { min_seconds: 0.05, steady: false };
  const repeated = await run({ ...wish, config: { ...wish.config, measure }, mock: { owner: "vllm" } });
  assert.deepEqual([repeated.requests.length % 6, repeated.requests.length > 6], [0, true]);
  // However often that is, the answers of one pass are hashed.
  assert.deepEqual(hashOf(repeated), hashOf(told));
});

function hashOf({ result }: Told): unknown {
  return (result?.["metrics"] as JsonObject | undefined)?.["output_hash"];
}

Deno.test("a trace gives times, lengths and answers of its own", async () => {
  const trace = [
    "TIMESTAMP,ContextTokens,GeneratedTokens",
    "2024-05-10 00:00:00.000000,9,3",
    "2024-05-10 00:00:00.040000,17,5",
  ].join("\n");
  const told = await run({
    openai: { load: { arrivals: "trace", file: "azure.csv", speed: 2 } },
    // The number of prompts is that of the dataset: n is of those that are read from files.
    config: { ...synthetic(2), n: 100 },
    files: { "azure.csv": trace },
  });
  assert.equal(told.error, null);
  const [one, two] = told.requests.toSorted((a, b) => a.index - b.index);
  assert.deepEqual([one?.input_tokens, two?.input_tokens], [9, 17]);
  assert.deepEqual([one?.output_tokens, two?.output_tokens], [3, 5]);
  assert.equal((two?.t_sched_ns ?? 0n) - (one?.t_sched_ns ?? 0n), 20_000_000n);
});

Deno.test("blocks that requests of a trace share are the same tokens", async () => {
  const line = (timestamp: number, hash_ids: readonly number[]): string =>
    JSON.stringify({ timestamp, input_length: 1200, output_length: 2, hash_ids });
  const told = await run({
    openai: { prefix_cache: "allow", load: { arrivals: "trace", file: "mooncake.jsonl" } },
    config: synthetic(2),
    files: { "mooncake.jsonl": `${line(0, [1, 2, 3])}\n${line(60, [1, 2, 4])}\n` },
    mock: { owner: "vllm" },
  });
  assert.equal(told.error, null);
  const [one, two] = told.requests.toSorted((a, b) => a.index - b.index);
  assert.deepEqual([one?.input_tokens, two?.input_tokens], [1200, 1200]);
  assert.deepEqual([one?.cached_tokens, two?.cached_tokens], [0, 1024]);
});

Deno.test("a load without steady window is repeated whole until measure.min_seconds are over", async () => {
  const config = { ...synthetic(5), measure: { min_seconds: 0.15, steady: false } };
  for (const load of [{ arrivals: "closed", concurrency: 2 }, { arrivals: "constant", rate: 100 }]) {
    const told = await run({ openai: { load }, config });
    assert.equal(told.requests.length % 5, 0);
    assert.ok(told.requests.length > 5);
    assert.ok(Number(told.serving["window"]?.["seconds"]) >= 0.15);
  }
});

Deno.test("what the runner says of power is read, whole or not at all", () => {
  assert.deepEqual(parseSettled('{"power":false,"temperature":true}'), { power: false, temperature: true });
  assert.deepEqual(parseSettled('{"power":fal'), { power: null, temperature: null });
  assert.deepEqual(parseSettled(null), { power: null, temperature: null });
});

Deno.test("frames of requests are written in order and in turns, all others at once with all that waits before them", async () => {
  const written: string[] = [];
  const outbox = new Outbox((frame) => {
    written.push(frame.type === "note" ? frame.text : frame.type);
    const untilMs = performance.now() + 1;
    while (performance.now() < untilMs);
  });
  const note = (text: number): Frame => ({ type: "note", level: "info", text: `${text}` });
  const texts = Array.from({ length: 30 }, (_, index) => `${index}`);
  outbox.queue(...texts.map((_, index) => note(index)));
  assert.deepEqual(written, []);
  while (written.length === 0) await sleep(1);
  const first = written.length;
  assert.ok(first < 15, `${first} in the first turn`);
  outbox.send({ type: "result" });
  assert.deepEqual(written, [...texts, "result"]);
  outbox.queue(note(30));
  outbox[Symbol.dispose]();
  assert.equal(written.at(-1), "30");
});
