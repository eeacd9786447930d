import { isJsonObject, type Json } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { RunInputs } from "../experiment/inputs.ts";
import { PROTOCOL_VERSION } from "./frame.ts";
import { assignmentIncomplete, assignmentOfOtherVersion } from "./messages.ts";

/** The one line of JSON that a worker reads from stdin before it begins. */
export interface Assignment {
  readonly v: typeof PROTOCOL_VERSION;
  /** Must stand in every frame: what an engine prints by chance is then no frame. */
  readonly token: string;
  readonly run_id: string;
  /** 1-based. */
  readonly attempt: number;
  readonly config_hash: string;
  readonly cycle: number;
  /** The resolved configuration, every default filled in. */
  readonly config: ExperimentConfig;
  /** Devices of this run as the user named them; empty means: whatever is visible. */
  readonly devices: readonly string[];
  /** Absolute; exists; the worker may write there. */
  readonly run_dir: string;
  /** Absolute folder of the study file: relative paths of the configuration start here. */
  readonly base_dir: string;
  /** The model and the prompts that were found before the study; the path of the prompts is absolute here. */
  readonly inputs: RunInputs;
  /** Left out where llem has started none. */
  readonly server?: AssignedServer;
  /** `execution.request_timeout_seconds`; left out where there is none. */
  readonly request_timeout_s?: number;
  /** True where a GPU is metered for the run, so that idle phases of its worker become baselines; else left out. */
  readonly gpu_metered?: boolean;
  /**
   * Absolute path of a file that appears when the run may be measured. The worker loads, sends `ready`, waits for the file and
   * only then warms up and measures. Left out where it need not wait.
   */
  readonly gate?: string;
}

/** A server that llem has started for the run, and that computes. */
export interface AssignedServer {
  /** Ends with /v1. */
  readonly base_url: string;
  /** As the study names it. */
  readonly kind: string;
  /** No two instances have the same. */
  readonly instance: string;
  /** As the server tells it; null where it does not. */
  readonly version: string | null;
  /** 1 for the first run that this instance serves. */
  readonly position: number;
}

/** The line as it goes down the pipe, newline included. */
export function encodeAssignment(assignment: Assignment): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(assignment) + "\n");
}

/** Reads the line back. Throws SyntaxError or TypeError where it is not an assignment of this version. */
export function decodeAssignment(line: string): Assignment {
  const value: Json = JSON.parse(line);
  const fields = value as unknown as Partial<Assignment> | null;
  if (typeof fields !== "object" || fields === null || fields.v !== PROTOCOL_VERSION) {
    throw new TypeError(assignmentOfOtherVersion(fields?.v, PROTOCOL_VERSION));
  }
  if (typeof fields.token !== "string" || !isJsonObject(fields.config)) {
    throw new TypeError(assignmentIncomplete());
  }
  return fields as Assignment;
}
