import assert from "node:assert/strict";
import { PYTORCH_NEEDS } from "../../../lib/engines/pytorch/needs.ts";
import { PYTHON_FOLDER, pythonAssignment, runPython } from "../../support/python_worker.ts";
import { TempFolder } from "../../support/temp_folder.ts";

/** What a worker says where a package has another release, by metadata that its interpreter finds first. */
async function toldOf(name: string, version: string): Promise<string> {
  using folder = new TempFolder();
  const metadata = folder.at(`${name}-${version}.dist-info`);
  Deno.mkdirSync(metadata);
  Deno.writeTextFileSync(
    `${metadata}/METADATA`,
    `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
  );
  const said = await runPython(pythonAssignment(folder.path), { env: { PYTHONPATH: folder.path } });
  assert.deepEqual([said.status.code, said.error?.error_type, said.error?.retryable], [
    1,
    "old_package",
    false,
  ]);
  return said.error?.message ?? "";
}

Deno.test("a worker says which package is too old, and the command that upgrades it", async () => {
  assert.match(
    await toldOf("transformers", "4.55.4"),
    /^transformers 4\.55\.4 is older than 4\.56\. Upgrade it: \/\S+ -m pip install 'transformers>=4\.56'$/,
  );
  assert.match(
    await toldOf("torch", "2.0.1+cu118"),
    /^torch 2\.0\.1\+cu118 is older than 2\.1\. Upgrade it: \/\S+ -m pip install 'torch>=2\.1'$/,
  );
});

Deno.test("a worker says so where the interpreter's transformers asks for more of torch", async () => {
  const told = await toldOf("torch", "2.1.2");
  assert.match(
    told,
    /^torch 2\.1\.2 is too old for transformers 5\..*: \/\S+ -m pip install --upgrade torch$/,
  );
});

Deno.test("releases.py knows the same releases as the preflight", () => {
  const source = Deno.readTextFileSync(`${PYTHON_FOLDER}/llem_worker/engines/pytorch/releases.py`);
  const [, block = ""] = /OLDEST = \{(.*?)\}/.exec(source) ?? [];
  const pairs = [...block.matchAll(/"(\w+)": "([\d.]+)"/g)].map((
    [, module = "", release],
  ) => [module, release]);
  assert.deepEqual(pairs.map(([module]) => module), ["torch", "transformers"]);
  for (const [module = "", release] of pairs) assert.equal(PYTORCH_NEEDS.oldest[module], release);
});
