import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removePythonWorker, writePythonWorker } from "../../lib/python/worker_files.ts";
import { TempFolder } from "../support/temp_folder.ts";

const SOURCE = fileURLToPath(new URL("../../worker/python", import.meta.url));

/** Every file below a folder, relative to it. */
function filesBelow(root: string, folder = ""): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(root, join(folder, name)) : [join(folder, name)]
  ).sort();
}

Deno.test("writePythonWorker() writes every module, and nothing that Python left beside them", () => {
  using folder = new TempFolder();
  // What tests and scripts/bench compare the worker with stays in the repository.
  const expected = filesBelow(SOURCE).filter((path) => path.endsWith(".py") && !path.startsWith("plain/"));
  assert.ok(expected.includes("main.py") && expected.includes("llem_worker/probe.py"));
  {
    using worker = writePythonWorker(folder.path);
    assert.equal(worker.main, folder.at(".llem-python", "main.py"));
    assert.deepEqual(filesBelow(folder.at(".llem-python")), expected);
    for (const path of expected) {
      assert.equal(folder.read(join(".llem-python", path)), Deno.readTextFileSync(join(SOURCE, path)));
    }
    // Bytecode, which its interpreters write there, goes with it.
    Deno.mkdirSync(folder.at(".llem-python", "__pycache__"));
    folder.write(".llem-python/__pycache__/main.pyc", "");
  }
  assert.deepEqual(folder.names(), []);
});

Deno.test("writePythonWorker() replaces what a killed runner left, and leaves nothing where it cannot write", () => {
  using folder = new TempFolder();
  for (const left of [".llem-python", ".llem-python.new"]) {
    Deno.mkdirSync(folder.at(left));
    folder.write(`${left}/stale.py`, "");
  }
  using _ = writePythonWorker(folder.path);
  assert.deepEqual(folder.names(), [".llem-python"]);
  assert.ok(!folder.names(".llem-python").includes("stale.py"));
  removePythonWorker(folder.path);
  assert.deepEqual(folder.names(), []);
  removePythonWorker(folder.path);
  assert.throws(() => writePythonWorker(folder.at("gone")), Deno.errors.NotFound);
});
