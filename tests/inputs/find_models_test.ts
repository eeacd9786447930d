import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import type { JsonObject } from "../../lib/base/json.ts";
import { findModels, type FoundModels } from "../../lib/inputs/find_models.ts";
import { modelRequests } from "../../lib/inputs/model_request.ts";
import { adapterKey, modelKey } from "../../lib/inputs/study_inputs.ts";
import { ggufFile } from "../support/gguf.ts";
import { cacheModel, COMMIT, MODEL_FILES, writeFiles } from "../support/hub_models.ts";
import { HubServer } from "../support/hub_server.ts";
import { configOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** Nobody listens there. */
const NO_HUB = "http://127.0.0.1:1";
const GGUF = ggufFile();
const ADAPTER_FILES = { "adapter_config.json": "{}", "adapter_model.safetensors": "weights" };

/** Looks for the models of some configurations, in a folder, with its `cache` as the hub's. */
function find(
  folder: TempFolder,
  drafts: readonly JsonObject[],
  { endpoint = NO_HUB, env = {} }: { readonly endpoint?: string; readonly env?: Record<string, string> } = {},
): Promise<FoundModels> {
  return findModels(drafts.map((draft) => configOf({ backend: "pytorch", ...draft })), {
    base_dir: folder.path,
    env: { HOME: folder.path, HF_ENDPOINT: endpoint, HF_HUB_CACHE: folder.at("cache"), ...env },
    signal: new AbortController().signal,
    say: () => {},
  });
}

/** The only problem there is. */
async function problemOf(...args: Parameters<typeof find>): Promise<string> {
  const { models, wanted, problems } = await find(...args);
  assert.deepEqual([models.size, wanted.length, problems.length], [0, 0, 1], problems.join("\n"));
  return problems[0] ?? "";
}

Deno.test("a GGUF engine takes a GGUF file, relative to the study file, and the model of its own", async () => {
  using folder = new TempFolder();
  const path = folder.write("m.gguf", GGUF);
  const own = { backend: "llamacpp", model: "tiny-random" };
  const { models, problems } = await find(folder, [{ backend: "llamacpp", model: "./m.gguf" }, own]);
  assert.deepEqual(problems, []);
  assert.deepEqual([...models.values()], [{ kind: "file", path, hub_id: null, revision: null }]);
  for (const model of [`../${basename(folder.path)}/m.gguf`, "~/m.gguf"]) {
    const found = await find(folder, [{ backend: "llamacpp", model }]);
    assert.equal([...found.models.values()][0]?.path, path);
  }
});

Deno.test("a GGUF engine refuses everything else, with what it takes", async () => {
  using folder = new TempFolder();
  folder.write("text.gguf", "this is no model");
  folder.write("short", "GG");
  writeFiles(folder.at("own", "m"), MODEL_FILES);
  const cases: readonly (readonly [model: string, expected: RegExp])[] = [
    [
      "none.gguf",
      /^backend llamacpp: model none\.gguf: \/.*\/none\.gguf does not exist\. .*GGUF files: name one/,
    ],
    ["text.gguf", /text\.gguf is not a GGUF file/],
    ["short", /short is not a GGUF file/],
    ["own/m", /own\/m is a folder/],
    ["owner/name", /owner\/name looks like a hub model; use backend pytorch/],
    ["~/none.gguf", /llem-test-\w+\/none\.gguf does not exist/],
  ];
  for (const [model, expected] of cases) {
    assert.match(await problemOf(folder, [{ backend: "llamacpp", model }]), expected);
  }
});

Deno.test("pytorch takes a folder before a hub's model of that name, or a GGUF file", async () => {
  using folder = new TempFolder();
  writeFiles(folder.at("own", "m"), MODEL_FILES);
  cacheModel(folder.at("cache"), "own/m");
  folder.write("m.gguf", GGUF);
  const { models } = await find(folder, [{ model: "own/m" }, { model: folder.at("m.gguf") }]);
  assert.deepEqual([...models.values()], [
    { kind: "folder", path: folder.at("own", "m"), hub_id: null, revision: null },
    { kind: "file", path: folder.at("m.gguf"), hub_id: null, revision: null },
  ]);
});

Deno.test("pytorch names what a folder lacks, and a file that is no model", async () => {
  using folder = new TempFolder();
  writeFiles(folder.at("half"), { "config.json": "{}", "tokenizer.json": "{}" });
  folder.write("text", "no model");
  assert.match(await problemOf(folder, [{ model: "half" }]), /\/half lacks weights \(model\.safetensors\)/);
  assert.match(await problemOf(folder, [{ model: "text" }]), /text is a file, but not a GGUF file/);
});

Deno.test("a model in the cache is pinned to its commit, and nobody is asked", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  const path = cacheModel(folder.at("cache"), "own/m");
  const found = { kind: "hub", path, hub_id: "own/m", revision: COMMIT };
  for (const revision of [null, "main", COMMIT]) {
    const draft = { model: "own/m", pytorch: { revision } };
    const { models } = await find(folder, [draft], { endpoint: server.endpoint });
    assert.deepEqual([...models.entries()], [[modelKey(configOf({ backend: "pytorch", ...draft })), found]]);
  }
  // The other backends that load such models look in the same places.
  const { models } = await find(folder, [{ backend: "vllm", model: "own/m" }]);
  assert.deepEqual([...models.values()], [found]);
  assert.deepEqual(server.requests, []);
});

