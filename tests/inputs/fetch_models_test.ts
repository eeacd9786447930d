import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FetchContext, type FetchedModels, fetchModels } from "../../lib/inputs/fetch_models.ts";
import { findModels } from "../../lib/inputs/find_models.ts";
import "../support/libc.ts";
import { allProcesses } from "../../lib/process/proc_stat.ts";
import type { ProcessSpec } from "../../lib/process/spawn.ts";
import { MODEL_FILES } from "../support/hub_models.ts";
import { type HubFiles, HubServer } from "../support/hub_server.ts";
import { configOf } from "../support/plans.ts";
import { until } from "../support/program.ts";
import { REAL_PYTHON, testWithPython } from "../support/pythons.ts";
import { TempFolder } from "../support/temp_folder.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
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
  readonly context: FetchContext;
  readonly said: string[];
  readonly stop: AbortController;
}

/** With a folder's `cache` as the hub's, and the Python worker, or a script in its place. */
function bench(folder: TempFolder, endpoint: string, script?: string): Bench {
  const said: string[] = [];
  const stop = new AbortController();
  const env = {
    PATH: "/usr/bin:/bin",
    HOME: folder.path,
    HF_ENDPOINT: endpoint,
    HF_HUB_CACHE: folder.at("cache"),
  };
  const [program, args] = script === undefined
    ? [REAL_PYTHON, [join(ROOT, "worker", "python", "main.py"), "--fetch"]]
    : ["/bin/sh", ["-c", script]];
  const context = {
    base_dir: folder.path,
    env,
    signal: stop.signal,
    say: (line: string) => void said.push(line),
    fetcher: () => ({ program, args, cwd: folder.path, env: { ...env, PYTHONDONTWRITEBYTECODE: "1" } }),
  };
  return { context, said, stop };
}

async function findAndFetch({ context }: Bench): Promise<FetchedModels> {
  const { wanted, problems } = await findModels([CONFIG], context);
  assert.deepEqual([wanted.length, problems], [1, []]);
  return await fetchModels(wanted, context);
}

testWithPython(
  "the Python worker brings a model from the hub into its cache; the next study asks nobody",
  async () => {
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
    assert.match(box.said[0] ?? "", /^model own\/m@[0-9a-f]{8}: \d.* of 500\.\d kB$/);
    assert.equal(box.said.at(-1), `model own/m@${commit.slice(0, 8)} is in ${path}`);
    const asked = server.requests.length;
    const again = await findModels([CONFIG], box.context);
    assert.deepEqual([...again.models.values()], [...models.values()]);
    assert.equal(server.requests.length, asked);
  },
);

testWithPython("a download that breaks off is a sentence, and is not taken for a model", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  server.add("model", "own/m", FILES);
  const box = bench(folder, server.endpoint);
  const { wanted } = await findModels([CONFIG], box.context);
  server.faults.status = 404;
  const { problems } = await fetchModels(wanted, box.context);
  assert.match(
    problems.join(),
    /^backend pytorch: model own\/m: the download from http.* failed: \w+Error: /,
  );
  delete server.faults.status;
  assert.equal((await findModels([CONFIG], box.context)).wanted.length, 1);
});

testWithPython("a download that is stopped leaves no process, and is no model in the cache", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  server.add("model", "own/m", FILES);
  server.faults.stall = true;
  const box = bench(folder, server.endpoint);
  const fetching = findAndFetch(box);
  await until(
    "the download has begun",
    () => server.requests.some(({ path }) => path.startsWith("/stored/")),
  );
  const children = (): unknown[] => [...allProcesses()].filter(({ ppid }) => ppid === Deno.pid);
  assert.equal(children().length, 1);
  box.stop.abort();
  await assert.rejects(fetching, { name: "AbortError" });
  assert.deepEqual(children(), []);
  assert.equal((await findModels([CONFIG], bench(folder, server.endpoint).context)).wanted.length, 1);
});

testWithPython("the program that downloads ends with its stdin, as when its runner is killed", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  server.add("model", "own/m", FILES);
  server.faults.stall = true;
  const box = bench(folder, server.endpoint);
  // A runner that is gone closes the pipe.
  const { wanted: [model] } = await findModels([CONFIG], box.context);
  assert.ok(model !== undefined);
  const { program, args, cwd, env } = box.context.fetcher(CONFIG) as ProcessSpec;
  const child = new Deno.Command(program, {
    args: [...args],
    cwd,
    env,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  })
    .spawn();
  const stdin = child.stdin.getWriter();
  const { hub_id, commit, files } = model;
  const request = {
    hub_id,
    commit,
    files,
    revision: "main",
    endpoint: server.endpoint,
    cache: folder.at("cache"),
  };
  await stdin.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
  await stdin.close();
  assert.equal((await child.status).success, false);
});

Deno.test("what the program that downloads cannot do is told", async () => {
  using folder = new TempFolder();
  await using server = new HubServer();
  server.add("model", "own/m", MODEL_FILES);
  const told = async (script: string): Promise<string> =>
    (await findAndFetch(bench(folder, server.endpoint, script))).problems.join();
  assert.match(
    await told("read line; echo 'no such module' >&2; exit 7"),
    /failed: it ended with code 7: no such module/,
  );
  assert.match(await told("kill -9 $$"), /it ended with SIGKILL: it says no more/);
  assert.match(await told(`read line; echo '{"path": "/x"}'`), /lacks config\.json, .* after the download/);
  assert.match(
    await told(`echo noise; read line; echo '{"error": "Disk: full"}'; exit 1`),
    /failed: Disk: full$/,
  );
  const { context } = bench(folder, server.endpoint);
  const { wanted } = await findModels([CONFIG], context);
  const huge = wanted.map((model) => ({
    ...model,
    files: [{ path: "model.safetensors", size_bytes: 1e18, etag: "" }],
  }));
  const none = { ...context, fetcher: () => ({ reason: "no Python" }) };
  assert.match((await fetchModels(wanted, none)).problems.join(), /model own\/m: no Python$/);
  assert.match(
    (await fetchModels(huge, none)).problems.join(),
    /too little space in .*cache to download own\/m: 1000000\.0 TB needed, .* HF_HUB_CACHE/,
  );
});
