import { member } from "../../../../lib/base/json.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256Hex } from "../../../../lib/base/canonical_json.ts";
import { type ExperimentConfig, experimentSchema } from "../../../../lib/experiment/config.ts";
import { NO_INPUTS } from "../../../../lib/experiment/inputs.ts";
import { cacheVerdict } from "../../../../worker/engines/openai/prompts/cache_verdict.ts";
import { askText, type Call } from "../../../../worker/engines/openai/server/call.ts";
import {
  lengthVerdict,
  type RequestLengths,
} from "../../../../worker/engines/openai/prompts/length_verdict.ts";
import {
  makeRecordedPrompts,
  makeSyntheticPrompts,
} from "../../../../worker/engines/openai/prompts/make_prompts.ts";
import type { RequestPrompt } from "../../../../worker/engines/openai/prompts/payload.ts";
import { preparePrefixCache } from "../../../../worker/engines/openai/prompts/prefix_cache.ts";
import type { PromptSource } from "../../../../worker/engines/openai/prompts/prompt_source.ts";
import {
  type BodyWish,
  overridden,
  requestBody,
} from "../../../../worker/engines/openai/prompts/request_body.ts";
import { makeRunPrompts } from "../../../../worker/engines/openai/prompts/run_prompts.ts";
import { saltOf } from "../../../../worker/engines/openai/prompts/seeds.ts";
import { Session, sessionCount } from "../../../../worker/engines/openai/prompts/session.ts";
import { idSource, type SyntheticWish } from "../../../../worker/engines/openai/prompts/synthetic_ids.ts";
import { rangeOf, sizeIn } from "../../../../worker/engines/openai/prompts/vocabulary.ts";
import { meetServer } from "../../../../worker/engines/openai/run/prepare.ts";
import {
  callTo,
  callToNobody,
  startTokenServer,
  type TokenServer,
  type TokenServerOptions,
} from "./token_server.ts";

const WISH: SyntheticWish = {
  n: 12,
  input_len: 40,
  output_len: 8,
  seed: 42,
  prefix_len: 0,
  prefix_cache: "allow",
  salt: saltOf("run-1"),
};
const CONFIG = experimentSchema.parse({ model: "m", backend: "openai", openai: { base_url: "http://x" } });
const LIMITS = { limitMs: 2000, maxChars: 1e6 };

/** Input tokens as the server counts them for a prompt. */
async function countedBy({ call }: TokenServer, { payload }: RequestPrompt): Promise<unknown> {
  const answer = payload.kind === "chat"
    ? await call("/v1/chat/completions", "POST", { messages: payload.messages })
    : await call("/v1/completions", "POST", { prompt: payload.kind === "ids" ? payload.ids : payload.text });
  return member(member(JSON.parse(answer.text), "usage"), "prompt_tokens");
}

function textOf({ payload }: RequestPrompt): string {
  return JSON.stringify(payload);
}

const EXACT: readonly {
  readonly name: string;
  readonly kind: string;
  readonly api: "completions" | "chat";
  readonly server: TokenServerOptions;
  readonly madeBy: "ids" | "tokenizer";
  readonly extra: number;
}[] = [
  {
    name: "token ids",
    kind: "llama-server",
    api: "completions",
    server: { dialect: "llama-server", takesIds: true, vocabulary: 50_000 },
    madeBy: "ids",
    extra: 0,
  },
  {
    name: "token ids of a server whose vocabulary is known from its tokenizer",
    kind: "vllm",
    api: "completions",
    server: { dialect: "vllm", takesIds: true },
    madeBy: "ids",
    extra: 0,
  },
  {
    name: "texts, where ids are refused, with a beginning token",
    kind: "vllm",
    api: "completions",
    server: { dialect: "vllm", vocabulary: 50_000, bos: true },
    madeBy: "tokenizer",
    extra: 1,
  },
  {
    name: "texts without /detokenize",
    kind: "tgi",
    api: "completions",
    server: { dialect: "tgi" },
    madeBy: "tokenizer",
    extra: 0,
  },
  {
    name: "texts of a server of no known kind",
    kind: "other",
    api: "completions",
    server: { dialect: "llama-server", letters: 20 },
    madeBy: "tokenizer",
    extra: 0,
  },
  {
    name: "chats that the tokenizer counts",
    kind: "vllm",
    api: "chat",
    server: { dialect: "vllm", countsChats: true },
    madeBy: "tokenizer",
    extra: 5,
  },
  {
    name: "chats whose template is known from one request's usage",
    kind: "vllm",
    api: "chat",
    server: { dialect: "vllm" },
    madeBy: "tokenizer",
    extra: 5,
  },
];

