import { ownVariable } from "../../base/own_environment.ts";
import { stdoutFailed } from "../messages.ts";
import { Output } from "./output.ts";

/** Where a command prints: data on `out`, everything for people on `err`. */
export interface Streams {
  readonly out: Output;
  readonly err: Output;
  readonly errIsTerminal: boolean;
  readonly outIsTerminal: boolean;
  /** Columns of the terminal behind stderr. */
  readonly width: () => number;
  /** And its lines; left out for the usual number. */
  readonly height?: () => number;
  readonly noColor: string | undefined;
}

const USUAL_WIDTH = 80;
export const USUAL_HEIGHT = 24;

/** The real ones. */
export function processStreams(): Streams {
  const [out, err] = [new Output(Deno.stdout), new Output(Deno.stderr)];
  out.onFailure = (reason) => err.write(`llem: ${stdoutFailed(reason)}\n`);
  return {
    out,
    err,
    errIsTerminal: Deno.stderr.isTerminal(),
    outIsTerminal: Deno.stdout.isTerminal(),
    width: () => terminalSize().columns,
    height: () => terminalSize().rows,
    noColor: ownVariable("NO_COLOR"),
  };
}

function terminalSize(): { readonly columns: number; readonly rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    // A pseudo-terminal that nobody gave a size says 0.
    return { columns: columns || USUAL_WIDTH, rows: rows || USUAL_HEIGHT };
  } catch {
    return { columns: USUAL_WIDTH, rows: USUAL_HEIGHT };
  }
}
