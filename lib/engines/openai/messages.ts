import { clip, printable } from "../../base/text.ts";

/** Texts for people about clients of servers and the servers that a study names: one function each, nothing else. */

/** What the client adds to latencies by itself. Milliseconds but for `cpu_us`; rates are requests a second. */
export function clientFloor(
  { p50_ms, p99_ms, late_ms, cpu_us, rate, asked }: {
    readonly p50_ms: number;
    readonly p99_ms: number;
    readonly late_ms: number;
    readonly cpu_us: number;
    readonly rate: number;
    readonly asked: number;
  },
  floor_ms: number,
): string {
  return `latencies from ${Math.ceil(floor_ms)} ms on are told to 10 % (first tokens stamped ${
    p50_ms.toFixed(2)
  } ms late, ` +
    `p99 ${p99_ms.toFixed(2)}; requests sent ${late_ms.toFixed(2)} ms late, p99; ${rate.toFixed(1)} of ` +
    `${asked.toFixed(1)} requests/s; ${cpu_us.toFixed(0)} us of CPU a token)`;
}

/** Before what was measured. */
export function clientIsSlow(): string {
  return "the client is slow here";
}

/** The remedy. Without a full stop. */
export function quietMachineAdvice(): string {
  return "stop other programs (see top), then run llem doctor again";
}

/** A clause. */
export function trialFailed(count: number): string {
  return `${count} of its requests failed`;
}

/** `reason` is a clause. */
export function clientNotTried(reason: string): string {
  return `the client could not be tried against a mock server: ${reason === "" ? "it said nothing" : reason}`;
}

/** Before a sentence of somebody else's that names the field. */
export function inBackend(sentence: string): string {
  return `backend openai: ${sentence}`;
}

/** `message` is a sentence that names the program. */
export function programOfServer(message: string): string {
  return `backend openai: openai.server.argv: ${message}`;
}

/** A model that the server is to load from this machine's files; `path` is absolute. */
export function modelOfServerMissing(path: string, beginsWithHome: boolean): string {
  const why = beginsWithHome
    ? ": ~ stands for your home folder in a shell alone, so write the whole path."
    : ". Correct model.";
  return `backend openai: openai.server.argv hands {model} to the server, but ${path} does not exist${why}`;
}

/** `reason` is what the system says; null where the file can be read and holds something else. */
export function certificatesTrouble(path: string, reason: string | null): string {
  return reason === null
    ? `backend openai: openai.ca_file: ${path} holds no certificate in PEM form.`
    : `backend openai: openai.ca_file: ${path} cannot be read: ${reason}.`;
}

export function keyEmpty(variable: string): string {
  return `backend openai: the variable ${variable}, named by openai.api_key_env, is empty. Set it (export ${variable}=...), ` +
    "or remove it from openai.api_key_env.";
}

/** Fewer conversations or prompts than a closed load has places; `units` names them with their number. */
export function fewerThanConcurrency(concurrency: number, units: string): string {
  return `backend openai: openai.load.concurrency is ${concurrency}, but a run has only ${units}, so no more than that are ` +
    "ever in flight. Raise n.";
}

/** No server at an address of the study; `reason` is a clause. It may be started later. */
export function serverSilent(baseUrl: string, reason: string): string {
  const certificate = /certificate|UnknownIssuer|CaUsed|NotValidForName|Expired/i.test(reason);
  const tls = certificate
    ? "Give its certificate in openai.ca_file"
    : baseUrl.startsWith("https://")
    ? "Start it before the runs begin, or write http:// if it speaks no TLS"
    : "Start it before the runs begin";
  return `backend openai: no server answers at ${baseUrl} now (${reason}). ${tls}, or correct openai.base_url.`;
}

/** A clause. */
export function noAnswerWithin(seconds: number): string {
  return `nothing within ${seconds} s`;
}

export function noApiThere(baseUrl: string): string {
  return `backend openai: the server at ${baseUrl} answers 404 for its list of models. openai.base_url must lead to the ` +
    "OpenAI API, as http://127.0.0.1:8000/v1 does.";
}

/** `variable` is null where the study names no key. */
export function keyRefused(baseUrl: string, status: number, variable: string | null): string {
  const remedy = variable === null
    ? "Name the environment variable with its key in openai.api_key_env."
    : `Correct the key in ${variable}.`;
  return `backend openai: the server at ${baseUrl} answers ${status}: it wants a key. ${remedy}`;
}

export function serverNotReady(baseUrl: string, status: number): string {
  return `backend openai: the server at ${baseUrl} answers ${status} when asked for its models. It may still be starting: ` +
    "wait until it is ready.";
}

export function noListOfModels(baseUrl: string): string {
  return `backend openai: what answers at ${baseUrl} gives no list of models, so it may be no server with the OpenAI API. ` +
    "Check openai.base_url.";
}

/** `names` is never empty. */
export function modelNotServed(baseUrl: string, model: string, names: readonly string[]): string {
  return `backend openai: the server at ${baseUrl} serves ${
    listed(names)
  }, not ${model}. Correct model, or write model: served.`;
}

/** Of `model: served`, where the server names none or several. */
export function servedUnclear(baseUrl: string, names: readonly string[]): string {
  return names.length === 0
    ? `backend openai: the server at ${baseUrl} names no model. Give its name in model.`
    : `backend openai: the server at ${baseUrl} serves ${
      listed(names)
    }; model: served is the first one. Name one in model.`;
}

const MOST_NAMES = 5;
const MOST_NAME_CHARS = 100;

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).map((name) => clip(printable(name), MOST_NAME_CHARS));
  return shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