for (const { name, kind, api, server: options, madeBy, extra } of EXACT) {
  Deno.test(`prompts are exact: ${name}`, async () => {
    await using server = startTokenServer(options);
    const asked = { call: server.call, kind, api, model: "m", limits: LIMITS };
    const { source } = await makeSyntheticPrompts(asked, WISH);
    assert.equal(source.facts.made_by, madeBy);
    assert.equal(source.facts.input_length, "exact");
    assert.equal(source.facts.extra_tokens, extra);
    assert.deepEqual(source.warnings, []);
    const prompts = Array.from({ length: WISH.n }, (_, index) => source.at(index, 0));
    for (const prompt of prompts) assert.equal(await countedBy(server, prompt), WISH.input_len);
    assert.equal(new Set(prompts.map(textOf)).size, WISH.n);
    const again = await makeSyntheticPrompts(asked, WISH);
    assert.deepEqual(prompts, prompts.map(({ index }) => again.source.at(index, 0)));
  });
}

Deno.test("a server that is busy is asked again whether it takes ids: equal runs have equal prompts", async () => {
  await using server = startTokenServer({ dialect: "vllm", takesIds: true, vocabulary: 50_000 });
  let refusals = 2;
  const call: typeof server.call = (path, method, body) =>
    path === "/v1/completions" && refusals-- > 0
      ? Promise.resolve({ status: refusals === 1 ? 429 : 503, text: "busy" })
      : server.call(path, method, body);
  const asked = { call, kind: "vllm", api: "completions", model: "m" } as const;
  assert.equal((await makeSyntheticPrompts(asked, WISH)).source.facts.made_by, "ids");
});

/** Answers to questions about tokens that make no sense. */
const BROKEN: readonly [name: string, instead: (request: Request) => Response | Promise<Response>][] = [
  ["404", () => new Response("Not Found", { status: 404 })],
  ["500", () => new Response("boom", { status: 500 })],
  ["HTML with status 200", () => new Response("<!doctype html><title>Welcome</title>")],
  ["JSON of another kind", () => Response.json({ tokens: "many", data: [{ meta: null }], vocab_size: -3 })],
  ["the same tokens for every text", () => Response.json({ tokens: [1, 2, 3], count: 3 })],
  ["ids that are none", () => Response.json({ tokens: [1.5, null, -1] })],
  ["an answer that is too large", () => new Response(`{"tokens":[${"1,".repeat(40_000)}1]}`)],
];

for (const [name, instead] of BROKEN) {
  Deno.test(`a server whose tokenizer answers ${name} fails nothing`, async () => {
    await using server = startTokenServer({ dialect: null, instead });
    for (const kind of ["vllm", "llama-server", "tgi", "other"]) {
      for (const api of ["completions", "chat"] as const) {
        const limits = { limitMs: 2000, maxChars: 50_000 };
        const { source } = await makeSyntheticPrompts(
          { call: server.call, kind, api, model: "m", limits },
          WISH,
        );
        assert.equal(source.facts.input_length, "approximate");
        assert.equal(source.facts.made_by, "words");
        assert.deepEqual(source.warnings.map(({ code }) => code), ["input_length_approximate"]);
        const { payload } = source.at(3, 0);
        const [text] = payload.kind === "chat"
          ? payload.messages.map(({ content }) => content)
          : [payload.kind === "text" ? payload.text : ""];
        assert.equal(text?.split(" ").length, WISH.input_len);
      }
    }
  });
}

