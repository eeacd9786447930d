import { exists } from "../../base/files.ts";
import { pause } from "../../base/abort.ts";
import { join } from "node:path";
import { Claims } from "../../cluster/claims.ts";
import { STOP_SIGNALS } from "../../process/inherited.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { fillStudyFolder } from "../../archive/study_folder.ts";
import { type Disk, realDisk } from "../../storage/disk.ts";
import { SaveError } from "../../storage/save_error.ts";
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
    if (last !== null && liveness.lossOf(last.agent, last) === null) {
      if (!isTold) routineNotice(emit)(waitsForMaker(last.agent ?? "an agent"));
      isTold = true;
      await pause(LOOK_MS, stop.signal, stop.draining);
      refuseStopped(stop);
      continue;
    }
    if (reading === null) throw new CommandError(EXIT.usage, nothingToJoin(dir));
    const claim = claims.take(MAKING, last);
    if (claim === null) continue;
    const inputs = await findInputs();
    try {
      return fill(shared, { ...reading, inputs }, () => claims.holds(claim));
    } catch (error) {
      if (!(error instanceof SaveError && error.cause instanceof Overtaken)) throw error;
    }
  }
}

/** Another agent makes the study by now, and may have made it. */
class Overtaken extends Error {}

/** True where plan.json is ours. A maker that was stopped for longer than its lease writes over nothing of the next one. */
function fill(
  { dir, files }: Pick<SharedDir, "dir" | "files">,
  source: CheckedReading & { readonly inputs: StudyInputs },
  isMaker: () => boolean,
): boolean {
  let isMine = false;
  const disk: Disk = {
    ...realDisk,
    replace: (...file) => {
      if (!isMaker()) throw new Overtaken();
      realDisk.replace(...file);
    },
  };
  fillStudyFolder(disk, dir, source, source.plan, (_, content, mode) => {
    isMine = files.create("plan.json", new TextDecoder().decode(content), mode);
  });
  return isMine;
}

function refuseStopped({ requested, draining }: SessionContext["stop"]): void {
  if (requested !== null) throw new CommandError(STOP_SIGNALS[requested], stoppedBeforeFirstRun(requested));
  if (draining.aborted) throw new CommandError(EXIT.drained, stoppedBeforeFirstRun("SIGUSR2"));
}
