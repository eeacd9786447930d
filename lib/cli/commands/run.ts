import { StopSwitch } from "../../process/stop.ts";
import { SaveError } from "../../storage/save_error.ts";
import { checkSpace } from "../../session/check_space.ts";
import { contain } from "../../session/contain.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { findInputs } from "../../session/find_inputs.ts";
import { lastWords } from "../terminal/last_words.ts";
import { refuseMissingMeters } from "../../session/open_metering.ts";
import { openNewest } from "../../session/open_newest.ts";
import {
  openNewStudy,
  type OpenStudy,
  outputFolder,
  prepareRuns,
  type RunArguments,
} from "../../session/open_study.ts";
import { printPlan } from "./plan.ts";
import { printIssues, printWarnings } from "../terminal/print_issues.ts";
import { readPlan } from "../../session/read_plan.ts";
import { resumeStudy } from "../../session/resume_study.ts";
import { runOpened } from "../../session/run_opened.ts";
import { listenForStop } from "../terminal/signals.ts";
import type { Streams } from "../terminal/streams.ts";
import { waitWhileBusy } from "../../session/wait_while_busy.ts";

/** `llem run`: a new study, or on with one. */
export async function runCommand(command: RunArguments, streams: Streams): Promise<number> {
  const stop = new StopSwitch();
  using _ = listenForStop(stop);
  const quiet = command.verbosity === "quiet";
  const say = (line: string): void => quiet ? undefined : streams.err.write(`llem: ${line}\n`);
  const patiently = (open: () => Promise<OpenStudy>): Promise<OpenStudy> =>
    waitWhileBusy(open, { seconds: command.waitSeconds, stop, say });
  let study: OpenStudy | null = null;
  try {
    const { resume } = command;
    if (resume !== null && resume.dir !== null) {
      const { dir } = resume;
      study = await patiently(() => resumeStudy(command, dir, { streams, stop }));
      return await lastWords(await runOpened(study, null, { command, streams, stop, say }), streams, stop);
    }
    const reading = readPlan(command);
    printWarnings(quiet ? [] : reading.warnings, streams);
    const { plan } = reading;
    if (plan === null) {
      printIssues(reading.issues, streams, command);
      return EXIT.usage;
    }
    if (command.dryRun) return await printPlan(plan, reading.warnings, command, streams);
    const { base_dir } = reading;
    // Before there is a directory: what cannot run here leaves nothing behind. All is told at once.
    const missing: string[] = [];
    const containment = await collecting(missing, () => contain(plan.execution.containment));
    await collecting(missing, () => refuseMissingMeters(plan, Deno.env.toObject(), stop.signal));
    const { docker, problems } = await prepareRuns(plan, { base_dir, signal: stop.signal, say });
    const inputs = await findInputs(plan.runs, { base_dir, stop, say, docker }, [...problems, ...missing]);
    const folder = outputFolder(command, reading);
    const openNew = (): OpenStudy => {
      checkSpace(folder, plan.runs.length, command, streams);
      return openNewStudy(command, reading, plan, { inputs, docker });
    };
    const open = resume === null
      ? () => Promise.resolve().then(openNew)
      : () => openNewest(command, { plan, folder, openNew, streams, stop, say });
    study = await patiently(open);
    return await lastWords(
      await runOpened(study, containment, { command, streams, stop, say }),
      streams,
      stop,
    );
  } catch (error) {
    if (!(error instanceof SaveError)) throw error;
    const next = study === null
      ? ""
      : `\nllem: the runs that had ended are saved; go on with: llem run --resume ${study.dir}`;
    throw new CommandError(EXIT.notSaved, `${error.message}${next}`);
  }
}

/** Null where this machine lacks something, which is then among the others. */
async function collecting<T>(missing: string[], check: () => Promise<T>): Promise<T | null> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== EXIT.preflight) throw error;
    missing.push(error.message);
    return null;
  }
}
