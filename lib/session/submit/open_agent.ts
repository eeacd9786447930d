import { join } from "node:path";
import { exists } from "../../base/files.ts";
import { arrayTaskOf } from "../../cluster/slurm/requeue.ts";
import { askSlurm } from "../../cluster/slurm/slurm_command.ts";
import { readStopMark, removeStopMark } from "../../cluster/stop_mark.ts";
import { openJoin } from "../join/open_join.ts";
import type { CheckedReading, OpenSession } from "../open_session.ts";
import type { PlanReading } from "../read_plan.ts";
import type { AgentWishes, RunRequest } from "../run_request.ts";
import type { SessionContext } from "../session_context.ts";
import { importantNotice } from "../session_event.ts";
import { leaveTask } from "./leave_task.ts";
import { goesOnAfterStop, staysStopped } from "./messages.ts";
import { standingOf } from "./standing.ts";
import { readSubmission, readSubmitted } from "./submission.ts";
import { openTimeLeft } from "./time_left.ts";

/** What became of an agent that was to begin. */
export type AgentOpening =
  | {
    readonly kind: "opened";
    readonly session: OpenSession;
    /** Once the session is over and was drained: puts its task back into Slurm's queue where that is due. What there is to say. */
    readonly leave: () => Promise<string | null>;
  }
  /** The study was stopped, and this agent respects that. */
  | { readonly kind: "stopped" }
  /** What was submitted does not check on this machine. */
  | { readonly kind: "invalid"; readonly reading: PlanReading };

const NO_WISHES: AgentWishes = { for_s: null, unlessStopped: false };

/**
 * Opens this process as an agent in a directory: of the study that is there, of the one that is given or, where there is none
 * yet, of the one that was submitted. Throws as `openJoin` does.
 */
export async function openAgent(
  request: RunRequest,
  dir: string,
  given: CheckedReading | null,
  context: SessionContext,
): Promise<AgentOpening> {
  const { for_s, unlessStopped } = request.agent ?? NO_WISHES;
  const env = Deno.env.toObject();
  const say = importantNotice(context.emit);
  const isStopped = readStopMark(dir) !== null;
  if (isStopped && unlessStopped) {
    say(staysStopped(dir));
    return { kind: "stopped" };
  }
  if (isStopped && removeStopMark(dir)) say(goesOnAfterStop());
  const submission = readSubmission(dir);
  let reading = given;
  if (given === null && submission !== null && !exists(join(dir, "plan.json"))) {
    const submitted = readSubmitted(submission);
    const { plan } = submitted;
    if (plan === null) return { kind: "invalid", reading: submitted };
    reading = { ...submitted, plan };
  }
  const time = await openTimeLeft({ forSeconds: for_s, env });
  // What is done is asked for where it matters alone: it takes reading all journals.
  const endedBefore = arrayTaskOf(env) === null ? 0 : standingOf(dir)?.ended ?? 0;
  const session = await openJoin(
    {
      ...request,
      timeLeftMs: () => time.leftMs(),
      expected_s: (hash) => submission?.expected_s[hash] ?? null,
    },
    dir,
    reading,
    context,
  );
  return { kind: "opened", session, leave: () => leaveTask(dir, env, endedBefore, askSlurm) };
}
