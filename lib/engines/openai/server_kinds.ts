import { type ServerKind, serverKindOf } from "../../experiment/engines/openai/server.ts";
import type { IdleSign } from "../server_wish.ts";

/**
 * What llem has to know of a kind of server to start one: when it is up, and what it is. What requests need (token ids,
 * tokenizer, counters, cache reset) the worker knows by the same names. Sources: the servers' own code and documentation.
 */
export interface ServerKindFacts {
  /** Answers 200 once the server is up. */
  readonly health_path: string;
  /** Paths whose JSON tells the version or build; the first that answers is taken. */
  readonly version_paths: readonly string[];
  /** Where its image's program listens unless it is told; null where none is usual. */
  readonly usual_port: number | null;
  /** Gauges that are 0 where it has no request in hand; null where it has none, or not unasked. */
  readonly idle: IdleSign | null;
  /** True where it is run on GPUs, and takes most of their memory. */
  readonly holds_gpu: boolean;
}

const PLAIN: ServerKindFacts = {
  health_path: "/v1/models",
  version_paths: ["/version"],
  usual_port: null,
  idle: null,
  holds_gpu: false,
};

/** By `openai.server.kind`. */
export const SERVER_KIND_FACTS: Readonly<Record<ServerKind, ServerKindFacts>> = {
  // Refuses connections until the engine is up; 503 once the engine has died.
  "vllm": {
    health_path: "/health",
    version_paths: ["/version"],
    usual_port: 8000,
    idle: { path: "/metrics", gauges: ["vllm:num_requests_running", "vllm:num_requests_waiting"] },
    holds_gpu: true,
  },
  // 503 while starting; later each probe makes a token where the server is idle: never asked in a window.
  "sglang": {
    health_path: "/health",
    version_paths: ["/server_info", "/get_server_info"],
    usual_port: 30_000,
    idle: { path: "/metrics", gauges: ["sglang:num_running_reqs", "sglang:num_queue_reqs"] },
    holds_gpu: true,
  },
  "trtllm": {
    health_path: "/health",
    version_paths: ["/version"],
    usual_port: 8000,
    idle: null,
    holds_gpu: true,
  },
  // 503 "Loading model", then 200.
  "llama-server": {
    health_path: "/health",
    version_paths: ["/props"],
    usual_port: 8080,
    idle: { path: "/metrics", gauges: ["llamacpp:requests_processing", "llamacpp:requests_deferred"] },
    holds_gpu: false,
  },
  "tgi": {
    health_path: "/health",
    version_paths: ["/info"],
    usual_port: 80,
    idle: { path: "/metrics", gauges: ["tgi_batch_current_size", "tgi_queue_size"] },
    holds_gpu: true,
  },
  // 200 at any time: only the proof request tells.
  "lmdeploy": {
    health_path: "/health",
    version_paths: [],
    usual_port: 23_333,
    idle: null,
    holds_gpu: true,
  },
  // Loads a model with its first request.
  "ollama": {
    health_path: "/api/version",
    version_paths: ["/api/version"],
    usual_port: 11_434,
    idle: null,
    holds_gpu: false,
  },
  // /v1/health/live is the proxy alone.
  "nim": {
    health_path: "/v1/health/ready",
    version_paths: ["/v1/version"],
    usual_port: 8000,
    idle: null,
    holds_gpu: true,
  },
  "other": PLAIN,
};

/** A kind that is none of ours is treated as `other`. */
export function serverKindFacts(kind: string): ServerKindFacts {
  return SERVER_KIND_FACTS[serverKindOf(kind)];
}
