import type { ProcessIdentity, RunStarted, RunStarting } from "../journal/event.ts";
import { removeContainers } from "../process/container.ts";
import type { DockerCli } from "../process/docker.ts";
import { killLeftovers } from "../process/leftovers.ts";
import { sharedMemoryOf } from "../process/shared_memory.ts";
import { BusyError } from "../archive/busy.ts";
import { runLabels } from "../launch/docker/launch.ts";
import { containersNotRemoved, containersRemoved, processesKilled, processesNotKilled } from "./messages.ts";
import { removeLostFiles } from "./remove_lost_files.ts";
import { removeLostGate } from "../results/run_folder.ts";
import { ATTEMPT_TAG } from "../runner/supervise.ts";

/** How long SIGKILL may take. */
const KILL_WAIT_MS = 5000;
/** How long docker may take to kill and remove a container. */
const REMOVE_WAIT_MS = 15_000;

/** What the journal says of a worker before it is spawned. */
type LostStart = Pick<RunStarting, "host" | "boot_id" | "tag" | "cgroup" | "temporary"> & {
  readonly at: string;
};

/** An attempt whose runner died, and what the journal says of its worker. */
export interface LostAttempt {
  readonly run_id: string;
  /** Both null where the journal does not name the attempt. */
  readonly starting: LostStart | null;
  readonly started: RunStarted | null;
}

/**
 * Kills whatever is left of an attempt whose runner died. Throws BusyError where something does not die: it may hold
 * what the next attempt needs. The study's lock is held, so nobody else makes an attempt of this study.
 */
export async function endLostAttempt(
  { run_id, starting, started }: LostAttempt,
  { dir, owner, docker, say }: {
    readonly dir: string;
    /** This process. */
    readonly owner: ProcessIdentity;
    /** Null where no run of the study is made in a container. */
    readonly docker: DockerCli | null;
    readonly say: (line: string) => void;
  },
): Promise<void> {
  const worker = started?.worker ?? null;
  // No process came to be.
  if (started !== null && worker === null) return;
  const { host, boot_id } = worker ?? starting ?? owner;
  // What is on another machine is out of reach.
  if (host !== owner.host) return;
  if (docker !== null) await removeLostContainers(docker, dir, run_id, say);
  // Processes of an earlier boot are gone.
  if (boot_id !== owner.boot_id) {
    removeLostGate(dir, run_id);
    if (starting !== null) await removeLostFiles(starting, []);
    return;
  }
  const mapped = new Set<string>();
  const { killed, survivors } = await killLeftovers(
    {
      process: worker,
      cgroup: starting?.cgroup ?? null,
      // The directory may have been moved since.
      tags: [attemptTags(dir, run_id), ...(starting === null ? [] : [{ [ATTEMPT_TAG]: starting.tag }])],
    },
    KILL_WAIT_MS,
    (pids) => {
      for (const path of sharedMemoryOf(pids)) mapped.add(path);
    },
  );
  if (survivors.length > 0) {
    throw new BusyError(processesNotKilled(survivors, run_id, dir));
  }
  if (killed.length > 0) {
    say(processesKilled(killed, run_id));
  }
  removeLostGate(dir, run_id);
  if (starting !== null) await removeLostFiles(starting, [...mapped]);
}

async function removeLostContainers(
  docker: DockerCli,
  dir: string,
  runId: string,
  say: (line: string) => void,
): Promise<void> {
  const { found, trouble } = await removeContainers(
    docker,
    runLabels(Deno.realPathSync(dir), runId),
    REMOVE_WAIT_MS,
  );
  if (trouble !== null) {
    throw new BusyError(containersNotRemoved(runId, dir, trouble));
  }
  if (found.length === 0) return;
  say(containersRemoved(found.map((id) => id.slice(0, 12)), runId));
}

/** The variables of a worker's environment by which every process of its attempt is known, and no other. */
function attemptTags(studyDir: string, runId: string): Readonly<Record<string, string>> {
  return { LLEM_STUDY_DIR: Deno.realPathSync(studyDir), LLEM_RUN_ID: runId };
}