Deno.test("a model that the cache holds in part is asked for, and told offline", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  const commit = server.add("model", "own/m", { ...MODEL_FILES, "x.onnx": "no" });
  const path = cacheModel(folder.at("cache"), "own/m", { "config.json": "{}", "tokenizer.json": "{}" });
  const { wanted } = await find(folder, [{ model: "own/m" }], { endpoint: server.endpoint });
  assert.deepEqual(wanted.map((model) => [model.hub_id, model.commit, model.files.map(({ path }) => path)]), [
    ["own/m", commit, Object.keys(MODEL_FILES).toSorted()],
  ]);
  const lacks = await problemOf(folder, [{ model: "own/m" }], { env: { HF_HUB_OFFLINE: "1" } });
  assert.ok(lacks.includes(`incomplete in the hub cache (${path} lacks weights (model.safetensors))`), lacks);
  writeFiles(path, MODEL_FILES);
  writeFiles(join(dirname(dirname(path)), "blobs"), { "abc.incomplete": "" });
  const unfinished = await problemOf(folder, [{ model: "own/m" }], { env: { HF_HUB_OFFLINE: "1" } });
  assert.match(unfinished, /abc\.incomplete is an unfinished download/);
});

Deno.test("a model that is nowhere is a sentence with all places and the remedy", async () => {
  using folder = new TempFolder();
  const draft = { model: "own/m", pytorch: { revision: "v1" } };
  const gone = await problemOf(folder, [draft]);
  for (
    const part of [
      "backend pytorch: model own/m (revision v1): ",
      folder.at("own/m does not exist"),
      folder.at("cache", "models--own--m"),
      `${NO_HUB} cannot be reached (`,
      "Fix the connection, or run `hf download own/m --revision v1`",
      `copy its cache to ${folder.at("cache")}`,
    ]
  ) assert.ok(gone.includes(part), `${part} in ${gone}`);
  for (const name of ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"]) {
    const offline = await problemOf(folder, [draft], { env: { [name]: "1" } });
    assert.ok(offline.includes(`${name} forbids asking ${NO_HUB}`), offline);
  }
});

Deno.test("what the hub refuses says what to do", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  const { endpoint } = server;
  server.add("model", "own/gated", MODEL_FILES, { token: "right", isListed: true });
  server.add("model", "own/adapter", ADAPTER_FILES);
  server.add("model", "own/gguf", { "m.gguf": GGUF });
  server.add("model", "own/other", { "config.json": "{}", "model.onnx": "no" });
  const told = (
    model: string,
    env: Record<string, string> = {},
    revision: string | null = null,
  ): Promise<string> => problemOf(folder, [{ model, pytorch: { revision } }], { endpoint, env });
  assert.match(
    await told("own/none"),
    /has no such model \(status 401.*Correct the name; for a private one set HF_TOKEN/,
  );
  assert.match(await told("own/none", { HF_TOKEN: "t" }), /\(status 404.*or HF_TOKEN has no access to it/);
  assert.ok(
    (await told("own/gated")).includes(`Accept its terms at ${endpoint}/own/gated and set HF_TOKEN`),
  );
  assert.match(await told("own/gated", { HF_TOKEN: "t" }), /the current one has no access/);
  assert.match(await told("own/adapter", {}, "v7"), /no such branch, tag or commit .*Correct the revision/);
  assert.match(await told("own/adapter"), /is an adapter\. Name it in lora\.adapter_id/);
  assert.match(await told("own/gguf"), /has only GGUF files/);
  assert.match(await told("own/other"), /lacks config\.json, or weights/);
  const { wanted } = await find(folder, [{ model: "own/gated" }], { endpoint, env: { HF_TOKEN: "right" } });
  assert.equal(wanted.length, 1);
});

Deno.test("names that can only be paths are never sent to the hub (U44)", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  const paths = [
    "./m",
    "../own/m",
    "..",
    "/srv/m",
    "~/m",
    "models/own/m",
    "own/m.gguf",
    "M.GGUF",
    "a b/c",
    "own/",
  ];
  const drafts = paths.map((model) => ({ model }));
  const { problems } = await find(folder, drafts, { endpoint: server.endpoint });
  assert.equal(problems.length, paths.length, problems.join("\n"));
  for (const [index, problem] of problems.entries()) {
    // The folder above is there, and is no model.
    assert.match(
      problem,
      paths[index] === ".." ? /lacks config\.json/ : /does not exist\. Name a model folder/,
    );
  }
  assert.deepEqual(server.requests, []);
});

