import assert from "node:assert/strict";
import { hubEnvironment } from "../../lib/hub/hub_environment.ts";
import { hubFetch } from "../../lib/hub/hub_fetch.ts";
import { hubTrouble } from "../../lib/hub/hub_problem.ts";
import {
  checkAccess,
  hubCommit,
  type HubFile,
  hubFiles,
  type HubRepository,
} from "../../lib/hub/hub_repository.ts";
import { MODEL_FILES } from "../support/hub_models.ts";
import { HubServer } from "../support/hub_server.ts";

interface Setting {
  readonly token?: string;
  readonly signal?: AbortSignal;
}

/** A model of the hub at that address, with nothing else in the environment. */
function repositoryOf(endpoint: string, id: string, setting: Setting = {}): HubRepository {
  const { token = "", signal = new AbortController().signal } = setting;
  const hub = hubEnvironment({ HOME: "/nowhere", HF_ENDPOINT: endpoint, HF_TOKEN: token });
  return { kind: "model", id, hub, fetch: hubFetch(hub, signal) };
}

/** All that is asked about a model. */
async function ask(repository: HubRepository, revision = "main"): Promise<readonly HubFile[]> {
  const commit = await hubCommit(repository, revision);
  const files = await hubFiles(repository, commit);
  const [file] = files;
  if (file !== undefined) await checkAccess(repository, commit, file);
  return files;
}

/** What a user is told; empty where the model may be had. */
async function trouble(repository: HubRepository, revision = "main"): Promise<string> {
  const { kind, id, hub } = repository;
  try {
    await ask(repository, revision);
    return "";
  } catch (error) {
    return hubTrouble(error, { kind, id, revision, instead: "go without" }, hub) ?? String(error);
  }
}

Deno.test("the hub tells the commit of any revision, and its files with their sizes", async () => {
  await using server = new HubServer();
  const commit = server.add("model", "own/m", MODEL_FILES);
  const old = server.add("model", "own/m", { "config.json": "{}" }, { branch: "refs/pr/1" });
  const repository = repositoryOf(server.endpoint, "own/m");
  const sizes = Object.entries(MODEL_FILES).map(([path, { length }]) => [path, length]).toSorted();
  assert.deepEqual((await ask(repository)).map(({ path, size_bytes }) => [path, size_bytes]), sizes);
  assert.equal(await hubCommit(repository, "main"), commit);
  assert.equal(await hubCommit(repository, "refs/pr/1"), old);
  assert.equal(await hubCommit(repository, old), old);
});

Deno.test("refusals are told apart, each with its remedy", async () => {
  await using server = new HubServer();
  server.add("model", "own/m", MODEL_FILES);
  server.add("model", "own/closed", MODEL_FILES, { token: "right" });
  // As on the real hub: described to everyone, its files kept back.
  server.add("model", "own/gated", MODEL_FILES, { token: "right", isListed: true });
  const told = (id: string, token = "", revision = "main"): Promise<string> =>
    trouble(repositoryOf(server.endpoint, id, { token }), revision);
  assert.match(await told("own/none"), /has no such model .*; for a private one set HF_TOKEN\.$/);
  assert.match(await told("own/none", "right"), /has no such model .*; or HF_TOKEN has no access to it\.$/);
  assert.match(await told("own/m", "", "v9"), /\/own\/m has no such branch, tag or commit/);
  for (const id of ["own/closed", "own/gated"]) {
    assert.match(await told(id), /is gated or private .* the account that did\.$/);
    assert.match(await told(id, "wrong"), /is gated or private .*; the current one has no access\.$/);
    assert.equal(await told(id, "right"), "");
  }
  const meanings = [
    [401, /refuses the token \(status 401\)/],
    [403, /is gated or private \(status 403\)/],
    [404, /has no such model \(status 404\)/],
    [503, /answers with status 503\. Try again later, or run `hf download own\/m --revision main`/],
  ] as const;
  for (const [status, meaning] of meanings) {
    server.faults.status = status;
    assert.match(await told("own/m", "t"), meaning);
  }
});

Deno.test("a hub that is none, or not there, or no address is unreachable", async () => {
  await using page = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<html>Please log in</html>"),
  );
  const login = `http://127.0.0.1:${(page.addr as Deno.NetAddr).port}`;
  const told = (endpoint: string): Promise<string> => trouble(repositoryOf(endpoint, "own/m"));
  assert.match(await told(login), /^http:\/\/127\S+ does not answer like a hub .* or go without\.$/);
  assert.match(await told("http://127.0.0.1:1"), /^http:\/\/127.0.0.1:1 cannot be reached \(tcp .*refused/);
  assert.match(await told("huggingface.co"), /^huggingface\.co cannot be reached \(Invalid URL/);
});

Deno.test("a hub below a path is asked there, and shown the token", async () => {
  await using server = new HubServer();
  server.add("model", "own/m", MODEL_FILES);
  await using mirror = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    return pathname.startsWith("/hf/")
      ? fetch(server.endpoint + pathname.slice("/hf".length) + search, {
        method,
        headers,
        redirect: "manual",
      })
      : new Response(null, { status: 404 });
  });
  const endpoint = `http://127.0.0.1:${(mirror.addr as Deno.NetAddr).port}/hf/`;
  assert.equal(await trouble(repositoryOf(endpoint, "own/m", { token: "t" })), "");
  assert.deepEqual(server.requests.map(({ authorization }) => authorization), Array(3).fill("Bearer t"));
});

Deno.test("a question ends at once when it is told to stop", async () => {
  const stop = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { promise: never, resolve: answer } = Promise.withResolvers<Response>();
  await using silent = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    resolve();
    return never;
  });
  const { port } = silent.addr as Deno.NetAddr;
  const repository = repositoryOf(`http://127.0.0.1:${port}`, "own/m", { signal: stop.signal });
  const answering = hubCommit(repository, "main");
  await asked;
  stop.abort();
  await assert.rejects(answering, { name: "AbortError" });
  answer(new Response());
});
