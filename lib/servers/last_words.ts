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
      /failed to load model|model loading error|error loading model|loading model '[^']*'\s*$|no such file or directory|RepositoryNotFound|is not a valid model/i,
    remedy: messages.modelRemedy,
  },
];

/** So many of its last lines are looked through, and so many are shown. */
const SHOWN = 3;

/** What a server's last lines tell; null where nothing known is in them. `signal` is what it died of. */
export function whyNot(lines: readonly string[], signal: string | null = null): WhyNot | null {
  if (signal === "SIGILL") return { isPort: false, remedy: messages.cpuRemedy() };
  const text = lines.join("\n");
  const rule = RULES.find(({ pattern }) => pattern.test(text));
  return rule === undefined ? null : { isPort: rule.isPort === true, remedy: rule.remedy() };
}

/** The lines that a message quotes: those that name a trouble, else the last ones. */
export function quotedLines(lines: readonly string[]): string[] {
  const shown = lines.map((line) => printable(line.trim())).filter((line) => line !== "");
  const told = shown.filter((line) => RULES.some(({ pattern }) => pattern.test(line)));
  return (told.length > 0 ? told : shown).slice(-SHOWN);
}
