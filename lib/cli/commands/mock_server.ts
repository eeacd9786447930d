import { Problem } from "../../base/problem.ts";
import { jsonText } from "../../base/text.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { mockCannotListen, mockCannotWrite } from "../../servers/mock/messages.ts";
import { MockServer } from "../../servers/mock/mock_server.ts";
import type { MockOptions } from "../../servers/mock/options.ts";
import { StopSwitch } from "../../process/stop.ts";
import { firstAbort } from "../../base/abort.ts";
import { listenForStop } from "../terminal/signals.ts";
import type { Streams } from "../terminal/streams.ts";

/** `llem mock-server`: says its port, and serves until a signal, or the end of stdin where that is asked, ends it. */
export async function mockServerCommand(options: MockOptions, { out }: Streams): Promise<number> {
  const stop = new StopSwitch();
  using _ = listenForStop(stop);
  using server = started(options);
  const { port } = server;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  out.write(`${jsonText({ port, base_url: `http://${host}:${port}/v1` })}\n`);
  const ended = new AbortController();
  if (options.until_stdin_ends) void readToEnd().then(() => ended.abort());
  // Who cannot be told the port cannot use it.
  await firstAbort(stop.signal, ended.signal, out.closed);
  return EXIT.ok;
}

function started(options: MockOptions): MockServer {
  try {
    return new MockServer(options);
  } catch (error) {
    if (error instanceof Problem) throw new CommandError(EXIT.preflight, error.message);
    const { message } = error as Error;
    const isTruth = options.truth !== null && error instanceof Error && message.includes(options.truth);
    const text = isTruth
      ? mockCannotWrite(options.truth, message)
      : mockCannotListen(`${options.host}:${options.port}`, message);
    throw new CommandError(EXIT.preflight, text);
  }
}

async function readToEnd(): Promise<void> {
  const bytes = new Uint8Array(256);
  try {
    while (await Deno.stdin.read(bytes) !== null);
  } catch {
    // A stdin that cannot be read has ended.
  }
}
