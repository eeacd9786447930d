import type { OpenaiConfig } from "../../../../lib/experiment/engines/openai/declaration.ts";
import type { ServedLoad } from "../../../../lib/experiment/engines/openai/load.ts";
import { SERVED_MODEL } from "../../../../lib/experiment/model_name.ts";
import type { Assignment } from "../../../../lib/protocol/assignment.ts";
import { WorkerError } from "../../../worker_error.ts";
import { readServerFacts, type ServerFacts } from "../server/server_facts.ts";
import { fileFacts, missingConnections } from "../health/open_files.ts";
import { portFacts } from "../health/ports.ts";
import { HttpFailure } from "../http/failure.ts";
import type { Trace } from "../../../../lib/experiment/traces/trace.ts";
import { type AskLimits, askText, type Call } from "../server/call.ts";
import type { Warning } from "../warning.ts";
import { makeRunPrompts, type RunPrompts } from "../prompts/run_prompts.ts";
import {
  connectionsNotOpened,
  noModelServed,
  ownServerSilent,
  serverUnreachable,
  tooFewConnections,
} from "./messages.ts";
import { kindFromFacts, servedModel, versionFromFacts } from "../server/server_kind.ts";
import type { Service } from "./service.ts";

/** A server that answers, and what it is to be sent. */
export interface MetServer {
  readonly facts: ServerFacts;
  readonly kind: string;
  readonly version: string | null;
  /** As requests name it. */
  readonly model: string;
}

/** A server that is slow at first still answers this; one that stands would be waited for until the run's own limit. */
const MEET_LIMITS: AskLimits = { limitMs: 30_000, maxChars: 16 * 2 ** 20 };

/** Asks the server what it is. Throws a WorkerError (`server_unreachable`, `model_unknown`). */
export async function meetServer(
  { config, server }: Pick<Assignment, "config" | "server">,
  { base_url }: Pick<Service, "base_url">,
  call: Call,
  limits: AskLimits = MEET_LIMITS,
): Promise<MetServer> {
  const greeted = await askText(call, "/v1/models", "GET", null, limits);
  if (greeted.kind === "none" && greeted.status === null) {
    const say = server === undefined ? serverUnreachable : ownServerSilent;
    throw new WorkerError("server_unreachable", say(base_url, greeted.reason), { retryable: true });
  }
  const facts = await readServerFacts(call);
  const model = config.model === SERVED_MODEL ? servedModel(facts) : config.model;
  if (model === null) {
    const key = config.openai?.api_key_env ?? null;
    const status = greeted.kind === "none" ? greeted.status ?? 0 : 200;
    throw new WorkerError("model_unknown", noModelServed(base_url, status, key), {
      retryable: status === 503,
    });
  }
  return {
    facts,
    kind: server?.kind ?? kindFromFacts(facts),
    version: server?.version ?? versionFromFacts(facts),
    model,
  };
}

/** The prompts of the run, with the lengths of a trace where its load is one. */
export function preparePrompts(
  assignment: Assignment,
  { api, prefix_cache }: OpenaiConfig,
  { kind, model }: MetServer,
  call: Call,
  trace: Trace | null,
  progress: (made: number, of: number) => void,
): Promise<RunPrompts> {
  const server = { call, kind, api, model, making: { progress } };
  return makeRunPrompts(assignment, prefix_cache, server, trace?.requests ?? null);
}

/** Connections that are opened before a load by a clock; more are opened as they are needed. */
const OPEN_AHEAD = 32;

/** How many connections a load needs at once, as far as it says so. */
export function connectionsOf(load: ServedLoad, requests: number): number {
  if (load.kind === "closed") return Math.min(load.concurrency, requests);
  return Math.min(load.max_in_flight ?? OPEN_AHEAD, OPEN_AHEAD, requests);
}

/** Opens the connections of the load. Throws a WorkerError where the machine's limits have no room for them. */
export async function openConnections(
  { pool, target }: Service,
  load: ServedLoad,
  requests: number,
): Promise<Warning[]> {
  const wanted = load.kind === "closed"
    ? Math.min(load.concurrency, requests)
    : Math.min(load.max_in_flight ?? OPEN_AHEAD, requests);
  const missing = missingConnections(
    wanted,
    fileFacts(),
    portFacts({ address: target.hostname, port: target.port }),
  );
  if (missing > 0) throw new WorkerError("too_few_connections", tooFewConnections(wanted, missing));
  try {
    await pool.open(connectionsOf(load, requests));
    return [];
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    return [{ code: "connections_not_opened", text: connectionsNotOpened(error.message) }];
  }
}
