import { LinkedAbort } from "../../base/abort.ts";
import { pathFrom } from "../../base/expand_home.ts";
import { isJsonObject } from "../../base/json.ts";
import { readAtMost } from "../../base/read_at_most.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import { apiPath, parseTarget } from "../../experiment/engines/openai/target.ts";
import { SERVED_MODEL } from "../../experiment/model_name.ts";
import { HIDDEN } from "../../experiment/secret_names.ts";
import type { WorkPlace } from "../engine.ts";
import * as messages from "./messages.ts";

/** Each server has so long to answer; all are asked at once. */
const LIMIT_MS = 2000;
/** No list of models is longer. */
const MOST_BYTES = 4 * 2 ** 20;
/** The reason of an end by that limit. */
const LATE = Symbol("late");

/** What a server said when it was asked for its models. */
export type ModelsAnswer =
  | { readonly kind: "models"; readonly names: readonly string[] }
  /** Another status than 200. */
  | { readonly kind: "status"; readonly status: number }
  /** 200, and no list of models. */
  | { readonly kind: "other" }
  /** No answer; the reason is a clause. */
  | { readonly kind: "silent"; readonly reason: string };

/** A server that a study names by its address, and how it is asked. */
export interface NamedServer {
  readonly base_url: string;
  readonly ca_file: string | null;
  readonly api_key_env: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is to be said of running servers that these configurations name, a sentence each: whether they answer, and to what. */
export async function adviseOnServers(
  configs: readonly ExperimentConfig[],
  place: Pick<WorkPlace, "env" | "base_dir" | "signal">,
): Promise<string[]> {
  const servers = new Map<string, { readonly server: NamedServer; readonly models: Set<string> }>();
  for (const { openai: section, model } of configs) {
    const { base_url, ca_file, api_key_env, headers } = section ?? { base_url: null };
    if (typeof base_url !== "string" || base_url.includes(HIDDEN)) continue;
    const server = {
      base_url,
      ca_file: ca_file ?? null,
      api_key_env: api_key_env ?? null,
      headers: headers ?? {},
    };
    const known = servers.get(JSON.stringify(server)) ?? { server, models: new Set() };
    servers.set(JSON.stringify(server), known);
    known.models.add(model);
  }
  const told = await Promise.all([...servers.values()].map(async ({ server, models }) => {
    const answer = await askForModels(server, place);
    return answer === null ? [] : judgeModels(answer, server, [...models]);
  }));
  return [...new Set(told.flat())];
}

/** What to say of an answer; empty where all is as the study takes it to be. */
export function judgeModels(
  answer: ModelsAnswer,
  { base_url, api_key_env }: NamedServer,
  models: readonly string[],
): string[] {
  switch (answer.kind) {
    case "silent":
      return [messages.serverSilent(base_url, answer.reason)];
    case "status":
      return [
        answer.status === 404
          ? messages.noApiThere(base_url)
          : answer.status === 401 || answer.status === 403
          ? messages.keyRefused(base_url, answer.status, api_key_env)
          : messages.serverNotReady(base_url, answer.status),
      ];
    case "other":
      return [messages.noListOfModels(base_url)];
    case "models":
      return models.flatMap((model) => {
        const { names } = answer;
        if (model !== SERVED_MODEL) {
          return names.length === 0 || names.includes(model)
            ? []
            : [messages.modelNotServed(base_url, model, names)];
        }
        return names.length === 1 ? [] : [messages.servedUnclear(base_url, names)];
      });
  }
}

/** Asks one server; null where its address, certificates or key cannot be used, which is told elsewhere. */
async function askForModels(
  { base_url, ca_file, api_key_env, headers }: NamedServer,
  { env, base_dir, signal }: Pick<WorkPlace, "env" | "base_dir" | "signal">,
): Promise<ModelsAnswer | null> {
  const key = api_key_env === null ? null : env[api_key_env]?.trim() ?? "";
  if (key === "") return null;
  let url: string;
  let caCerts: string[];
  try {
    const target = parseTarget(base_url);
    url = `${target.isTls ? "https" : "http"}://${target.authority}${apiPath(target, "/models")}`;
    caCerts = ca_file === null ? [] : [Deno.readTextFileSync(pathFrom(base_dir, ca_file, env))];
  } catch {
    return null;
  }
  using end = new LinkedAbort(signal === undefined ? [] : [signal]);
  const timer = setTimeout(() => end.abort(LATE), LIMIT_MS);
  try {
    using client = Deno.createHttpClient({ caCerts, poolMaxIdlePerHost: 0 });
    const response = await fetch(url, {
      client,
      redirect: "manual",
      headers: { ...headers, ...key === null ? {} : { Authorization: `Bearer ${key}` } },
      signal: end.signal,
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { kind: "status", status: response.status };
    }
    const body = await readAtMost(response, MOST_BYTES);
    return body === null ? { kind: "other" } : readModels(body.text);
  } catch (error) {
    if (signal?.aborted === true) return null;
    const reason = end.signal.reason === LATE
      ? messages.noAnswerWithin(LIMIT_MS / 1000)
      : lastCause(error as Error);
    return { kind: "silent", reason };
  } finally {
    clearTimeout(timer);
  }
}

/** The names in an answer of `/v1/models`. */
export function readModels(text: string): ModelsAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "other" };
  }
  const data = isJsonObject(value) ? value["data"] : null;
  if (!Array.isArray(data)) return { kind: "other" };
  const ids = data.map((entry: unknown) => isJsonObject(entry) ? entry["id"] : null);
  return { kind: "models", names: ids.filter((id) => typeof id === "string") };
}

/** `Connection refused (os error 111)` of a message that names every layer. */
function lastCause({ message }: Error): string {
  return message.split(": ").at(-1) ?? message;
}
