/** Programs under script(1), which gives them a terminal of their own and keeps every byte that reaches it. */
import { join } from "node:path";
import { LLEM, type Sandbox } from "../e2e/llem.ts";

/** Longer than anything takes in a terminal here. */
const LIMIT_MS = 60_000;

/** A shell script in a terminal of its own. */
export class Terminal implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #typescript: string;

  constructor(child: Deno.ChildProcess, typescript: string) {
    this.#child = child;
    this.#typescript = typescript;
  }

  /** What has reached the terminal so far. */
  bytes(): Uint8Array<ArrayBuffer> {
    return bodyOf(Deno.readFileSync(this.#typescript));
  }

  /** Waits until the script has ended. */
  async ended(): Promise<void> {
    const timer = setTimeout(() => this.#kill(), LIMIT_MS);
    await this.#child.status;
    clearTimeout(timer);
  }

  /** Takes the terminal away, as a closed window or a lost connection does. */
  async close(): Promise<void> {
    this.#kill();
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

/**
 * Runs a shell script in a terminal; `$LLEM` is the program and `$BOX` the sandbox's folder. Colours are off, so that the
 * only escape sequence left is the one that clears the live line.
 */
export function inTerminal(box: Sandbox, script: string): Terminal {
  const typescript = join(box.dir, "typescript");
  Deno.writeTextFileSync(typescript, "");
  const path = box.write("in_terminal.sh", script);
  const child = new Deno.Command("script", {
    args: ["-q", "-e", "-f", "-c", 'exec sh "$SCRIPT_FILE"', typescript],
    env: { LLEM, BOX: box.dir, SCRIPT_FILE: path, NO_COLOR: "1", SHELL: "/bin/sh", TERM: "xterm" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return new Terminal(child, typescript);
}

/** script(1) writes a first and a last line of its own, the last one once all is over. */
function bodyOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const start = bytes.indexOf(0x0a) + 1;
  const tail = new TextEncoder().encode("\nScript done on ");
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.lastIndexOf(new TextDecoder().decode(tail));
  return bytes.slice(start, end === -1 ? undefined : end);
}

/** Bytes of a terminal as latin1 text, for expressions. */
export function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
