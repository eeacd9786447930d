import assert from "node:assert/strict";
import { join } from "node:path";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { markFile } from "../../lib/inputs/file_mark.ts";
import { findModels } from "../../lib/inputs/find_models.ts";
import { InputsWatch } from "../../lib/inputs/inputs_watch.ts";
import { markModels } from "../../lib/inputs/model_marks.ts";
import { writePrompts } from "../../lib/inputs/prompts_file.ts";
import { promptsKey, restoreInputs, StudyInputs } from "../../lib/inputs/study_inputs.ts";
import { vanishedModels } from "../../lib/inputs/vanished_models.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { ggufFile } from "../support/gguf.ts";
import { MODEL_FILES, writeFiles } from "../support/hub_models.ts";
import { configOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** What a study with these configurations writes down, read back as a resume does. */
async function begin(folder: TempFolder, configs: readonly ExperimentConfig[]): Promise<StudyInputs> {
  const { models, problems } = await findModels(configs, {
    base_dir: folder.path,
    env: { HOME: folder.path },
    signal: new AbortController().signal,
    say: () => {},
  });
  assert.deepEqual(problems, []);
  const inputs = new StudyInputs({ models });
  inputs.with({ marks: markModels(configs, inputs) }).save(realDisk, folder.path);
  return restoreInputs(folder.path);
}

Deno.test("fault 63: every file that a run loads is held against that of the study's beginning", async () => {
  using folder = new TempFolder();
  folder.write("m.gguf", ggufFile());
  for (const part of [1, 2, 3]) folder.write(`s-0000${part}-of-00003.gguf`, ggufFile({ part: [part, 3] }));
  writeFiles(folder.at("local"), MODEL_FILES);
  writeFiles(folder.at("adapter"), { "adapter_config.json": "{}", "adapter_model.safetensors": "a" });
  const single = configOf({ backend: "llamacpp", model: "m.gguf" });
  const split = configOf({ backend: "llamacpp", model: "s-00001-of-00003.gguf" });
  const lora = { adapter_path: "adapter" };
  const local = configOf({ backend: "pytorch", model: "local", lora } as Partial<ExperimentConfig>);
  const configs = [single, split, local];
  const inputs = await begin(folder, configs);
  const watch = new InputsWatch(inputs, folder.path);
  const changes = (): (string | null)[] => configs.map((config) => watch.changeFor(config));
  assert.deepEqual(changes(), [null, null, null]);

  const files: readonly (readonly [config: ExperimentConfig, path: string])[] = [
    [single, "m.gguf"],
    [split, "s-00001-of-00003.gguf"],
    [split, "s-00003-of-00003.gguf"],
    [local, "local/model.safetensors"],
    [local, "local/tokenizer.json"],
    [local, "local/config.json"],
    [local, "adapter/adapter_model.safetensors"],
  ];
  for (const [config, path] of files) {
    const whole = Deno.readFileSync(folder.at(path));
    // The same length, another content.
    Deno.writeFileSync(folder.at(path), whole.with(whole.length - 1, 1));
    const told = watch.changeFor(config) ?? "";
    assert.ok(
      told.includes(`${folder.at(path)} has changed since the study began: it has different content`),
      told,
    );
    assert.equal(changes().filter((change) => change !== null).length, 1, path);
    assert.equal(vanishedModels(configs, inputs).length, 1);
    // Put back, it has another inode and another time.
    Deno.removeSync(folder.at(path));
    Deno.writeFileSync(folder.at(path), whole);
    assert.deepEqual(changes(), [null, null, null], path);
    assert.deepEqual(vanishedModels(configs, inputs), []);
  }
  Deno.removeSync(folder.at("s-00002-of-00003.gguf"));
  assert.match(watch.changeFor(split) ?? "", /s-00002-of-00003\.gguf has .*: it no longer exists$/);
  Deno.writeTextFileSync(folder.at("m.gguf"), "GGUF longer");
  assert.match(
    watch.changeFor(single) ?? "",
    new RegExp(`has 11 bytes instead of ${ggufFile().length}$`),
  );
});

Deno.test("InputsWatch holds the prompts of a study against those that it found", () => {
  using folder = new TempFolder();
  const config = configOf({ n: 1 });
  const { file, text } = writePrompts([{ text: "one", source: "", location: "" }], "a test");
  const inputs = new StudyInputs({
    prompts: new Map([[promptsKey(config), file]]),
    texts: new Map([[file.path, text]]),
  });
  inputs.save(realDisk, folder.path);
  const watch = new InputsWatch(inputs.saved(), folder.path);
  assert.equal(watch.changeFor(config), null);
  Deno.writeTextFileSync(join(folder.path, file.path), "two");
  assert.match(
    watch.changeFor(config) ?? "",
    /prompts\/\w+\.jsonl has changed since the study began: it has 3 bytes/,
  );
});

Deno.test("InputsWatch tells programs of the user's own that are not what they were, and lets runs be", () => {
  using folder = new TempFolder();
  folder.write("worker.py", "one");
  const mark = markFile(folder.at("worker.py"));
  assert.ok(mark !== null);
  const watch = new InputsWatch(new StudyInputs({ programs: [mark] }), folder.path);
  assert.deepEqual(watch.programChanges(), []);
  folder.write("worker.py", "two");
  // The clock of a file system moves in steps of some milliseconds, in which one of the same length shows no change.
  Deno.utimeSync(folder.at("worker.py"), new Date(), new Date(Date.now() + 1000));
  const [change] = watch.programChanges();
  assert.deepEqual([change?.path, watch.changeFor(configOf())], [folder.at("worker.py"), null]);
  assert.match(String(change?.after), /^has different content/);
});

Deno.test("a large file is known by samples from its beginning to its end", () => {
  using folder = new TempFolder();
  const path = folder.at("large");
  const bytes = 40 * 1024 * 1024;
  const write = (at: number): void => {
    using file = Deno.openSync(path, { write: true, create: true, truncate: true });
    file.truncateSync(bytes);
    file.seekSync(at, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array([1]));
  };
  write(0);
  const digest = markFile(path)?.digest;
  for (const at of [1, bytes - 1]) {
    write(at);
    assert.notEqual(markFile(path)?.digest, digest);
  }
  write(0);
  assert.equal(markFile(path)?.digest, digest);
});
