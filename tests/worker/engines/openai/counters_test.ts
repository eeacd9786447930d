import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type ClientTokens,
  compareTokens,
} from "../../../../worker/engines/openai/counters/compare_tokens.ts";
import { metricsPlace } from "../../../../worker/engines/openai/counters/counter_names.ts";
import {
  deltaOf,
  hitCounters,
  summarise,
} from "../../../../worker/engines/openai/counters/counter_summary.ts";
import {
  parseIterations,
  summariseIterations,
} from "../../../../worker/engines/openai/counters/iterations.ts";
import { parsePrometheus } from "../../../../worker/engines/openai/counters/prometheus.ts";
import { readCounters } from "../../../../worker/engines/openai/counters/read_counters.ts";
import { CounterScraper } from "../../../../worker/engines/openai/counters/scraper.ts";
import { boundedFact, readServerFacts } from "../../../../worker/engines/openai/server/server_facts.ts";
import { callTo, callToNobody } from "./token_server.ts";

/** Any clock that only goes on. */
const monotonicNs = (): bigint => BigInt(Math.round(performance.now() * 1e6));

const SERVE = { port: 0, hostname: "127.0.0.1", onListen: () => {} } as const;

Deno.test("the Prometheus text format: names, labels, values; nonsense is passed over", () => {
  const text = [
    "# HELP vllm:num_requests_running Number of requests.",
    "# TYPE vllm:num_requests_running gauge",
    'vllm:num_requests_running{engine="0",model_name="a \\"b\\" {c, d=\\"e\\"}"} 3.0',
    "plain 1e3 1700000000000",
    "nothing NaN",
    "much +Inf",
    'h_bucket{le="0.5"} 4',
    'h_sum 2.5 # {trace_id="x"} 0.67',
    'spaced { a = "1" , b="x\\ny" }   7',
    "<!doctype html>",
    'broken{a="1" 5',
    "no_value",
    "text abc",
    "\r",
  ].join("\n");
  assert.deepEqual(parsePrometheus(text), [
    {
      name: "vllm:num_requests_running",
      labels: { engine: "0", model_name: 'a "b" {c, d="e"}' },
      value: 3,
    },
    { name: "plain", labels: {}, value: 1000 },
    { name: "nothing", labels: {}, value: NaN },
    { name: "much", labels: {}, value: Infinity },
    { name: "h_sum", labels: {}, value: 2.5 },
    { name: "spaced", labels: { a: "1", b: "x\ny" }, value: 7 },
  ]);
  assert.equal(parsePrometheus('h_bucket{le="0.5"} 4', { buckets: true }).length, 1);
  const named = parsePrometheus('a{x="b 1"} 1\nab 2\na 3\nb{a="1"} 4\n', { names: new Set(["a"]) });
  assert.deepEqual(named.map(({ value }) => value), [1, 3]);
  assert.equal(parsePrometheus("a 1\n".repeat(60_000)).length, 50_000);
});

function vllm(requests: number, tokens: number, running: number, seconds: number): string {
  return [0, 1].map((engine) => {
    const labels = `{engine="${engine}",model_name="m"}`;
    return [
      `vllm:num_requests_running${labels} ${running}`,
      `vllm:prompt_tokens_total${labels} ${tokens * 4}`,
      `vllm:prompt_tokens_created${labels} 1.7e9`,
      `vllm:generation_tokens_total${labels} ${tokens}`,
      `vllm:time_to_first_token_seconds_bucket{le="1",engine="${engine}"} ${requests}`,
      `vllm:time_to_first_token_seconds_sum${labels} ${seconds}`,
      `vllm:time_to_first_token_seconds_count${labels} ${requests}`,
    ].join("\n");
  }).join("\n");
}

