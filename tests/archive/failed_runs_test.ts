import assert from "node:assert/strict";
import { failedRuns } from "../../lib/archive/failed_runs.ts";
import { foldJournal } from "../../lib/journal/fold.ts";
import { started } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("failedRuns() leaves secrets out of the log of a run that was lost before it had a record", () => {
  using folder = new TempFolder();
  const env = { API_TOKEN: 's3cret "in" env' };
  const command = { argv: ["true"], env, env_from: ["NAMED_KEY"] };
  const plan = planOf([configOf({ command })]);
  const [run] = plan.runs;
  assert.ok(run !== undefined);
  const event = { ...started(run), at: "2026-01-01T00:00:00.000Z" };
  Deno.mkdirSync(folder.at("runs", event.run_id), { recursive: true });
  folder.write(`${event.folder}/worker.log`, `${JSON.stringify(env)}\nnamed, hf_Inher1ted\n`);
  const study = { dir: folder.path, plan, state: foldJournal([event]) };
  const [failed] = failedRuns(study, false, { NAMED_KEY: "named,", HF_TOKEN: "hf_Inher1ted" });
  assert.deepEqual(failed?.failure.log_tail, ['{"API_TOKEN":"***"}', "*** ***"]);
});
