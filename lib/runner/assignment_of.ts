import { join } from "node:path";
import { exactInteger } from "../base/exact_integer.ts";
import { revealSecrets } from "../experiment/secrets.ts";
import type { AttemptRequest } from "../launch/attempt_request.ts";
import type { Assignment } from "../protocol/assignment.ts";
import { PROTOCOL_VERSION, type RequestFrame } from "../protocol/frame.ts";

/** What the worker of an attempt is told to do. */
export function assignmentOf(request: AttemptRequest, token: string): Assignment {
  const { run, run_id, attempt, devices, base_dir, study_dir, inputs, folder, server, limits } = request;
  const { gpu_metered = false, place } = request;
  const gate = place?.gate ?? null;
  return {
    v: PROTOCOL_VERSION,
    token,
    run_id,
    attempt,
    config_hash: run.config_hash,
    cycle: run.cycle,
    config: revealSecrets(run.config, request.secrets ?? []),
    devices,
    run_dir: folder.path,
    base_dir,
    inputs: inputs.prompts === null
      ? inputs
      : { ...inputs, prompts: { ...inputs.prompts, path: join(study_dir, inputs.prompts.path) } },
    ...server === undefined ? {} : { server },
    ...limits.request_s === undefined ? {} : { request_timeout_s: limits.request_s },
    ...gpu_metered ? { gpu_metered } : {},
    ...gate === null ? {} : { gate },
  };
}

/** A request as requests.jsonl keeps it. A replacer would be asked for every number of the frame. */
export function requestLine({ type: _, ...fields }: RequestFrame): string {
  const { t_start_ns } = fields;
  return JSON.stringify({ ...fields, t_start_ns: t_start_ns === null ? null : exactInteger(t_start_ns) });
}