Deno.test("a tokenizer that does not answer in time, or no server at all, fails nothing", async () => {
  const silent = () => new Promise<Response>((resolve) => setTimeout(() => resolve(new Response()), 300));
  await using slow = startTokenServer({ dialect: null, instead: silent });
  for (const call of [slow.call, callToNobody()]) {
    const { source } = await makeSyntheticPrompts(
      {
        call,
        kind: "tgi",
        api: "chat",
        model: "m",
        limits: { limitMs: 20, maxChars: 1e6 },
      },
      WISH,
    );
    assert.equal(source.facts.input_length, "approximate");
  }
  await new Promise((resolve) => setTimeout(resolve, 350));
});

Deno.test("fault 80: a question that is not answered in time is given up, not only no longer waited for", async () => {
  let asked = 0;
  const hanging: Call = (_path, _method, _body, signal) => {
    asked++;
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("given up"))));
  };
  const limits = { limitMs: 5, maxChars: 10 };
  const answer = await askText(hanging, "/x", "GET", null, limits);
  assert.deepEqual([answer, asked], [{ kind: "none", reason: "no answer in 0.005 s", status: null }, 1]);
  await assert.rejects(
    meetServer({ config: CONFIG }, { base_url: "http://a/v1" }, hanging, limits),
    /No server answers at http:\/\/a\/v1: no answer in 0.005 s\. Start it/,
  );
  const server = { base_url: "http://a/v1", kind: "other", instance: "i", version: null, position: 2 };
  await assert.rejects(
    meetServer({ config: CONFIG, server }, server, hanging, limits),
    /was ready and does not answer now: no answer in 0.005 s\. Its log/,
  );
});

Deno.test("an input shorter than the chat template is told with its remedy", async () => {
  await using server = startTokenServer({ dialect: "vllm", countsChats: true });
  const { source } = await makeSyntheticPrompts(
    { call: server.call, kind: "vllm", api: "chat", model: "m" },
    { ...WISH, n: 2, input_len: 4 },
  );
  assert.equal(source.facts.input_length, "approximate");
  assert.match(
    source.warnings[0]?.text ?? "",
    /template alone takes 5 tokens: make dataset.input_len larger/,
  );
  assert.equal(await countedBy(server, source.at(0, 0)), 6);
});

Deno.test("a connection that is closed as it is used costs no prompt its length", async () => {
  await using server = startTokenServer({ dialect: "llama-server", letters: 20 });
  let calls = 0;
  const call: typeof server.call = (path, method, body) =>
    ++calls % 10 === 0 ? Promise.reject(new Error("connection reset")) : server.call(path, method, body);
  const { source } = await makeSyntheticPrompts(
    { call, kind: "llama-server", api: "completions", model: "m" },
    WISH,
  );
  assert.equal(source.facts.input_length, "exact");
});

Deno.test("a tokenizer that stops making sense leaves the rest of the prompts approximate", async () => {
  await using server = startTokenServer({ dialect: "vllm" });
  let calls = 0;
  const call: typeof server.call = (path, method, body) =>
    ++calls > 90 ? Promise.resolve({ status: 500, text: "" }) : server.call(path, method, body);
  const { source } = await makeSyntheticPrompts(
    { call, kind: "vllm", api: "completions", model: "m" },
    { ...WISH, n: 100 },
  );
  assert.equal(source.facts.input_length, "approximate");
  assert.equal(source.count, 100);
  assert.match(source.warnings[0]?.text ?? "", /of 100 prompts/);
});

/** What a prefix cache sees of a prompt. */
function beginningOf({ payload }: RequestPrompt): string {
  if (payload.kind === "ids") return payload.ids.slice(0, 4).join(" ");
  const text = payload.kind === "text" ? payload.text : payload.messages[0]?.content ?? "";
  return text.split(" ").slice(0, 4).join(" ");
}

/** Both ways of making prompts, for one mode of the prefix cache. */
async function bothSources(server: TokenServer, wish: SyntheticWish): Promise<PromptSource[]> {
  const asked = { call: server.call, kind: "other", model: "m", limits: LIMITS };
  const { source } = await makeSyntheticPrompts({ ...asked, api: "completions" }, wish);
  return [source, idSource(wish, rangeOf(50_000, "/props", new Set()))];
}

