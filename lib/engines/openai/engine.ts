import type { Engine } from "../engine.ts";
import { lessMemory, runItselfLocally } from "../messages.ts";
import { adviseOnServers } from "./ask_servers.ts";
import { openaiGpus } from "./gpus.ts";
import { adviseOnLoads } from "./load_advice.ts";
import { openaiObstacles, openaiObstaclesWithTraces } from "./obstacles.ts";
import { SERVER_SLOTS } from "./server_slot.ts";
import { NO_VARIABLES } from "../slot_variables.ts";
import { serverKindOf } from "../../experiment/engines/openai/server.ts";
import { serverWish } from "./server_wish.ts";

/** Error types of its worker whose messages end with what to do. */
const SELF_EXPLAINED: ReadonlySet<string> = new Set([
  "bad_setting",
  "key_missing",
  "model_unknown",
  "no_prompts",
  "requests_failed",
  "server_unreachable",
  "too_few_connections",
  "trace_empty",
  "trace_format_unknown",
  "trace_row_bad",
  "trace_too_short",
  "trace_unreadable",
]);

/** Any server that speaks the OpenAI protocol: what it holds is its own affair. This program is its client. */
export const openai: Engine = {
  worker: {
    kind: "this_program",
    instead_of_container: runItselfLocally("openai"),
    launch: ({ env, run_dir, self: { program, args } }) => ({
      kind: "process",
      spec: { program, args: [...args, "__worker"], cwd: run_dir, env },
    }),
    check: async (_env, _results, startServer) => (await import("./check.ts")).checkClient(startServer),
    obstacles: openaiObstacles,
    foresee: openaiObstaclesWithTraces,
    tryOut: openaiObstaclesWithTraces,
    advice: async (configs, place) => [...adviseOnLoads(configs), ...await adviseOnServers(configs, place)],
  },
  server: ({ openai: section, model }) =>
    section?.server === null || section?.server === undefined ? null : serverWish(section.server, {
      model,
      api: section.api,
      // Replaced by execution.server_ready_timeout_seconds.
      ready_s: 600,
      headers: section.headers,
      key_variable: section.api_key_env,
    }),
  gpus: openaiGpus,
  // A server that runs already has long loaded, and serves others perhaps.
  waitsForGate: ({ openai: section }) => (section?.server ?? null) !== null,
  dropped_variables: [],
  server_slot_variables: ({ openai: section }, slot) =>
    SERVER_SLOTS[serverKindOf(section?.server?.kind ?? "")]?.(slot) ?? NO_VARIABLES,
  failures: {
    less_memory: lessMemory(),
    explainsItself: ({ type }) => SELF_EXPLAINED.has(type),
    options: {},
    gpu_memory_rules: [],
  },
};
