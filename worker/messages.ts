export function workerFailedUnexpectedly(message: string): string {
  return `The worker failed unexpectedly: ${message}`;
}

export function workerDefect(details: string): string {
  return `llem __worker: a defect of llem itself: ${details}`;
}

export function noSuchBackend(backend: string, engines: readonly string[]): string {
  return `This worker has no backend "${backend}"; it has ${engines.join(", ")}. ` +
    `Set backend: ${engines.join(" or ")} in the study file.`;
}

export function stdinIsTerminal(): string {
  return "stdin is a terminal";
}

export function stdinEndedEarly(): string {
  return "stdin ended before a whole line was read";
}

export function noAssignment(reason: string): string {
  return `llem __worker: no assignment: ${reason}.\n` +
    "This is the part of llem that runs one experiment. `llem run` starts it, writes one line of JSON to its\n" +
    "stdin and keeps that open; it is not meant to be started by hand. Try `llem run STUDY`.";
}

export function lineWithoutPrompt(line: string): string {
  return `No {"prompt": "..."} in a file of prompts: ${line}`;
}

export function noPromptsGiven(): string {
  return "The assignment names no prompts (inputs.prompts is null), and the dataset is not synthetic. " +
    "Start the worker with llem run, or use dataset: { n, input_len, output_len }.";
}

export function promptsChanged(path: string): string {
  return `${path} was changed after the study began, so runs would not be comparable. Start a new study.`;
}

export function promptsUnreadable(path: string, reason: string): string {
  return `Cannot read prompts from ${path}: ${reason}. Start a new study.`;
}
