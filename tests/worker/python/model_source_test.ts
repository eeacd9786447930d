import assert from "node:assert/strict";
import type { ResolvedModel } from "../../../lib/experiment/inputs.ts";
import { PYTHON_FOLDER, testPython } from "../../support/python_worker.ts";
import { TempFolder } from "../../support/temp_folder.ts";

interface Source {
  readonly name: string;
  readonly kind: string;
  readonly hub_id: string | null;
  /** What from_pretrained gets beside the name. */
  readonly arguments: Readonly<Record<string, string>>;
}

const PROGRAM = `
import json, sys
from llem_worker.model_source import find_model
def told(found):
    return {"name": found.name, "kind": found.kind, "hub_id": found.hub_id, "arguments": found.arguments()}
print(json.dumps([told(find_model(*case)) for case in json.loads(sys.argv[1])]))
`;

/** What is loaded for models that were found, or only named, with the revision that the section names. */
function sourcesOf(
  baseDir: string,
  cases: readonly { found?: ResolvedModel; model?: string; revision?: string }[],
): Source[] {
  const given = cases.map(({ found = null, model = "tiny", revision = null }) => [
    { inputs: { model: found }, config: { model }, base_dir: baseDir },
    revision,
  ]);
  const { stdout, success } = new Deno.Command(testPython(), {
    args: ["-c", PROGRAM, JSON.stringify(given)],
    env: { PYTHONPATH: PYTHON_FOLDER },
    stderr: "inherit",
  }).outputSync();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("find_model() takes the model that was found before the study, at its commit", () => {
  using folder = new TempFolder();
  const hub = { kind: "hub", hub_id: "owner/name", revision: "c0ffee", path: null } as const;
  const gguf = folder.write("model.Q4.gguf", "");
  const [pinned, cached, file] = sourcesOf(folder.path, [
    { found: hub, revision: "main" },
    { found: { ...hub, path: folder.path } },
    { found: { kind: "file", hub_id: null, revision: null, path: gguf } },
  ]);
  assert.deepEqual([pinned?.name, pinned?.arguments], ["owner/name", { revision: "c0ffee" }]);
  assert.deepEqual([cached?.name, cached?.hub_id, cached?.arguments], [folder.path, "owner/name", {}]);
  assert.deepEqual([file?.name, file?.arguments], [folder.path, { gguf_file: "model.Q4.gguf" }]);
});

Deno.test("find_model() looks beside the study file, then takes a name for one of the hub", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("owner/name"), { recursive: true });
  const [local, hub] = sourcesOf(folder.path, [
    { model: "owner/name" },
    { model: "other/name", revision: "v1" },
  ]);
  assert.deepEqual([local?.kind, local?.name], ["folder", folder.at("owner/name")]);
  assert.deepEqual([hub?.kind, hub?.name, hub?.arguments], ["hub", "other/name", { revision: "v1" }]);
});
