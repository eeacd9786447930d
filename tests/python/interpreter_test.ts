import assert from "node:assert/strict";
import { surelyMissing } from "../../lib/python/installed_files.ts";
import { findInterpreter } from "../../lib/python/interpreter.ts";
import { TempFolder } from "../support/temp_folder.ts";

const FIELD = "pytorch.python";

/** Interpreters by their place in a folder; none of them is ever started. */
function places(...paths: readonly string[]): TempFolder {
  const folder = new TempFolder();
  for (const path of paths) {
    Deno.mkdirSync(folder.at(path, ".."), { recursive: true });
    folder.write(path, "#!/bin/sh\n");
  }
  return folder;
}

Deno.test("findInterpreter() takes what the study names, LLEM_PYTHON, a virtual environment, conda's, python3 of PATH: in this order", () => {
  using at = places("study/own", "here/mine", "venv/bin/python", "conda/bin/python", "bin/python3", "bin/py");
  const env: Record<string, string> = {
    LLEM_PYTHON: "./mine",
    VIRTUAL_ENV: at.at("venv"),
    CONDA_PREFIX: at.at("conda"),
    PATH: at.at("bin"),
  };
  const found = (named: string | null): string | null =>
    findInterpreter(named, FIELD, { env, base_dir: at.at("study"), cwd: at.at("here") }).path;
  assert.equal(found("./own"), at.at("study/own"));
  assert.equal(found("py"), at.at("bin/py"));
  assert.equal(found(at.at("bin/py")), at.at("bin/py"));
  assert.equal(found(null), at.at("here/mine"));
  env["LLEM_PYTHON"] = "py";
  assert.equal(found(null), at.at("bin/py"));
  env["LLEM_PYTHON"] = "";
  assert.equal(found(null), at.at("venv/bin/python"));
  env["VIRTUAL_ENV"] = "";
  assert.equal(found(null), at.at("conda/bin/python"));
  // A conda environment without a Python of its own.
  env["CONDA_PREFIX"] = at.at("bin");
  assert.equal(found(null), at.at("bin/python3"));
});

Deno.test("findInterpreter() writes out the user's home and keeps links, by which a virtual environment is known", () => {
  using at = places("home/me/env/bin/real");
  Deno.symlinkSync("real", at.at("home/me/env/bin/python"));
  const place = { env: { HOME: at.at("home/me") }, base_dir: at.path, cwd: at.path };
  const expected = at.at("home/me/env/bin/python");
  assert.equal(findInterpreter("~/env/bin/python", FIELD, place).path, expected);
  const env = { ...place.env, LLEM_PYTHON: "~/env/bin/python" };
  assert.equal(findInterpreter(null, FIELD, { ...place, env }).path, expected);
});

Deno.test("findInterpreter() never passes over one that is named and not there, and says who named it", () => {
  using at = places("bin/python3");
  at.write("plain", "");
  const cases: readonly (readonly [named: string | null, env: Record<string, string>, message: RegExp])[] = [
    [
      "./gone",
      {},
      /^pytorch\.python: .*\/gone does not exist\. Paths with a slash start at the study file's/,
    ],
    ["gone", {}, /^pytorch\.python: "gone" is not in PATH/],
    ["./plain", {}, /^pytorch\.python: .*plain is not executable/],
    [null, { LLEM_PYTHON: "./gone" }, /^LLEM_PYTHON: \/.*\/gone does not exist\.$/],
    [null, { VIRTUAL_ENV: at.at("deleted") }, /^VIRTUAL_ENV: .*\/deleted\/bin\/python does not exist\.$/],
    [null, { PATH: "/nowhere" }, /^python3: "python3" is not in PATH \(\/nowhere\)/],
  ];
  for (const [named, env, message] of cases) {
    const place = { env: { PATH: at.at("bin"), ...env }, base_dir: at.path, cwd: at.path };
    const found = findInterpreter(named, FIELD, place);
    assert.ok(found.path === null, String(named));
    assert.match(found.message, message);
  }
});

Deno.test("surelyMissing() tells modules that a virtual environment lacks, and nothing where others may bring them", () => {
  using folder = new TempFolder();
  const packages = "venv/lib/python3.12/site-packages";
  Deno.mkdirSync(folder.at(packages, "torch"), { recursive: true });
  folder.write(`${packages}/six.py`, "");
  folder.write(`${packages}/_fast.cpython-312-x86_64-linux-gnu.so`, "");
  folder.write("venv/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n");
  const python = folder.at("venv", "bin", "python");
  const missing = (env: Readonly<Record<string, string>> = {}): string[] =>
    surelyMissing(python, ["torch", "six", "_fast", "gguf"], env);
  assert.deepEqual(missing(), ["gguf"]);
  assert.deepEqual(missing({ PYTHONPATH: "/elsewhere" }), []);
  folder.write(`${packages}/distutils-precedence.pth`, "# why\nimport os; os.environ\n");
  assert.deepEqual(missing(), ["gguf"]);
  for (
    const [name, text] of [["paths.pth", "/elsewhere"], ["__editable__.x.pth", "import finder\n"]] as const
  ) {
    folder.write(`${packages}/${name}`, text);
    assert.deepEqual(missing(), [], name);
    Deno.removeSync(folder.at(packages, name));
  }
  folder.write("venv/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = true\n");
  assert.deepEqual(missing(), []);
  assert.deepEqual(surelyMissing(folder.at("python"), ["gguf"], {}), []);
});
