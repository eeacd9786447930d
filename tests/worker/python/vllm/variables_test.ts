/** Variables that a user sets for vLLM: one that it cannot read fails a run under its name. */
import assert from "node:assert/strict";
import { PYTHON_FOLDER } from "../../../support/python_forks.ts";
import { testPython } from "../../../support/python_worker.ts";
import { TempFolder } from "../../../support/temp_folder.ts";

const PROGRAM = `
import os
from llem_worker.engines.vllm.variables import check_logging_config, check_variables
from llem_worker.errors import WorkerError
# As vLLM has them: each reads its variable, or has a value of its own.
READERS = {name: lambda name=name: int(os.environ.get(name, "0")) for name in ("VLLM_A", "VLLM_B")}
try:
    check_logging_config()
    check_variables(READERS)
    print("ok", end="")
except WorkerError as error:
    print(error.error_type, error.message, end="")
`;

function said(env: Readonly<Record<string, string>>): string {
  const child = new Deno.Command(testPython(), {
    args: ["-c", PROGRAM],
    env: { PYTHONPATH: PYTHON_FOLDER, ...env },
    stderr: "inherit",
  }).outputSync();
  return new TextDecoder().decode(child.stdout);
}

Deno.test("a variable that vLLM cannot read is named, with the reason", () => {
  using temp = new TempFolder();
  const [whole, cut] = [temp.write("whole.json", "{}"), temp.write("cut.json", "{")];
  assert.equal(said({ VLLM_A: "3", VLLM_LOGGING_CONFIG_PATH: whole }), "ok");
  assert.match(
    said({ VLLM_B: "abc" }),
    /^bad_setting vLLM cannot read the variable VLLM_B .*: ValueError: invalid literal .*'abc'\. Correct it, or unset/,
  );
  assert.match(
    said({ VLLM_LOGGING_CONFIG_PATH: cut }),
    /variable VLLM_LOGGING_CONFIG_PATH .*JSONDecodeError/,
  );
  const absent = { VLLM_LOGGING_CONFIG_PATH: temp.at("absent.json") };
  assert.match(said(absent), /VLLM_LOGGING_CONFIG_PATH .*: FileNotFoundError: .*absent\.json/);
  assert.equal(said({ ...absent, VLLM_CONFIGURE_LOGGING: "0" }), "ok");
});
