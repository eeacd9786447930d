/** What is said of servers and clients before the first run. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { firstAbort } from "../../lib/base/abort.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import { ENGINES } from "../../lib/engines/engines.ts";
import { adviseOnServers, judgeModels, readModels } from "../../lib/engines/openai/ask_servers.ts";
import { adviseOnLoads } from "../../lib/engines/openai/load_advice.ts";
import { judgeClient } from "../../lib/engines/openai/check.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { configOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

const TRACE = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,48,10\n";
const dataset = { n: 3, input_len: 8, output_len: 8 };

function configFor(openai: JsonObject, draft: JsonObject = {}): ExperimentConfig {
  return configOf({ backend: "openai", model: "m", dataset, openai, ...draft });
}

/** The beginning of a list, for ever. */
function* endless(sending: (bytes: number) => void): Generator<Uint8Array> {
  const piece = new TextEncoder().encode(`{"data":[${'{"id":"m"},'.repeat(10_000)}`);
  while (true) {
    sending(piece.length);
    yield piece;
  }
}

const measured = {
  requests: 120,
  failed: 0,
  tokens: 3840,
  streams: 33,
  ttft_error_p50_ms: 0.26,
  ttft_error_p99_ms: 0.61,
  lateness_p99_ms: 0.89,
  cpu_us_per_token: 48.8,
  offered_rate: 200,
  achieved_rate: 199.9,
};

Deno.test("judgeClient() tells from which latency on the client is no part of it, and where it is too slow", () => {
  const good = judgeClient(measured);
  deepStrictEqual([good.status, good.remedy, good.figures?.["floor_ms"]], ["ok", null, 8.9]);
  match(
    good.detail,
    /^latencies from 9 ms on .*0\.26 ms late, p99 0\.61; .*0\.89 ms late.*199\.9 of 200\.0.*49 us/,
  );
  for (const slower of [{ lateness_p99_ms: 10.1 }, { ttft_error_p99_ms: 12 }, { achieved_rate: 197 }]) {
    const slow = judgeClient({ ...measured, ...slower });
    deepStrictEqual([slow.status, slow.remedy === null], ["warning", false]);
  }
  match(judgeClient({ ...measured, failed: 2 }).detail, /could not be tried.*2 of its requests failed/);
  strictEqual(judgeClient({ failed: 0 }).status, "warning");
});

Deno.test("what keeps a server from being started or reached is told before the first run, all at once", async () => {
  using folder = new TempFolder();
  folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
  folder.write("not.pem", "-----BEGIN PRIVATE KEY-----\n");
  folder.write("trace.csv", TRACE);
  folder.write("server.sh", "#!/bin/sh\n");
  Deno.chmodSync(folder.at("server.sh"), 0o755);
  const place = {
    env: { PATH: "/usr/bin:/bin", EMPTY: " " },
    base_dir: folder.path,
    cwd: "/",
    results: null,
  };
  const told = async (openai: JsonObject, draft: JsonObject = {}): Promise<string> => {
    const { worker } = ENGINES.openai;
    return (await worker?.tryOut([configFor(openai, draft)], place) ?? ["no worker"]).join("\n");
  };
  const server = (name: string, ...args: readonly string[]): JsonObject => ({
    server: { argv: [name, "--port", "{port}", ...args] },
  });
  const base_url = "http://127.0.0.1:8000/v1";
  match(await told({ base_url: "127.0.0.1:8000/v1" }), /is not the address of a server; write http:\/\/127/);
  strictEqual(await told({ base_url, ca_file: "ca.pem" }), "");
  strictEqual(await told(server("./server.sh", "-m", "{model}")), "");
  strictEqual(await told(server("./server.sh", "-m", "{model}"), { model: "./server.sh" }), "");
  strictEqual(
    await told({ base_url, load: { arrivals: "trace", file: "trace.csv" } }, {
      dataset: { ...dataset, n: 1 },
    }),
    "",
  );
  // What is inside an image is not looked for here.
  strictEqual(
    await told({ server: { image: "vllm/vllm", argv: ["gone", "{model}"] } }, { model: "/gone" }),
    "",
  );
  match(
    await told({ base_url, ca_file: "gone.pem" }),
    /ca_file: \S*gone\.pem cannot be read: No such file[^:]*\.$/,
  );
  match(await told({ base_url, ca_file: "not.pem" }), /no certificate in PEM form/);
  match(await told({ base_url, api_key_env: "EMPTY" }), /variable EMPTY, .* is empty/);
  match(await told(server("no-such-server")), /openai\.server\.argv: .*no-such-server.* not in PATH/);
  match(await told(server("./trace.csv")), /trace\.csv.*not executable/);
  match(
    await told(server("sh", "{model}"), { model: "./gone.gguf" }),
    /\{model\}.*\/gone\.gguf does not exist/,
  );
  match(await told(server("sh", "{model}"), { model: "~/gone.gguf" }), /write the whole path/);
  match(
    await told({ base_url, load: { arrivals: "trace", file: "trace.csv" } }),
    /holds 1 requests.*asks for 3/,
  );
  match(await told({ base_url, load: { arrivals: "trace", file: "ca.pem" } }), /no format that llem knows/);
  strictEqual(
    (await told({ ...server("gone", "{model}"), ca_file: "no" }, { model: "/no" })).split("\n").length,
    3,
  );
});

