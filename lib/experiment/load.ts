import { isJsonObject, type JsonObject } from "../base/json.ts";
import { type ExperimentConfig, isSynthetic, promptCount } from "./config.ts";
import { namedLoadFields } from "./engine_declaration.ts";
import { declarationOf, SERVER_FIELDS } from "./engines.ts";
import type { ServedLoad } from "./engines/openai/load.ts";
import { readPath } from "./read_path.ts";

export type { ServedLoad } from "./engines/openai/load.ts";

/** What one pass of a run's workload is. */
export interface Load {
  /** Null where only the worker knows. */
  readonly prompts: number | null;
  /** Of every prompt, exactly; null where the prompts are not made to a length. */
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  /** Prompts that are worked on at once; null where llem does not know. */
  readonly concurrency: number | null;
  /** `static`: those that are worked on at once begin together, and the next ones when the last of them is through. */
  readonly batches: "static" | null;
  /** When a server is sent its requests; left out where the engine is no server, and by earlier versions. */
  readonly served?: ServedLoad;
  /** Requests of a conversation, each with what was said before it; left out where each stands alone. */
  readonly turns?: number;
}

/** The load of a configuration. */
export function loadOf(config: ExperimentConfig): Load {
  const { dataset, backend } = config;
  const length = isSynthetic(dataset) ? dataset : null;
  const { concurrency = null, workload_known = false } = declarationOf(backend) ?? {};
  // Left open, one prompt at a time is what these engines do.
  const count = concurrency === null
    ? null
    : readPath(config as unknown as JsonObject, concurrency.path) ?? 1;
  const served = servedLoadOf(config);
  // A trace gives each of these prompts a length of its own.
  const isFixed = served?.kind !== "trace";
  const turns = length?.turns ?? 1;
  return {
    prompts: workload_known || length !== null ? promptCount(config) : null,
    input_tokens: isFixed ? length?.input_len ?? null : null,
    output_tokens: isFixed ? length?.output_len ?? null : null,
    concurrency: typeof count === "number" ? count : served?.kind === "closed" ? served.concurrency : null,
    batches: typeof count === "number" ? concurrency?.batches ?? null : null,
    ...served === null ? {} : { served },
    ...served === null || turns === 1 ? {} : { turns },
  };
}

/** When requests of a configuration are sent to a server; null where its engine is none. */
export function servedLoadOf(config: ExperimentConfig): ServedLoad | null {
  const { serves = null } = declarationOf(config.backend) ?? {};
  const section = (config as unknown as JsonObject)[config.backend];
  return serves === null || !isJsonObject(section) ? null : serves.loadOf(section);
}

/** The dotted paths of configurations whose values the name of a served load tells. */
export const NAMED_LOAD_FIELDS: ReadonlySet<string> = new Set(SERVER_FIELDS.flatMap(namedLoadFields));
