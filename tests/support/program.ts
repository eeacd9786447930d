import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive, readProcStat } from "../../lib/process/proc_stat.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Longer than anything takes here, even on a busy machine: it guards against waiting for ever, and nothing else. */
export const PATIENCE_MS = 20_000;

/** Resolves once the condition holds; rejects where it never does. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`Waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** True while a process can still run; false for a zombie. */
export function lives(pid: number): boolean {
  return isAlive(readProcStat(pid));
}

/** A small TypeScript program in a process of its own; killed when it is disposed. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #folder: string;
  #rest = "";

  /** Imports name files from the root of the project, such as `/lib/storage/lock.ts`. */
  constructor(code: string, options: { readonly args?: readonly string[]; readonly wrap?: string } = {}) {
    this.#folder = Deno.makeTempDirSync({ prefix: "llem-program-" });
    const path = join(this.#folder, "program.ts");
    Deno.writeTextFileSync(path, code.replaceAll(/from "\//g, `from "file://${ROOT}/`));
    const config = join(ROOT, "deno.json");
    const deno = ["run", "-A", "-q", "--no-check", "--cached-only", "--config", config, path];
    const own = [Deno.execPath(), ...deno, ...options.args ?? []];
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", `${options.wrap ?? ""}\nexec "$@"`, "program", ...own],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** The next line the program prints. */
  async line(): Promise<string> {
    const timer = setTimeout(() => this.kill(), PATIENCE_MS);
    try {
      while (!this.#rest.includes("\n")) {
        const { done, value } = await this.#lines.read();
        if (done) throw new Error(`The program ended after printing ${JSON.stringify(this.#rest)}`);
        this.#rest += value;
      }
    } finally {
      clearTimeout(timer);
    }
    const cut = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, cut);
    this.#rest = this.#rest.slice(cut + 1);
    return line;
  }

  /** Lets the program read one byte. */
  async tell(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new Uint8Array(1));
    writer.releaseLock();
  }

  kill(signal: Deno.Signal = "SIGKILL"): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#child.status;
    await this.#lines.cancel();
    await this.#child.stdin.close().catch(() => {});
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
