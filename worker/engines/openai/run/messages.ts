import type { HealthCause } from "../health/client_health.ts";
import { plural } from "../../../../lib/base/text.ts";
import type { WaitsFor } from "../windows/window_start.ts";

export function noSection(): string {
  return "The assignment has no section openai. Start the worker with llem run.";
}

export function keyMissing(variable: string): string {
  return `The environment variable ${variable}, which openai.api_key_env names, is not set or empty. ` +
    `Set it where llem is started: export ${variable}=...`;
}

export function serverUnreachable(url: string, reason: string): string {
  return `No server answers at ${url}: ${reason}. Start it, or name another in openai.base_url; ` +
    "openai.server lets llem start one itself.";
}

/** Of one that llem has started, and that lives. */
export function ownServerSilent(url: string, reason: string): string {
  return `The server of this run, at ${url}, was ready and does not answer now: ${reason}. Its log (server.log of the run ` +
    "that started it) may say why.";
}

/** `status` is that of its list of models; `variable` is null where the study names no key. */
export function noModelServed(url: string, status: number, variable: string | null): string {
  if (status === 200) {
    return `The server at ${url} names no model at /v1/models. Set model to the name that its requests need.`;
  }
  const remedy = remedyFor(`http_${status}`, variable) ?? "Set model to the name that its requests need.";
  return `The server at ${url} answers ${status} for its list of models, so it names no model. ${remedy}`;
}

export function tooFewConnections(wanted: number, missing: number): string {
  return `The load needs ${wanted} connections at once, ${missing} more than this machine lets the client open ` +
    "(open files: `ulimit -n`; ports: /proc/sys/net/ipv4/ip_local_port_range). Raise the limit, or lower " +
    "openai.load.concurrency or openai.load.max_in_flight.";
}

export function connectionsNotOpened(reason: string): string {
  return `Not all connections could be opened before the load began (${reason}); requests open theirs when they ` +
    "need them.";
}

export function warmUpProgress(): string {
  return "warm-up";
}

export function idleProgress(): string {
  return "idle, for the baseline";
}

export function steadyProgress(): string {
  return "until the load is steady";
}

function listed(kinds: readonly (readonly [string, number])[]): string {
  return kinds.map(([kind, count]) => `${kind} ${count}`).join(", ");
}

function saying(message: string | null): string {
  return message === null ? "" : ` The first says: ${message.replace(/\.*$/, "")}.`;
}

export function requestsFailed(
  of: number,
  kinds: readonly (readonly [string, number])[],
  message: string | null,
): string {
  const failed = kinds.reduce((sum, [, count]) => sum + count, 0);
  return `${failed} of ${of} requests failed (${
    listed(kinds)
  }). Latencies are those of the others; percentiles ` +
    `of all count a failed one as infinite.${saying(message)}`;
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /^http_404$/,
    "Check model, openai.api and the path of openai.base_url (as in http://127.0.0.1:8000/v1): the server does not " +
    "know one of them.",
  ],
  [/^http_3/, "Nothing is sent elsewhere than to openai.base_url: name the right address there."],
  [/^http_503$/, "It may still be loading its model: wait until it is ready, and run the study again."],
  [/^http_4(00|22)$/, "The server takes no such request: see openai.body, openai.api and the lengths."],
  [/^http_429$/, "The server refuses so many requests: lower the load."],
  [/^(connect|reset)$/, "Is the server still up? Its own log says more."],
  [/^timeout$/, "Raise execution.request_timeout_seconds, or lower the load."],
  [/^not_a_stream$/, "Is there another program at that address?"],
];

function remedyFor(kind: string, variable: string | null): string | undefined {
  if (/^http_40[13]$/.test(kind)) {
    return variable === null
      ? "Name the variable with the key in openai.api_key_env, or set openai.headers."
      : `Correct the key in ${variable}, the variable that openai.api_key_env names.`;
  }
  return REMEDIES.find(([pattern]) => pattern.test(kind))?.[1];
}

/** `variable` has the key; null where the study names none. */
export function allRequestsFailed(
  url: string,
  of: number,
  kinds: readonly (readonly [string, number])[],
  message: string | null,
  variable: string | null = null,
): string {
  const remedy = remedyFor(kinds[0]?.[0] ?? "", variable);
  const all = of === 1 ? "The one request" : `All ${of} requests`;
  return `${all} to ${url} failed (${listed(kinds)}).${saying(message)}${
    remedy === undefined ? "" : ` ${remedy}`
  }`;
}

export function inputLengthsDiffer(count: number, most: number): string {
  return `The server counted other input lengths than were made for ${count} requests, by up to ${most} tokens.`;
}

export function outputLengthsDiffer(count: number): string {
  return `${count} requests ended before or after the tokens that they asked for, although the server was told to ` +
    "generate exactly so many.";
}

export function answersLeftOut(turns: number): string {
  return `${turns} turns of conversations hold the questions before them and not the answers: the server's tokenizer did not ` +
    "tell the tokens of an answer. With api: chat they are sent as text.";
}

export function answersEmpty(count: number, of: number): string {
  return `${count} of ${of} answers had no token, and count as requests all the same. Check openai.api, the prompts and ` +
    "openai.body: the model ends at once.";
}

export function outputLengthsFree(): string {
  return "This server cannot be told how many tokens to generate: answers end where the model ends them " +
    "(output_length: free).";
}

const CAUSES: Readonly<Record<HealthCause, string>> = {
  late: "requests were sent late",
  loop_lag: "answers waited for the event loop",
  cpu: "the client used most of a core",
  ports: "ports are running out",
};

export function clientWasLimit(causes: readonly HealthCause[], latenessMs: number | null): string {
  const late = causes.includes("late") && latenessMs !== null ? ` (p99 ${latenessMs.toFixed(1)} ms)` : "";
  return `The client was a limit of what it measured: ${
    causes.map((cause) => CAUSES[cause]).join(", ")
  }${late}. ` +
    "Latencies are marginal. Run llem where cores are free, or spread the load over several studies.";
}

/** `lateMs` is the p99 of all requests. */
export function requestsHeldBack(count: number, lateMs: number): string {
  return `${
    plural(count, "request")
  } waited for a place in flight (openai.load.max_in_flight), so requests were sent ` +
    `late (p99 ${lateMs.toFixed(1)} ms). ttft_sched_ms counts that wait; ttft_ms and the slo do not.`;
}

const WAITS: Readonly<Record<WaitsFor, string>> = {
  first_requests: "three requests to end",
  all_slots_busy: "all requests of openai.load.concurrency to be in flight",
  one_median_request: "the time of one median request",
  two_median_requests: "the time of two median requests",
  in_flight: "the number of requests in flight to settle",
  ttft: "the time to the first token to settle",
  power: "power to settle",
  temperature: "temperature to settle",
};

export function windowCouldNotWait(waits: WaitsFor, seconds: number): string {
  return `The window was opened after ${
    seconds.toFixed(0)
  } s of load although it was not steady: it still waited ` +
    `for ${WAITS[waits]}.`;
}

export function windowOverloaded(): string {
  return "Overloaded: requests in flight or the time to the first token rose over the window, so a longer window " +
    "would give other numbers. Lower the load.";
}

export function windowDrifts(): string {
  return "Requests in flight or the time to the first token fell over the window: it opened before the load was " +
    "steady. Measure longer: measure.min_seconds.";
}
