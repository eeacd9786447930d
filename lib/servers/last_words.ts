import { printable } from "../base/text.ts";
import * as messages from "./messages.ts";

/** What the text of a server's log says of why it does not run. */
export interface WhyNot {
  /** True where another program had its port. */
  readonly isPort: boolean;
  /** What to do, as a sentence. */
  readonly remedy: string;
}

interface WordsRule {
  readonly pattern: RegExp;
  /** Says why it ended, and nothing of one that lives. */
  readonly ofEnd?: boolean;
  readonly isPort?: boolean;
  readonly remedy: () => string;
}

/** The first that matches is taken: the more particular come first. */
const RULES: readonly WordsRule[] = [
  {
    pattern: /address already in use|couldn't bind HTTP server socket|EADDRINUSE|errno 98\b/i,
    isPort: true,
    remedy: messages.portRemedy,
  },
  {
    pattern:
      /no available memory for the cache blocks|no KV blocks|not enough (?:space|memory) for (?:the )?kv/i,
    remedy: messages.kvRemedy,
  },
  {
    pattern: /CUDA (?:error: )?out of memory|CUDA_ERROR_OUT_OF_MEMORY|OutOfMemoryError|cudaMalloc failed/i,
    remedy: messages.gpuMemoryRemedy,
  },
  { pattern: /less than desired GPU memory utilization/i, remedy: messages.gpuTakenRemedy },
  {
    pattern: /error while loading shared libraries|GLIBC(?:XX)?_\S+' not found/i,
    remedy: messages.libraryRemedy,
  },
  {
    pattern: /unrecognized arguments?|unknown (?:argument|option)|invalid argument:|unexpected argument/i,
    remedy: messages.argumentRemedy,
  },
  {
    // llama-server may end before it has written what went wrong: then the load is the last that it tells of.
    pattern:
      /failed to load model|model loading error|error loading model|no such file or directory|RepositoryNotFound|is not a valid model/i,
    remedy: messages.modelRemedy,
  },
  { pattern: /loading model '[^']*'\s*$/i, ofEnd: true, remedy: messages.modelRemedy },
];

/** So many of its last lines are looked through, and so many are shown. */
const SHOWN = 3;

/** How a server ended by itself. */
export interface OwnEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What a server's last lines, and its end, tell; null where nothing known is in them. Without an `end` it lived. */
export function whyNot(lines: readonly string[], end?: OwnEnd | null): WhyNot | null {
  const of = (remedy: string): WhyNot => ({ isPort: false, remedy });
  if (end?.signal === "SIGILL") return of(messages.cpuRemedy());
  const text = lines.join("\n");
  // Nobody knows what the program meant that said it had gone well.
  if (end?.code === 0) return of(messages.foregroundRemedy());
  const hasEnded = end !== undefined && end?.signal !== "SIGKILL" && end?.signal !== "SIGTERM";
  const rule = RULES.find(({ pattern, ofEnd = false }) => pattern.test(text) && (hasEnded || !ofEnd));
  if (rule !== undefined) return { isPort: rule.isPort === true, remedy: rule.remedy() };
  return end?.signal === "SIGKILL" ? of(messages.killedRemedy()) : null;
}

/** The lines that a message quotes: those that name a trouble, else the last ones. */
export function quotedLines(lines: readonly string[]): string[] {
  const shown = lines.map((line) => printable(line.trim())).filter((line) => line !== "");
  const told = shown.filter((line) => RULES.some(({ pattern }) => pattern.test(line)));
  return (told.length > 0 ? told : shown).slice(-SHOWN);
}
