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
  #shell: GuardShell;
  #isClosing = false;
  readonly #groups = new Set<number>();

  constructor() {
    this.#shell = this.#start();
  }

  get pid(): number {
    return this.#shell.child.pid;
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
    const shell = startShell();
    shell.ended.then(() => this.#replace(shell));
    return shell;
  }

  /** Somebody killed the guard: starts another and tells it everything. */
  async #replace(dead: GuardShell): Promise<void> {
    if (this.#isClosing || this.#shell !== dead) return;
    dead.writer.abort().catch(() => {});
    const next = this.#start();
    this.#shell = next;
    const lines = [...this.#groups].map((group) => `+ ${group}\n`).join("");
    await next.writer.write(encoder.encode(lines)).catch(() => {});
  }
}

interface GuardShell {
  readonly child: Deno.ChildProcess;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  /** Never rejects. */
  readonly ended: Promise<unknown>;
}

function startShell(): GuardShell {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", GUARD_SCRIPT, "llem-guard"],
    cwd: "/",
    clearEnv: true,
    detached: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return { child, writer: child.stdin.getWriter(), ended: child.status.catch(() => {}) };
}
