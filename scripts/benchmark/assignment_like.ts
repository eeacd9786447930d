import type { JsonObject } from "../../lib/base/json.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { encodeAssignment } from "../../lib/protocol/assignment.ts";
import type { ResultRecord } from "../../lib/results/record.ts";

/** A line as the worker of this run got it, as long and with a token of its own. */
export function assignmentLike(record: ResultRecord, studyDir: string): Uint8Array<ArrayBuffer> {
  const { run } = record;
  // A record leaves out what a run does not read.
  const config = resolveConfig(record.config as unknown as JsonObject);
  if (config === null) throw new Error("The record holds no configuration");
  const { run_id, config_hash, cycle, attempt, devices } = run;
  const run_dir = `${studyDir}/runs/${run_id}`;
  const token = crypto.randomUUID();
  return encodeAssignment({
    v: 1,
    token,
    run_id,
    attempt,
    config_hash,
    cycle,
    config,
    devices,
    run_dir,
    base_dir: studyDir,
    inputs: { model: null, adapter: null, prompts: null },
  });
}
