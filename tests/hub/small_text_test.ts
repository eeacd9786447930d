import assert from "node:assert/strict";
import { missingFiles } from "../../lib/hub/model_files.ts";
import { readSmallText } from "../../lib/hub/small_text.ts";
import { readJsonFile } from "../../lib/inputs/json_prompts.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** A file that begins with a text and has holes up to its size. */
function sparse(folder: TempFolder, name: string, text: string, size: number): string {
  const path = folder.write(name, text);
  Deno.truncateSync(path, size);
  return path;
}

Deno.test("a card, an index and a list that fill memory are not read", async () => {
  using folder = new TempFolder();
  assert.equal(readSmallText(folder.write("small", "text")), "text");
  assert.throws(() => readSmallText(sparse(folder, "README.md", "---", 2 ** 30)), {
    message: /README\.md has 1\.1 GB; cards and indexes are read up to 64 MiB\.$/,
  });
  sparse(folder, "model.safetensors.index.json", "{}", 2 ** 30);
  assert.match(missingFiles(folder.path, "model").join(), /a readable .*model\.safetensors\.index\.json$/);
  const list = sparse(folder, "train.json", "[", 2 ** 30);
  const choice = { column: null, remedy: "" };
  await assert.rejects(readJsonFile(list, choice, new AbortController().signal).next(), {
    message: /train\.json: a list of 1\.1 GB; lists are read up to 500\.0 MB\. Convert it to lines/,
  });
});