Deno.test("passes begin anew where a cache would hit, and keep their exact length", async () => {
  await using server = startTokenServer({ dialect: "llama-server", letters: 20, takesIds: true });
  for (const mode of ["unique", "reset", "allow"] as const) {
    for (const prefix_len of [0, 12]) {
      for (const source of await bothSources(server, { ...WISH, prefix_cache: mode, prefix_len })) {
        const passes = [0, 1, 2].flatMap((pass) => [0, 1, 2, 3].map((index) => source.at(index, pass)));
        const different = new Set(passes.map(textOf)).size;
        assert.equal(different, mode === "allow" ? 4 : 12, `${mode} ${source.facts.made_by}`);
        const beginnings = new Set(passes.map(beginningOf)).size;
        assert.equal(beginnings, prefix_len > 0 ? 1 : different);
        for (const prompt of passes) assert.equal(await countedBy(server, prompt), WISH.input_len);
        assert.equal(source.at(0, 0).shared_tokens, prefix_len);
      }
    }
  }
});

Deno.test("unique differs from run to run, reset and allow do not; a failed reset becomes unique", async () => {
  await using server = startTokenServer({ dialect: "llama-server", letters: 20 });
  for (const mode of ["unique", "reset", "allow"] as const) {
    const one = await bothSources(server, { ...WISH, prefix_cache: mode, prefix_len: 8 });
    const other = await bothSources(server, {
      ...WISH,
      prefix_cache: mode,
      prefix_len: 8,
      salt: saltOf("run-2"),
    });
    for (const [index, source] of one.entries()) {
      const second = other[index] ?? source;
      const differs = beginningOf(source.at(5, 0)) !== beginningOf(second.at(5, 0));
      assert.equal(differs, mode === "unique");
      const before = textOf(source.at(5, 0));
      source.useSalt();
      assert.equal(textOf(source.at(5, 0)) !== before, mode !== "unique");
    }
  }
});

Deno.test("ids stay away from the ends of the vocabulary and from special tokens", () => {
  const range = rangeOf(1000, "/props", new Set([500, 501, 502]));
  assert.deepEqual([range.from, range.to], [50, 949]);
  const source = idSource({ ...WISH, n: 1, input_len: 20_000 }, range);
  const { payload } = source.at(0, 0);
  const ids = payload.kind === "ids" ? payload.ids : [];
  assert.ok(ids.every((id) => id >= 50 && id <= 949 && (id < 500 || id > 502)));
  assert.equal(new Set(ids).size, 897);
  assert.equal(sizeIn({ data: [{ a: 1 }, { meta: { n_vocab: 49_152 } }] }), 49_152);
  assert.equal(sizeIn({ model_config: { vocab_size: "many" } }), null);
});

Deno.test("recorded prompts are cut by the tokenizer, and sent whole with a warning where there is none", async () => {
  const texts = ["short one", Array(100).fill("word").join(" ")];
  const wish = {
    texts,
    max_input_tokens: 30,
    max_output_tokens: 16,
    prefix_cache: "allow",
    salt: 1,
  } as const;
  await using server = startTokenServer({ dialect: "vllm", bos: true });
  const asked = { call: server.call, kind: "vllm", model: "m", limits: LIMITS };
  const { source } = await makeRecordedPrompts({ ...asked, api: "completions" }, wish);
  assert.deepEqual(source.warnings, []);
  assert.deepEqual(source.at(0, 0).payload, { kind: "text", text: "short one" });
  assert.equal(await countedBy(server, source.at(1, 0)), 30);
  assert.equal(source.at(0, 0).asked_tokens, null);
  await using without = startTokenServer({ dialect: null });
  const whole = await makeRecordedPrompts({ ...asked, call: without.call, api: "chat" }, {
    ...wish,
    prefix_cache: "unique",
  });
  assert.deepEqual(whole.source.warnings.map(({ code }) => code), ["prompts_not_cut"]);
  const { payload } = whole.source.at(0, 0);
  assert.match(
    payload.kind === "chat" ? payload.messages[0]?.content ?? "" : "",
    /^(\w+ ){4}\w+\nshort one$/,
  );
});

