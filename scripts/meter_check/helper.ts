/** A program that we talk to by lines; killed when it is disposed. */
export class Helper implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;

  /** Throws what the system says where it cannot be started. Its stderr is ours, or nobody's where it is `quiet`. */
  constructor(
    program: string,
    args: readonly string[],
    { quiet = false }: { readonly quiet?: boolean } = {},
  ) {
    this.#child = new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: quiet ? "null" : "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
  }

  /** The next line; null where the program has ended. */
  async line(): Promise<string | null> {
    const next = await this.#lines.next();
    return next.done ? null : next.value;
  }

  async tell(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${text}\n`)).catch(() => {});
  }

  /** The exit code, once it has ended by itself. */
  async code(): Promise<number> {
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#writer.close().catch(() => {});
    while (await this.line() !== null) {
      // What it wrote before its end.
    }
  }
}

async function* linesOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
