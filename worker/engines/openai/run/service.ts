import { pathFrom } from "../../../../lib/base/expand_home.ts";
import { Problem } from "../../../../lib/base/problem.ts";
import type { OpenaiConfig } from "../../../../lib/experiment/engines/openai/declaration.ts";
import type { Assignment } from "../../../../lib/protocol/assignment.ts";
import { WorkerError } from "../../../worker_error.ts";
import { readCertificates } from "../http/certificates.ts";
import { optionsFrom } from "../http/environment.ts";
import { HttpPool, type PoolOptions } from "../http/pool.ts";
import {
  apiPath,
  parseTarget,
  rootPath,
  type Target,
} from "../../../../lib/experiment/engines/openai/target.ts";
import type { Call } from "../server/call.ts";
import type { Hide } from "../stream/server_error.ts";
import { keyMissing } from "./messages.ts";

/** The server of a run as its client sees it: where it is, what to say to it, and connections for the load. */
export interface Service extends Disposable {
  /** As the study or the runner names it. */
  readonly base_url: string;
  readonly target: Target;
  /** Of every request: the key, the study's own. */
  readonly headers: Readonly<Record<string, string>>;
  /** Takes the key out of what a server says. */
  readonly hide: Hide;
  /** Connections of the load, and of nothing else. */
  readonly pool: HttpPool;
  /** Asks on connections of its own, so that no request of the load waits for it. They close when it is disposed. */
  openCall(): Questions;
}

/** The longest answer to a small question. */
const MAX_TOLD_BYTES = 16 * 2 ** 20;

/** Small questions to the server. */
export interface Questions extends Disposable {
  readonly call: Call;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Opens nothing yet. Throws a WorkerError (`bad_setting`) for an address, key or certificates that cannot be used. */
export function openService(assignment: Assignment, config: OpenaiConfig, env: Env): Service {
  const base_url = assignment.server?.base_url ?? config.base_url ?? "";
  try {
    const target = parseTarget(base_url);
    const key = keyFrom(config.api_key_env, env);
    const headers = {
      "Content-Type": "application/json",
      ...key === null ? {} : { Authorization: `Bearer ${key}` },
      ...config.headers,
    };
    const options = poolOptions(assignment, config, target, env);
    const pools: HttpPool[] = [];
    const openPool = (more: PoolOptions = {}): HttpPool => {
      const pool = new HttpPool(target, { ...options, ...more });
      pools.push(pool);
      return pool;
    };
    return {
      base_url,
      target,
      headers,
      hide: (text) => key === null || key === "" ? text : text.replaceAll(key, "***"),
      pool: openPool(),
      openCall: () => {
        const pool = openPool({ maxBodyBytes: MAX_TOLD_BYTES });
        return { call: callOn(pool, target, headers), [Symbol.dispose]: () => pool[Symbol.dispose]() };
      },
      [Symbol.dispose]: () => pools.forEach((pool) => pool[Symbol.dispose]()),
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new WorkerError("bad_setting", error.message, { cause: error });
  }
}

function keyFrom(variable: string | null, env: Env): string | null {
  if (variable === null) return null;
  const key = env[variable]?.trim() ?? "";
  if (key === "") throw new WorkerError("key_missing", keyMissing(variable));
  return key;
}

function poolOptions(
  { base_dir, server }: Assignment,
  { ca_file }: OpenaiConfig,
  target: Target,
  env: Env,
): PoolOptions {
  // A server of our own is on this machine: no proxy knows the way.
  const { proxy = null, caCerts = [] } = server === undefined ? optionsFrom(env, target) : {};
  const own = ca_file === null ? [] : [readCertificates(pathFrom(base_dir, ca_file, env), "openai.ca_file")];
  return { proxy, caCerts: [...caCerts, ...own] };
}

/** Small questions: each on one connection, its answer as text. */
function callOn(pool: HttpPool, target: Target, headers: Readonly<Record<string, string>>): Call {
  return async (path, method, body, signal) => {
    const decoder = new TextDecoder();
    let [status, text] = [0, ""];
    const sink = {
      sent: () => {},
      head: (told: number) => {
        status = told;
      },
      body: (bytes: Uint8Array) => {
        text += decoder.decode(bytes, { stream: true });
      },
    };
    const bytes = body === null ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(body));
    const at = path.startsWith("/v1/") ? apiPath(target, path.slice(3)) : rootPath(target, path);
    const end = await pool.exchange({ method, path: at, headers, body: bytes }, sink, signal);
    if (end.kind === "failed") throw new Error(end.message);
    return { status, text: text + decoder.decode() };
  };
}
