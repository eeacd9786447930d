import type { JournalEvent, ProcessIdentity } from "../journal/event.ts";
import type { ServerBook } from "../servers/spawn_server.ts";

/** Lines in the journal before and after a server is spawned, and when nothing of it is left; `run_id` is its first run. */
export function serverBook(
  run_id: string,
  write: (event: JournalEvent) => void,
  owner: ProcessIdentity,
): ServerBook {
  return {
    starting: ({ tag: instance, cgroup, container: name, container_program: program, temporary }) => {
      const { host, boot_id } = owner;
      const container = name === undefined || program === undefined ? null : { name, program };
      const folder = temporary === undefined ? {} : { temporary };
      write({ type: "server_starting", instance, run_id, host, boot_id, cgroup, container, ...folder });
    },
    started: (instance, { pid, start_ticks }) => {
      write({ type: "server_started", instance, process: { ...owner, pid, start_ticks } });
    },
    stopped: (instance) => write({ type: "server_stopped", instance }),
  };
}
