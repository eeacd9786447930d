import type { MeterMessage, MeterOptions } from "../../lib/meter/sample.ts";
import { LLEM } from "./places.ts";

/** The program's own meter process, as its runner starts it. */
export interface RunningMeter extends AsyncDisposable {
  readonly pid: number;
  /** What it writes; ends with the process. */
  readonly messages: AsyncIterable<MeterMessage>;
}

/** Starts it on NVML with one reading every `periodMs`; `env` names the library to load. It ends with its stdin. */
export function startMeter(env: Readonly<Record<string, string>>, periodMs: number): RunningMeter {
  const child = new Deno.Command(LLEM, {
    args: ["__meter"],
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const options: MeterOptions = { meters: ["nvml"], period_ms: periodMs };
  const stdin = child.stdin.getWriter();
  const told = stdin.write(new TextEncoder().encode(`${JSON.stringify(options)}\n`));
  // One that has ended already is seen by its stdout.
  told.catch(() => {});
  return {
    pid: child.pid,
    messages: parseLines(child.stdout),
    async [Symbol.asyncDispose]() {
      await stdin.close().catch(() => {});
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
    },
  };
}

async function* parseLines(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<MeterMessage> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}