Deno.test("counters of a window: growth, means and maxima over all engines of a server", () => {
  const { table } = metricsPlace("vllm");
  const readings = [vllm(10, 100, 2, 5), vllm(14, 160, 6, 7), vllm(20, 220, 4, 10)].map((text, second) =>
    readCounters(text, table, BigInt(second) * 1_000_000_000n)
  );
  assert.deepEqual(summarise(readings, table), {
    readings: 3,
    seconds: 2,
    counters: {
      running: { kind: "gauge", mean: 8, max: 12 },
      prompt_tokens: { kind: "counter", delta: 960 },
      output_tokens: { kind: "counter", delta: 240 },
      ttft_s: { kind: "histogram", count: 20, mean: 0.5 },
    },
  });
  assert.equal(summarise(readings.slice(0, 1), table), null);
  // A server that began anew in between has grown by nothing that is known.
  assert.equal(deltaOf(summarise(readings.toReversed(), table), "output_tokens"), null);
  // A counter that begins to exist with its first event began at 0.
  const [, , last] = readings;
  assert.ok(last !== undefined);
  const empty = readCounters("", table, 0n);
  assert.equal(deltaOf(summarise([empty, last], table), "output_tokens"), 440);
});

Deno.test("hits of the prefix cache in the window, over what was looked up", () => {
  const read = (text: string, kind: string) => readCounters(text, metricsPlace(kind).table, 0n);
  const between = (kind: string, ...texts: readonly string[]) =>
    hitCounters(summarise(texts.map((text) => read(text, kind)), metricsPlace(kind).table));
  const vllmText = (queries: number, hits: number): string =>
    `vllm:prefix_cache_queries_total ${queries}\nvllm:prefix_cache_hits_total ${hits}\n`;
  assert.deepEqual(between("vllm", vllmText(100, 10), vllmText(300, 90)), { hits: 80, queries: 200 });
  const sglangText = (tokens: number, hits: number): string =>
    `sglang:prompt_tokens_total ${tokens}\nsglang:cached_tokens_total ${hits}\n`;
  assert.deepEqual(between("sglang", sglangText(0, 0), sglangText(50, 5)), { hits: 5, queries: 50 });
  assert.equal(between("llama-server", "", "llamacpp:prompt_tokens_total 5"), null);
  assert.equal(hitCounters(null), null);
});

Deno.test("every kind's names are read from what it says; other finds those of all", () => {
  const llama = "llamacpp:requests_deferred 2\nllamacpp:tokens_predicted_total 50\n";
  for (const kind of ["llama-server", "other"]) {
    const { values } = readCounters(llama, metricsPlace(kind).table, 0n);
    assert.deepEqual(
      values,
      kind === "other" ? { waiting: 2, output_tokens: 50 } : { waiting: 2, output_tokens: 50 },
    );
  }
  const sglang = 'sglang:num_queue_reqs{tp_rank="0"} 3\nsglang:cached_tokens_total{x="y"} 9\n';
  assert.deepEqual(readCounters(sglang, metricsPlace("sglang").table, 0n).values, {
    waiting: 3,
    cache_hits: 9,
  });
  const tgi = "tgi_queue_size 1\ntgi_request_generated_tokens_sum 70\n";
  assert.deepEqual(readCounters(tgi, metricsPlace("tgi").table, 0n).values, {
    waiting: 1,
    output_tokens: 70,
  });
  const former = "vllm:gpu_cache_usage_perc 0.5\n";
  assert.deepEqual(readCounters(former, metricsPlace("vllm").table, 0n).values, { kv_usage: 0.5 });
  assert.deepEqual(metricsPlace("ollama").paths, []);
});

