import assert from "node:assert/strict";
import { join } from "node:path";
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
  const [file, output, dir = null] = Deno.args;
  const heard = [];
  const stop = new StopSwitch();
  const emit = (event) => {
    heard.push(event.type === "notice" ? event.level + ": " + event.text : event.type);
  };
  const context = { stop, emit };
  const request = {
    file: dir === null ? file : null, overrides: [], output, resume: dir === null ? null : { dir },
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
  Deno.writeTextFileSync(
    study,
    JSON.stringify({
      name: "called",
      backend: "command",
      model: "none",
      command: { argv: ["sh", "-c", `test -e '${mark}' && exec '${join(WORKERS, "ok.sh")}'; exit 3`] },
      execution: { n_cycles: 2, experiment_gap_seconds: 0, cycle_gap_seconds: 0 },
      energy: { backend: null },
    }),
  );
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
});
