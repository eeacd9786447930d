import { monotonicNs } from "../../lib/base/clock.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import { NO_INPUTS } from "../../lib/experiment/inputs.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { encodeAssignment } from "../../lib/protocol/assignment.ts";
import { framesOf } from "./frames_of.ts";
import { BENCH, ROOT } from "./places.ts";

/** Interpreter with the packages of the engines that live in Python. */
export const PYTHON = `${ROOT}.venv/bin/python`;
/** Folder of the Python worker. */
export const WORKER = `${ROOT}worker/python`;

/** Seconds of the life of a Python worker. */
export interface EngineStart {
  /** From spawn to hello. */
  readonly hello_s: number;
  /** Of the engine's packages, in that. */
  readonly import_s: number;
  readonly load_s: number;
  /** From spawn to the first measured token. */
  readonly first_token_s: number;
  /** From spawn to end. */
  readonly life_s: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** Runs one worker on this experiment, greedy and without warm-up. Throws where it fails. */
export async function startEngine(
  experiment: JsonObject,
  env: Readonly<Record<string, string>> = {},
): Promise<EngineStart> {
  const spawnedNs = monotonicNs();
  const since = (ns: bigint): number => Number(ns - spawnedNs) / 1e9;
  const child = new Deno.Command(PYTHON, {
    args: [`${WORKER}/main.py`],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const stdin = child.stdin.getWriter();
  await stdin.write(assignment(experiment));
  let [hello_s, first_token_s] = [NaN, NaN];
  let metrics: EngineStart["metrics"] = {};
  for await (const frame of framesOf(child.stdout, TOKEN)) {
    if (frame.type === "hello") hello_s = since(monotonicNs());
    if (frame.type === "request" && Number.isNaN(first_token_s) && frame.t_start_ns !== null) {
      first_token_s = since(frame.t_start_ns) + (frame.ttft_ms ?? NaN) / 1000;
    }
    if (frame.type === "result") metrics = frame.metrics ?? {};
    if (frame.type === "error") throw new Error(`the worker failed: ${frame.message}`);
  }
  await child.status;
  const life_s = since(monotonicNs());
  await stdin.close().catch(() => {}); // it has ended
  const { import_s, load_s } = metrics;
  return { hello_s, import_s: Number(import_s), load_s: Number(load_s), first_token_s, life_s, metrics };
}

const TOKEN = crypto.randomUUID();

function assignment(experiment: JsonObject): Uint8Array<ArrayBuffer> {
  const config = resolveConfig({
    decoder: { do_sample: false },
    warmup: { enabled: false },
    baseline: { enabled: false },
    ...experiment,
  });
  if (config === null) throw new Error("the experiment of the bench is none");
  const run = { run_id: "0001_start", attempt: 1, config_hash: "0123456789abcdef", cycle: 1, devices: [] };
  const places = { run_dir: BENCH, base_dir: ROOT, inputs: NO_INPUTS };
  return encodeAssignment({ v: 1, token: TOKEN, ...run, config, ...places });
}
