/** What another engine in Python takes: a package and a line in the table, over the shared parts. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import type { JsonObject } from "../../../lib/base/json.ts";
import { encodeAssignment } from "../../../lib/protocol/assignment.ts";
import { PYTHON_FOLDER, pythonAssignment, testPython } from "../../support/python_worker.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { type Said, WorkerProcess } from "../../support/worker_process.ts";

const ENGINE = `
from llem_worker.clock import monotonic_ns
from llem_worker.errors import WorkerError
from llem_worker.generation import Generation, Request
from llem_worker.run import run_engine


def prepare():
    pass


def run(assignment, report):
    run_engine(Counting(assignment), assignment, report)


def name_failure(error):
    return WorkerError("miscounted", "It was counted wrong. Count again.") if type(error) is KeyError else None


class Tokenizer:
    """Ten tokens, of which the first begins a text and the last ends it."""

    bos_token_id, all_special_ids, added_tokens_decoder = 0, [0, 9], {}

    def __call__(self, texts, **options):
        return {"input_ids": [0, 1]}

    def get_vocab(self):
        return {str(id): id for id in range(10)}

    def decode(self, ids):
        return " ".join(map(str, ids))


class Counting:
    """Counts upwards instead of generating."""

    backend = "counting"

    def __init__(self, assignment):
        self.assignment = assignment

    def import_packages(self):
        pass

    def versions(self):
        return {"counting": "1.0", "abacus": None}

    def devices(self):
        return ["fingers"]

    def hold_devices(self):
        return False

    def loader(self):
        return lambda report: Loaded(self.assignment["config"]["model"])

    def clean_up(self):
        print("cleaned up")
        if self.assignment["config"]["model"] != "abacus":
            raise KeyError("no broom")


class Loaded:
    tokenizer, end_ids, vocabulary, context_length = Tokenizer(), frozenset([9]), 10, 8
    on_gpus, batch_size, facts, settings = False, 2, {"name": "abacus"}, {"beads": 10}

    def __init__(self, model):
        self.model = model

    def generator(self, prompts):
        return self

    def seed(self, seed):
        self.settings = {"beads": 10, "seed": seed}

    def reset_peak_memory(self):
        pass

    def memory(self):
        if self.model == "forgetful":
            raise AttributeError("no beads")
        return {"peak_bytes": None}

    def further_metrics(self, totals):
        if self.model == "forgetful":
            raise AttributeError("no rows")
        return {"beads_per_token": totals.output_tokens}

    def close(self):
        if self.model == "forgetful":
            raise OSError("jammed")

    def forget(self):
        pass

    def synchronise(self):
        pass

    def run(self, prompts, progress=None):
        if self.model == "broken":
            raise KeyError(3)
        begin = monotonic_ns()
        requests = [self.request(prompt, begin) for prompt in prompts]
        return Generation(requests, begin, begin + 1, begin + 9, 0, 0)

    def request(self, prompt, begin):
        tokens = list(range(prompt.max_output))
        return Request(prompt, tokens, [begin + 1 + token for token in tokens], begin + 9, len(tokens))
`;

/** Runs the worker with that engine added, on a model of that name. */
async function runCounting(model: string): Promise<Said> {
  using folder = new TempFolder();
  const copy = folder.at("python");
  cpSync(PYTHON_FOLDER, copy, { recursive: true });
  const engines = `${copy}/llem_worker/engines`;
  Deno.mkdirSync(`${engines}/counting`);
  Deno.writeTextFileSync(`${engines}/counting/__init__.py`, "");
  Deno.writeTextFileSync(`${engines}/counting/engine.py`, ENGINE);
  Deno.writeTextFileSync(`${engines}/counting/packages.py`, 'PACKAGES = {"abacus": ("abacus",)}\n');
  const table = Deno.readTextFileSync(`${engines}/__init__.py`);
  const line = '    "counting": "llem_worker.engines.counting.engine",\n';
  Deno.writeTextFileSync(`${engines}/__init__.py`, table.replace("ENGINES = {\n", `ENGINES = {\n${line}`));
  const assignment = pythonAssignment(model);
  await using worker = new WorkerProcess({ argv: [testPython(), `${copy}/main.py`] });
  const other = { ...assignment, config: { ...assignment.config, backend: "counting" } };
  await worker.write(encodeAssignment(other as unknown as typeof assignment));
  return await worker.ended();
}

Deno.test("another engine runs over the shared parts of the Python worker", async () => {
  const { status, stderr, hello, phases, requests, notes, result } = await runCounting("abacus");
  assert.equal(status.code, 0, stderr);
  assert.equal(hello?.backend, "counting");
  assert.deepEqual(Object.keys(hello?.versions ?? {}), ["llem", "python", "counting"]);
  assert.deepEqual(hello?.devices, ["fingers"]);
  const names = phases.map(({ name, edge }) => `${name} ${edge}`);
  assert.deepEqual(names.slice(0, 3), ["load begin", "load end", "measure begin"]);
  assert.deepEqual(names.slice(-3), ["measure end", "close begin", "close end"]);
  assert.deepEqual(
    requests.map(({ index, input_tokens, output_tokens }) => [index, input_tokens, output_tokens]),
    [
      [0, 12, 6],
      [1, 12, 6],
      [2, 12, 6],
    ],
  );
  assert.deepEqual(notes.map(({ code }) => code), ["context_exceeded"]);
  assert.deepEqual([result?.input_tokens, result?.output_tokens, result?.requests], [36, 18, 3]);
  const { beads_per_token, sample_output, output_hash } = result?.metrics ?? {};
  const { batch_size, seed } = result?.["settings"] as JsonObject;
  assert.deepEqual([beads_per_token, batch_size, seed], [18, 2, 42]);
  assert.deepEqual(sample_output, { token_ids: [0, 1, 2, 3, 4, 5], text: "0 1 2 3 4 5" });
  assert.match(String(output_hash), /^[0-9a-f]{64}$/);
  assert.match(stderr, /cleaned up/);
});

Deno.test("another engine names its own failures, and cleans up after a run that failed", async () => {
  const { status, error, stderr } = await runCounting("broken");
  assert.deepEqual([status.code, error?.error_type], [1, "miscounted"]);
  assert.equal(error?.message, "It was counted wrong. Count again.");
  assert.match(stderr, /cleaned up/);
});

Deno.test("what an engine cannot tell or end once it is measured takes nothing from the result", async () => {
  const { status, stderr, phases, notes, result, error } = await runCounting("forgetful");
  assert.equal(status.code, 0, stderr);
  assert.equal(error, undefined);
  assert.deepEqual([result?.output_tokens, result?.memory, result?.metrics?.["passes"]], [18, {}, 1]);
  assert.deepEqual(notes.filter(({ code }) => code === "facts_unreadable").map(({ text }) => text), [
    "The engine's part of memory is left out of the result, since it could not be read: AttributeError: no beads",
    "The engine's part of metrics is left out of the result, since it could not be read: AttributeError: no rows",
  ]);
  assert.match(stderr, /OSError: jammed/);
  assert.match(stderr, /KeyError: 'no broom'/);
  assert.deepEqual(phases.at(-1)?.edge, "end");
});

Deno.test("the probe looks for what every engine says", () => {
  const { stdout } = new Deno.Command(testPython(), {
    args: ["-c", "import json; from llem_worker.engines import packages; print(json.dumps(packages()))"],
    env: { PYTHONPATH: PYTHON_FOLDER },
  }).outputSync();
  const packages = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual(packages["torch"], ["torch"]);
  assert.deepEqual(packages["flash_attn"], ["flash-attn", "flash_attn"]);
});