Deno.test("a run's prompts come from its assignment: synthetic ones with their keys, or its file", async () => {
  const folder = Deno.makeTempDirSync();
  await using server = startTokenServer({ dialect: "vllm", letters: 20 });
  const asked = {
    call: server.call,
    kind: "vllm",
    api: "completions",
    model: "m",
  } as const;
  const dataset = { n: 4, input_len: 10, output_len: 5, seed: 1, prefix_len: 3, turns: 2, think_time_s: 1.5 };
  const config: ExperimentConfig = { ...CONFIG, dataset };
  const synthetic = await makeRunPrompts({ config, inputs: NO_INPUTS, token: "t" }, "unique", asked);
  assert.deepEqual(synthetic.sessions, { turns: 2, think_time_s: 1.5 });
  assert.equal(synthetic.source.count, 4);
  assert.deepEqual(synthetic.source.at(0, 0).shared_tokens, 3);
  assert.equal(await countedBy(server, synthetic.source.at(3, 1)), 10);
  const path = join(folder, "p.jsonl");
  const text = '{"prompt": "hello there"}\n{"prompt": "good morning"}\n';
  Deno.writeTextFileSync(path, text);
  const prompts = { path, sha256: sha256Hex(text), count: 2, source: "p.jsonl" };
  const recorded = await makeRunPrompts(
    { config: CONFIG, inputs: { ...NO_INPUTS, prompts }, token: "t" },
    "allow",
    asked,
  );
  assert.deepEqual(recorded.source.at(1, 0), {
    index: 1,
    payload: { kind: "text", text: "good morning" },
    asked_tokens: null,
    max_output: CONFIG.max_output_tokens,
    exact_output: false,
    shared_tokens: 0,
  });
  assert.equal(recorded.sessions.turns, 1);
  await assert.rejects(makeRunPrompts({ config: CONFIG, inputs: NO_INPUTS, token: "t" }, "allow", asked), {
    errorType: "no_prompts",
  });
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a tokenizer that takes too long for all prompts is asked about some of them only", async () => {
  await using server = startTokenServer({ dialect: "vllm", letters: 20 });
  const made: number[] = [];
  const { source } = await makeSyntheticPrompts({
    call: server.call,
    kind: "vllm",
    api: "completions",
    model: "m",
    making: { totalMs: 0, progress: (count) => made.push(count) },
  }, WISH);
  assert.equal(source.facts.input_length, "approximate");
  assert.deepEqual(made, Array.from({ length: WISH.n }, (_, index) => index + 1));
  // A tokenizer that fails several times in a row is left alone.
  await using failing = startTokenServer({ dialect: "vllm" });
  let asked = 0;
  const call: typeof server.call = (path, method, body) =>
    ++asked > 60 ? Promise.resolve({ status: 503, text: "" }) : failing.call(path, method, body);
  await makeSyntheticPrompts({ call, kind: "vllm", api: "completions", model: "m" }, {
    ...WISH,
    n: 200,
  });
  assert.ok(asked < 80, `${asked} questions`);
});

Deno.test("the next turn of a session holds the answers so far", async () => {
  await using server = startTokenServer({ dialect: "llama-server", letters: 20, takesIds: true });
  const [texts, ids] = await bothSources(server, { ...WISH, n: 5, input_len: 10 });
  const wish = { turns: 3, think_time_s: 0 };
  for (const source of [texts, ids]) {
    assert.ok(source !== undefined);
    assert.equal(sessionCount(source, wish), 2);
    const session = new Session(source, null, wish, 0, 0);
    const answer = { text: " I see", ids: [7, 8], input_tokens: 10, output_tokens: 2 };
    const turns = [session.next()];
    await session.answered(answer);
    turns.push(session.next());
    await session.answered({ ...answer, input_tokens: 22 });
    turns.push(session.next(), session.next());
    assert.equal(turns[3], null);
    const last = turns[2];
    assert.ok(last !== null && last !== undefined);
    assert.deepEqual([last.turn, last.prompt.shared_tokens, last.holds_answers], [2, 24, true]);
    const questions = [0, 1, 2].map((index) => source.at(index, 0).payload);
    if (last.prompt.payload.kind === "ids") {
      const expected = questions.flatMap((question, index) => [
        ...question.kind === "ids" ? question.ids : [],
        ...index < 2 ? [7, 8] : [],
      ]);
      assert.deepEqual(last.prompt.payload.ids, expected);
      assert.equal(last.prompt.asked_tokens, 34);
    } else {
      const expected = questions.map((question) => question.kind === "text" ? question.text : "");
      assert.equal(
        textOf(last.prompt),
        textOf({ ...last.prompt, payload: { kind: "text", text: expected.join(" I see\n") } }),
      );
    }
    const second = new Session(source, null, wish, 1, 0);
    assert.equal(second.next()?.prompt.index, 3);
    await second.answered({ ...answer, ids: null });
    // Without ids and tokenizer an answer of ids is lost, and said to be.
    assert.equal(second.next()?.holds_answers, source === texts);
    assert.equal(second.next(), null);
  }
});

