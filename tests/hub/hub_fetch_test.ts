import assert from "node:assert/strict";
import { type HubEnvironment, hubEnvironment } from "../../lib/hub/hub_environment.ts";
import { hubFetch, HubOffline, HubRefusal, HubUnreachable } from "../../lib/hub/hub_fetch.ts";
import { HubServer } from "../support/hub_server.ts";

const NEVER = new AbortController().signal;

function environment(server: HubServer, env: Readonly<Record<string, string>> = {}): HubEnvironment {
  return hubEnvironment({ HF_ENDPOINT: server.endpoint, HF_HOME: "/nowhere", ...env });
}

Deno.test("hubFetch() shows the token to the hub alone", async () => {
  await using server = new HubServer();
  server.add("model", "own/tiny", { "config.json": "{}" });
  const fetch = hubFetch(environment(server, { HF_TOKEN: "secret" }), NEVER);
  const path = "/own/tiny/resolve/main/config.json";
  assert.equal(await (await fetch(server.endpoint + path)).text(), "{}");
  await (await fetch(server.endpoint.replace("127.0.0.1", "localhost") + path)).text();
  assert.deepEqual(server.requests.map(({ authorization }) => authorization), ["Bearer secret", null]);
});

Deno.test("hubFetch() tells refusal, silence, an end in the middle and a flag apart", async () => {
  await using server = new HubServer();
  server.add("model", "own/tiny", { "config.json": "0123456789" });
  const url = `${server.endpoint}/own/tiny/resolve/main/config.json`;
  const fetch = hubFetch(environment(server), NEVER, 100);
  await assert.rejects(
    fetch(`${server.endpoint}/own/tiny/resolve/main/other`),
    (error) => error instanceof HubRefusal && error.status === 404 && error.code === "EntryNotFound",
  );
  await assert.rejects(
    hubFetch(environment(server, { HF_HUB_OFFLINE: "1" }), NEVER)(url),
    (error) =>
      error instanceof HubOffline && error.message === `HF_HUB_OFFLINE forbids asking ${server.endpoint}`,
  );
  server.faults.cutAfterBytes = 3;
  await assert.rejects(fetch(url).then((response) => response.text()), HubUnreachable);
  server.faults.stall = true;
  await assert.rejects(
    fetch(url).then((response) => response.text()),
    (error) =>
      error instanceof HubUnreachable &&
      /cannot be reached \(it has said nothing for 0\.1 s\)/.test(error.message),
  );
});

Deno.test("hubFetch() tells no key that the address of a redirect holds", async () => {
  const answer = (): Response => Response.redirect("http://127.0.0.1:1/file?X-Amz-Signature=sEcRet");
  await using hub = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const endpoint = `http://127.0.0.1:${(hub.addr as Deno.NetAddr).port}`;
  const fetch = hubFetch(hubEnvironment({ HF_ENDPOINT: endpoint, HF_HOME: "/nowhere" }), NEVER);
  await assert.rejects(fetch(`${endpoint}/x`), (error) => {
    assert.ok(error instanceof HubUnreachable);
    assert.match(error.message, /cannot be reached \(.*\/file\?\.\.\./);
    assert.doesNotMatch(error.message, /sEcRet/);
    return true;
  });
});

Deno.test("hubFetch() says of a redirect that leads nowhere that it cannot change", async () => {
  const cases: readonly (readonly [location: string, words: RegExp])[] = [
    ["file:///etc/passwd", /cannot be reached \(it redirects to an address that is not http\(s\)\)$/],
    ["http://[::bad", /cannot be reached \(Invalid URL/],
    ["/x", /cannot be reached \(.*Maximum number of redirects \(20\) reached\)$/],
  ];
  for (const [location, words] of cases) {
    const answer = (): Response => new Response(null, { status: 302, headers: { Location: location } });
    await using hub = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
    const endpoint = `http://127.0.0.1:${(hub.addr as Deno.NetAddr).port}`;
    const fetch = hubFetch(hubEnvironment({ HF_ENDPOINT: endpoint, HF_HOME: "/nowhere" }), NEVER);
    await assert.rejects(
      fetch(`${endpoint}/x`),
      (error) => error instanceof HubUnreachable && !error.isPassing && words.test(error.message),
      location,
    );
    const seen = await fetch(`${endpoint}/x`, { redirect: "manual" });
    await seen.body?.cancel();
    assert.equal(seen.status, 302);
  }
  await using hub = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(null, { status: 302 }),
  );
  const endpoint = `http://127.0.0.1:${(hub.addr as Deno.NetAddr).port}`;
  const fetch = hubFetch(hubEnvironment({ HF_ENDPOINT: endpoint, HF_HOME: "/nowhere" }), NEVER);
  await assert.rejects(
    fetch(`${endpoint}/x`),
    (error) => error instanceof HubRefusal && error.status === 302,
  );
});

Deno.test("hubFetch() ends a body that stalls, and hears a stop, although garbage was collected meanwhile", async () => {
  for (const how of ["stall", "stop"]) {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", "--no-check", "--v8-flags=--expose-gc", READ_AMID_GARBAGE, how],
      cwd: import.meta.dirname ?? "",
    }).output();
    assert.ok(success, `${how}: ${new TextDecoder().decode(stderr)}`);
  }
});

/** Ends with 0 where a body that never ends is given up, by its silence or by its caller. */
const READ_AMID_GARBAGE = `
  import { hubFetch } from "${import.meta.resolve("../../lib/hub/hub_fetch.ts")}";
  const byStop = Deno.args[0] === "stop";
  const body = () => new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response(body()));
  const endpoint = "http://127.0.0.1:" + server.addr.port;
  const hub = { endpoint, token: null, offline: null, certificates: null, cache: "/nowhere" };
  const caller = new AbortController();
  const response = await hubFetch(hub, caller.signal, byStop ? 60_000 : 400)(endpoint + "/x");
  const reader = response.body.getReader();
  await reader.read();
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
  }
  setTimeout(() => Deno.exit(1), 3000);
  if (byStop) setTimeout(() => caller.abort(new Error("stopped")), 100);
  const message = await reader.read().then(() => "it went on", (error) => error.message);
  Deno.exit((byStop ? /stopped/ : /said nothing for 0.4 s/).test(message) ? 0 : 2);
`;
