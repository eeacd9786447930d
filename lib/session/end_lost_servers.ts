import { BusyError } from "../archive/busy.ts";
import type { ProcessIdentity, ServerStopped } from "../journal/event.ts";
import type { StudyState, UnendedServer } from "../journal/fold.ts";
import { containerEnvironment } from "../launch/docker/program.ts";
import { SERVER_LABEL } from "../launch/docker/server.ts";
import { SERVER_TAG } from "../launch/server_launch.ts";
import { removeContainers } from "../process/container.ts";
import { killLeftovers } from "../process/leftovers.ts";
import { sharedMemoryOf } from "../process/shared_memory.ts";
import { removeLostFiles } from "./remove_lost_files.ts";
import {
  containersNotRemoved,
  containersRemoved,
  processesKilled,
  processesNotKilled,
  serverOf,
} from "./messages.ts";

/** How long SIGKILL may take: giving back the memory of a large model takes seconds. */
const KILL_WAIT_MS = 15_000;
const REMOVE_WAIT_MS = 15_000;

/**
 * Kills every server of which the journal tells the start and not the end: its runner is dead, and so may be the guard. The
 * lines that say so are for the journal. Throws BusyError where something does not die: it holds what the next run needs.
 */
export async function endLostServers(
  { servers }: Pick<StudyState, "servers">,
  context: {
    readonly dir: string;
    /** This process. */
    readonly owner: ProcessIdentity;
    readonly say: (line: string) => void;
  },
): Promise<ServerStopped[]> {
  const ended: ServerStopped[] = [];
  for (const [instance, server] of servers) {
    // What is on another machine is out of reach, and may still be there.
    if (server.starting.host !== context.owner.host) continue;
    await endServer(instance, server, context);
    ended.push({ type: "server_stopped", instance });
  }
  return ended;
}

async function endServer(
  instance: string,
  { starting: { run_id, boot_id, cgroup, container, temporary, at }, started }: UnendedServer,
  { dir, owner, say }: Parameters<typeof endLostServers>[1],
): Promise<void> {
  const whose = serverOf(run_id);
  if (container !== null) {
    const cli = { program: container.program, env: containerEnvironment(Deno.env.toObject()) };
    const { found, trouble } = await removeContainers(cli, { [SERVER_LABEL]: instance }, REMOVE_WAIT_MS);
    if (trouble !== null) throw new BusyError(containersNotRemoved(whose, dir, trouble));
    if (found.length > 0) say(containersRemoved(found.map((id) => id.slice(0, 12)), whose));
  }
  // Processes of an earlier boot are gone.
  if (boot_id !== owner.boot_id) return await removeLostFiles({ tag: instance, temporary, at }, []);
  const mapped = new Set<string>();
  const tags = [{ [SERVER_TAG]: instance }];
  const process = started?.process ?? null;
  const { killed, survivors } = await killLeftovers(
    { process, cgroup, tags },
    KILL_WAIT_MS,
    (pids) => {
      for (const path of sharedMemoryOf(pids)) mapped.add(path);
    },
  );
  if (survivors.length > 0) throw new BusyError(processesNotKilled(survivors, whose, dir));
  if (killed.length > 0) say(processesKilled(killed, whose));
  await removeLostFiles({ tag: instance, temporary, at }, [...mapped]);
}
