/**
 * The guard: a /bin/sh loop in its own session that kills every registered process group once its stdin ends,
 * that is, when the runner is gone for whatever reason, SIGKILL included. It needs no help from the worker.
 */
const GUARD_SCRIPT = `
trap '' INT TERM HUP QUIT PIPE
groups=' '
while read -r verb group; do
  case $verb in
    +) groups="$groups$group " ;;
    -) rest=' '; for g in $groups; do [ "$g" = "$group" ] || rest="$rest$g "; done; groups=$rest ;;
  esac
done
for g in $groups; do kill -KILL "-$g" 2>/dev/null; done
`;

const encoder = new TextEncoder();

/** Watches over the process groups that are registered with it. */
export class Guard {
  #child: Deno.ChildProcess;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #groups = new Set<number>();

  constructor() {
    [this.#child, this.#writer] = startGuard();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves once the guard cannot miss this group any more: the line is in its pipe. */
  async add(pgid: number): Promise<void> {
    this.#groups.add(pgid);
    await this.#tell(`+ ${pgid}\n`);
  }

  async remove(pgid: number): Promise<void> {
    this.#groups.delete(pgid);
    await this.#tell(`- ${pgid}\n`);
  }

  /** Ends the guard. Call it with no group registered: those would be killed. */
  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#child.status;
  }

  async #tell(line: string): Promise<void> {
    try {
      await this.#writer.write(encoder.encode(line));
    } catch {
      // Somebody killed the guard: start another and tell it everything.
      [this.#child, this.#writer] = startGuard();
      for (const group of this.#groups) await this.#writer.write(encoder.encode(`+ ${group}\n`));
    }
  }
}

function startGuard(): [Deno.ChildProcess, WritableStreamDefaultWriter<Uint8Array>] {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", GUARD_SCRIPT, "llem-guard"],
    cwd: "/",
    clearEnv: true,
    detached: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.status.catch(() => {});
  return [child, child.stdin.getWriter()];
}
