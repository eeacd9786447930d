import { sentence } from "../base/text.ts";

/** Texts for people about servers that llem starts: one function each, nothing else. */

/** How a process ended: `exit code 1`, `SIGKILL`. */
export interface ServerEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** `words` are lines of its log; `remedy` is a sentence, null where nothing known was seen. */
export interface ServerTrouble {
  readonly words: readonly string[];
  readonly remedy: string | null;
  readonly log: string;
}

/** Most servers that fail do so within a second. */
function after(seconds: number): string {
  return `after ${seconds.toFixed(seconds < 10 ? 2 : 0)} s`;
}

function endOf({ code, signal }: ServerEnd): string {
  return signal === null ? `with exit code ${code ?? "unknown"}` : `by ${signal}`;
}

function told({ words, remedy, log }: ServerTrouble): string {
  const said = words.length === 0 ? "It wrote nothing." : `It wrote: ${words.join(" / ")}`;
  return `${sentence(said)} ${remedy ?? `See its log, ${log}.`}`;
}

export function serverExited(end: ServerEnd, seconds: number, trouble: ServerTrouble): string {
  return `The server ended ${endOf(end)} ${after(seconds)}, before it was ready. ${told(trouble)}`;
}

export function serverDied(end: ServerEnd, seconds: number, trouble: ServerTrouble): string {
  return `The server ended ${endOf(end)} under load, ${seconds.toFixed(1)} s after it was ready. ${
    told(trouble)
  }`;
}

/** `stage` is what it had not done when its time was up. */
export function serverNotReady(seconds: number, stage: string, trouble: ServerTrouble): string {
  const longer = "Raise execution.server_ready_timeout_seconds where it only needs longer.";
  return `The server was not ready after ${seconds} s: ${stage}. ${longer} ${told(trouble)}`;
}

export function serverReplaced(): string {
  return "The server that the last run left had requests in hand or did not answer: the next run gets a new one.";
}

export function serverDiedIdle(log: string): string {
  return `The server ended by itself between two runs: the next one gets a new one. See its log, ${log}.`;
}

export function startStopped(): string {
  return "The server was stopped before it was ready.";
}

export function serverRefusedProof(path: string, status: number, words: string): string {
  const said = words === "" ? "with an empty body" : `and said: ${words}`;
  return `The server answered ${status} to a request of two tokens at ${path}, ${said}. ` +
    "Check that the model's name, openai.api and the key are those it was started with.";
}

/** `pid` is who listens there, null where that cannot be seen. */
export function portTaken(port: number, pid: number | null, trouble: ServerTrouble | null): string {
  const who = pid === null ? "another program" : `process ${pid}, which is not of this server,`;
  const said = trouble === null ? "" : ` ${told({ ...trouble, remedy: "" })}`.trimEnd();
  return `Port ${port}, free a moment before, is held by ${who} now.${said} ${portRemedy()}`;
}

/** Not the port that it was given. */
export function otherPortTaken(port: number, trouble: ServerTrouble): string {
  const said = told({ ...trouble, remedy: "" }).trimEnd();
  return `The server could not listen on a port that another program holds, and that is not ${port}, which llem gave it. ` +
    `${said} Put {port} where openai.server.argv names the port.`;
}

export function serverNotStarted(message: string): string {
  return `openai.server.argv: ${message}`;
}

export function containerStays(reason: string): string {
  return `the container of the server may still be there: ${reason}`;
}

export function serverSurvives(pids: readonly number[]): string {
  return `Processes of the server live on in spite of SIGKILL: ${pids.join(", ")}`;
}

export function serverLogNotWritten(reason: string): string {
  return `the server's log could not be written: ${reason}`;
}

export function stageNoAnswer(path: string): string {
  return `nothing answered at ${path}`;
}

export function stageElsewhere(port: number, ports: readonly number[]): string {
  return `it listens on ${
    ports.join(", ")
  }, and not on ${port}, which llem gave it (put {port} where openai.server.argv names the port)`;
}

export function stageHealth(path: string, status: number): string {
  return `${path} answered ${status}`;
}

export function stageNobodyListens(port: number): string {
  return `${port} was answered, and no process of this machine is seen to listen there`;
}

export function stageProof(path: string): string {
  return `a request of two tokens at ${path} got no answer`;
}

export function portRemedy(): string {
  return "Run it again: every start takes another port. If it stays so, check that {port} stands in openai.server.argv.";
}

export function kvRemedy(): string {
  return "No memory is left for the KV cache: lower the longest sequence or batch, or raise the share of GPU memory that it may take.";
}

export function gpuMemoryRemedy(): string {
  return "The GPU's memory is full: use a smaller model, batch or context, or end what else holds memory on it (nvidia-smi).";
}

export function gpuTakenRemedy(): string {
  return "Another program holds memory of that GPU: end it, or lower the share of GPU memory that the server may take.";
}

export function libraryRemedy(): string {
  return "A library is missing or too old for it: start the program by hand on this machine first.";
}

export function foregroundRemedy(): string {
  return "It ended as if all were well: a server has to stay in the foreground. Leave out what sends it away (-d, --detach, &).";
}

export function killedRemedy(): string {
  return "Nothing of llem killed it: most often that is for want of memory (see dmesg).";
}

export function argumentRemedy(): string {
  return "It does not know one of its arguments: correct openai.server.argv for the version that is installed.";
}

export function modelRemedy(): string {
  return "Check the model's path or name in model and openai.server.argv; relative paths start at the study file's folder.";
}

export function cpuRemedy(): string {
  return "It was built for a newer CPU than this one: take a build for this CPU.";
}
