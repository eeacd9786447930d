import { openNewStudy, type OpenStudy, outputFolder, prepareRuns } from "./open_study.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import type { Plan } from "../plan/plan.ts";
import { shardProblem } from "../plan/shard.ts";
import { searchBounds } from "../plan/search.ts";
import type { ContainmentMethod } from "../process/containment.ts";
import { loadWarning, readLoad } from "../doctor/load.ts";
import { checkUmask } from "./check_umask.ts";
import { checkSpace } from "./check_space.ts";
import { collecting } from "./collecting.ts";
import { contain } from "./contain.ts";
import { warnOfLoad } from "./messages.ts";
import { boardsLeftOut } from "./boards/check_boards.ts";
import { warnOfBoard } from "./boards/messages.ts";
import { machineBoards } from "../metering/machine_boards.ts";
import { findInputs } from "./find_inputs.ts";
import { refuseMissingMeters } from "./open_metering.ts";
import { openNewest } from "./open_newest.ts";
import { readGpus } from "../host/gpus.ts";
import { type GroundParts, poolGround } from "./pool/pool_ground.ts";
import { refuseSharedCap } from "./pool/shared_cap.ts";
import { likelyMeters } from "../metering/start_meter.ts";
import type { Joined } from "./join/joined.ts";
import type { PlanReading } from "./read_plan.ts";
import { resumeStudy } from "./resume_study.ts";
import type { RunRequest } from "./run_request.ts";
import type { SessionContext } from "./session_context.ts";
import { downloadNotice, importantNotice, routineNotice } from "./session_event.ts";
import { waitWhileBusy } from "./wait_while_busy.ts";

/** A study that is ours to run, and its containment where that has been opened already. */
export interface OpenSession {
  readonly study: OpenStudy;
  readonly containment: ContainmentMethod | null;
  /** The caller asked to go on with a study, whether or not there was one. */
  readonly resumes: boolean;
  /** No pauses between its runs, whatever the plan says. */
  readonly noGaps: boolean;
  /** What it has in common with other agents on the study; left out where this process alone makes it. */
  readonly joined?: Joined;
}

/** A study that has been read and checks. */
export type CheckedReading = PlanReading & { readonly plan: Plan };

/** Takes up the study in a directory. Throws CommandError, also where another process holds it, and SaveError. */
export async function resumeSession(
  request: RunRequest,
  dir: string,
  context: SessionContext,
): Promise<OpenSession> {
  const study = await patiently(request, context, () => resumeStudy(request, dir, context));
  if (study.todo.length > 0) warnWhereBusy(context);
  return { study, containment: null, resumes: true, noGaps: request.noGaps === true };
}

/**
 * Makes sure that this machine can run a study, then makes its directory, or takes up its newest unfinished one where the
 * request asks for that. What cannot run here leaves nothing behind, and everything that is missing comes in one
 * CommandError. Throws as {@link resumeSession} does.
 */
export async function openSession(
  request: RunRequest,
  reading: CheckedReading,
  context: SessionContext,
): Promise<OpenSession> {
  const { base_dir } = reading;
  const plan = shardedPlan(reading.plan, request);
  const { stop, emit } = context;
  if (!reading.private_files) checkUmask();
  refuseSharedCap(plan.execution, readGpus().map(({ model }) => model));
  const say = routineNotice(emit);
  const missing: string[] = [];
  const containment = await collecting(missing, () => contain(plan.execution.containment));
  const env = Deno.env.toObject();
  const machine = await collecting(missing, () => refuseMissingMeters(plan, env, stop.signal)) ??
    machineBoards(null);
  refuseUnplaceable(plan, { base_dir, env, machine });
  const folder = outputFolder(request, reading);
  const { docker, problems } = await prepareRuns(plan, {
    base_dir,
    results: folder,
    signal: stop.signal,
    say,
    machine,
  });
  const progress = downloadNotice(emit);
  const search = { base_dir, stop, say, progress, docker };
  const inputs = await findInputs(plan.runs, search, [...problems, ...missing]);
  const resumes = request.resume !== null;
  const openNew = (): OpenStudy => {
    checkSpace(folder, searchBounds(plan)?.runs ?? plan.runs.length, { isNew: !resumes, emit });
    return openNewStudy(request, reading, plan, { inputs, docker, machine });
  };
  const open = resumes
    ? () => openNewest(request, { plan, folder, openNew }, context)
    : () => Promise.resolve().then(openNew);
  const study = await patiently(request, context, open);
  for (const text of boardsLeftOut(plan, machine, env)) importantNotice(emit)(warnOfBoard(text));
  warnWhereBusy(context);
  return { study, containment, resumes, noGaps: request.noGaps === true };
}

/** Throws CommandError where runs cannot be made at a time here as the study asks. A recording tells of other boards later. */
function refuseUnplaceable(plan: Plan, place: Pick<GroundParts, "base_dir" | "env" | "machine">): void {
  if (!likelyMeters(place.env).includes("replay")) {
    poolGround({ ...place, plan, todo: plan.runs, hasBegun: false });
  }
}

/** The plan with the part of it that is asked for. Throws CommandError where it has no such parts. */
function shardedPlan(plan: Plan, { shard }: RunRequest): Plan {
  if (shard === undefined) return plan;
  const problem = shardProblem(plan, shard);
  if (problem !== null) throw new CommandError(EXIT.usage, problem);
  return { ...plan, shard };
}

/** Says where other processes use the CPUs that runs are to be measured on. */
function warnWhereBusy({ load = null, emit }: SessionContext): void {
  const busy = loadWarning(load, readLoad());
  if (busy !== null) routineNotice(emit)(warnOfLoad(busy));
}

async function patiently(
  { waitSeconds }: RunRequest,
  { stop, emit }: SessionContext,
  open: () => Promise<OpenStudy>,
): Promise<OpenStudy> {
  return await waitWhileBusy(open, { seconds: waitSeconds, stop, say: routineNotice(emit) });
}
