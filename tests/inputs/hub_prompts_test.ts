/** Prompts from datasets of the hub: from a cache, and over real HTTP from a server that speaks the hub's API. */
import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { JsonObject } from "../../lib/base/json.ts";
import "../support/libc.ts";
import { fillCache } from "../support/hub_cache.ts";
import { HubServer } from "../support/hub_server.ts";
import { parquetOf, parquetOfChats } from "../support/parquet.ts";
import { until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { type Looking, materialise, promptsIn, wish } from "./_wishes.ts";

const DEFAULT = "AIEnergyScore/text_generation";
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const FIVE = parquetOf({ text: ["a", "b\n", "\u00e9", "\ufeffd", "e"], source: ["z", "a", "z", null, "a"] });

/** An empty cache, and a hub. */
class Place implements AsyncDisposable {
  readonly folder = new TempFolder();
  readonly server = new HubServer();
  readonly said: string[] = [];

  /** Looking there, with these variables besides. */
  looking(env: Readonly<Record<string, string>> = {}): Looking {
    return {
      env: { HF_HUB_CACHE: this.folder.path, HF_ENDPOINT: this.server.endpoint, HF_HOME: "/nowhere", ...env },
      said: this.said,
    };
  }

  async read(dataset: JsonObject | string, draft: JsonObject = {}, env = {}): Promise<string[]> {
    const made = await materialise([wish(dataset, { n: 1, ...draft })], this.looking(env));
    assert.deepEqual(made.problems, []);
    return promptsIn(made).flat();
  }

  async problem(dataset: JsonObject | string, draft: JsonObject = {}, env = {}): Promise<string> {
    const { problems, prompts } = await materialise([wish(dataset, { n: 1, ...draft })], this.looking(env));
    assert.equal(prompts.size, 0);
    assert.equal(problems.length, 1, String(problems));
    return problems[0] ?? "";
  }

  /** What the cache holds besides references, apart from the names of folders. */
  cached(): string[] {
    return [...walk(this.folder.path)].filter((path) => !path.includes("/refs/"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

function* walk(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* walk(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

const OFFLINE = { HF_HUB_OFFLINE: "1" };

Deno.test("the default dataset comes from the cache without a network, byte for byte", async () => {
  await using location = new Place();
  const at = { kind: "dataset", id: DEFAULT, commit: COMMIT } as const;
  fillCache(location.folder.path, at, { "data/train-00000-of-00001.parquet": FIVE });
  const made = await materialise([wish("aienergyscore", { n: 4 })], location.looking(OFFLINE));
  assert.deepEqual(made.problems, []);
  assert.deepEqual(promptsIn(made), [["a", "b\n", "\u00e9", "\ufeffd"]]);
  assert.equal([...made.prompts.values()][0]?.source, `${DEFAULT}@${COMMIT} train text`);
  assert.deepEqual(await location.read("aienergyscore", { n: 5, dataset_order: "grouped" }, OFFLINE), [
    "\ufeffd",
    "b\n",
    "e",
    "a",
    "\u00e9",
  ]);
  assert.deepEqual(location.server.requests, []);
});

Deno.test("a dataset is fetched once, into a cache that serves every later study", async () => {
  await using location = new Place();
  const { server } = location;
  const commit = server.add("dataset", DEFAULT, {
    "data/train-00000-of-00001.parquet": FIVE,
    "README.md": "# hi",
  });
  server.pageEntries = 1;
  assert.deepEqual(await location.read("aienergyscore", { n: 2 }), ["a", "b\n"]);
  assert.deepEqual(location.said, [`fetching ${DEFAULT}: data/train-00000-of-00001.parquet (0.0 MB)`]);
  assert.equal(location.folder.read(`datasets--AIEnergyScore--text_generation/refs/main`), commit);
  server.add("dataset", DEFAULT, { "data/train-00000-of-00001.parquet": parquetOf({ text: ["new"] }) });
  const asked = server.requests.length;
  // The cache counts, be the hub ahead of it.
  assert.deepEqual(await location.read("aienergyscore", { n: 2 }), ["a", "b\n"]);
  assert.deepEqual(await location.read({ hub: DEFAULT, revision: commit }, { n: 1 }, OFFLINE), ["a"]);
  assert.equal(server.requests.length, asked);
  assert.deepEqual(await location.read({ hub: DEFAULT, revision: "main", column: "text" }, { n: 1 }), ["a"]);
});

Deno.test("a revision is pinned to its commit, which is what is fetched and recorded", async () => {
  await using location = new Place();
  const { server } = location;
  const first = server.add("dataset", "own/set", { "train.jsonl": '{"prompt": "old"}\n' }, { branch: "v1" });
  server.add("dataset", "own/set", { "train.jsonl": '{"prompt": "new"}\n' });
  const made = await materialise([wish({ hub: "own/set", revision: "v1" }, { n: 1 })], location.looking());
  assert.deepEqual(promptsIn(made), [["old"]]);
  assert.equal([...made.prompts.values()][0]?.source, `own/set@${first} train`);
  assert.deepEqual(await location.read("own/set"), ["new"]);
  const paths = server.requests.map(({ path }) => path).filter((path) => path.includes("/resolve/"));
  assert.ok(paths[0]?.includes(`/resolve/${first}/`), paths[0]);
  assert.match(
    await location.problem({ hub: "own/set", revision: "v9" }),
    /\/datasets\/own\/set has no such branch, tag or commit \(.*\)\. Correct the revision\.$/,
  );
});

Deno.test("a few rows of a large dataset take no more than its first files", async () => {
  await using location = new Place();
  const shard = (index: number): string => `data/train-0000${index}-of-00003.parquet`;
  const files = Object.fromEntries(
    [0, 1, 2].map((i) => [shard(i), parquetOf({ prompt: [`${i}a`, `${i}b`] })]),
  );
  location.server.add("dataset", "own/large", files);
  assert.deepEqual(await location.read("own/large", { n: 2 }), ["0a", "0b"]);
  assert.equal(location.said.length, 1);
  assert.deepEqual(await location.read("own/large", { n: 2 }, OFFLINE), ["0a", "0b"]);
  assert.match(
    await location.problem("own/large", { n: 3 }, OFFLINE),
    /^dataset own\/large is not, or not completely, in the hub cache .*HF_HUB_OFFLINE forbids asking .*\. Unset it, or run/,
  );
  assert.deepEqual(await location.read("own/large", { n: 3 }), ["0a", "0b", "1a"]);
  assert.equal((await location.read("own/large", { n: 6, dataset_order: "shuffled" })).length, 6);
  assert.deepEqual(location.said, [0, 1, 2].map((i) => `fetching own/large: ${shard(i)} (0.0 MB)`));
  assert.equal((await location.read("own/large", { n: 6, dataset_order: "shuffled" }, OFFLINE)).length, 6);
});

Deno.test("split, subset and column choose", async () => {
  await using location = new Place();
  const card = "---\nconfigs:\n- config_name: en\n  data_files:\n  - split: few\n    path: en/*\n" +
    "- config_name: de\n  data_files:\n  - split: few\n    path: de/*\n---\n";
  location.server.add("dataset", "own/set", {
    "README.md": card,
    "en/a.json": '[{"prompt": "list", "ask": "me"}, {"prompt": "two", "ask": "you"}]',
    "de/a.parquet": parquetOf({ prompt: ["p"], ask: ["q"] }),
    "de/b.jsonl": '{"prompt": "p2", "ask": "q2"}\n',
  });
  const of = (subset: string, column: string | null): Promise<string[]> =>
    location.read({ hub: "own/set", split: "few", subset, column }, { n: 2 });
  assert.deepEqual(await of("en", null), ["list", "two"]);
  assert.deepEqual(await of("de", "ask"), ["q", "q2"]);
  assert.match(await location.problem("own/set"), /has several subsets: en, de\. Name one/);
  assert.match(await location.problem({ hub: "own/set", subset: "de" }), /no split "train"\. It has: few\./);
  assert.match(
    await location.problem({ hub: "own/set", subset: "de" }, {}, OFFLINE),
    /^In the cache, dataset own\/set/,
  );
});

Deno.test("every usual compression of Parquet is read", async () => {
  await using location = new Place();
  const compressors = { GZIP: gzipSync, ZSTD: zstdCompressSync };
  for (const codec of ["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"] as const) {
    const columnData = [{ name: "text", data: Array.from({ length: 300 }, (_, i) => `row ${i}`) }];
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData, codec, compressors }));
    location.server.add("dataset", `own/${codec}`, { "train.parquet": bytes });
    assert.equal((await location.read(`own/${codec}`, { n: 300 })).at(-1), "row 299", codec);
  }
});

Deno.test("what other formats the hub has converted is read from the conversion", async () => {
  await using location = new Place();
  const { server } = location;
  server.add("dataset", "own/csv", { "train.csv": "prompt\nx\n" });
  assert.match(
    await location.problem("own/csv"),
    /no file for this split that llem can read .* there are: train\.csv/,
  );
  const branch = "refs/convert/parquet";
  const files = { "default/train/0000.parquet": parquetOf({ prompt: ["x"] }) };
  const commit = server.add("dataset", "own/csv", files, { branch });
  const made = await materialise([wish("own/csv", { n: 1 })], location.looking());
  assert.deepEqual(promptsIn(made), [["x"]]);
  assert.equal([...made.prompts.values()][0]?.source, `own/csv@${commit} (${branch}) train`);
  assert.deepEqual(await location.read("own/csv", {}, OFFLINE), ["x"]);
});

Deno.test("no network and no cache: the sentence says where it looked and every way out", async () => {
  await using location = new Place();
  const { endpoint } = location.server;
  await location.server[Symbol.asyncDispose]();
  const remedy =
    `or run \`hf download --repo-type dataset ${DEFAULT}\` on a machine with network and copy its ` +
    `cache to ${location.folder.path}, or use prompts from a file (dataset: { jsonl: FILE }) or synthetic prompts ` +
    "(dataset: { n: 100 }).";
  const cache = `${location.folder.path}/datasets--AIEnergyScore--text_generation`;
  const problem = await location.problem("aienergyscore");
  const start =
    `dataset ${DEFAULT} is not, or not completely, in the hub cache (${cache}), and ${endpoint} cannot be reached (`;
  assert.ok(problem.startsWith(start), problem);
  assert.ok(problem.endsWith(remedy), problem);
  for (const flag of ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"]) {
    assert.equal(
      await location.problem("aienergyscore", {}, { [flag]: "1" }),
      `dataset ${DEFAULT} is not, or not completely, in the hub cache (${cache}), and ${flag} forbids asking ` +
        `${endpoint}. Unset it, ${remedy}`,
    );
  }
  assert.match(
    await location.problem({ hub: "own/set", revision: "v1" }, {}, OFFLINE),
    /`hf download --repo-type dataset own\/set --revision v1`/,
  );
  assert.deepEqual(location.cached(), []);
});

Deno.test("what the hub refuses is told by its cause", async () => {
  await using location = new Place();
  const { server } = location;
  server.add("dataset", "own/gated", { "train.parquet": parquetOf({ prompt: ["secret"] }) }, {
    token: "hub-token",
  });
  const page = `${server.endpoint}/datasets/own/gated`;
  assert.ok(
    (await location.problem("own/gated")).endsWith(
      `, and ${page} is gated or private (status 401, GatedRepo). Accept its terms at ${page} and set HF_TOKEN to a ` +
        "token of the account that did.",
    ),
  );
  assert.match(
    await location.problem("own/gated", {}, { HF_TOKEN: "other" }),
    /\(status 403, GatedRepo\)\. .*; the current one has no access\.$/,
  );
  assert.deepEqual(await location.read("own/gated", {}, { HF_TOKEN: "hub-token" }), ["secret"]);
  // The token is not sent on to where the bytes are.
  const stored = server.requests.filter(({ path }) => path.startsWith("/stored/"));
  assert.deepEqual(stored.map(({ authorization }) => authorization), [null]);
  assert.match(
    await location.problem("own/none", {}, { HF_TOKEN: "other" }),
    /has no such dataset \(status 404, RepoNotFound\)\. Correct the name; or HF_TOKEN has no access to it\.$/,
  );
  server.faults.status = 503;
  assert.match(
    await location.problem("own/other"),
    /answers with status 503\. Try again later, or run `hf download/,
  );
});

Deno.test("columns that do not fit are named with those that are there", async () => {
  await using location = new Place();
  const { server } = location;
  server.add("dataset", "own/chat", { "train.parquet": parquetOfChats() });
  server.add("dataset", "own/odd", { "train.parquet": parquetOf({ body: ["x"], title: ["y"] }) });
  server.add("dataset", "own/gaps", { "train.parquet": parquetOf({ text: ["x", "y", null] }) });
  server.add("dataset", "own/lines", { "train.jsonl": '{"body": "x", "messages": [{"role": "user"}]}\n' });
  const cases: readonly (readonly [dataset: JsonObject, n: number, message: RegExp])[] = [
    [
      { hub: "own/chat" },
      1,
      /no column named prompt, text, instruction, input or question; its columns are messages, score\. Name/,
    ],
    [
      { hub: "own/chat", column: "messages" },
      1,
      /column "messages" contains lists, such as chat messages, not text/,
    ],
    [{ hub: "own/chat", column: "score" }, 1, /column "score" contains INT32, not text/],
    [
      { hub: "own/odd", column: "boddy" },
      1,
      /no column "boddy"; its columns are body, title\. Name a column/,
    ],
    [{ hub: "own/gaps" }, 3, /train\.parquet row 3: "text" is not text/],
    [{ hub: "own/gaps" }, 4, /row 3|holds 3 prompts/],
    [
      { hub: "own/odd", column: "body" },
      2,
      /^own\/odd@[0-9a-f]{40} train has 1 prompt, but 2 are needed\. .*set n to 1\.$/,
    ],
    [
      { hub: "own/lines", column: "messages" },
      1,
      /train\.jsonl:1: "messages" is a list, such as chat messages/,
    ],
    [
      { hub: "own/lines", column: "head" },
      1,
      /train\.jsonl:1: no field "head" \(found body, messages\)\. Name/,
    ],
  ];
  for (const [dataset, n, message] of cases) assert.match(await location.problem(dataset, { n }), message);
  assert.deepEqual(await location.read("own/gaps", { n: 2 }), ["x", "y"]);
});

Deno.test("a Parquet file that is none, or is cut, names itself", async () => {
  await using location = new Place();
  const { server } = location;
  server.add("dataset", "own/bad", { "train.parquet": new TextEncoder().encode("PAR1 no, not really PAR1") });
  server.add("dataset", "own/cut", { "train.parquet": FIVE.slice(0, 40) });
  for (const id of ["own/bad", "own/cut"]) {
    assert.match(
      await location.problem(id),
      /train\.parquet is not a readable Parquet file \(.*\)\. Remove .*\/blobs\/\w{64} to download it again/,
    );
  }
});

Deno.test("a download that breaks off or is stopped leaves what has come of it, and is gone on with", async () => {
  await using location = new Place();
  const { server } = location;
  server.add("dataset", "own/set", { "train.parquet": FIVE });
  server.faults.bodies = Array.from({ length: 9 }, () => ({ kind: "cut", after_bytes: 10 }));
  assert.match(
    await location.problem("own/set"),
    /own\/set is not, or not completely, in the hub cache .* cannot be reached \(.*Fix the connection, or run `hf download/,
  );
  const parts = (): string[] => location.cached().filter((path) => !path.endsWith(".lock"));
  assert.match(parts().join(), /^[^,]*\/blobs\/\w{64}\.incomplete$/);
  assert.ok(parts().length === 1);
  server.faults.bodies = [{ kind: "stall", after_bytes: 1 }];
  const stop = new AbortController();
  const reading = materialise([wish("own/set", { n: 1 })], { ...location.looking(), signal: stop.signal });
  await until("the download has begun", () => server.faults.bodies?.length === 0);
  stop.abort();
  await assert.rejects(reading, { name: "AbortError" });
  assert.match(parts().join(), /^[^,]*\.incomplete$/);
  assert.deepEqual(await location.read("own/set"), ["a"]);
  assert.equal(location.cached().filter((path) => path.includes("/blobs/")).length, 1);
});

Deno.test("a file or a card that is larger than there is room for is told before it is begun", async () => {
  using folder = new TempFolder();
  const asked: string[] = [];
  let name = "train.jsonl";
  await using hub = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    asked.push(url);
    return url.includes("/tree/")
      ? Response.json([{ type: "file", path: name, size: 2 ** 52, oid: "b".repeat(40) }])
      : Response.json({ sha: COMMIT });
  });
  const endpoint = `http://127.0.0.1:${(hub.addr as Deno.NetAddr).port}`;
  const said: string[] = [];
  const problems = async (): Promise<string> => {
    const env = { HF_HUB_CACHE: folder.at("cache"), HF_ENDPOINT: endpoint, HF_HOME: "/nowhere" };
    return (await materialise([wish("own/set", { n: 1 })], { env, said })).problems.join("\n");
  };
  assert.match(
    await problems(),
    /^too little space in .*cache to download dataset own\/set: 4503\.6 TB needed, .* free\. Free some, or set HF_HUB_CACHE/,
  );
  name = "README.md";
  assert.match(
    await problems(),
    /^dataset own\/set: the size of its card README\.md is 4503\.6 TB according to the hub; cards are read up to 64 MiB/,
  );
  assert.equal(asked.length, 4, asked.join());
  assert.deepEqual(said, []);
});

Deno.test("a source that is a list or an object is taken as its text, whatever its keys", async () => {
  await using location = new Place();
  const rows = [{ prompt: "a", source: { toString: 1 } }, { prompt: "b", source: ["x"] }];
  location.server.add("dataset", "own/set", { "train.json": JSON.stringify(rows) });
  const made = await materialise([wish("own/set", { n: 2 })], location.looking());
  assert.deepEqual(made.problems, []);
  assert.match(new TextDecoder().decode([...made.texts.values()][0]), /"source":"\{\\"toString\\":1\}"/);
});

Deno.test("a cache that cannot be written is named", async () => {
  await using location = new Place();
  location.server.add("dataset", "own/set", { "train.parquet": FIVE });
  const cache = location.folder.write("file", "in the way");
  assert.match(
    await location.problem("own/set", {}, { HF_HUB_CACHE: cache }),
    /^Cannot write to the hub cache .*file: .*Make it writable, or name another folder with HF_HUB_CACHE\.$/,
  );
});

Deno.test("everything that is wrong with several datasets comes at once", async () => {
  await using location = new Place();
  location.server.add("dataset", "own/set", { "train.parquet": FIVE });
  const configs = ["own/none", "own/set", "alpaca", "own/set"].map((name, index) =>
    wish(name, { n: 5 + index })
  );
  const { problems } = await materialise(configs, location.looking());
  assert.equal(problems.length, 4, problems.join("\n"));
});
