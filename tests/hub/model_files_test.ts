import assert from "node:assert/strict";
import { filesToLoad, missingFiles } from "../../lib/hub/model_files.ts";
import { MODEL_FILES, writeFiles } from "../support/hub_models.ts";
import { TempFolder } from "../support/temp_folder.ts";

const BESIDE = [
  "config.json",
  "tokenizer.json",
  "merges.txt",
  "tokenizer.model",
  "modeling_own.py",
  "chat_template.jinja",
];

Deno.test("filesToLoad() prefers safetensors, one file before shards, and leaves other formats", () => {
  const others = [
    "README.md",
    "onnx/model.onnx",
    "original/params.json",
    "tf_model.h5",
    "flax_model.msgpack",
    "x.gguf",
  ];
  const index = [
    "model.safetensors.index.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
  ];
  const bins = ["pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin"];
  const cases: readonly (readonly [weights: string[], chosen: string[]])[] = [
    [["model.safetensors", "pytorch_model.bin", "model.fp16.safetensors"], ["model.safetensors"]],
    [
      [...index, "consolidated.safetensors", "consolidated-00001-of-00002.safetensors", "pytorch_model.bin"],
      index,
    ],
    [["pytorch_model.bin"], ["pytorch_model.bin"]],
    [bins, bins],
  ];
  for (const [weights, chosen] of cases) {
    const found = filesToLoad([...BESIDE, ...others, ...weights], "model");
    assert.deepEqual(found?.toSorted(), [...BESIDE, ...chosen].toSorted());
  }
  assert.equal(filesToLoad([...BESIDE, ...others], "model"), null);
  assert.equal(filesToLoad(["model.safetensors"], "model"), null);
});

Deno.test("filesToLoad() takes of an adapter its configuration and weights", () => {
  const names = [
    "adapter_config.json",
    "adapter_model.bin",
    "adapter_model.safetensors",
    "README.md",
    "optimizer.pt",
  ];
  assert.deepEqual(filesToLoad(names, "adapter"), ["adapter_config.json", "adapter_model.safetensors"]);
  assert.equal(filesToLoad(["adapter_config.json"], "adapter"), null);
});

Deno.test("missingFiles() names what a folder lacks, shard by shard", () => {
  using folder = new TempFolder();
  assert.deepEqual(missingFiles(folder.path, "model"), [
    "config.json",
    "a tokenizer (tokenizer.json)",
    "weights (model.safetensors)",
  ]);
  assert.deepEqual(missingFiles(writeFiles(folder.at("whole"), MODEL_FILES), "model"), []);
  const index = { weight_map: { a: "m-1.safetensors", b: "m-2.safetensors", c: "m-1.safetensors" } };
  writeFiles(folder.at("shards"), {
    "config.json": "{}",
    "vocab.json": "{}",
    "model.safetensors.index.json": JSON.stringify(index),
    "m-1.safetensors": "weights",
  });
  // A link of the cache to a file that never came.
  Deno.symlinkSync("../blobs/none", folder.at("shards", "m-2.safetensors"));
  assert.deepEqual(missingFiles(folder.at("shards"), "model"), ["m-2.safetensors"]);
  Deno.writeTextFileSync(folder.at("shards", "model.safetensors.index.json"), "{");
  assert.match(missingFiles(folder.at("shards"), "model").join(), /readable .*index\.json/);
  assert.deepEqual(missingFiles(folder.at("whole"), "adapter"), [
    "adapter_config.json",
    "its weights (adapter_model.safetensors)",
  ]);
});
