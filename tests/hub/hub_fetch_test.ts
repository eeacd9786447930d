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
