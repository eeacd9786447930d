import { printable } from "../../base/text.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { readLoad } from "../../doctor/load.ts";
import { STOP_SIGNALS } from "../../process/inherited.ts";
import { StopSwitch } from "../../process/stop.ts";
import { Suspension } from "../../process/suspension.ts";
import { reportAt } from "../../report/verdict/messages.ts";
import type { StudyEnd } from "../../runner/run_study.ts";
import {
  type CheckedReading,
  type OpenSession,
  openSession,
  resumeSession,
} from "../../session/open_session.ts";
import { isShared } from "../../cluster/agents.ts";
import { readPlan } from "../../session/read_plan.ts";
import { openAgent } from "../../session/submit/open_agent.ts";
import { removeStopMark } from "../../cluster/stop_mark.ts";
import { runSession, type SessionEnd } from "../../session/run_session.ts";
import type { SessionContext } from "../../session/session_context.ts";
import { SaveError } from "../../storage/save_error.ts";
import type { Command } from "../arguments.ts";
import { OWN_OF_AGENT } from "../options/join_options.ts";
import { defectsAreOf } from "../defect.ts";
import { lastWords } from "../terminal/last_words.ts";
import { printIssues, printReading } from "../terminal/print_issues.ts";
import { RunScreen } from "../terminal/run_screen.ts";
import { listenForStop } from "../terminal/signals.ts";
import type { Streams } from "../terminal/streams.ts";
import { resumeAfterSaveError } from "../messages.ts";
import { showPlan } from "./plan.ts";
import { checkPageName } from "./output_file.ts";
import { reportOfRun } from "./run_report.ts";

type RunCommand = Command & { kind: "run" };

/** `llem run`: a new study, or on with one. */
export async function runCommand(command: RunCommand, streams: Streams): Promise<number> {
  const { report = null } = command;
  if (report !== null && report.file !== null) checkPageName(report.file);
  const stop = new StopSwitch();
  using _ = listenForStop(stop);
  using screen = new RunScreen(streams, command);
  const context: SessionContext = { stop, emit: (event) => screen.take(event), load: readLoad() };
  let session: OpenSession | null = null;
  try {
    const opening = await open(command, context, streams);
    if (opening.kind === "answered") return opening.exitCode;
    session = opening.session;
    defectsAreOf(session.study.dir);
    using suspension = new Suspension();
    screen.begin(session.study, stop, suspension);
    const end = await runSession(session, { ...context, suspension });
    const { dir } = session.study;
    const reported = report === null ? null : await reportOfRun(dir, report.file, context.emit);
    if (end.kind === "ran") await screen.showEnd({ ...end, dir }, reported);
    else if (reported !== null) context.emit({ type: "notice", level: "routine", text: reportAt(reported) });
    const exitCode = exitCodeOf(end);
    if (exitCode === EXIT.drained) {
      const text = await opening.leave?.() ?? null;
      if (text !== null) context.emit({ type: "notice", level: "important", text });
    }
    return await lastWords(exitCode, streams, stop);
  } catch (error) {
    if (!(error instanceof SaveError)) throw error;
    const next = session === null ? "" : `\nllem: ${printable(resumeAfterSaveError(session.study.dir))}`;
    throw new CommandError(EXIT.notSaved, `${error.message}${next}`);
  }
}

/** A session to run, or what the command came to without one. */
type Opening =
  | {
    readonly kind: "opened";
    readonly session: OpenSession;
    /** What an agent does once it was drained; what there is to say of it. */
    readonly leave?: () => Promise<string | null>;
  }
  | { readonly kind: "answered"; readonly exitCode: number };

async function open(command: RunCommand, context: SessionContext, streams: Streams): Promise<Opening> {
  const dir = command.resume?.dir ?? null;
  if (dir !== null && isShared(dir)) {
    return await agent(command, dir, null, context, streams);
  }
  const join = command.join ?? null;
  if (join !== null && command.file === null && !namesStudy(command)) {
    return await agent(command, join, null, context, streams);
  }
  if (dir !== null) {
    const session = await resumeSession(command, dir, context);
    // Who has the study now is not who was to stop.
    removeStopMark(dir);
    return { kind: "opened", session };
  }
  const reading = readPlan(join === null ? command : withoutOwn(command));
  const { json, verbosity } = command;
  const plan = printReading(reading, streams, { json, isQuiet: verbosity === "quiet" });
  if (plan === null) return { kind: "answered", exitCode: EXIT.usage };
  if (command.dryRun) {
    return { kind: "answered", exitCode: await showPlan({ ...reading, plan }, command, streams) };
  }
  const checked = { ...reading, plan };
  if (join !== null) return await agent(command, join, checked, context, streams);
  return { kind: "opened", session: await openSession(command, checked, context) };
}

/** This process as an agent of a shared study. */
async function agent(
  command: RunCommand,
  dir: string,
  given: CheckedReading | null,
  context: SessionContext,
  streams: Streams,
): Promise<Opening> {
  const opening = await openAgent(command, dir, given, context);
  switch (opening.kind) {
    case "opened":
      return opening;
    case "stopped":
      return { kind: "answered", exitCode: EXIT.ok };
    case "invalid":
      printIssues(opening.reading.issues, streams, command);
      return { kind: "answered", exitCode: EXIT.usage };
  }
}

/** What an agent is given for itself is none of the study that it makes. */
function withoutOwn(command: RunCommand): RunCommand {
  return { ...command, overrides: command.overrides.filter(({ source }) => !OWN_OF_AGENT.has(source)) };
}

/** True where options make a study; what remains says on what an agent runs. */
function namesStudy({ overrides }: RunCommand): boolean {
  return overrides.some(({ source }) => source === "--model" || source === "--server");
}

function exitCodeOf(session: SessionEnd): number {
  if (session.kind === "ran") return exitCodeOfStudy(session.end);
  return session.failed === 0 ? EXIT.ok : EXIT.runsFailed;
}

function exitCodeOfStudy(end: StudyEnd): number {
  if (end.status === "completed") return EXIT.ok;
  switch (end.cut?.kind) {
    case "signal":
      return STOP_SIGNALS[end.cut.signal];
    case "unkillable":
    case "drained":
      return EXIT[end.cut.kind];
    case "others":
      return EXIT.othersAtWork;
    case undefined:
      return EXIT.runsFailed;
  }
}
