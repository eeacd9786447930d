import assert from "node:assert/strict";
import { encodeAssignment } from "../../../lib/protocol/assignment.ts";
import { pythonWorkerRunning } from "../../support/changed_python_worker.ts";
import { pythonAssignment, pythonWorkerArgv, runPython } from "../../support/python_worker.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { isAlive, waitUntil, WorkerProcess } from "../../support/worker_process.ts";

const ASSIGNMENT = pythonAssignment("no-model");
const WAIT_MS = 10_000;

/** Starts a worker with this body, gives it its assignment and waits for its first frame. */
async function startedWith(argv: string[]): Promise<WorkerProcess> {
  const { promise: began, resolve } = Promise.withResolvers<void>();
  const worker = new WorkerProcess({ argv, onFrame: () => resolve() });
  await worker.write(encodeAssignment(ASSIGNMENT));
  await Promise.race([began, worker.ended().then(({ stderr }) => assert.fail(stderr))]);
  return worker;
}

Deno.test("run_worker() explains itself and exits 2 where no assignment comes", async () => {
  for (const line of ["", "hello\n", "{}\n", '{"v":2,"token":"t","config":{}}\n', '{"v":1}\n', "\xff\n"]) {
    await using worker = new WorkerProcess({ argv: pythonWorkerArgv() });
    await worker.write(Uint8Array.from(line, (char) => char.charCodeAt(0)));
    await worker.closeStdin();
    const said = await worker.ended();
    assert.equal(said.status.code, 2, line);
    assert.match(said.stderr, /^llem Python worker: no assignment: .+\n.*Try `llem run STUDY`/s);
    assert.deepEqual(said.frames, []);
  }
});

Deno.test("run_worker() takes an assignment that comes in pieces, and says what backend it lacks", async () => {
  await using worker = new WorkerProcess({ argv: pythonWorkerArgv() });
  const config = { ...ASSIGNMENT.config, backend: "openai" } as const;
  const bytes = encodeAssignment({ ...ASSIGNMENT, config });
  for (const [from, to] of [[0, 1], [1, 100], [100, bytes.length - 1], [bytes.length - 1, bytes.length]]) {
    await worker.write(bytes.subarray(from, to));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const said = await worker.ended();
  assert.equal(said.error?.error_type, "unknown_backend");
  assert.match(said.error?.message ?? "", /no backend "openai"; it has pytorch/);
  assert.equal(said.error?.retryable, false);
  assert.equal(said.status.code, 1);
});

Deno.test("main.py keeps stdout for frames, whoever else prints", async () => {
  using folder = new TempFolder();
  const body = `
print("by print")
os.write(1, b"by write\\n")
subprocess.run(["echo", "by a child"])
ctypes.CDLL(None).puts(b"by a library")
report.send("result", requests=3)
print("\\x1e{}")
`;
  const said = await runPython(ASSIGNMENT, { argv: pythonWorkerRunning(folder, body) });
  assert.deepEqual(said.stray, []);
  assert.equal(said.result?.requests, 3);
  for (const text of ["by print", "by write", "by a child"]) assert.ok(said.stderr.includes(text), text);
  assert.equal(said.status.code, 0);
});

// What holds the interpreter lets no thread of Python run.
const WAYS_TO_BLOCK = {
  "Python sleeps": "time.sleep(60)",
  "a library waits": "ctypes.CDLL(None).sleep(60)",
  "a library holds the interpreter": "ctypes.PyDLL(None).sleep(60)",
};

for (const [way, call] of Object.entries(WAYS_TO_BLOCK)) {
  const body = `
child = subprocess.Popen(["sleep", "300"])
report.note("info", str(child.pid), "child")
${call}
`;
  Deno.test(`watch_lifeline() ends the worker and its children while ${way}`, async () => {
    using folder = new TempFolder();
    await using worker = await startedWith(pythonWorkerRunning(folder, body));
    await worker.closeStdin();
    const said = await worker.ended();
    assert.equal(said.status.signal, "SIGKILL");
    const child = Number(said.notes[0]?.text);
    assert.ok(child > 0);
    assert.ok(await waitUntil(() => !isAlive(child), WAIT_MS), "a child of the worker lives on");
  });
  Deno.test(`SIGTERM and SIGINT end the worker as signals while ${way}`, async () => {
    using folder = new TempFolder();
    const argv = pythonWorkerRunning(folder, body);
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      await using worker = await startedWith(argv);
      Deno.kill(worker.pid, signal);
      await waitUntil(() => !isAlive(worker.pid), WAIT_MS);
      Deno.kill(-worker.pid, "SIGKILL"); // the child holds the pipes
      assert.equal((await worker.ended()).status.signal, signal);
    }
  });
}

