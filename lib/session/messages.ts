/** The texts of lib/session for people: one pure function for each message. */
import { shellWord } from "../base/shell_word.ts";
import type { Assumed, AssumedBackend } from "../study/complete_flags.ts";

/** More failures than this are counted only. */
const MOST_NAMED = 5;

/** A run that did not complete, as a message names it. */
export interface NamedFailure {
  readonly index: number;
  /** The kind of its outcome, such as `timed_out`. */
  readonly outcome: string;
  /** Null where there is none. */
  readonly message: string | null;
}

/** A resume of a study in which every run has ended, with what failed: one line each. */
export function nothingLeft(dir: string, failed: readonly NamedFailure[]): string[] {
  const nothing = `nothing is left to do in ${dir}`;
  if (failed.length === 0) return [`${nothing}: every run is complete.`];
  const named = failed.slice(0, MOST_NAMED).map(({ index, outcome, message }) =>
    `  run ${index} ${outcome}${message === null ? "" : `: ${message}`}`
  );
  const more = failed.length - named.length;
  const rest = more > 0 ? [`  and ${more} more`] : [];
  const again = `${failed.length} failed; --retry-failed runs them again: llem run --resume ${
    shellWord(dir)
  } --retry-failed`;
  return [`${nothing}: ${again}`, ...named, ...rest];
}

/** A model that stands where a study file is expected. */
export function modelAsStudy(path: string): { readonly message: string; readonly hint: string } {
  return { message: "this is a model, not a study file", hint: `llem run -m ${shellWord(path)}` };
}

/** A file that stands where a folder for results is to be. */
export function resultsInFile(path: string): string {
  return `${path} is a file, not a folder. Choose another folder for results with -o.`;
}

/** A warning of a plan; `problem` is the sentence with which a run refuses. */
export function refusedByRun(problem: string): string {
  return `llem run would refuse this study here: ${problem}`;
}

/** A notice before the first run; `load` says what other processes use. */
export function warnOfLoad(load: string): string {
  return `warning: ${load}, so results will scatter. Stop them before you measure (see top).`;
}

/** What a command line without a study file left open; null where it left nothing open. */
export function assumedSettings(
  { backend, synthetic, n, input_len, output_len, file }: Assumed,
): string | null {
  const parts = backend === null ? [] : [assumedBackend(backend)];
  if (file !== null) {
    parts.push(
      file.has_more
        ? `the first ${file.n} prompts of ${file.path} (-n takes more)`
        : `${file.n === 1 ? "the one prompt" : `all ${file.n} prompts`} of ${file.path}`,
    );
  }
  if (synthetic) {
    const prompts = n === null ? "synthetic prompts" : `${n} synthetic prompts`;
    if (input_len !== null && output_len !== null) {
      parts.push(`${prompts} ${input_len} -> ${output_len} tokens`);
    } else if (input_len !== null) parts.push(`${prompts} of ${input_len} tokens`);
    else if (output_len !== null) parts.push(`${prompts} -> ${output_len} tokens`);
    else if (n !== null) parts.push(prompts);
  }
  return parts.length === 0 ? null : parts.join(", ");
}

function assumedBackend({ name, model, is_default }: AssumedBackend): string {
  return is_default
    ? `backend ${name} (the default: ${model} is not the name of a GGUF file)`
    : `backend ${name} (from the name ${model})`;
}
