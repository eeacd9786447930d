import assert from "node:assert/strict";
import { dirname } from "node:path";
import { findModels } from "../../lib/inputs/find_models.ts";
import { ggufFile } from "../support/gguf.ts";
import { MODEL_FILES, writeFiles } from "../support/hub_models.ts";
import { configOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

const GGUF = ggufFile();

/** What there is to say of a model that a study names; nothing where it is taken. */
async function problemsOf(folder: TempFolder, backend: string, model: string): Promise<string> {
  const { models, wanted, problems } = await findModels([configOf({ backend, model })], {
    base_dir: folder.path,
    env: { HOME: folder.path, HF_HUB_OFFLINE: "1", HF_HUB_CACHE: folder.at("cache") },
    signal: new AbortController().signal,
    say: () => {},
  });
  assert.equal(models.size + wanted.length + problems.length, 1, problems.join());
  return problems.join();
}

/** Files of a folder, which of them a study names, and what it is told; null where the file is taken. */
const HEADERS: readonly (readonly [
  what: string,
  files: Readonly<Record<string, Uint8Array<ArrayBuffer> | string>>,
  named: string,
  expected: RegExp | null,
])[] = [
  ["the first part", parts(2), "m-00001-of-00002.gguf", null],
  [
    "a later part",
    parts(3),
    "sub/../m-00003-of-00003.gguf",
    /is part 3 of 3 of a split model\. Name the first part: m-00001-of-00003\.gguf\./,
  ],
  [
    "a later part alone",
    { "m-00002-of-00002.gguf": ggufFile({ part: [2, 2] }) },
    "m-00002-of-00002.gguf",
    /part 2 of 2.* m-00001-of-00002\.gguf, does not exist: download/,
  ],
  [
    "a later part of another name",
    { "x.gguf": ggufFile({ part: [2, 2] }) },
    "x.gguf",
    /part 2 of 2.*Name the first part\./,
  ],
  [
    "a part that is missing",
    {
      "m-00001-of-00003.gguf": ggufFile({ part: [1, 3] }),
      "m-00002-of-00003.gguf": ggufFile({ part: [2, 3] }),
    },
    "m-00001-of-00003.gguf",
    /other parts are missing: m-00003-of-00003\.gguf\. Download or copy/,
  ],
  [
    "a part that is cut short",
    { ...parts(2), "m-00002-of-00002.gguf": ggufFile({ part: [2, 2] }).slice(0, -1) },
    "m-00001-of-00002.gguf",
    /m-00002-of-00002\.gguf is truncated: it has \d+ of \d+ bytes/,
  ],
  [
    "a part of another model",
    { ...parts(2), "m-00002-of-00002.gguf": ggufFile() },
    "m-00001-of-00002.gguf",
    /m-00002-of-00002\.gguf does not belong to the model that starts with/,
  ],
  [
    "a first part of another name",
    { "x.gguf": ggufFile({ part: [1, 2] }) },
    "x.gguf",
    /Rename all parts to the form NAME-00001-of-00002\.gguf/,
  ],
  [
    "a first part without weights",
    { ...parts(2), "m-00001-of-00002.gguf": ggufFile({ part: [1, 2], tensors: 0 }) },
    "m-00001-of-00002.gguf",
    null,
  ],
  [
    "a projector",
    { "mmproj.gguf": ggufFile({ architecture: "clip", type: "mmproj" }), "m.gguf": GGUF },
    "mmproj.gguf",
    /is an image or audio projector \(mmproj\), not a language model\. Name the GGUF file of the model: m\.gguf\./,
  ],
  [
    "an adapter",
    { "a.gguf": ggufFile({ type: "adapter" }) },
    "a.gguf",
    /is an adapter .*Name the GGUF file of the model\./,
  ],
  [
    "a vocabulary",
    { "v.gguf": ggufFile({ tensors: 0 }) },
    "v.gguf",
    /contains only a vocabulary, no weights/,
  ],
  ["weights cut short", { "m.gguf": GGUF.slice(0, -1) }, "m.gguf", /is truncated: it has \d+ of \d+ bytes/],
  ["a header cut short", { "m.gguf": GGUF.slice(0, 60) }, "m.gguf", /is truncated: it ends after 60 bytes/],
  ["a long header", { "m.gguf": ggufFile({ tokens: 90_000 }) }, "m.gguf", null],
  [
    "a newer version",
    { "m.gguf": ggufFile({ version: 4 }) },
    "m.gguf",
    /GGUF version 4; versions 2 and 3 are supported/,
  ],
  ["the other byte order", { "m.gguf": ggufFile({ version: 0x03000000 }) }, "m.gguf", /big-endian/],
  ["nothing", { "m.gguf": "" }, "m.gguf", /is not a GGUF file: it is empty/],
  [
    "a pointer",
    { "m.gguf": "version https://git-lfs.github.com/spec/v1\noid sha256:0\n" },
    "m.gguf",
    /not a GGUF file: .*Git LFS.*git lfs pull/,
  ],
  ["a web page", { "m.gguf": "\n<!DOCTYPE html><html>" }, "m.gguf", /not a GGUF file: it is a web page/],
  ["a pickle", { "m.gguf": latin1("\x80\x02}q\0.") }, "m.gguf", /not a GGUF file: it is a Python pickle/],
  [
    "a checkpoint",
    { "m.gguf": "PK\x03\x04rest" },
    "m.gguf",
    /not a GGUF file: it is a zip archive or a PyTorch/,
  ],
  [
    "safetensors",
    { "m.gguf": latin1('\x40\0\0\0\0\0\0\0{"a":{}}') },
    "m.gguf",
    /not a GGUF file: it is a safetensors file/,
  ],
  ["an older format", { "m.gguf": "tjgg0000" }, "m.gguf", /not a GGUF file: its format predates GGUF/],
  ["a compressed file", { "m.gguf": latin1("\x1f\x8b\x08\0") }, "m.gguf", /compressed with gzip/],
  [
    "a folder with one model",
    { "dir/m.gguf": GGUF, "dir/mmproj.gguf": ggufFile({ architecture: "clip" }) },
    "dir",
    /dir is a folder\. Name the GGUF file of the model: dir\/m\.gguf\./,
  ],
  [
    "a folder with a split model",
    Object.fromEntries(Object.entries(parts(2)).map(([name, part]) => [`dir/${name}`, part])),
    "./dir/",
    /Name the GGUF file of the model: dir\/m-00001-of-00002\.gguf\./,
  ],
  ["a folder with none", { "dir/x.txt": "" }, "dir", /dir is a folder without GGUF files/],
];

function parts(count: number): Record<string, Uint8Array<ArrayBuffer>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [
    `m-0000${index + 1}-of-0000${count}.gguf`,
    ggufFile({ part: [index + 1, count] }),
  ]));
}

