/** Starts the Python worker for tests: a process for each assignment, or one after the other in forks of one. */
import { existsSync } from "node:fs";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import { NO_INPUTS, type RunInputs } from "../../lib/experiment/inputs.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { type Assignment, encodeAssignment } from "../../lib/protocol/assignment.ts";
import type { Frame } from "../../lib/protocol/frame.ts";
import { readFrame } from "../../lib/protocol/read_frame.ts";
import { FrameSplitter } from "../../lib/protocol/split_frames.ts";
import {
  type ProcessOptions,
  REPOSITORY,
  type Said,
  sortFrames,
  TOKEN,
  WorkerProcess,
} from "./worker_process.ts";

export const PYTHON_FOLDER = `${REPOSITORY}worker/python`;

/** The interpreter with the packages of the engine. Throws where there is none. */
export function testPython(): string {
  const named = Deno.env.get("LLEM_PYTHON");
  if (named !== undefined) return named;
  const made = `${REPOSITORY}.venv/bin/python`;
  if (existsSync(made)) return made;
  throw new Error("These tests need Python with torch and transformers: run scripts/setup-python");
}

/** The command line of the worker, from source. */
export function pythonWorkerArgv(): string[] {
  return [testPython(), `${PYTHON_FOLDER}/main.py`];
}

/** Changes to the assignment that most tests start from. */
export interface PythonChanges {
  /** Fields of the experiment, as a study file would give them. */
  readonly config?: JsonObject;
  readonly pytorch?: JsonObject;
  readonly inputs?: Partial<RunInputs>;
  readonly baseDir?: string;
  readonly runDir?: string;
  readonly token?: string;
}

/** A greedy run in full precision of 3 short synthetic prompts on the model in a folder, with changes. */
export function pythonAssignment(model: string, changes: PythonChanges = {}): Assignment {
  const { config, pytorch, inputs, baseDir, runDir, token } = changes;
  return {
    v: 1,
    token: token ?? TOKEN,
    run_id: "0001_test",
    attempt: 1,
    config_hash: "0123456789abcdef",
    cycle: 1,
    devices: [],
    run_dir: runDir ?? Deno.cwd(),
    base_dir: baseDir ?? REPOSITORY,
    inputs: { ...NO_INPUTS, ...inputs },
    config: resolved({
      model,
      backend: "pytorch",
      precision: "fp32",
      dataset: { n: 3, input_len: 12, output_len: 6, seed: 42 },
      decoder: { do_sample: false },
      warmup: { enabled: false },
      baseline: { enabled: false },
      ...config,
      pytorch: pytorch ?? {},
    }),
  };
}

function resolved(draft: JsonObject): ExperimentConfig {
  const config = resolveConfig(draft);
  if (config === null) throw new Error(`No such experiment: ${JSON.stringify(draft)}`);
  return config;
}

/** Runs one assignment to its end in a process of its own, as llem does. */
export async function runPython(
  assignment: Assignment,
  options: Partial<ProcessOptions> = {},
): Promise<Said> {
  await using worker = new WorkerProcess({ argv: pythonWorkerArgv(), ...options });
  await worker.write(encodeAssignment(assignment));
  return await worker.ended();
}

/**
 * Runs assignments one after the other, each in a fork of one process that has imported the engine's packages once:
 * a start costs milliseconds instead of seconds. Each is given a token of its own. Only for tests whose subject is not
 * the process: a fork has no lifeline.
 */
export async function runPythonMany(assignments: readonly Assignment[]): Promise<Said[]> {
  const named = assignments.map((assignment, index) => ({ ...assignment, token: `${TOKEN}-${index}` }));
  const child = new Deno.Command(testPython(), {
    args: ["-c", FORKS],
    // Threads would only wait for each other: the work is tiny and other tests run beside it.
    env: { PYTHONPATH: PYTHON_FOLDER, OMP_NUM_THREADS: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = new Response(child.stdout).bytes();
  const stdin = child.stdin.getWriter();
  for (const assignment of named) await stdin.write(encodeAssignment(assignment));
  await stdin.close();
  const pieces = [...new FrameSplitter().push(await output)].filter((piece) => piece.kind === "frame");
  const { success } = await child.status;
  if (!success) throw new Error("The process that forks Python workers failed; its stderr is above");
  return named.map(({ token }) => saidWith(token, pieces.map(({ bytes }) => bytes)));
}

/** Written by the parent when a fork has ended. */
interface Ended {
  readonly ended: string;
  readonly code: number;
  readonly stderr: string;
}

function saidWith(token: string, pieces: readonly Uint8Array[]): Said {
  const frames: Frame[] = [];
  const stray: string[] = [];
  let ended: Ended | undefined;
  for (const bytes of pieces) {
    const reading = readFrame(bytes, token);
    if (reading.kind === "frame") frames.push(reading.frame);
    if (reading.kind === "invalid") stray.push(`invalid: ${reading.reason}`);
    const text = new TextDecoder().decode(bytes);
    if (text.startsWith(`{"ended": "${token}"`)) ended = JSON.parse(text);
  }
  if (ended === undefined) throw new Error(`No word of the end of ${token}`);
  const { code, stderr } = ended;
  const status: Deno.CommandStatus = { success: code === 0, code, signal: null };
  return { ...sortFrames(frames), stray, stderr, status };
}

/** Takes all assignments from stdin, then runs each in a fork; the frames of all go to stdout. */
const FORKS = `
import json, os, sys, tempfile
frames_fd = os.dup(1)
os.dup2(2, 1)
from llem_worker.lifeline import die_with_parent
from llem_worker.worker import run_assignment
die_with_parent()
lines = sys.stdin.read().splitlines()
import torch, transformers, peft, accelerate
from transformers.models.llama import modeling_llama
for line in lines:
    assignment = json.loads(line)
    with tempfile.TemporaryFile() as log:
        pid = os.fork()
        if pid == 0:
            die_with_parent()
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            code = 70
            try:
                code = run_assignment(assignment, frames_fd)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        log.seek(0)
        said = log.read().decode(errors="replace")
    ended = {"ended": assignment["token"], "code": code, "stderr": said}
    os.write(frames_fd, b"\\x1e" + json.dumps(ended).encode() + b"\\n")
`;
