import { Output } from "./output.ts";

/** Where a command prints: data on `out`, everything for people on `err`. */
export interface Streams {
  readonly out: Output;
  readonly err: Output;
  readonly errIsTerminal: boolean;
  readonly outIsTerminal: boolean;
  /** Columns of the terminal behind stderr. */
  readonly width: () => number;
  readonly noColor: string | undefined;
}

const USUAL_WIDTH = 80;

/** The real ones. */
export function processStreams(): Streams {
  const err = new Output(Deno.stderr);
  const onLost = ({ message }: Error): void =>
    err.write(`llem: warning: nothing more can be written to stdout: ${message}\n`);
  return {
    out: new Output(Deno.stdout, onLost),
    err,
    errIsTerminal: Deno.stderr.isTerminal(),
    outIsTerminal: Deno.stdout.isTerminal(),
    width: terminalWidth,
    noColor: Deno.env.get("NO_COLOR"),
  };
}

function terminalWidth(): number {
  try {
    // A pseudo-terminal that nobody gave a size says 0.
    return Deno.consoleSize().columns || USUAL_WIDTH;
  } catch {
    return USUAL_WIDTH;
  }
}