function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

Deno.test("what the header of a model file tells is told before the first run, with the file to name", async () => {
  for (const [what, files, named, expected] of HEADERS) {
    using folder = new TempFolder();
    for (const [name, content] of Object.entries(files)) {
      Deno.mkdirSync(dirname(folder.at(name)), { recursive: true });
      folder.write(name, content);
    }
    const problem = await problemsOf(folder, "llamacpp", named);
    if (expected === null) assert.equal(problem, "", what);
    else assert.match(problem, expected, what);
    // A file that a message names is one that is taken.
    const [, better] = /Name the (?:first part|GGUF file of the model): (\S+)\./.exec(problem) ??
      [];
    if (better === undefined) continue;
    assert.equal(await problemsOf(folder, "llamacpp", better), "", better);
  }
});

Deno.test("weights in a folder that are a pointer, a web page or cut short are told before the first run", async () => {
  using folder = new TempFolder();
  const header = JSON.stringify({ w: { dtype: "F32", shape: [4], data_offsets: [0, 16] } });
  const whole = latin1(`${String.fromCharCode(header.length)}\0\0\0\0\0\0\0${header}${"\0".repeat(16)}`);
  const cases: readonly (readonly [content: Uint8Array<ArrayBuffer> | string, expected: RegExp | null])[] = [
    [whole, null],
    [whole.slice(0, -1), /model\.safetensors is truncated: it has \d+ of \d+ bytes/],
    [whole.slice(0, 20), /model\.safetensors is truncated/],
    [
      "version https://git-lfs.github.com/spec/v1\n",
      /model\.safetensors does not contain weights: .*git lfs pull/,
    ],
    ["<html>", /model\.safetensors does not contain weights: it is a web page/],
  ];
  writeFiles(folder.at("g"), { "config.json": "{}" });
  folder.write("g/m.gguf", GGUF);
  assert.match(
    await problemsOf(folder, "pytorch", "g"),
    /g lacks .*\. Name the GGUF file of the model: g\/m\.gguf\.$/,
  );
  assert.equal(await problemsOf(folder, "pytorch", "g/m.gguf"), "");
  writeFiles(folder.at("m"), MODEL_FILES);
  for (const [content, expected] of cases) {
    folder.write("m/model.safetensors", content);
    const problem = await problemsOf(folder, "pytorch", "./m");
    if (expected === null) assert.equal(problem, "");
    else assert.match(problem, expected);
  }
});
