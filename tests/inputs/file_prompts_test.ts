/** Prompts from files: every order, every mistake, one file for every backend. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { sha256Hex } from "../../lib/base/canonical_json.ts";
import { promptSource } from "../../lib/inputs/prompt_source.ts";
import { promptsKey } from "../../lib/inputs/study_inputs.ts";
import { configOf } from "../support/plans.ts";
import { sized } from "../support/sampled.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { materialise, promptsIn, wish } from "./_wishes.ts";

Deno.test("as many as asked are read, across pieces of the file, and the first known field counts", async () => {
  using folder = new TempFolder();
  const long = "x".repeat(600_000); // over two pieces
  folder.write(
    "own.jsonl",
    [
      '{"_provenance": "where it came from"}',
      '{"input": "c", "text": "b", "prompt": "a"}',
      "",
      '{"input": "c", "text": "b", "source": "s"}',
      `{"question": "${long}"}\r`,
      '{"instruction": "last line without an end \\u00e9\\ud800 \\u2028"}',
    ].join("\n"),
  );
  const made = await materialise([wish("own.jsonl", { n: 4 })], { baseDir: folder.path });
  assert.deepEqual(made.problems, []);
  assert.deepEqual(promptsIn(made), [["a", "b", long, "last line without an end \u00e9\ud800 \u2028"]]);
  const [file] = made.prompts.values();
  const text = made.texts.get(file?.path ?? "");
  assert.deepEqual(file, {
    path: `prompts/${file?.sha256.slice(0, 16)}.jsonl`,
    sha256: sha256Hex(text ?? ""),
    count: 4,
    source: `file ${folder.at("own.jsonl")}`,
  });
  const lines = new TextDecoder().decode(text).split("\n");
  assert.deepEqual(lines.slice(0, 2), ['{"prompt":"a"}', '{"prompt":"b","source":"s"}']);
});

Deno.test("prompts keep the file's order, are grouped by source, or shuffled by the seed", async () => {
  using folder = new TempFolder();
  const lines = Array.from(
    { length: 30 },
    (_, index) => ({ prompt: `${index}`, source: "zab"[index % 3] ?? "" }),
  );
  folder.write("own.jsonl", lines.map((line) => JSON.stringify(line) + "\n").join(""));
  const read = async (dataset_order: string, random_seed = 1): Promise<string> => {
    const config = wish("own.jsonl", { n: 12, dataset_order, random_seed });
    return promptsIn(await materialise([config], { baseDir: folder.path })).flat().join(" ");
  };
  assert.equal(await read("interleaved"), "0 1 2 3 4 5 6 7 8 9 10 11");
  assert.equal(await read("interleaved", 2), await read("interleaved"));
  assert.equal(await read("grouped"), "1 4 7 10 13 16 19 22 25 28 2 5");
  // As the first llem with prompts from files shuffled them: a study goes on comparable.
  assert.equal(await read("shuffled"), "18 14 2 27 1 22 26 10 23 6 7 12");
  assert.equal(await read("shuffled", 2), "26 7 10 23 25 15 21 20 17 28 0 29");
  assert.equal(await read("shuffled", 2 ** 40 + 1), "29 11 15 0 5 17 6 16 7 25 13 3");
});

Deno.test("every backend that runs a model gets the same file, whatever their order in the study", async () => {
  using folder = new TempFolder();
  folder.write("own.jsonl", '{"prompt": "a"}\n{"prompt": "b"}\n');
  const backends = ["llamacpp", "pytorch", "vllm", "command"];
  const configs = backends.map((backend) => wish({ jsonl: "own.jsonl" }, { backend, n: 2 }));
  const { prompts, texts } = await materialise(configs, { baseDir: folder.path });
  assert.equal(texts.size, 1);
  assert.equal(prompts.size, 1);
  for (const config of configs) assert.equal(prompts.get(promptsKey(config))?.count, 2, config.backend);
});

Deno.test("a dataset is read once for all that want something of it", async () => {
  using folder = new TempFolder();
  folder.write("own.jsonl", Array.from({ length: 50 }, (_, i) => `{"prompt": "${i}"}\n`).join(""));
  const configs = Array.from(
    { length: sized(100_000, 20_000) },
    (_, index) => wish("own.jsonl", { n: index % 2 + 3, model: `m${index}`, random_seed: index }),
  );
  const many = await materialise(configs, { baseDir: folder.path });
  assert.deepEqual([many.prompts.size, many.texts.size], [2, 2]);
  const shuffled = [1, 2, 3, 1].map((random_seed) =>
    wish("own.jsonl", { n: 5, dataset_order: "shuffled", random_seed })
  );
  const few = await materialise([...shuffled, wish("own.jsonl", { n: 5 })], { baseDir: folder.path });
  assert.deepEqual([few.prompts.size, few.texts.size], [4, 4]);
});

Deno.test("in the file's order no more is read than is needed, else all of it", async () => {
  using folder = new TempFolder();
  folder.write("own.jsonl", '{"prompt": "a"}\nnot JSON\n');
  const first = await materialise([wish("own.jsonl", { n: 1 })], { baseDir: folder.path });
  assert.deepEqual([first.problems, promptsIn(first)], [[], [["a"]]]);
  const grouped = wish("own.jsonl", { n: 1, dataset_order: "grouped" });
  assert.match(String((await materialise([grouped], { baseDir: folder.path })).problems), /:2: not JSON/);
});

Deno.test("a file that cannot be read names itself and the line, and all that is wrong comes at once", async () => {
  using folder = new TempFolder();
  const good = '{"prompt": "hello"}\n';
  const cases: readonly (readonly [string, string | Uint8Array | null, RegExp])[] = [
    [
      "missing",
      null,
      /^Cannot read prompts from .*missing\.jsonl: .*No such file.*relative to the study file\.$/,
    ],
    [
      "syntax",
      `${good}\n{"prompt": \n`,
      /syntax\.jsonl:3: not JSON .*an object such as \{"prompt": "Hello"\}\.$/,
    ],
    ["array", `${good}[1]\n`, /array\.jsonl:2: not a JSON object/],
    [
      "field",
      `${good}{"promt": "x"}\n`,
      /field\.jsonl:2: no field named prompt, text, .* or question \(found promt\)/,
    ],
    ["number", `{"prompt": 7}\n`, /number\.jsonl:1: "prompt" is not text/],
    [
      "chat",
      `{"prompt": [{"role": "user"}]}\n`,
      /chat\.jsonl:1: "prompt" is a list, such as chat messages/,
    ],
    ["utf8", new Uint8Array([0x22, 0xff, 0x22, 0x0a]), /utf8\.jsonl:1: not UTF-8/],
    ["few", `${good}\n${good}`, /few\.jsonl has 2 prompts, but 4 are needed\. Add prompts or set n to 2\.$/],
    [
      "empty",
      "",
      /empty\.jsonl has no prompts, but 4 are needed\. Add lines such as \{"prompt": "Hello"\}\.$/,
    ],
    ["blank", "\n\n", /blank\.jsonl has no prompts, but 4 are needed/],
  ];
  for (const [name, content] of cases) {
    const path = folder.at(`${name}.jsonl`);
    if (content !== null) Deno.writeFileSync(path, Buffer.from(content));
  }
  Deno.mkdirSync(folder.at("folder.jsonl"));
  const names = [...cases.map(([name]) => name), "folder"];
  const configs = names.map((name) => wish({ jsonl: `${name}.jsonl` }, { n: 4 }));
  const { problems, prompts } = await materialise([...configs, ...configs], { baseDir: folder.path });
  assert.equal(problems.length, names.length);
  assert.equal(prompts.size, 0);
  for (const [index, [, , message]] of cases.entries()) assert.match(problems[index] ?? "", message);
  assert.match(problems.at(-1) ?? "", /folder\.jsonl: it is a directory/);
  // Every remedy that was named works: lines of such objects, or as many prompts as there are.
  for (const name of names) {
    const path = folder.at(`${name}.jsonl`);
    const count = /set n to (\d+)/.exec(problems[names.indexOf(name)] ?? "")?.[1];
    if (count === undefined) {
      Deno.writeTextFileSync(folder.at("named.jsonl"), '{"prompt": "Hello"}\n'.repeat(4));
      if (name !== "folder") Deno.copyFileSync(folder.at("named.jsonl"), path);
    }
    const jsonl = name === "folder" ? "named.jsonl" : `${name}.jsonl`;
    const followed = await materialise([wish({ jsonl }, { n: Number(count ?? 4) })], {
      baseDir: folder.path,
    });
    assert.deepEqual(followed.problems, [], name);
  }
});

Deno.test("a name that is no dataset is refused with what would be one", async () => {
  const { problems } = await materialise([wish("alpaca")]);
  assert.deepEqual(problems, [
    'dataset "alpaca" is not a known dataset. Name aienergyscore, a .jsonl file, or a Hugging Face hub ' +
    "dataset as owner/name.",
  ]);
  for (const named of ["aienergyscore", "some.jsonl", "owner/name"]) {
    assert.notEqual(promptSource({ backend: "pytorch", dataset: named }, "/nowhere", {}), null);
  }
});

Deno.test("a worker of one's own may be told a name that only it knows", async () => {
  const { problems, prompts } = await materialise([configOf({ dataset: "alpaca" })]);
  assert.deepEqual([problems, prompts.size], [[], 0]);
});

Deno.test("synthetic prompts, and a worker of one's own without a dataset, need nothing", async () => {
  const own = configOf({});
  assert.equal(own.dataset, "aienergyscore");
  const env = { HF_HUB_OFFLINE: "1", HF_HOME: join("/nowhere", "cache") };
  const { prompts, problems } = await materialise([own, wish({ n: 3 }), wish({ n: 3, input_len: 9 })], {
    env,
  });
  assert.deepEqual([prompts.size, problems], [0, []]);
});

Deno.test("reading ends when the study is stopped", async () => {
  using folder = new TempFolder();
  folder.write("own.jsonl", '{"prompt": "a"}\n');
  const reading = materialise([wish("own.jsonl")], { baseDir: folder.path, signal: AbortSignal.abort() });
  await assert.rejects(reading, { name: "AbortError" });
});
