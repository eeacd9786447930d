import assert from "node:assert/strict";
import { join } from "node:path";
import { openStudyFolder } from "../../lib/archive/study_folder.ts";
import { sloOfRuns } from "../../lib/archive/summary_builder.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import { foldJournal } from "../../lib/journal/fold.ts";
import { reanalyseStudy } from "../../lib/session/reanalyse_study.ts";
import "../support/libc.ts";
import { WORKERS } from "../support/plans.ts";
import { Program } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** A caller that is no command line: it opens and runs a study, and prints one line of what it heard. */
const CALLER = `
  import { openSession, resumeSession } from "/lib/session/open_session.ts";
  import { readPlan } from "/lib/session/read_plan.ts";
  import { runSession } from "/lib/session/run_session.ts";
  import { StopSwitch } from "/lib/process/stop.ts";
  import { Suspension } from "/lib/process/suspension.ts";
  const [file, output, dir = null, named = null] = Deno.args;
  const heard = [];
  const stop = new StopSwitch();
  const emit = (event) => {
    heard.push(event.type === "notice" ? event.level + ": " + event.text : event.type);
  };
  const context = { stop, emit };
  const request = {
    file: dir === null || named !== null ? file : null, overrides: [], output, resume: dir === null ? null : { dir },
    retryFailed: true, waitSeconds: 0, noLock: false,
  };
  const session = dir === null
    ? await openSession(request, readPlan(request), context)
    : await resumeSession(request, dir, context);
  using suspension = new Suspension();
  const end = await runSession(session, { ...context, suspension });
  const totals = end.kind === "ran" ? end.end.totals : null;
  const rows = end.kind === "ran" ? end.summary.rows.length : null;
  console.log(JSON.stringify({ dir: session.study.dir, kind: end.kind, totals, rows, heard }));
`;

interface Heard {
  readonly dir: string;
  readonly kind: string;
  readonly totals: { readonly completed: number; readonly failed: number } | null;
  readonly rows: number | null;
  readonly heard: readonly string[];
}

/** Runs the caller; its stderr goes into a file, which must stay empty. */
async function call(folder: TempFolder, args: readonly string[]): Promise<Heard> {
  const said = folder.at("stderr");
  await using program = new Program(CALLER, { args, wrap: `exec 2>'${said}'` });
  // The first line of stdout is the caller's own: a session that printed would come before it.
  const line = await program.line();
  await program.status;
  assert.equal(Deno.readTextFileSync(said), "");
  return JSON.parse(line);
}

Deno.test("a session is opened, run and resumed by any caller, and prints nothing", async () => {
  using folder = new TempFolder();
  const study = folder.at("study.yaml");
  const mark = folder.at("mark");
  const write = (slo: JsonObject | null): void =>
    Deno.writeTextFileSync(
      study,
      JSON.stringify({
        ...slo === null ? {} : { slo },
        name: "called",
        backend: "command",
        model: "none",
        command: { argv: ["sh", "-c", `test -e '${mark}' && exec '${join(WORKERS, "ok.sh")}'; exit 3`] },
        execution: { n_cycles: 2, experiment_gap_seconds: 0, cycle_gap_seconds: 0 },
        energy: { backend: null },
      }),
    );
  write(null);
  const first = await call(folder, [study, folder.at("out")]);
  assert.equal(first.kind, "ran");
  assert.deepEqual([first.totals?.completed, first.totals?.failed, first.rows], [0, 2, 1]);
  const types = first.heard.filter((text) => !text.includes(": "));
  assert.deepEqual(types.slice(0, 2), ["study_started", "run_started"]);
  assert.equal(types.at(-1), "study_finished");
  assert.equal(types.filter((type) => type === "run_finished").length, 2);
  assert.ok(first.heard.includes("routine: energy: not metered: energy.backend is null"), first.heard.join());

  Deno.writeTextFileSync(mark, "");
  const again = await call(folder, [study, folder.at("out"), first.dir]);
  assert.deepEqual([again.totals?.completed, again.totals?.failed], [2, 0]);
  assert.ok(again.heard.includes("routine: resuming: 2 runs to do (2 failed)"), again.heard.join());

  const over = await call(folder, [study, folder.at("out"), first.dir]);
  assert.deepEqual([over.kind, over.totals], ["nothing_to_do", null]);

  // A promise that came later is judged by what was kept of the requests: two, with TTFTs of 5 and 7 ms.
  write({ ttft_ms: 6, share: 0.5 });
  const judged = await call(folder, [study, folder.at("out"), first.dir, "named"]);
  assert.equal(judged.kind, "nothing_to_do");
  assert.ok(judged.heard.includes("important: 2 earlier results judged anew, without running anything"));
  const verdicts = (): unknown[] => {
    const { slo, rows: [row] } = JSON.parse(Deno.readTextFileSync(join(first.dir, "summary.json")));
    return [slo?.ttft_ms, row.slo, row.metrics.slo_share?.mean];
  };
  assert.deepEqual(verdicts(), [6, { met: 2, missed: 0, unknown: 0, certified: 0 }, 0.5]);

  write({ ttft_ms: 4 });
  const lines: string[] = [];
  const summary = reanalyseStudy({ file: study, overrides: [] }, first.dir, (event) => {
    if (event.type === "notice") lines.push(event.text);
  });
  assert.deepEqual(lines, [
    "results are judged by the slo of the study file: TTFT <= 4 ms for 99 % of the requests",
    "2 results computed again from their requests",
  ]);
  assert.deepEqual(verdicts(), [4, { met: 0, missed: 2, unknown: 0, certified: 0 }, 0]);
  const { plan, events } = openStudyFolder(first.dir);
  assert.deepEqual(sloOfRuns(first.dir, plan, foldJournal(events)), { ...summary.rows[0]?.slo });
  write(null);
  reanalyseStudy({ file: study, overrides: [] }, first.dir, () => {});
  assert.deepEqual(verdicts(), [undefined, undefined, undefined]);
});
