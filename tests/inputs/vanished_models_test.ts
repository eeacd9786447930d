import assert from "node:assert/strict";
import { join } from "node:path";
import { findModels } from "../../lib/inputs/find_models.ts";
import { restoreInputs, StudyInputs } from "../../lib/inputs/study_inputs.ts";
import { vanishedModels } from "../../lib/inputs/vanished_models.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { cacheModel, COMMIT, MODEL_FILES, writeFiles } from "../support/hub_models.ts";
import { ggufFile } from "../support/gguf.ts";
import { configOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("models that a study began with and that are gone are told, each with its remedy", async () => {
  using folder = new TempFolder();
  const cached = cacheModel(folder.at("cache"), "own/m");
  writeFiles(folder.at("local"), MODEL_FILES);
  folder.write("m.gguf", ggufFile());
  const configs = [
    configOf({ backend: "pytorch", model: "own/m" }),
    configOf({ backend: "pytorch", model: "local" }),
    configOf({ backend: "llamacpp", model: "m.gguf" }),
    configOf({ backend: "llamacpp", model: "tiny-random" }),
    configOf(),
  ];
  const { models } = await findModels(configs, {
    base_dir: folder.path,
    env: { HOME: folder.path, HF_HUB_CACHE: folder.at("cache") },
    signal: new AbortController().signal,
    say: () => {},
  });
  new StudyInputs({ models }).save(realDisk, folder.path);
  const inputs = restoreInputs(folder.path);
  assert.equal(inputs.of(configs[0] ?? configOf()).model?.revision, COMMIT);
  assert.deepEqual(vanishedModels(configs, inputs), []);
  Deno.removeSync(join(cached, "model.safetensors"));
  Deno.removeSync(folder.at("local"), { recursive: true });
  Deno.removeSync(folder.at("m.gguf"));
  const told = vanishedModels(configs, inputs);
  assert.equal(told.length, 3);
  assert.match(
    told[0] ?? "",
    /has changed since the study began: it lacks weights .*\. Run `hf download own\/m --revision 0123456789abcdef/,
  );
  assert.match(
    told[1] ?? "",
    /model local: .*local has changed since the study began: it lacks config\.json, .* Restore it/,
  );
  assert.match(told[2] ?? "", /m\.gguf has changed since the study began: it no longer exists\. Restore it/);
  assert.deepEqual(vanishedModels(configs.slice(3), inputs), []);
});
