import assert from "node:assert/strict";
import type { PromptsFile } from "../../lib/experiment/inputs.ts";
import { promptsKey, restoreInputs, StudyInputs } from "../../lib/inputs/study_inputs.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { configOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

const CONFIG = configOf({ backend: "pytorch", model: "m" });
const FILE: PromptsFile = { path: "prompts/0.jsonl", sha256: "0", count: 1, source: "a test" };
const INPUTS = new StudyInputs({
  prompts: new Map([[promptsKey(CONFIG), FILE]]),
  texts: new Map([[FILE.path, new TextEncoder().encode("x")]]),
  images: new Map([["pytorch", { name: "engine:1", id: "sha256:0" }]]),
});

Deno.test("inputs are read back as they were saved, also over what a killed runner left", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("prompts"));
  for (let time = 0; time < 2; time++) INPUTS.save(realDisk, folder.path);
  const read = restoreInputs(folder.path);
  assert.deepEqual(read.of(CONFIG), { model: null, adapter: null, prompts: FILE });
  assert.deepEqual(read.images, INPUTS.images);
  assert.deepEqual(read.changedPrompts(folder.path), [folder.at(FILE.path)], "its hash is another one");
});

Deno.test("inputs of an llem that knew no images have none; what is no inputs.json is refused", () => {
  using folder = new TempFolder();
  folder.write("inputs.json", '{"schema": "llem.inputs/1", "models": {}, "prompts": {}}');
  assert.equal(restoreInputs(folder.path).images.size, 0);
  for (const text of ["", "null", "[]", '{"schema": "llem.inputs/2"}', '{"schema": "llem.inputs/1"}']) {
    folder.write("inputs.json", text);
    assert.throws(() => restoreInputs(folder.path), Error, text);
  }
});
