import { exists } from "../../base/files.ts";
import { pause } from "../../base/abort.ts";
import { join } from "node:path";
import { Claims } from "../../cluster/claims.ts";
import { STOP_SIGNALS } from "../../process/inherited.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { fillStudyFolder } from "../../archive/study_folder.ts";
import { realDisk } from "../../storage/disk.ts";
import type { StudyInputs } from "../../inputs/study_inputs.ts";
import type { SessionContext } from "../session_context.ts";
import { routineNotice } from "../session_event.ts";
import type { CheckedReading } from "../open_session.ts";
import { stoppedBeforeFirstRun } from "../messages.ts";
import { nothingToJoin, waitsForMaker } from "./messages.ts";
import type { SharedDir } from "./shared_dir.ts";

/** The claim of whoever makes the study. */
const MAKING = "study";

/** How often an agent looks for the study that another one makes. */
const LOOK_MS = 200;

/**
 * Makes the study in a shared directory, or waits until another agent has. One makes it: its claim is taken over where it is
 * lost, and plan.json, which comes last, is put there exclusively, so that a maker that comes back changes nothing. Null for
 * `reading`: only others can make it. True where this agent has made it.
 */
export async function makeShared(
  shared: SharedDir,
  reading: CheckedReading | null,
  findInputs: () => Promise<StudyInputs>,
  { stop, emit }: SessionContext,
): Promise<boolean> {
  const { dir, files, agent, liveness } = shared;
  const claims = new Claims(files, agent.agent);
  for (let isTold = false;;) {
    if (exists(join(dir, "plan.json"))) return false;
    const last = claims.last(MAKING);
    if (last !== null && liveness.lossOf(last.agent) === null) {
      if (!isTold) routineNotice(emit)(waitsForMaker(last.agent ?? "an agent"));
      isTold = true;
      await pause(LOOK_MS, stop.signal, stop.draining);
      refuseStopped(stop);
      continue;
    }
    if (reading === null) throw new CommandError(EXIT.usage, nothingToJoin(dir));
    if (claims.take(MAKING, last) === null) continue;
    const inputs = await findInputs();
    let isMine = false;
    fillStudyFolder(realDisk, dir, { ...reading, inputs }, reading.plan, (_, content, mode) => {
      isMine = files.create("plan.json", new TextDecoder().decode(content), mode);
    });
    return isMine;
  }
}

function refuseStopped({ requested, draining }: SessionContext["stop"]): void {
  if (requested !== null) throw new CommandError(STOP_SIGNALS[requested], stoppedBeforeFirstRun(requested));
  if (draining.aborted) throw new CommandError(EXIT.drained, stoppedBeforeFirstRun("SIGUSR2"));
}
