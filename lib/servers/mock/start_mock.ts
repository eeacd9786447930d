import { resolvesWithin } from "../../base/abort.ts";
import { ownChild } from "../../base/own_children.ts";
import { Problem } from "../../base/problem.ts";
import { type SelfProgram, selfProgram } from "../../host/self_program.ts";
import { mockNoAnswer, mockNotStarted } from "./messages.ts";
import { mockArguments, type MockOptions } from "./options.ts";

/** A start from source compiles nothing, but reads many files. */
const START_MS = 20_000;
const STOP_MS = 2_000;

/** A mock server in a process of its own, so that it shares no event loop with the client that is tried. */
export interface MockProcess extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** With `/v1`. */
  readonly base_url: string;
  /** How it ended. */
  readonly status: Promise<Deno.CommandStatus>;
}

/**
 * Starts a mock server on a free port. It ends when it is disposed, and by itself when we are gone. Throws a Problem with
 * its own words where it does not start.
 */
export async function startMock(
  options: Partial<MockOptions> = {},
  self: SelfProgram = selfProgram(),
): Promise<MockProcess> {
  const args = mockArguments({ ...options, until_stdin_ends: true });
  const child = ownChild(
    new Deno.Command(self.program, {
      args: [...self.args, "mock-server", ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );
  const lifeline = child.stdin.getWriter();
  const said = text(child.stderr);
  const greeting = Promise.withResolvers<string>();
  const out = text(child.stdout, (soFar) => {
    if (soFar.includes("\n")) greeting.resolve(soFar);
  });
  void out.then(greeting.resolve);
  const end = async (): Promise<void> => {
    await lifeline.close().catch(() => {});
    if (!await resolvesWithin(STOP_MS, child.status)) child.kill("SIGKILL");
    await Promise.all([child.status, out, said]);
  };
  const isInTime = await resolvesWithin(START_MS, greeting.promise);
  const line = isInTime ? await greeting.promise : "";
  if (!line.includes("\n")) {
    await end();
    throw new Problem(mockNotStarted((await said).trim() || mockNoAnswer()));
  }
  const { port, base_url } = JSON.parse(line) as Pick<MockProcess, "port" | "base_url">;
  return { pid: child.pid, port, base_url, status: child.status, [Symbol.asyncDispose]: end };
}

/** All that a pipe brings, until its other end is closed. */
async function text(pipe: ReadableStream<Uint8Array>, heard?: (soFar: string) => void): Promise<string> {
  let soFar = "";
  for await (const piece of pipe.pipeThrough(new TextDecoderStream())) {
    soFar += piece;
    heard?.(soFar);
  }
  return soFar;
}
