/** Commands that read studies, run in this process: the same code as the program's, without the time of its start. */
import { CommandError } from "../../lib/base/refusal.ts";
import { parseArguments } from "../../lib/cli/arguments.ts";
import { compareCommand } from "../../lib/cli/commands/compare/command.ts";
import { exportCommand } from "../../lib/cli/commands/export/command.ts";
import { historyCommand } from "../../lib/cli/commands/history/command.ts";
import { listCommand } from "../../lib/cli/commands/list/command.ts";
import { reportCommand } from "../../lib/cli/commands/report/command.ts";
import { showCommand } from "../../lib/cli/commands/show.ts";
import { statusCommand } from "../../lib/cli/commands/status.ts";
import { Output } from "../../lib/cli/terminal/output.ts";
import type { Streams } from "../../lib/cli/terminal/streams.ts";

/** What a command left. */
export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `llem ARGS` for a command that reads studies. Throws what would be a defect of the program. */
export async function inProcess(args: readonly string[]): Promise<Answer> {
  const [out, err] = [new Capture(), new Capture()];
  const streams: Streams = {
    out: new Output(out),
    err: new Output(err),
    errIsTerminal: false,
    outIsTerminal: false,
    width: () => 80,
    noColor: "1",
  };
  let code: number;
  try {
    code = await dispatch(args, streams);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    streams.err.write(`llem: ${error.message}\n`);
    code = error.exitCode;
  }
  await streams.out.flush();
  await streams.err.flush();
  return { code, out: out.text, err: err.text };
}

class Capture {
  readonly #decoder = new TextDecoder();
  text = "";

  write(bytes: Uint8Array): Promise<number> {
    this.text += this.#decoder.decode(bytes, { stream: true });
    return Promise.resolve(bytes.length);
  }
}

async function dispatch(args: readonly string[], streams: Streams): Promise<number> {
  const parsed = parseArguments(args);
  switch (parsed.kind) {
    case "text":
      streams.err.write(parsed.text);
      return parsed.exitCode;
    case "list":
      return listCommand(parsed, streams);
    case "status":
      return statusCommand(parsed, streams);
    case "show":
      return showCommand(parsed, streams);
    case "compare":
      return await compareCommand(parsed, streams);
    case "report":
      return await reportCommand(parsed, streams);
    case "export":
      return await exportCommand(parsed, streams);
    case "history":
      return await historyCommand(parsed, streams);
    default:
      throw new RangeError(`llem ${parsed.kind} reads no studies`);
  }
}
