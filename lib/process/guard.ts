import { sleep } from "../base/abort.ts";
import type { DockerCli } from "./docker.ts";
import { helperPath, type Shell, SYSTEM_SHELL } from "./helper_programs.ts";
import type { ProcStat } from "./proc_stat.ts";
import { spawnHelper } from "./spawn_helper.ts";

/**
 * The guard: a /bin/sh loop in its own session that kills everything registered once its stdin ends, that
 * is, when the runner is gone for whatever reason, SIGKILL included. It needs no help from the worker.
 *
 * An entry is one word, `pgid|tag|cgroup|container|start|program|folder`, the program being what removes the container where
 * that is not the guard's docker, the folder a temporary one; that of a process which has left its group is `pid||||start`. A guard that replaces one that was
 * killed has the entries as its arguments: there is no moment in which it stands there and does not know them. First dies what descends from the leader of
 * the group, which is stopped before, so that nothing new is forked and nothing loses its parent: a process that has left the
 * group and overwritten its environment shows nothing else. Then the group, the control group and the container where there
 * are any, then whatever carries the tag in its environment, with what descends from it: daemons whose parents are gone.
 *
 * An entry without a group is of a process that was about to be started. It may be born a moment after the runner's death, and
 * its container later still, so the guard looks for a second. A control group can be removed once the dead have left it; a
 * container needs the docker daemon, which nobody else is made to wait for.
 *
 * What the dead leave in /dev/shm goes as well, as shared_memory.ts has it: what is named after the tag, and what they had
 * mapped that is of an engine, newer than the folder and mapped by nobody else; then the folder.
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
# Adds to $found what descends from process $1.
below() {
  for list in /proc/$1/task/*/children; do
    line=
    read -r line 2>/dev/null <"$list"
    for child in $line; do found="$found $child"; below "$child"; done
  done
}
# Adds to $shm the inodes of what these processes have mapped of /dev/shm.
shared() {
  maps=
  for pid; do maps="$maps /proc/$pid/maps"; done
  shm="$shm
$(grep -hs ' /dev/shm/' $maps | while read -r _ _ _ _ inode _; do echo "$inode "; done)"
}
# Kills process $1, what descends from it, and the group that it leads.
end() {
  set +f
  kill -STOP "$1" "-$1" 2>/dev/null
  seen=
  for look in 1 2 3 4 5 6 7 8; do
    found=
    below "$1"
    [ "$found" != "$seen" ] || break
    for pid in $found; do kill -STOP "$pid" 2>/dev/null; done
    seen=$found
  done
  shared "$1" $found
  set -f
  kill -KILL "-$1" 2>/dev/null
  for pid in "$1" $found; do kill -KILL "$pid" 2>/dev/null; done
}
# The start time of process $1: field 22 of its stat. The name before the last parenthesis may hold anything.
start_of() {
  stat= start=
  read -r stat 2>/dev/null <"/proc/$1/stat"
  set -- \${stat##*)}
  [ $# -lt 20 ] || start=\${20}
}
# Removes container $1 by program $3, $2 times: it may be just about to be made.
remove() {
  for try in $2; do
    "\${3:-$LLEM_DOCKER}" rm --force "$1" </dev/null >/dev/null 2>&1
    [ "$try" = last ] || sleep 1
  done
}
# Removes what the dead with tag $1 have left in /dev/shm, and their folder $2.
clear() {
  set +f
  [ -z "$1" ] || rm -f /dev/shm/*"$1"*
  [ -z "$2" ] || ls -i /dev/shm 2>/dev/null | while read -r inode name; do
    case $name in psm_* | sem.* | torch_* | nccl-* | cuda.shm.* | vllm_*) ;; *) continue ;; esac
    case "
$shm" in *"
$inode "*) ;; *) continue ;; esac
    file=/dev/shm/$name
    # Some shells take every file for newer than one that is not there.
    [ -O "$file" ] && [ -e "$2/.llem" ] && [ "$file" -nt "$2/.llem" ] || continue
    grep -qs " $inode  */dev/shm/" /proc/[0-9]*/maps || rm -f "$file"
  done
  set -f
  # One of the dead may still be dying, and take a name away just then.
  [ -z "$2" ] || for try in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf "$2" 2>/dev/null
    [ -e "$2" ] || break
    sleep 0.1
  done
}
shm='
'
for e in $entries; do
  IFS='|'; set -- $e; IFS=$blanks
  times=last
  if [ -n "$1" ]; then
    start_of "$1"
    # Another process of that number started at another time.
    [ -n "$5" ] && [ -n "$start" ] && [ "$start" != "$5" ] || end "$1"
  else
    times='1 2 3 last'
  fi
  [ -z "$3" ] || echo 1 2>/dev/null >"$3/cgroup.kill"
  [ -z "$4" ] || remove "$4" "$times" "$6" &
done
for e in $entries; do
  IFS='|'; set -- $e; IFS=$blanks
  [ -z "$2" ] || for look in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    set +f
    tagged=$(grep -lF "$2" /proc/[0-9]*/environ 2>/dev/null)
    set -f
    for path in $tagged; do pid=\${path#/proc/}; end "\${pid%/environ}"; done
    [ -n "$tagged" ] || [ -z "$1" ] || break
    [ -n "$1" ] || sleep 0.05
  done
  [ -z "$3" ] || for try in 1 2 3 4 5 6 7 8 9 10; do
    rmdir "$3" 2>/dev/null && break
    sleep 0.1
  done
  [ -z "$2$7" ] || clear "$2" "$7"
done
wait
`;

const encoder = new TextEncoder();

/** Until the next try, where no other guard could be started. */
const REPLACE_PAUSE_MS = 200;

/** What is to die with the runner. */
export interface Guarded {
  /** Null before it is started: then it is known by its tag alone. */
  readonly pgid: number | null;
  /** Start of the group's leader in clock ticks; left out, or 0, where that is not known. */
  readonly start_ticks?: number;
  /** Processes of it that have left the group: one that hides its environment is found no other way once it is orphaned. */
  readonly strays?: readonly Pick<ProcStat, "pid" | "start_ticks">[];
  /** A text that stands in the environment of the worker and of nobody else; no space, no `|`. */
  readonly tag: string;
  /** Folder of its control group; null where it has none. */
  readonly cgroup: string | null;
  /** Name of its container; none where it runs without one. */
  readonly container?: string;
  /** Absolute path of what removes it; the guard's docker where it is left out. No space, no `|`. */
  readonly container_program?: string;
  /** Absolute path of its temporary folder; none where it has none. No space, no `|`. */
  readonly temporary?: string;
}

/** Watches over what is registered with it. */
export class Guard {
  #shell: GuardShell;
  #isClosing = false;
  /** By their tags. */
  readonly #entries = new Map<string, readonly string[]>();
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

  /**
   * Resolves once the guard cannot miss this any more: the line is in its pipe. Takes the place of what was registered with
   * that tag before, with no moment between.
   */
  async add(guarded: Guarded): Promise<void> {
    if (guarded.container !== undefined && this.#docker === null) {
      throw new Error("The guard has no docker to remove a container with");
    }
    const entries = entriesOf(guarded);
    const before = this.#entries.get(guarded.tag) ?? [];
    this.#entries.set(guarded.tag, entries);
    const added = entries.filter((entry) => !before.includes(entry)).map((entry) => `+ ${entry}\n`);
    const gone = before.filter((entry) => !entries.includes(entry)).map((entry) => `- ${entry}\n`);
    if (added.length + gone.length > 0) await this.#tell([...added, ...gone].join(""));
  }

  /** Forgets what has that tag. */
  async remove({ tag }: Pick<Guarded, "tag">): Promise<void> {
    const entries = this.#entries.get(tag);
    if (entries === undefined) return;
    this.#entries.delete(tag);
    await this.#tell(entries.map((entry) => `- ${entry}\n`).join(""));
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
    const shell = startShell(this.#system, this.#docker, [...this.#entries.values()].flat());
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

function entriesOf({ strays = [], ...guarded }: Guarded): string[] {
  return [entryOf(guarded), ...strays.map(({ pid, start_ticks }) => `${pid}||||${start_ticks}`)];
}

function entryOf(guarded: Guarded): string {
  const { pgid, tag, cgroup, container, container_program, temporary, start_ticks = 0 } = guarded;
  const start = start_ticks === 0 ? "" : start_ticks;
  const fields = [pgid, tag, cgroup, container, start, container_program, temporary];
  const entry = fields.map((field) => field ?? "").join("|").replace(/\|*$/, "");
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
