/** Workers at the gate: loaded, waiting for a file, and only then warming up and measuring. Real engines, real processes. */
import assert from "node:assert/strict";
import { stampNs } from "../../lib/base/stamp.ts";
import { prepareWaits } from "../../worker/engines/openai/load/wait_until.ts";
import { openaiSchema } from "../../lib/experiment/engines/openai/declaration.ts";
import { type Assignment, encodeAssignment } from "../../lib/protocol/assignment.ts";
import type { Frame } from "../../lib/protocol/frame.ts";
import { MockServer } from "../../lib/servers/mock/mock_server.ts";
import { mockOptions } from "../../lib/servers/mock/options.ts";
import { cpuSeconds } from "../support/cpu_seconds.ts";
import { pythonAssignment, pythonWorkerArgv } from "../support/python_worker.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { writeTinyLlama } from "../support/tiny_llama.ts";
import {
  isAlive,
  makeAssignment,
  type Said,
  waitUntil,
  WORKER_ARGV,
  WorkerProcess,
} from "./worker_process.ts";

// Libraries that are opened once for all, and not within the first test.
stampNs();
prepareWaits();

/** So long each of them waits, in ms, and so much of it its process may compute. */
const WAIT_MS = 400;
const MOST_SHARE = 0.25;

/** What a worker did while its gate was closed. */
interface Waited {
  readonly said: Said;
  /** What it had sent when the gate was opened. */
  readonly before: readonly Frame[];
  /** Of one core, after its frame `ready`. */
  readonly share: number;
}

/** Opens the gate some time after the worker is ready. */
async function letWait(argv: readonly string[], assignment: Assignment): Promise<Waited> {
  const { gate = "" } = assignment;
  const frames: Frame[] = [];
  const ready = Promise.withResolvers<void>();
  await using worker = new WorkerProcess({
    argv,
    env: { OMP_NUM_THREADS: "1" },
    onFrame: (frame) => {
      frames.push(frame);
      if (frame.type === "ready") ready.resolve();
    },
  });
  await worker.write(encodeAssignment(assignment));
  const ended = worker.ended();
  await Promise.race([ready.promise, ended]);
  const beganS = cpuSeconds(worker.pid);
  await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  const share = (cpuSeconds(worker.pid) - beganS) / (WAIT_MS / 1000);
  const before = [...frames];
  Deno.writeTextFileSync(gate, "");
  return { said: await ended, before, share };
}

/** Loaded, then `ready` and nothing more until the gate is open; then the warm-up and the measurement. */
function checkWaited({ said, before, share }: Waited): void {
  assert.equal(said.error, undefined, said.error?.message);
  assert.equal(said.status.code, 0, said.stderr);
  assert.equal(before.at(-1)?.type, "ready");
  assert.deepEqual(phasesOf(before), ["load begin", "load end"]);
  const after = said.frames.slice(before.length);
  assert.deepEqual(phasesOf(after).slice(0, 3), ["warmup begin", "warmup end", "measure begin"]);
  assert.equal(said.frames.filter(({ type }) => type === "ready").length, 1);
  assert.ok(share < MOST_SHARE, `it computed for ${share} of the time`);
}

function phasesOf(frames: readonly Frame[]): string[] {
  return frames.flatMap((frame) => frame.type === "phase" ? [`${frame.name} ${frame.edge}`] : []);
}

Deno.test("llamacpp: loaded, it waits for its gate without computing, then warms up and measures", async () => {
  using folder = new TempFolder();
  const assignment = makeAssignment({ gate: folder.at("gate"), warmup: { enabled: true } });
  checkWaited(await letWait(WORKER_ARGV, assignment));
});

Deno.test("openai: the client of a server waits at its gate, too", async () => {
  using folder = new TempFolder();
  await using server = new MockServer(mockOptions({ ttft_ms: 2, tick_ms: 1 }));
  const assignment = makeAssignment({
    gate: folder.at("gate"),
    runDir: folder.path,
    warmup: { enabled: true, n_warmup: 1 },
    config: {
      backend: "openai",
      model: "mock",
      openai: openaiSchema.parse({ base_url: `http://127.0.0.1:${server.port}` }),
      baseline: { enabled: false, duration_seconds: 30 },
    },
  });
  checkWaited(await letWait(WORKER_ARGV, assignment));
});

Deno.test("pytorch: loaded, it waits for its gate without computing, then warms up and measures", async () => {
  using folder = new TempFolder();
  const model = writeTinyLlama(folder.at("model"));
  const assignment = pythonAssignment(model, {
    gate: folder.at("gate"),
    config: { warmup: { enabled: true, n_warmup: 1 } },
  });
  checkWaited(await letWait(pythonWorkerArgv(), assignment));
});

Deno.test("a worker that waits at its gate ends when its runner is gone", async () => {
  using folder = new TempFolder();
  const assignment = makeAssignment({ gate: folder.at("gate") });
  await using worker = new WorkerProcess({
    onFrame: (frame, self) => void (frame.type === "ready" && self.closeStdin()),
  });
  await worker.write(encodeAssignment(assignment));
  assert.ok(await waitUntil(() => !isAlive(worker.pid), 20_000), "the worker is still there after 20 s");
  const said = await worker.ended();
  assert.deepEqual([said.status.signal, said.frames.at(-1)?.type], ["SIGKILL", "ready"]);
});
