import assert from "node:assert/strict";
import { encodeAssignment } from "../../lib/protocol/assignment.ts";
import { assertInTime } from "../support/control.ts";
import { isAlive, makeAssignment, runOnce, waitUntil, WORKER_ARGV, WorkerProcess } from "./worker_process.ts";

/** Decodes for many seconds, if nobody stops it. */
const LONG = { config: { dataset: { n: 40, input_len: 16, output_len: 1000, seed: 1 } } } as const;

Deno.test("runWorker() explains itself and exits 2 when stdin ends before an assignment", async () => {
  await using worker = new WorkerProcess();
  await worker.closeStdin();
  const said = await worker.ended();
  assert.equal(said.status.code, 2);
  assert.match(said.stderr, /no assignment: stdin ended before a whole line was read/);
  assert.deepEqual(said.frames, []);
});

Deno.test("runWorker() exits 2 on a line that is no assignment", async () => {
  for (const line of ["hello\n", "{}\n", '{"v":2,"token":"t","config":{}}\n', "\xff\n"]) {
    await using worker = new WorkerProcess();
    await worker.write(Uint8Array.from(line, (char) => char.charCodeAt(0)));
    const said = await worker.ended();
    assert.equal(said.status.code, 2, line);
    assert.match(said.stderr, /llem __worker: no assignment/);
  }
});

Deno.test("runWorker() takes an assignment that comes in pieces", async () => {
  await using worker = new WorkerProcess();
  const bytes = encodeAssignment(makeAssignment({}));
  for (const [from, to] of [[0, 1], [1, 100], [100, bytes.length - 1], [bytes.length - 1, bytes.length]]) {
    await worker.write(bytes.subarray(from, to));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const said = await worker.ended();
  assert.equal(said.status.code, 0);
  assert.equal(said.result?.requests, 4);
});

Deno.test("runWorker() reports a backend that it does not have", async () => {
  const said = await runOnce({ config: { backend: "tensorrt" } });
  assert.equal(said.error?.error_type, "unknown_backend");
  assert.equal(said.error?.retryable, false);
  assert.equal(said.status.code, 1);
});

Deno.test("runWorker() says nothing on stdout but frames, and little on stderr", async () => {
  const said = await runOnce();
  assert.deepEqual(said.stray, []);
  assert.equal(said.stderr, "");
  assert.equal(said.frames[0]?.type, "hello");
});

Deno.test("watchLifeline() ends the worker while the engine decodes, with all of its group", async () => {
  const { promise: decoding, resolve } = Promise.withResolvers<void>();
  const argv = ["sh", "-c", 'sleep 300 & echo "$!" >&2; exec "$@"', "sh", ...WORKER_ARGV];
  await using worker = new WorkerProcess({
    argv,
    onFrame: (frame) => frame.type === "progress" && resolve(),
  });
  await worker.write(encodeAssignment(makeAssignment(LONG)));
  await decoding;
  assert.ok(isAlive(worker.pid));
  const started_at = new Date().toISOString();
  await worker.closeStdin();
  assert.ok(await waitUntil(() => !isAlive(worker.pid), 20_000), "the worker is still there after 20 s");
  const ended_at = new Date().toISOString();
  assertInTime((Date.parse(ended_at) - Date.parse(started_at)) / 1000, 0, { started_at, ended_at });
  const said = await worker.ended();
  assert.equal(said.status.signal, "SIGKILL");
  assert.equal(said.result, undefined);
  const sleeper = Number(said.stderr.trim());
  assert.ok(await waitUntil(() => !isAlive(sleeper), 1000), "a process of the worker's group lives on");
});

Deno.test("watchLifeline() leaves the group alone where the worker does not lead it", async () => {
  await using worker = new WorkerProcess({
    argv: ["sh", "-c", '"$@"; echo "shell goes on after $?" >&2', "sh", ...WORKER_ARGV],
    onFrame: (frame, self) => void (frame.type === "progress" && self.closeStdin()),
  });
  await worker.write(encodeAssignment(makeAssignment(LONG)));
  const said = await worker.ended();
  assert.match(said.stderr, /shell goes on after 1/);
});

Deno.test("dieWithParent() ends the worker when its parent dies and stdin stays open", async () => {
  const { promise: decoding, resolve } = Promise.withResolvers<void>();
  await using shell = new WorkerProcess({
    argv: ["sh", "-c", '"$@" <&3 & echo "$!" >&2; wait', "sh", ...WORKER_ARGV].map((part, index) =>
      index === 2 ? `exec 3<&0; ${part}` : part
    ),
    onFrame: (frame) => frame.type === "progress" && resolve(),
  });
  await shell.write(encodeAssignment(makeAssignment(LONG)));
  await decoding;
  Deno.kill(shell.pid, "SIGKILL"); // the shell alone, not its group
  const said = await shell.ended(); // ends only when the worker has let go of the pipes
  const worker = Number(said.stderr.trim());
  assert.ok(worker > 0);
  assert.ok(await waitUntil(() => !isAlive(worker), 2000), "the worker outlived its parent");
  assert.equal(said.result, undefined);
});

Deno.test("SIGTERM ends a decoding worker at once", async () => {
  await using worker = new WorkerProcess({
    onFrame: (frame, self) => void (frame.type === "progress" && Deno.kill(self.pid, "SIGTERM")),
  });
  await worker.write(encodeAssignment(makeAssignment(LONG)));
  const said = await worker.ended();
  assert.equal(said.status.signal, "SIGTERM");
});
