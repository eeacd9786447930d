import { type Ended, LIMIT_MS, until } from "../e2e/llem.ts";

/** A runner whose stderr is read as it comes. */
export class Heard {
  text = "";
  readonly #rest: Promise<void>;

  constructor(stderr: ReadableStream<Uint8Array>) {
    this.#rest = (async () => {
      for await (const text of stderr.pipeThrough(new TextDecoderStream())) this.text += text;
    })();
  }

  says(pattern: RegExp): Promise<boolean> {
    return until(`${pattern} in ${JSON.stringify(this.text)}`, () => pattern.test(this.text));
  }

  async end(child: Deno.ChildProcess): Promise<Ended> {
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    const [stdout, status] = await Promise.all([new Response(child.stdout).text(), child.status, this.#rest]);
    clearTimeout(timer);
    return { code: status.code, signal: status.signal, stdout, stderr: this.text };
  }
}
