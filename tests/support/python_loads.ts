/** Loads many configurations in one Python process, for tests of loading: importing torch costs seconds. */
import type { JsonObject } from "../../lib/base/json.ts";
import type { Assignment } from "../../lib/protocol/assignment.ts";
import type { ErrorFrame, NoteFrame } from "../../lib/protocol/frame.ts";
import { TempFolder } from "./temp_folder.ts";
import { PYTHON_FOLDER, testPython } from "./python_worker.ts";

/** What load() made of one assignment. */
export interface LoadOutcome {
  readonly facts?: JsonObject;
  readonly settings?: JsonObject;
  /** Settings of generation that are not the library's own. */
  readonly generation?: JsonObject;
  /** 8 tokens after each of two prompts of different length, generated together. */
  readonly tokens?: readonly (readonly number[])[];
  readonly notes: readonly Omit<NoteFrame, "type">[];
  /** What the library said on stderr. */
  readonly log: string;
  readonly error?: Omit<ErrorFrame, "type">;
}

/** Loads each assignment, generates a few tokens with it and forgets it. */
export async function loadAll(
  assignments: Readonly<Record<string, Assignment>>,
): Promise<Record<string, LoadOutcome>> {
  // Where transformers keeps code of models that may be run.
  using modules = new TempFolder();
  const child = new Deno.Command(testPython(), {
    args: ["-c", LOADS],
    env: { PYTHONPATH: PYTHON_FOLDER, HF_MODULES_CACHE: modules.path },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = new Response(child.stdout).text();
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(JSON.stringify(assignments)));
  await stdin.close();
  if (!(await child.status).success) {
    throw new Error("The process that loads models failed; its stderr is above");
  }
  return JSON.parse(await output);
}

const LOADS = `
import copy, json, os, sys, tempfile
results_fd = os.dup(1)
os.dup2(2, 1)
assignments = json.load(sys.stdin)
from llem_worker.failures import error_frame
from llem_worker.engines.pytorch.engine import name_failure
from llem_worker.engines.pytorch.load import load
from llem_worker.engines.pytorch.seeding import seed

class Notes(list):
    def note(self, level, text, code):
        self.append({"level": level, "text": text, "code": code})

def generate(loaded):
    count = 1 if loaded.generation.prompt_lookup_num_tokens else 2
    rows = loaded.tokenizer(["the world", "hi"][:count], return_tensors="pt", padding=True,
                            return_token_type_ids=False).to(loaded.device)
    generation = copy.deepcopy(loaded.generation)
    generation.max_new_tokens = 8
    ids = loaded.model.generate(**rows, generation_config=generation)
    return ids[:, rows.input_ids.shape[1]:].tolist()

def outcome(assignment):
    notes = Notes()
    try:
        loaded = load(assignment, notes)
        seed(assignment["config"]["random_seed"])
        return {"facts": loaded.facts, "settings": loaded.settings, "tokens": generate(loaded), "notes": notes,
                "generation": json.loads(loaded.generation.to_json_string(use_diff=True))}
    except Exception as error:
        return {"error": error_frame(error, name_failure), "notes": notes}

def with_log(assignment):
    import torch
    torch._dynamo.reset()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            found = outcome(assignment)
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
        log.seek(0)
        return {**found, "log": log.read().decode(errors="replace")}

import torch._dynamo
outcomes = {name: with_log(assignment) for name, assignment in assignments.items()}
os.write(results_fd, json.dumps(outcomes).encode())
`;