Deno.test("watch_lifeline() leaves the group alone where the worker does not lead it", async () => {
  using folder = new TempFolder();
  const worker = pythonWorkerRunning(folder, 'report.note("info", "here", "here")\ntime.sleep(60)');
  const argv = ["sh", "-c", '"$@"; echo "shell goes on after $?" >&2', "sh", ...worker];
  await using shell = await startedWith(argv);
  await shell.closeStdin();
  assert.match((await shell.ended()).stderr, /shell goes on after 137/);
});

Deno.test("die_with_parent() ends the worker when its parent dies and stdin stays open", async () => {
  using folder = new TempFolder();
  const body = `
report.note("info", str(os.getpid()), "pid")
ctypes.PyDLL(None).sleep(60)
report.note("info", "goes on alone", "alone")
`;
  const argv = ["sh", "-c", 'exec 3<&0; "$@" <&3 & wait', "sh", ...pythonWorkerRunning(folder, body)];
  await using shell = await startedWith(argv);
  Deno.kill(shell.pid, "SIGKILL"); // the shell alone, not its group
  const said = await shell.ended(); // ends only when the worker has let go of the pipes
  const pid = Number(said.notes[0]?.text);
  assert.deepEqual(said.notes.map(({ code }) => code), ["pid"]);
  assert.ok(await waitUntil(() => !isAlive(pid), WAIT_MS), "the worker outlived its parent");
  assert.equal(said.status.signal, "SIGKILL");
});

Deno.test("the worker ends without a word when nobody reads its frames", async () => {
  using folder = new TempFolder();
  const body = 'while True: report.note("info", "x" * 1000, "many")';
  const argv = ["sh", "-c", '"$@" | head -c 100 >/dev/null', "sh", ...pythonWorkerRunning(folder, body)];
  const said = await runPython(ASSIGNMENT, { argv });
  assert.equal(said.stderr.replace("Killed\n", ""), "");
});

Deno.test("SIGUSR2 shows where every thread is, and the run goes on", async () => {
  using folder = new TempFolder();
  const body = `
def waits_here():
    report.note("info", "here", "here")
    while not os.path.exists(${JSON.stringify(folder.at("go-on"))}):
        time.sleep(0.01)
waits_here()
report.send("result", requests=1)
`;
  await using worker = await startedWith(pythonWorkerRunning(folder, body));
  Deno.kill(worker.pid, "SIGUSR2");
  folder.write("go-on", "");
  const said = await worker.ended();
  assert.match(said.stderr, /in waits_here/);
  assert.match(said.stderr, /lifeline\.py", line \d+ in _watch/);
  assert.equal(said.result?.requests, 1);
  assert.equal(said.status.code, 0);
});

Deno.test("run_worker() shows a crash of a library in its log", async () => {
  using folder = new TempFolder();
  const said = await runPython(ASSIGNMENT, { argv: pythonWorkerRunning(folder, "ctypes.string_at(0)") });
  assert.equal(said.status.signal, "SIGSEGV");
  assert.match(said.stderr, /Fatal Python error: Segmentation fault[\s\S]+run\.py/);
});
