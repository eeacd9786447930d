import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { InputsWatch } from "../../lib/inputs/inputs_watch.ts";
import { markModels } from "../../lib/inputs/model_marks.ts";
import { prepareInputs } from "../../lib/inputs/prepare_inputs.ts";
import { ggufFile } from "../support/gguf.ts";
import { cacheModel, MODEL_FILES, writeFiles } from "../support/hub_models.ts";
import { configOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** By what a run of a study in a folder is joined, with what the study finds there. */
async function joined(folder: TempFolder, draft: JsonObject): Promise<string | null> {
  const config = configOf(draft);
  const { inputs, problems } = await prepareInputs([config], {
    base_dir: folder.path,
    env: { HOME: folder.path, HF_HUB_OFFLINE: "1", HF_HUB_CACHE: folder.at("cache") },
    signal: new AbortController().signal,
    say: () => {},
  });
  deepStrictEqual(problems, []);
  const marked = inputs.with({ marks: markModels([config], inputs) });
  return new InputsWatch(marked, folder.path).joinHash(config, folder.path);
}

const PROMPTS = '{"prompt": "a"}\n{"prompt": "b"}\n';
const LLAMACPP = { backend: "llamacpp", dataset: { n: 2 } };

Deno.test("a study that was moved still joins: models and prompts count by what they hold", async () => {
  using here = new TempFolder();
  using there = new TempFolder();
  here.write("m.gguf", ggufFile());
  here.write("p.jsonl", PROMPTS);
  Deno.mkdirSync(there.at("models"));
  there.write("models/other.gguf", ggufFile());
  there.write("models/p2.jsonl", PROMPTS);
  writeFiles(here.at("local"), MODEL_FILES);
  writeFiles(there.at("models", "copied"), MODEL_FILES);
  const pairs: readonly (readonly [what: string, here: JsonObject, there: JsonObject])[] = [
    ["a GGUF file", { ...LLAMACPP, model: "m.gguf" }, { ...LLAMACPP, model: there.at("models/other.gguf") }],
    ["the model inside the program", { ...LLAMACPP, model: "tiny-random" }, {
      ...LLAMACPP,
      model: "tiny-random",
    }],
    [
      "prompts",
      { backend: "llamacpp", model: "m.gguf", n: 2, dataset: { jsonl: "./p.jsonl" } },
      { backend: "llamacpp", model: "models/other.gguf", n: 2, dataset: there.at("models/p2.jsonl") },
    ],
    [
      "a folder",
      { backend: "pytorch", model: "./local", dataset: { n: 2 } },
      { backend: "pytorch", model: "models/copied/", dataset: { n: 2 }, pytorch: { revision: "v1" } },
    ],
    [
      "a program of the study's own",
      { command: { argv: ["./w.py", "x"] }, dataset: { n: 2 } },
      { command: { argv: [there.at("w.py"), "x"] }, dataset: { n: 2 } },
    ],
    ["a dataset that only the worker knows", { dataset: "alpaca" }, { dataset: "alpaca" }],
  ];
  const hashes = new Set<string>();
  for (const [what, one, other] of pairs) {
    const hash = await joined(here, one);
    notStrictEqual(hash, null, what);
    strictEqual(hash, await joined(there, other), what);
    hashes.add(hash ?? "");
  }
  strictEqual(hashes.size, pairs.length);
});

Deno.test("runs on another content do not join, and those of a content that is not known do not at all", async () => {
  using folder = new TempFolder();
  folder.write("m.gguf", ggufFile());
  const before = await joined(folder, { ...LLAMACPP, model: "m.gguf" });
  folder.write("m.gguf", ggufFile({ tokens: 3 }));
  notStrictEqual(await joined(folder, { ...LLAMACPP, model: "m.gguf" }), before);
  notStrictEqual(await joined(folder, { ...LLAMACPP, model: "m.gguf", random_seed: 1 }), before);

  cacheModel(folder.at("cache"), "own/m");
  const hub = { backend: "pytorch", model: "own/m", dataset: { n: 2 } };
  const pinned = await joined(folder, { ...hub, pytorch: { revision: "main" } });
  strictEqual(await joined(folder, hub), pinned);
  notStrictEqual(pinned, null);

  const config = configOf({ ...LLAMACPP, model: "m.gguf" });
  const { inputs } = await prepareInputs([config], {
    base_dir: folder.path,
    env: {},
    signal: new AbortController().signal,
    say: () => {},
  });
  // A study of an llem that wrote no marks down.
  strictEqual(new InputsWatch(inputs, folder.path).joinHash(config, folder.path), null);
});