const PROMPT: RequestPrompt = {
  index: 0,
  payload: { kind: "text", text: "hello" },
  asked_tokens: 1,
  max_output: 16,
  exact_output: true,
  shared_tokens: 0,
};
const BODY: BodyWish = {
  kind: "vllm",
  api: "completions",
  model: "m",
  temperature: 0,
  seed: 42,
  user: {},
  cache: {},
};

Deno.test("bodies say what each kind of server understands", () => {
  assert.deepEqual(requestBody(PROMPT, BODY), {
    forced: true,
    body: {
      model: "m",
      prompt: "hello",
      stream: true,
      stream_options: { include_usage: true, continuous_usage_stats: true },
      return_token_ids: true,
      max_tokens: 16,
      ignore_eos: true,
      min_tokens: 16,
      temperature: 0,
      // What vLLM would take from generation_config.json of the model otherwise.
      top_p: 1,
      top_k: -1,
      min_p: 0,
      repetition_penalty: 1,
      seed: 42,
    },
  });
  const chat: RequestPrompt = {
    ...PROMPT,
    payload: { kind: "chat", messages: [{ role: "user", content: "hi" }] },
  };
  assert.deepEqual(requestBody(chat, { ...BODY, kind: "other", api: "chat", seed: null }), {
    forced: false,
    body: {
      model: "m",
      messages: [{ role: "user", content: "hi" }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 16,
      max_completion_tokens: 16,
      temperature: 0,
    },
  });
  const llama = requestBody(PROMPT, { ...BODY, kind: "llama-server", cache: { cache_prompt: false } });
  assert.equal(llama.forced, true);
  assert.deepEqual(
    [
      llama.body["timings_per_token"],
      llama.body["cache_prompt"],
      llama.body["min_tokens"],
      llama.body["top_p"],
    ],
    [true, false, undefined, undefined],
  );
  assert.equal(requestBody({ ...PROMPT, exact_output: false }, BODY).body["ignore_eos"], undefined);
});

Deno.test("the user's body comes last, member by member, and its overridden fields are told", () => {
  const user = {
    temperature: 0.7,
    stream_options: { continuous_usage_stats: false },
    seed: null,
    top_k: 5,
    max_tokens: 16,
    ignore_eos: false,
    min_tokens: null,
  };
  const { body, forced } = requestBody(PROMPT, { ...BODY, user });
  assert.equal(body["temperature"], 0.7);
  assert.deepEqual(body["stream_options"], { include_usage: true, continuous_usage_stats: false });
  assert.equal("seed" in body, false);
  assert.equal(body["top_k"], 5);
  assert.equal(forced, false);
  assert.deepEqual(overridden(PROMPT, { ...BODY, user }), [
    "ignore_eos",
    "min_tokens",
    "seed",
    "stream_options",
    "temperature",
    "top_k",
  ]);
  // A server of no known kind that is told to go on is held to it.
  assert.equal(requestBody(PROMPT, { ...BODY, kind: "other", user: { ignore_eos: true } }).forced, true);
});

Deno.test("the cache is reset by the kind's path; what refuses falls back to unique with a warning", async () => {
  let busy = 2;
  const asked: string[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(`${request.method} ${pathname}`);
    if (pathname === "/flush_cache") return new Response("", { status: busy-- > 0 ? 400 : 200 });
    return new Response("", { status: 404 });
  });
  const call = callTo(server.addr.port);
  assert.deepEqual(await preparePrefixCache(call, "sglang", "reset"), {
    kind: "reset",
    path: "/flush_cache",
  });
  assert.equal(asked.length, 3);
  const refused = await preparePrefixCache(call, "vllm", "reset");
  assert.match(
    refused.kind === "unique" ? refused.warning?.text ?? "" : "",
    /HTTP 404.*VLLM_SERVER_DEV_MODE/,
  );
  assert.deepEqual(asked.slice(3), ["POST /reset_prefix_cache"]);
  assert.deepEqual(await preparePrefixCache(call, "llama-server", "reset"), {
    kind: "body",
    fields: { cache_prompt: false },
  });
  assert.equal((await preparePrefixCache(call, "ollama", "reset")).kind, "unique");
  assert.deepEqual(await preparePrefixCache(call, "vllm", "allow"), { kind: "allow" });
  assert.deepEqual(await preparePrefixCache(call, "vllm", "unique"), { kind: "unique", warning: null });
  assert.equal(asked.length, 4);
});

