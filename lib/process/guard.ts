import { sleep } from "../base/abort.ts";
import type { DockerCli } from "./docker.ts";
import { helperPath, type Shell, SYSTEM_SHELL } from "./helper_programs.ts";
import { spawnHelper } from "./spawn_helper.ts";

/**
 * The guard: a /bin/sh loop in its own session that kills everything registered once its stdin ends, that
 * is, when the runner is gone for whatever reason, SIGKILL included. It needs no help from the worker.
 *
 * An entry is one word, `pgid|tag|cgroup|container`. A guard that replaces one that was killed has the entries as its
 * arguments: there is no moment in which it stands there and does not know them. The group dies first, then the control group and the
 * container where there are any, then whatever carries the tag in its environment: processes that left the
 * group for a session of their own. A second look catches what was forked during the first. A control group
 * can be removed once the dead have left it; a container needs the docker daemon, which nobody else is made
 * to wait for.
 */
const GUARD_SCRIPT = `
trap '' INT TERM HUP QUIT PIPE TSTP TTIN TTOU USR1 USR2 ALRM
set -f
blanks=$IFS
entries=" $* "
take() {
  case $1 in
    +) entries="$entries$2 " ;;
    -) rest=' '; for e in $entries; do [ "$e" = "$2" ] || rest="$rest$e "; done; entries=$rest ;;
  esac
}
while read -r verb entry; do take "$verb" "$entry"; done
# In some shells a signal ends a read. Only cat tells the end of the pipe, and what it has read until then counts as well.
set -- $(cat)
while [ $# -gt 1 ]; do take "$1" "$2"; shift 2; done
for e in $entries; do
  IFS='|'; set -- $e; IFS=$blanks
  kill -KILL "-$1" 2>/dev/null
  [ -z "$3" ] || echo 1 2>/dev/null >"$3/cgroup.kill"
  [ -z "$4" ] || "$LLEM_DOCKER" rm --force "$4" </dev/null >/dev/null 2>&1 &
done
for e in $entries; do
  IFS='|'; set -- $e; IFS=$blanks
  for look in 1 2 3 4 5 6 7 8; do
    set +f
    found=$(grep -lF "$2" /proc/[0-9]*/environ 2>/dev/null)
    set -f
    [ -n "$found" ] || break
    for path in $found; do pid=\${path#/proc/}; kill -KILL "\${pid%/environ}" 2>/dev/null; done
  done
  [ -z "$3" ] || for try in 1 2 3 4 5 6 7 8 9 10; do
    rmdir "$3" 2>/dev/null && break
    sleep 0.1
  done
done
wait
`;

const encoder = new TextEncoder();

/** Until the next try, where no other guard could be started. */
const REPLACE_PAUSE_MS = 200;

/** What is to die with the runner. */
export interface Guarded {
  readonly pgid: number;
  /** A text that stands in the environment of the worker and of nobody else; no space, no `|`. */
  readonly tag: string;
  /** Folder of its control group; null where it has none. */
  readonly cgroup: string | null;
  /** Name of its container; none where it runs without one. */
  readonly container?: string;
}

/** Watches over what is registered with it. */
export class Guard {
  #shell: GuardShell;
  #isClosing = false;
  readonly #entries = new Set<string>();
  readonly #onReplaced: () => void;
  readonly #docker: DockerCli | null;
  readonly #system: Shell;
  /** Every shell that was started and may still be there. */
  readonly #pids = new Set<number>();

  /**
   * `onReplaced` hears that the guard was killed and another one stands in its place. Containers are removed
   * by `docker`; without it none may be registered. Throws, in words for people, where no shell can be started.
   */
  constructor(
    onReplaced: () => void = () => {},
    docker: DockerCli | null = null,
    system: Shell = SYSTEM_SHELL,
  ) {
    this.#onReplaced = onReplaced;
    this.#docker = docker;
    this.#system = system;
    this.#shell = this.#start();
  }

  get pid(): number {
    return this.#shell.child.pid;
  }

  /** Our own shells, the one at work and any that is just ending. */
  get pids(): ReadonlySet<number> {
    return this.#pids;
  }

  /** Resolves once the guard cannot miss this any more: the line is in its pipe. */
  async add(guarded: Guarded): Promise<void> {
    if (guarded.container !== undefined && this.#docker === null) {
      throw new Error("The guard has no docker to remove a container with");
    }
    const entry = entryOf(guarded);
    this.#entries.add(entry);
    await this.#tell(`+ ${entry}\n`);
  }

  async remove(guarded: Guarded): Promise<void> {
    const entry = entryOf(guarded);
    this.#entries.delete(entry);
    await this.#tell(`- ${entry}\n`);
  }

  /** Ends the guard. Call it with nothing registered: that would be killed. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#shell.writer.close().catch(() => {});
    await this.#shell.ended;
  }

  /** A write to a dead shell may seem to succeed, so what counts is its end, which `#replace` hears of. */
  async #tell(line: string): Promise<void> {
    const shell = this.#shell;
    await shell.writer.write(encoder.encode(line)).catch(() => this.#replace(shell));
  }

  #start(): GuardShell {
    const shell = startShell(this.#system, this.#docker, [...this.#entries]);
    const { pid } = shell.child;
    this.#pids.add(pid);
    shell.ended.then(() => {
      this.#pids.delete(pid);
      return this.#replace(shell);
    });
    return shell;
  }

  /** Somebody killed the guard: starts another, which knows all entries. Where the system is short of something, later. */
  async #replace(dead: GuardShell): Promise<void> {
    if (this.#isClosing || this.#shell !== dead) return;
    dead.writer.abort().catch(() => {});
    try {
      this.#shell = this.#start();
    } catch {
      await sleep(REPLACE_PAUSE_MS);
      return await this.#replace(dead);
    }
    this.#onReplaced();
  }
}

function entryOf({ pgid, tag, cgroup, container }: Guarded): string {
  const entry = `${pgid}|${tag}|${cgroup ?? ""}|${container ?? ""}`;
  if (tag === "" || /\s/.test(entry)) throw new Error(`The guard cannot read ${JSON.stringify(entry)}`);
  return entry;
}

interface GuardShell {
  readonly child: Deno.ChildProcess;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  /** Never rejects. */
  readonly ended: Promise<unknown>;
}

/** The guard's own environment must not hold what the attempts are known by. */
function shellEnvironment(docker: DockerCli | null): Record<string, string> {
  if (docker === null) return { PATH: helperPath() };
  const own = Object.entries(docker.env).filter(([name]) => !name.startsWith("LLEM_"));
  const { PATH: path = "" } = docker.env;
  return { ...Object.fromEntries(own), LLEM_DOCKER: docker.program, PATH: `${path}:${helperPath()}` };
}

/** Throws, in words for people, where the system does not let it. */
function startShell(
  [program, ...args]: Shell,
  docker: DockerCli | null,
  entries: readonly string[],
): GuardShell {
  const child = spawnHelper(program, {
    args: [...args, "-c", GUARD_SCRIPT, "llem-guard", ...entries],
    cwd: "/",
    clearEnv: true,
    env: shellEnvironment(docker),
    detached: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  });
  return { child, writer: child.stdin.getWriter(), ended: child.status.catch(() => {}) };
}
