/** Runs Python workers in forks of one process: a start costs milliseconds instead of the seconds of an import. */
import { type Assignment, encodeAssignment } from "../../lib/protocol/assignment.ts";
import type { Frame } from "../../lib/protocol/frame.ts";
import { readFrame } from "../../lib/protocol/read_frame.ts";
import { FrameSplitter } from "../../lib/protocol/split_frames.ts";
import { TempFolder } from "./temp_folder.ts";
import { REPOSITORY, type Said, sortFrames, TOKEN } from "./worker_process.ts";

export const PYTHON_FOLDER = `${REPOSITORY}worker/python`;

/** What the forks have in common. */
export interface Parent {
  readonly python: string;
  /** Python that imports the engine's packages, once for all. */
  readonly imports: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs assignments one after the other, each in a fork of one process that has imported the engine's packages. Each is
 * given a token of its own. Only for tests whose subject is not the process: a fork has no lifeline.
 */
export async function runForks(
  { python, imports, env = {} }: Parent,
  assignments: readonly Assignment[],
): Promise<Said[]> {
  using temp = new TempFolder();
  const named = assignments.map((assignment, index) => ({ ...assignment, token: `${TOKEN}-${index}` }));
  const child = new Deno.Command(python, {
    args: ["-c", FORKS],
    // Threads would only wait for each other: the work is tiny and other tests run beside it.
    env: {
      PYTHONPATH: PYTHON_FOLDER,
      OMP_NUM_THREADS: "1",
      LLEM_TEST_IMPORTS: imports,
      // As a run has one of its own: engines leave files in it.
      TMPDIR: temp.path,
      ...env,
    },
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
import gc, json, os, sys, tempfile
frames_fd = os.dup(1)
os.dup2(2, 1)
from llem_worker.lifeline import die_with_parent
from llem_worker.worker import run_assignment
die_with_parent()
lines = sys.stdin.read().splitlines()
exec(os.environ["LLEM_TEST_IMPORTS"])
gc.freeze()
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
