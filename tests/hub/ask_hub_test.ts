import assert from "node:assert/strict";
import { askHub, type HubModel, type HubRefusal } from "../../lib/hub/ask_hub.ts";
import { hubEnvironment } from "../../lib/hub/hub_environment.ts";
import { MODEL_FILES } from "../support/hub_models.ts";
import { HubServer } from "../support/hub_server.ts";

/** Asks with nothing else in the environment. */
function ask(
  endpoint: string,
  id: string,
  { revision = null, token = "" }: { readonly revision?: string | null; readonly token?: string } = {},
): Promise<HubModel | HubRefusal> {
  const hub = hubEnvironment({ HOME: "/nowhere", HF_ENDPOINT: endpoint, HF_TOKEN: token });
  return askHub(hub, id, revision, new AbortController().signal);
}

function refusal(answer: HubModel | HubRefusal): string {
  return "refusal" in answer ? answer.refusal : "none";
}

Deno.test("askHub() tells the commit and the files with their sizes, of any revision", async () => {
  await using server = new HubServer();
  const commit = server.add("model", "own/m", MODEL_FILES);
  const old = server.add("model", "own/m", { "config.json": "{}" }, { branch: "refs/pr/1" });
  const files = Object.entries(MODEL_FILES).map(([name, { length }]) => ({ name, bytes: length }));
  assert.deepEqual(await ask(server.endpoint, "own/m"), { commit, files });
  assert.equal((await ask(server.endpoint, "own/m", { revision: "refs/pr/1" }) as HubModel).commit, old);
  assert.equal((await ask(server.endpoint, "own/m", { revision: old }) as HubModel).commit, old);
});

Deno.test("askHub() tells refusals apart", async () => {
  await using server = new HubServer();
  server.add("model", "own/m", MODEL_FILES);
  server.add("model", "own/closed", MODEL_FILES, { token: "right" });
  // As on the real hub: described to everyone, its files kept back.
  server.add("model", "own/gated", MODEL_FILES, { token: "right", isListed: true });
  const { endpoint } = server;
  assert.equal(refusal(await ask(endpoint, "own/none")), "no_repository");
  assert.equal(refusal(await ask(endpoint, "own/none", { token: "right" })), "no_repository");
  assert.equal(refusal(await ask(endpoint, "own/m", { revision: "v9" })), "no_revision");
  for (const id of ["own/closed", "own/gated"]) {
    assert.equal(refusal(await ask(endpoint, id)), "gated");
    assert.equal(refusal(await ask(endpoint, id, { token: "wrong" })), "gated");
    assert.equal(refusal(await ask(endpoint, id, { token: "right" })), "none");
  }
  for (
    const [status, expected] of [[401, "bad_token"], [403, "gated"], [404, "no_repository"], [
      503,
      "unreachable",
    ]]
  ) {
    server.faults.status = Number(status);
    assert.equal(refusal(await ask(endpoint, "own/m", { token: "t" })), expected);
  }
});

Deno.test("askHub() reports a hub that is not there, or none", async () => {
  await using page = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("hello"),
  );
  const { port } = page.addr as Deno.NetAddr;
  assert.deepEqual(await ask(`http://127.0.0.1:${port}`, "own/m"), {
    refusal: "unreachable",
    detail: "its answer is not the hub's",
  });
  const gone = await ask("http://127.0.0.1:1", "own/m") as HubRefusal;
  assert.equal(gone.refusal, "unreachable");
  assert.match(gone.detail, /refused/);
});

Deno.test("askHub() throws once it is told to stop", async () => {
  const stop = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { promise: never, resolve: answer } = Promise.withResolvers<Response>();
  await using silent = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    resolve();
    return never;
  });
  const { port } = silent.addr as Deno.NetAddr;
  const hub = hubEnvironment({ HOME: "/nowhere", HF_ENDPOINT: `http://127.0.0.1:${port}` });
  const answering = askHub(hub, "own/m", null, stop.signal);
  await asked;
  stop.abort();
  await assert.rejects(answering, { name: "AbortError" });
  answer(new Response());
});
