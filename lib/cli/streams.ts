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
  return {
    out: new Output(Deno.stdout),
    err: new Output(Deno.stderr),
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
