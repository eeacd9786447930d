import assert from "node:assert/strict";
import { type FetchedModels, fetchModels } from "../../lib/inputs/fetch_models.ts";
import { findModels } from "../../lib/inputs/find_models.ts";
import type { InputsContext } from "../../lib/inputs/inputs_context.ts";
import { type DownloadState, USUAL_PACE } from "../../lib/hub/download_work.ts";
import "../support/libc.ts";
import { MODEL_FILES } from "../support/hub_models.ts";
import { type HubFiles, HubServer } from "../support/hub_server.ts";
import { configOf } from "../support/plans.ts";
import { until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

const CONFIG = configOf({ backend: "pytorch", model: "own/m" });
/** Two shards and things that nobody loads. */
const FILES: HubFiles = {
  "config.json": "{}",
  "tokenizer.json": "{}",
  "model.safetensors.index.json": JSON.stringify({
    weight_map: { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" },
  }),
  "model-00001-of-00002.safetensors": new Uint8Array(300_000).fill(1),
  "model-00002-of-00002.safetensors": new Uint8Array(200_000).fill(2),
  "pytorch_model.bin": new Uint8Array(500_000),
  "onnx/model.onnx": "no",
};

interface Bench {
  readonly context: InputsContext;
  readonly said: string[];
  readonly states: (DownloadState | null)[];
  readonly stop: AbortController;
}

/** With a folder's `cache` as the hub's. */
function bench(folder: TempFolder, endpoint: string): Bench {
  const said: string[] = [];
  const states: (DownloadState | null)[] = [];
  const stop = new AbortController();
  const env = { HOME: folder.path, HF_ENDPOINT: endpoint, HF_HUB_CACHE: folder.at("cache") };
  const context = {
    base_dir: folder.path,
    env,
    signal: stop.signal,
    say: (line: string) => void said.push(line),
    progress: (state: DownloadState | null) => void states.push(state),
    pace: { ...USUAL_PACE, first_pause_ms: 5, longest_pause_ms: 10, retries: 2 },
  };
  return { context, said, states, stop };
}

async function findAndFetch({ context }: Bench): Promise<FetchedModels> {
  const { wanted, problems } = await findModels([CONFIG], context);
  assert.deepEqual([wanted.length, problems], [1, []]);
  return await fetchModels(wanted, context);
}

Deno.test("a model comes from the hub into its cache; the next study asks nobody", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  const commit = server.add("model", "own/m", FILES);
  const box = bench(folder, server.endpoint);
  const { models, problems } = await findAndFetch(box);
  assert.deepEqual(problems, []);
  const path = folder.at("cache", "models--own--m", "snapshots", commit);
  assert.deepEqual([...models.values()], [{ kind: "hub", path, hub_id: "own/m", revision: commit }]);
  assert.deepEqual(
    folder.names("cache", "models--own--m", "snapshots", commit),
    Object.keys(FILES).filter((name) => !/\.bin$|onnx/.test(name)).toSorted(),
  );
  assert.match(box.said[0] ?? "", /^model own\/m@[0-9a-f]{8}: downloading 500\.\d kB$/);
  assert.equal(box.said.at(-1), `model own/m@${commit.slice(0, 8)}: downloaded to ${path}`);
  assert.equal(box.states.at(-1), null);
  const asked = server.requests.length;
  const again = await findModels([CONFIG], box.context);
  assert.deepEqual([...again.models.values()], [...models.values()]);
  assert.equal(server.requests.length, asked);
});

Deno.test("a download that breaks off for good is a sentence, and is not taken for a model", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  server.add("model", "own/m", FILES);
  const box = bench(folder, server.endpoint);
  const { wanted } = await findModels([CONFIG], box.context);
  server.faults.status = 404;
  const { problems } = await fetchModels(wanted, box.context);
  assert.match(
    problems.join(),
    /^backend pytorch: model own\/m: the download from http.* failed: .*\(status 404\)\. .* the next start resumes from there\.$/,
  );
  delete server.faults.status;
  assert.equal((await findModels([CONFIG], box.context)).wanted.length, 1);
});

Deno.test("a download that is stopped is no model in the cache, and is gone on with", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  server.add("model", "own/m", FILES);
  server.faults.bodies = Array.from({ length: 5 }, () => ({ kind: "stall", after_bytes: 1 }));
  const box = bench(folder, server.endpoint);
  const fetching = findAndFetch(box);
  await until("the download has begun", () => box.states.some((state) => (state?.done_bytes ?? 0) >= 3));
  box.stop.abort();
  await assert.rejects(fetching, { name: "AbortError" });
  server.faults.bodies = [];
  const again = bench(folder, server.endpoint);
  assert.equal((await findAndFetch(again)).models.size, 1);
  assert.match(again.said[0] ?? "", /downloading .* kB \(\d bytes already present\)$/);
  assert.ok(server.requests.some(({ range }) => range === "bytes=1-"));
});

Deno.test("what keeps a model from being fetched is told before it begins", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  server.add("model", "own/m", MODEL_FILES);
  const { context } = bench(folder, server.endpoint);
  const { wanted } = await findModels([CONFIG], context);
  const huge = wanted.map((model) => ({
    ...model,
    files: [{ path: "model.safetensors", size_bytes: 1e18, etag: "ab" }],
  }));
  assert.match(
    (await fetchModels(huge, context)).problems.join(),
    /too little space in .*cache to download own\/m: 1000000\.0 TB needed, .* HF_HUB_CACHE/,
  );
});