Deno.test("the server's tokens beside the client's: more than 1 % apart is a warning", () => {
  const summary = (input: number, output: number) => ({
    readings: 2,
    seconds: 1,
    counters: {
      prompt_tokens: { kind: "counter", delta: input },
      output_tokens: { kind: "counter", delta: output },
    },
  } as const);
  const client: ClientTokens = {
    input: [{ tokens: 10_000, open: 0 }, { tokens: 6000, open: 0 }],
    output: [{ tokens: 1000, open: 0 }],
  };
  const codes = (input: number, output: number, more: Partial<ClientTokens> = {}): string[] =>
    compareTokens(summary(input, output), { ...client, ...more }).warnings.map(({ text }) =>
      text.split(" ")[4] ?? ""
    );
  assert.deepEqual(codes(10_000, 1000), []);
  assert.deepEqual(codes(10_090, 995), []);
  assert.deepEqual(codes(10_110, 1000), ["input"]);
  assert.deepEqual(codes(10_000, 980), ["output"]);
  assert.deepEqual(codes(12_000, 1200), ["input", "output"]);
  // A server that counts only what it computed is as right as one that counts all.
  assert.deepEqual(codes(6000, 1000), []);
  assert.deepEqual(codes(8000, 1000), ["input"]);
  // What was under way at a reading is nobody's yet.
  const open: ClientTokens = {
    input: [{ tokens: 10_000, open: 300 }],
    output: [{ tokens: 1000, open: 10 }],
  };
  assert.deepEqual(codes(10_400, 980, open), []);
  assert.deepEqual(codes(10_401, 979, open), ["input", "output"]);
  assert.deepEqual(compareTokens(null, client), {
    server_input_tokens: null,
    server_output_tokens: null,
    client_input_tokens: 10_000,
    client_output_tokens: 1000,
    input_difference: null,
    output_difference: null,
    warnings: [],
  });
  assert.deepEqual(codes(5, 0, { input: [{ tokens: 0, open: 0 }], output: [{ tokens: 0, open: 0 }] }), [
    "input",
  ]);
});

