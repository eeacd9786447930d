import assert from "node:assert/strict";
import { unrecordedAttempts } from "../../lib/archive/unrecorded_attempts.ts";
import { foldJournal } from "../../lib/journal/fold.ts";
import type { Run } from "../../lib/experiment/run.ts";
import { runFolderName } from "../../lib/results/run_folder.ts";
import { finished, opened, stamped, started } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

const plan = planOf([configOf(), configOf({ n: 2 }), configOf({ n: 3 })]);
const [first, second, third] = plan.runs;
if (first === undefined || second === undefined || third === undefined) throw new Error("The plan is short");

function nameOf(run: Run, attempt: number): string {
  const { index, config_hash, cycle, config: { model, backend } } = run;
  return runFolderName({ index, model, backend, config_hash, cycle, attempt });
}

Deno.test("unrecordedAttempts() finds folders of attempts after the last that the journal names", () => {
  using folder = new TempFolder();
  const state = foldJournal(
    stamped([opened(plan), started(first), finished(first, "crashed"), started(second)]),
  );
  const names = [[first, 1], [first, 2], [first, 3], [second, 1], [third, 1], [third, 3]] as const;
  for (const [run, attempt] of names) {
    Deno.mkdirSync(folder.at("runs", nameOf(run, attempt)), { recursive: true });
  }
  const found = unrecordedAttempts(folder.path, plan.runs, state);
  assert.deepEqual(found.map(({ index, attempt }) => [index, attempt]), [[1, 2], [1, 3], [3, 1]]);
  assert.deepEqual(found[2], {
    index: 3,
    config_hash: third.config_hash,
    cycle: 1,
    attempt: 1,
    run_id: nameOf(third, 1),
    folder: `runs/${nameOf(third, 1)}`,
  });
  assert.deepEqual(unrecordedAttempts(folder.path, [second], state), []);
});

Deno.test("unrecordedAttempts() finds none where there are no run folders", () => {
  using folder = new TempFolder();
  assert.deepEqual(unrecordedAttempts(folder.path, plan.runs, foldJournal([])), []);
});