Deno.test("cached tokens prove a cold cache, beyond what is shared on purpose", () => {
  const request = (cached_tokens: number | null, shared_tokens = 0) => ({
    input_tokens: 100,
    cached_tokens,
    shared_tokens,
  });
  const judge = (
    requests: Parameters<typeof cacheVerdict>[1],
    counters: Parameters<typeof cacheVerdict>[2] = null,
    mode: "unique" | "allow" = "unique",
  ) => {
    const { verdict, requests_hit, warning } = cacheVerdict(mode, requests, counters);
    return [verdict, requests_hit, warning?.code ?? null];
  };
  assert.deepEqual(judge([request(0), request(0)]), ["cold", 0, null]);
  assert.deepEqual(judge([request(0), request(3)]), ["cold", 0, null]);
  assert.deepEqual(judge([request(24, 24), request(25, 24)]), ["cold", 0, null]);
  assert.deepEqual(judge([request(0), request(96)]), ["hits", 1, "prefix_cache_hits"]);
  assert.deepEqual(judge([request(99)], null, "allow"), ["hits", 1, null]);
  assert.deepEqual(judge([request(null)]), ["unknown", null, null]);
  assert.deepEqual(judge([request(null)], { hits: 0, queries: 100 }), ["cold", null, null]);
  assert.deepEqual(judge([request(null)], { hits: 50, queries: 100 }), ["hits", null, "prefix_cache_hits"]);
  assert.deepEqual(judge([request(null, 50)], { hits: 50, queries: 100 }), ["cold", null, null]);
  assert.equal(cacheVerdict("unique", [request(0), request(96)], null).cached_share, 0.48);
});

Deno.test("lengths as asked are judged against the server's usage", () => {
  const request = {
    asked_input: 64,
    input_tokens: 64,
    max_output: 16,
    output_tokens: 16,
    finish_reason: "length",
    forced: true,
  };
  const judge = (
    made: "exact" | "approximate" | null,
    ...requests: readonly Partial<RequestLengths>[]
  ) => {
    const { input_length, output_length } = lengthVerdict(
      { input_length: made },
      requests.map((changed) => ({ ...request, ...changed })),
    );
    return [input_length, output_length];
  };
  assert.deepEqual(judge("exact", {}, {}), ["exact", "forced"]);
  assert.deepEqual(judge("exact", {}, { input_tokens: 65 }), ["differs", "forced"]);
  assert.deepEqual(judge("approximate", { input_tokens: 71 }), ["approximate", "forced"]);
  assert.deepEqual(judge("exact", { input_tokens: null }), ["exact", "forced"]);
  assert.deepEqual(judge("approximate", { input_tokens: null }), ["approximate", "forced"]);
  assert.deepEqual(judge(null, { asked_input: null }), [null, "forced"]);
  assert.deepEqual(judge("exact", {}, { output_tokens: 9, finish_reason: "stop" }), ["exact", "differs"]);
  assert.deepEqual(judge("exact", { output_tokens: null, finish_reason: "stop" }), ["exact", "differs"]);
  assert.deepEqual(judge("exact", { forced: false, output_tokens: 3 }), ["exact", "free"]);
  assert.deepEqual(judge("exact"), [null, null]);
  const far = lengthVerdict({ input_length: "exact" }, [request, { ...request, input_tokens: 70 }]);
  assert.deepEqual([far.input_differs, far.input_largest_difference], [1, 6]);
});
