import { join } from "node:path";
import { LLEM_VERSION } from "../../base/version.ts";
import { exists, namesIn } from "../../base/files.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { monotonicMs } from "../../base/clock.ts";
import { type Agent, isGone, isShared, readAgent, thisAgent, writeAgent } from "../../cluster/agents.ts";
import { Heart, readBeat } from "../../cluster/beats.ts";
import { Liveness } from "../../cluster/liveness.ts";
import { probe } from "../../cluster/probe.ts";
import { SHARED, type SharedFiles, sharedFiles } from "../../cluster/shared_files.ts";
import { type LockTaker, shareStudy } from "../../archive/locks.ts";
import { realDisk } from "../../storage/disk.ts";
import { SaveError } from "../../storage/save_error.ts";
import { makeOwnFolder, removeLostFolders } from "./own_folder.ts";
import { notEmpty, notShared, SHARED_DIRECTORY } from "./messages.ts";

/** A directory that agents share, and this process as one of them. Leaves when it is disposed of. */
export interface SharedDir extends Disposable {
  readonly dir: string;
  readonly agent: Agent;
  readonly files: SharedFiles;
  readonly liveness: Liveness;
  readonly heart: Heart;
  readonly leaseMs: number;
  /** A folder for what this agent alone uses, for as long as it is there. */
  readonly own: string;
  /** What its file system can be trusted with, in one line. */
  readonly probed: string;
  readonly warnings: readonly string[];
}

/** Names that an agent finds in a directory for a study that has none yet. */
const BEFORE_STUDY = new Set([
  "submission.json",
  "study.yaml",
  "job.sh",
  "finish.sh",
  "slurm",
  "stop.json",
  "lock",
]);

/**
 * Enters a directory as an agent: its file system is tried, the agent is written down and shows that it lives. Throws
 * CommandError where it cannot be shared, BusyError where somebody has the study alone, and SaveError.
 */
export function enterShared(dir: string, taker: LockTaker, lease_seconds: number): SharedDir {
  if (!isShared(dir)) refuseOthers(dir);
  const agent = thisAgent(taker.env, LLEM_VERSION);
  const leaseMs = lease_seconds * 1000;
  using opened = new DisposableStack();
  try {
    Deno.mkdirSync(dir, { recursive: true });
    const lock = opened.use(shareStudy(dir, taker));
    for (const folder of [...Object.values(SHARED), "runs"]) {
      Deno.mkdirSync(join(dir, folder), { recursive: true });
    }
    realDisk.syncFolder(dir);
    const found = probe(dir, agent.agent, { withoutLocks: taker.without });
    if ("refusal" in found) throw new CommandError(EXIT.preflight, found.refusal);
    removeLostFolders(dir);
    const own = opened.use(makeOwnFolder(dir, agent.agent));
    const heart = opened.use(new Heart(dir, agent.agent, leaseMs));
    writeAgent(dir, agent);
    const leaving = opened.move();
    return {
      dir,
      agent,
      files: sharedFiles(dir, agent.agent, found.method),
      liveness: livenessIn(dir, leaseMs),
      heart,
      leaseMs,
      own: own.path,
      probed: found.text,
      warnings: lock.warnings,
      [Symbol.dispose]: () => leaving.dispose(),
    };
  } catch (error) {
    if (error instanceof CommandError || error instanceof SaveError) throw error;
    throw new SaveError(SHARED_DIRECTORY, dir, error);
  }
}

/** A study that is no shared one, or a folder of somebody's. */
function refuseOthers(dir: string): void {
  const hasStudy = exists(join(dir, "plan.json"));
  const isForeign = namesIn(dir).some((name) => !BEFORE_STUDY.has(name) && !name.startsWith("."));
  // What was seen may be of an agent that began in this moment.
  if (isShared(dir)) return;
  if (hasStudy) throw new CommandError(EXIT.usage, notShared(dir));
  if (isForeign) throw new CommandError(EXIT.usage, notEmpty(dir));
}

function livenessIn(dir: string, leaseMs: number): Liveness {
  const known = new Map<string, Agent>();
  return new Liveness({
    leaseMs,
    nowMs: monotonicMs,
    beatOf: (agent) => readBeat(dir, agent),
    isGone: (name) => {
      const agent = known.get(name) ?? readAgent(dir, name);
      if (agent === null) return false;
      known.set(name, agent);
      return isGone(agent);
    },
  });
}
