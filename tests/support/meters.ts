/** Meters in processes of their own: the program from source or compiled, over boards that are not there. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { selfProgram } from "../../lib/host/self_program.ts";
import { MessageReader } from "../../lib/meter/message_line.ts";
import type { MeterProgram } from "../../lib/meter/meter_client.ts";
import type { HelloMessage, MeterMessage, MeterOptions } from "../../lib/meter/sample.ts";
import { buildNvmlStub, type StubConfig } from "./nvml_stub.ts";
import { PATIENCE_MS } from "./program.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The compiled program, where there is one. */
export const COMPILED = join(ROOT, "dist", "llem");

/** What a meter of these tests is told, unless it is told more. */
export const OPTIONS: MeterOptions = { meters: ["nvml"], period_ms: 20 };

/** How to start a meter that finds these boards; null: no driver at all. */
export function meterProgram(boards: StubConfig | null, compiled = false): MeterProgram {
  const { program, args } = compiled ? { program: COMPILED, args: [] } : selfProgram();
  return { program, args, env: { ...meterEnv(), ...(boards === null ? {} : buildNvmlStub().env(boards)) } };
}

/** What a program needs to be found and to find its packages, and nothing of LD_LIBRARY_PATH. */
export function meterEnv(): Record<string, string> {
  const { PATH = "", HOME = "", DENO_DIR } = Deno.env.toObject();
  return { PATH, HOME, ...(DENO_DIR === undefined ? {} : { DENO_DIR }) };
}

/** A meter as its stdin and stdout show it; killed when it is disposed. */
export class RawMeter implements AsyncDisposable {
  readonly messages: MeterMessage[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly #stderr: Promise<string>;
  readonly #read: Promise<void>;
  #wake = Promise.withResolvers<void>();

  constructor({ program, args, env }: MeterProgram) {
    this.#child = new Deno.Command(program, {
      args: [...args, "__meter"],
      clearEnv: true,
      env: { ...env },
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#stdout = this.#child.stdout.getReader();
    this.#stderr = new Response(this.#child.stderr).text();
    const reader = new MessageReader((message) => this.messages.push(message));
    this.#read = this.#readAll(reader).catch(() => {});
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Its end, with what it said on stderr. */
  async ended(): Promise<Deno.CommandStatus & { readonly stderr: string }> {
    const timer = setTimeout(() => this.kill("SIGKILL"), PATIENCE_MS);
    const status = await this.#child.status;
    clearTimeout(timer);
    return { ...status, stderr: await this.#stderr };
  }

  async say(line: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(`${line}\n`));
  }

  async closeStdin(): Promise<void> {
    await this.#stdin.close();
  }

  /** Nobody reads what it prints any more. */
  async closeStdout(): Promise<void> {
    await this.#stdout.cancel();
  }

  kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
  }

  /** Resolves with the first message that fits, from those that came before on. */
  async find<M extends MeterMessage>(
    what: string,
    fits: (message: MeterMessage) => message is M,
    from = 0,
  ): Promise<M> {
    const endMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = this.messages.slice(from).find(fits);
      if (found !== undefined) return found;
      assert.ok(performance.now() < endMs, `waited in vain for ${what}`);
      const timer = setTimeout(() => this.#wake.resolve(), 500);
      await this.#wake.promise;
      clearTimeout(timer);
      this.#wake = Promise.withResolvers();
    }
  }

  async hello(options: MeterOptions = OPTIONS): Promise<HelloMessage> {
    await this.say(JSON.stringify(options));
    return await this.find("hello", (message) => message.type === "hello");
  }

  /** Asks for an edge and waits for the answer with that number. */
  async edge(number: number): Promise<void> {
    await this.say("edge");
    await this.answer(number);
  }

  async answer(number: number): Promise<void> {
    await this.find(
      `the answer to edge ${number}`,
      (message): message is Extract<MeterMessage, { type: "edge" }> =>
        message.type === "edge" && message.edge >= number,
    );
  }

  of<T extends MeterMessage["type"]>(type: T): Extract<MeterMessage, { type: T }>[] {
    return this.messages.filter((message): message is Extract<MeterMessage, { type: T }> =>
      message.type === type
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.#child.status;
    await this.#stderr;
    await this.#stdin.close().catch(() => {});
    await this.#read;
    await this.#stdout.cancel().catch(() => {});
  }

  async #readAll(reader: MessageReader): Promise<void> {
    for (;;) {
      const { done, value } = await this.#stdout.read();
      if (done) return;
      reader.push(value);
      this.#wake.resolve();
    }
  }
}