Deno.test("everything that is missing is told at once, each once", async () => {
  using folder = new TempFolder();
  const lora = { adapter_path: "adapter" };
  const drafts = [
    { model: "own/a" },
    { model: "own/a", n: 7 },
    { model: "own/b", lora },
    { model: "./c" },
    { backend: "llamacpp", model: "d.gguf" },
    { backend: "command", model: "none" },
  ];
  const { problems } = await find(folder, drafts);
  assert.deepEqual(problems.map((text) => text.split(": ").slice(0, 2).join(": ")), [
    "backend pytorch: model own/a",
    "backend pytorch: model own/b",
    "backend pytorch: lora.adapter_path adapter",
    "backend pytorch: model ./c",
    "backend llamacpp: model d.gguf",
  ]);
});

Deno.test("adapters come from a folder, the cache or the hub, and are pinned too", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  cacheModel(folder.at("cache"), "own/m");
  const cached = cacheModel(folder.at("cache"), "own/cached", ADAPTER_FILES);
  writeFiles(folder.at("adapter"), ADAPTER_FILES);
  writeFiles(folder.at("empty"), { "README.md": "nothing" });
  const commit = server.add("model", "own/new", { ...ADAPTER_FILES, "optimizer.pt": "no" });
  const draft = (lora: JsonObject): JsonObject => ({ model: "own/m", lora });
  const local = draft({ adapter_path: "./adapter" });
  const inCache = draft({ adapter_id: "own/cached" });
  const { models, wanted, problems } = await find(
    folder,
    [
      local,
      inCache,
      draft({ adapter_id: "own/new" }),
      draft({ adapter_path: "empty" }),
      draft({ adapter_path: "own/new" }),
    ],
    { endpoint: server.endpoint },
  );
  const of = (each: JsonObject): unknown => models.get(adapterKey(configOf({ backend: "pytorch", ...each })));
  assert.deepEqual(of(local), { kind: "folder", path: folder.at("adapter"), hub_id: null, revision: null });
  assert.deepEqual(of(inCache), { kind: "hub", path: cached, hub_id: "own/cached", revision: COMMIT });
  assert.deepEqual(wanted.map(({ commit, files }) => [commit, files.length]), [[commit, 2]]);
  assert.equal(problems.length, 2);
  assert.match(problems[0] ?? "", /lora\.adapter_path empty: .* lacks adapter_config\.json/);
  assert.match(problems[1] ?? "", /own\/new does not exist\. Name an adapter folder/);
});

Deno.test("models are looked for once for each model, not for each run", () => {
  const configs = Array.from(
    { length: 1000 },
    (_, n) => configOf({ backend: "pytorch", model: "own/m", n: n + 1 }),
  );
  assert.equal(modelRequests(configs).length, 1);
  const pythons = ["a", "b"].map((python) =>
    configOf({ backend: "pytorch", model: "m", pytorch: { python } })
  );
  assert.equal(modelRequests(pythons).length, 1);
  const different = [
    { model: "m" },
    { model: "m", pytorch: { revision: "v1" } },
    { model: "m", backend: "vllm" },
    { model: "n" },
  ];
  assert.equal(modelRequests(different.map((draft) => configOf({ backend: "pytorch", ...draft }))).length, 4);
});

Deno.test("where the hub is not asked, a model that its cache lacks is one that a run downloads", async () => {
  using folder = new TempFolder();
  const look = (env: Record<string, string>): Promise<FoundModels> =>
    findModels([configOf({ backend: "pytorch", model: "owner/name" })], {
      base_dir: folder.path,
      env: { HOME: folder.path, HF_ENDPOINT: NO_HUB, HF_HUB_CACHE: folder.at("cache"), ...env },
      signal: new AbortController().signal,
      say: () => {},
    }, { asksHub: false });
  const { downloads, problems } = await look({});
  assert.deepEqual(problems, []);
  assert.match(
    downloads.join("\n"),
    /^backend pytorch: model owner\/name: .*cache.*; llem run downloads it$/,
  );
  const offline = await look({ HF_HUB_OFFLINE: "1" });
  assert.deepEqual([offline.downloads.length, offline.problems.length], [0, 1]);
  cacheModel(folder.at("cache"), "owner/name", MODEL_FILES);
  assert.deepEqual((await look({})).downloads, []);
});

Deno.test("a model that is in the current folder and not beside the study file is told with its path from there", async () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("studies"));
  folder.write("m.gguf", GGUF);
  const problemIn = async (base_dir: string, model: string): Promise<string> => {
    const { problems } = await findModels([configOf({ backend: "llamacpp", model })], {
      base_dir,
      cwd: folder.path,
      env: { HOME: folder.path },
      signal: new AbortController().signal,
      say: () => {},
    });
    return problems.join("\n");
  };
  assert.match(
    await problemIn(folder.at("studies"), "m.gguf"),
    /does not exist\. \.\/m\.gguf exists in the current folder, .* write \.\.\/m\.gguf\.$/,
  );
  assert.match(await problemIn(folder.at("studies"), "none.gguf"), /relative to the study file/);
});
