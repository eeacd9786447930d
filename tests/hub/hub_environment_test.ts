import assert from "node:assert/strict";
import { hubEnvironment } from "../../lib/hub/hub_environment.ts";

Deno.test("hubEnvironment() is the hub's own where nothing is set", () => {
  const { endpoint, cache, offline } = hubEnvironment({ HOME: "/srv/a" });
  assert.deepEqual([endpoint, cache, offline], [
    "https://huggingface.co",
    "/srv/a/.cache/huggingface/hub",
    null,
  ]);
});

Deno.test("hubEnvironment() takes the variables in the order of huggingface_hub", () => {
  const cache = (env: Record<string, string>): string => hubEnvironment({ HOME: "/h", ...env }).cache;
  assert.equal(cache({ XDG_CACHE_HOME: "/x" }), "/x/huggingface/hub");
  assert.equal(cache({ XDG_CACHE_HOME: "/x", HF_HOME: "/y" }), "/y/hub");
  assert.equal(cache({ HF_HOME: "/y", HUGGINGFACE_HUB_CACHE: "/z" }), "/z");
  assert.equal(cache({ HUGGINGFACE_HUB_CACHE: "/z", HF_HUB_CACHE: "/w" }), "/w");
});

Deno.test("hubEnvironment() names the variable that forbids the network", () => {
  const offline = (env: Record<string, string>): string | null => hubEnvironment(env).offline;
  assert.equal(offline({ HF_HUB_OFFLINE: "1" }), "HF_HUB_OFFLINE");
  assert.equal(offline({ TRANSFORMERS_OFFLINE: "YES" }), "TRANSFORMERS_OFFLINE");
  assert.equal(offline({ HF_HUB_OFFLINE: "0", HF_DATASETS_OFFLINE: "true" }), "HF_DATASETS_OFFLINE");
  assert.equal(offline({ HF_HUB_OFFLINE: "0" }), null);
});

Deno.test("hubEnvironment() drops slashes at the end of the endpoint and empty values", () => {
  assert.equal(hubEnvironment({ HF_ENDPOINT: "http://localhost:1/" }).endpoint, "http://localhost:1");
  assert.equal(hubEnvironment({ HF_ENDPOINT: " " }).endpoint, "https://huggingface.co");
});

Deno.test("hubEnvironment() reads paths as huggingface_hub does", () => {
  const of = (env: Record<string, string>): string =>
    hubEnvironment({ HOME: "/h", ...env }, "/srv/work").cache;
  assert.equal(of({ HF_HOME: "~/hf" }), "/h/hf/hub");
  assert.equal(of({ HF_HOME: "$SCRATCH/hf", SCRATCH: "/s" }), "/s/hf/hub");
  assert.equal(of({ HF_HUB_CACHE: "${SCRATCH}/x", SCRATCH: "/s" }), "/s/x");
  assert.equal(of({ HF_HUB_CACHE: "cache" }), "/srv/work/cache");
  const { certificates, token } = hubEnvironment({
    REQUESTS_CA_BUNDLE: "~/ca.pem",
    HOME: "/h",
    HUGGING_FACE_HUB_TOKEN: "t",
  });
  assert.deepEqual([certificates, token], ["/h/ca.pem", "t"]);
});