Deno.test("the scraper reads at both edges and between, keeps the text, and waits for nobody", async () => {
  const folder = Deno.makeTempDirSync();
  let reads = 0;
  await using server = Deno.serve(SERVE, () => {
    reads++;
    return new Response(`# HELP x y\nllamacpp:tokens_predicted_total ${100 * reads}\n`);
  });
  const rawPath = join(folder, "server_metrics.txt");
  const scraper = new CounterScraper({
    call: callTo(server.addr.port),
    kind: "llama-server",
    clock: monotonicNs,
    rawPath,
    periodMs: 40,
  });
  const before = monotonicNs();
  await scraper.begin();
  assert.equal(reads, 1);
  await new Promise((resolve) => setTimeout(resolve, 150));
  await scraper.end();
  const after = monotonicNs();
  const summary = scraper.summary();
  assert.ok(reads >= 3 && reads <= 6, `${reads} reads`);
  assert.equal(summary?.readings, reads);
  assert.equal(deltaOf(summary, "output_tokens"), 100 * (reads - 1));
  assert.deepEqual(scraper.warnings(), []);
  const times = scraper.readings.map(({ t_ns }) => t_ns);
  assert.ok(
    [before, ...times, after].every((time, index, all) => index === 0 || time >= (all[index - 1] ?? time)),
  );
  const raw = Deno.readTextFileSync(rawPath);
  assert.equal(raw.match(/^# t_ns=\d+ path=\/metrics$/gm)?.length, reads);
  assert.equal(raw.match(/^# HELP/gm)?.length, 1);
  assert.ok(raw.includes(`tokens_predicted_total ${100 * reads}`));
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("counters that are not to be had, or too many, are a warning and no error", async () => {
  const folder = Deno.makeTempDirSync();
  await using server = Deno.serve(SERVE, () => new Response("no", { status: 501 }));
  const options = { call: callTo(server.addr.port), clock: monotonicNs, rawPath: join(folder, "raw.txt") };
  for (const kind of ["llama-server", "trtllm", "ollama"]) {
    const scraper = new CounterScraper({ ...options, kind });
    await scraper.begin();
    await scraper.end();
    assert.equal(scraper.summary(), null);
    assert.deepEqual(
      scraper.warnings().map(({ code }) => code),
      kind === "ollama" ? [] : ["server_counters_unavailable"],
    );
  }
  await using large = Deno.serve(
    SERVE,
    () => new Response(`${"#".repeat(500)}\nllamacpp:n_decode_total 1\n`),
  );
  const bounded = new CounterScraper({
    ...options,
    call: callTo(large.addr.port),
    kind: "llama-server",
    maxRawBytes: 600,
  });
  await bounded.begin();
  await bounded.end();
  assert.equal(bounded.summary()?.readings, 2);
  assert.ok(Deno.statSync(options.rawPath).size <= 600);
  // A folder that is not there costs the text only.
  const nowhere = new CounterScraper({
    ...options,
    call: callTo(large.addr.port),
    kind: "llama-server",
    rawPath: join(folder, "none", "raw.txt"),
  });
  await nowhere.begin();
  await nowhere.end();
  assert.equal(nowhere.summary()?.readings, 2);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("TRT-LLM's iterations are consumed by reading: those before the window do not count", async () => {
  const step = (running: number, tokens: number) => ({
    iter: 1,
    numActiveRequests: running,
    numQueuedRequests: 1,
    kvCacheStats: { usedNumBlocks: 25, maxNumBlocks: 100, cacheHitRate: 0.5 },
    inflightBatchingStats: { numCtxTokens: tokens },
  });
  let waiting = [step(50, 9000)];
  await using server = Deno.serve(SERVE, (request) => {
    if (new URL(request.url).pathname !== "/metrics") return new Response("", { status: 404 });
    const told = waiting;
    waiting = [];
    return Response.json(told);
  });
  const scraper = new CounterScraper({
    call: callTo(server.addr.port),
    kind: "trtllm",
    clock: monotonicNs,
    rawPath: null,
    periodMs: 20,
  });
  await scraper.begin();
  waiting = [step(2, 64), step(4, 0)];
  await new Promise((resolve) => setTimeout(resolve, 60));
  waiting = [step(6, 64)];
  await scraper.end();
  assert.deepEqual(scraper.summary()?.counters, {
    decode_steps: { kind: "counter", delta: 3 },
    running: { kind: "gauge", mean: 4, max: 6 },
    waiting: { kind: "gauge", mean: 1, max: 1 },
    kv_usage: { kind: "gauge", mean: 0.25, max: 0.25 },
    cache_hit_rate: { kind: "gauge", mean: 0.5, max: 0.5 },
    prompt_tokens: { kind: "counter", delta: 128 },
  });
  assert.deepEqual(scraper.warnings(), []);
  assert.deepEqual(parseIterations("<html>"), []);
  assert.deepEqual(parseIterations('{"iter": 1}'), []);
  assert.deepEqual(summariseIterations(parseIterations('[null, {"iter": "x"}]')), {
    decode_steps: { kind: "counter", delta: 2 },
  });
});

Deno.test("what a server says of itself is kept bounded, its secrets are not", async () => {
  const template = "{% for message in messages %}".repeat(100);
  await using server = Deno.serve(SERVE, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/props") {
      return Response.json({ chat_template: template, total_slots: 4, bos_token: "<s>" });
    }
    if (pathname === "/version") return new Response("<!doctype html>");
    if (pathname === "/server_info") {
      return Response.json({
        args: { api_key: "sk-12345", max_total_tokens: 8192, hf_token: "hf_x", admin_api_key: null },
      });
    }
    return new Response("", { status: 404 });
  });
  const facts = await readServerFacts(callTo(server.addr.port));
  assert.deepEqual(Object.keys(facts), ["/props", "/server_info"]);
  assert.deepEqual(facts["/server_info"], {
    args: { api_key: "***", max_total_tokens: 8192, hf_token: "***", admin_api_key: null },
  });
  const text = JSON.stringify(facts["/props"]);
  assert.match(text, /2900 characters, sha256 [0-9a-f]{16}/);
  assert.ok(text.length < 500);
  const deep = JSON.parse("[".repeat(50) + "]".repeat(50));
  assert.ok(JSON.stringify(boundedFact(deep)).length < 40);
  assert.ok(JSON.stringify(boundedFact(Array(100_000).fill(1))).length < 5000);
  assert.deepEqual(await readServerFacts(callToNobody()), {});
});