Deno.test("a closed load that a run has too few prompts for is told", () => {
  const told = (concurrency: number, more: JsonObject, draft: JsonObject = {}): string[] =>
    adviseOnLoads([configFor({ base_url: "http://h:1/v1", concurrency }, {
      dataset: { ...dataset, n: 6, ...more },
      ...draft,
    })]);
  deepStrictEqual(told(6, {}), []);
  match(told(7, {})[0] ?? "", /concurrency is 7, but a run has only 6 prompts/);
  match(told(4, { turns: 2 })[0] ?? "", /only 3 conversations/);
  deepStrictEqual(told(7, {}, { measure: { steady: true } }), []);
});

Deno.test("judgeModels() compares what a server says of its models with what the study asks of it", () => {
  const of = (text: string, models = ["m"]): string =>
    judgeModels(readModels(text), server, models).join("\n");
  const server = { base_url: "http://h:1/v1", ca_file: null, api_key_env: null, headers: {} };
  const list = (...ids: readonly string[]): string => JSON.stringify({ data: ids.map((id) => ({ id })) });
  strictEqual(of(list("x", "m")), "");
  strictEqual(of(list("x"), ["served"]), "");
  match(of(list("a", "b")), /serves a, b, not m\. Correct model, or write model: served/);
  match(of(list("a", "b"), ["served"]), /serves a, b; model: served is the first one/);
  match(of(list(), ["served"]), /names no model/);
  for (const text of ["<html>", "[]", '{"data":1}']) match(of(text), /no list of models/);
});

Deno.test("fault 80: running servers are asked once each: silent, wrong path, wrong key, another model", async () => {
  const never = new AbortController();
  const asked: string[] = [];
  let sent = 0;
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", signal: never.signal, onListen: () => {} },
    async ({ url, headers }) => {
      const { pathname } = new URL(url);
      asked.push(pathname);
      if (pathname.startsWith("/slow")) await firstAbort(never.signal);
      if (pathname.startsWith("/endless")) {
        return new Response(ReadableStream.from(endless((bytes) => sent += bytes)));
      }
      if (pathname === "/models/v1/models") return new Response('{"data":[{"id":"m"}]}');
      if (pathname !== "/key/v1/models") return new Response("", { status: 404 });
      const status = headers.get("authorization") === "Bearer right" ? 503 : 401;
      return new Response("", { status });
    },
  );
  const at = (path: string): string => `http://127.0.0.1:${server.addr.port}${path}`;
  const told = (env: Record<string, string>, ...sections: readonly JsonObject[]): Promise<string[]> =>
    adviseOnServers(sections.map((openai) => configFor(openai)), { env, base_dir: "/" });
  const models = { base_url: at("/models") };
  deepStrictEqual(await told({}, models, { ...models, concurrency: 2 }, { ...models, api: "chat" }), []);
  deepStrictEqual(asked, ["/models/v1/models"]);
  const key = { base_url: at("/key/v1") };
  const [wrong, none, right, path, refused] = await told(
    { K: "right", WRONG: "x" },
    { ...key, api_key_env: "WRONG" },
    key,
    { ...key, api_key_env: "K" },
    { base_url: at("/api/v2") },
    { base_url: "http://127.0.0.1:1/v1" },
  );
  match(wrong ?? "", /answers 401.*Correct the key in WRONG/);
  match(none ?? "", /openai\.api_key_env/);
  match(right ?? "", /answers 503/);
  match(path ?? "", /answers 404/);
  match(refused ?? "", /no server answers at http:\/\/127\.0\.0\.1:1\/v1 now \(Connection refused/);
  // A key that is not there is told by the variable's own check.
  deepStrictEqual(await told({}, { ...key, api_key_env: "GONE" }), []);
  match((await told({}, { base_url: at("/endless") }))[0] ?? "", /gives no list of models/);
  ok(sent < 32e6, `${sent} bytes`);
  const beganMs = performance.now();
  match((await told({}, { base_url: at("/slow") }))[0] ?? "", /nothing within 2 s/);
  ok(performance.now() - beganMs < 2900);
  never.abort();
});
