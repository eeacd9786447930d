/** The end of an engine's processes, with processes of our own in their place: no vLLM is imported. */
import assert from "node:assert/strict";
import { PYTHON_FOLDER } from "../../../support/python_forks.ts";
import { testPython } from "../../../support/python_worker.ts";

async function python(code: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const { stdout, stderr } = await new Deno.Command(testPython(), {
    args: ["-c", code],
    env: { PYTHONPATH: PYTHON_FOLDER, ...env },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

Deno.test("a shutdown that hangs, or raises, costs the worker its limit and no more", async () => {
  const told = await python(`
import json, sys, time, types
from llem_worker.engines.vllm import end
end.LIMIT_SECONDS = 0.3
asked = []
class Hangs:
    def shutdown(self, timeout=None): asked.append(timeout); time.sleep(1000)
class Old:
    def shutdown(self): asked.append("old"); raise RuntimeError
began = time.monotonic()
for core in Hangs(), Old():
    end.shut_down(types.SimpleNamespace(llm_engine=types.SimpleNamespace(engine_core=core)))
print(json.dumps({"asked": asked, "in_time": time.monotonic() - began < 3}), flush=True)
__import__("os")._exit(0)
`);
  assert.deepEqual(told, { asked: [1, "old"], in_time: true });
});

Deno.test("what the engine has started is killed, but for Python's tracker of shared memory", async () => {
  const told = await python(`
import json, multiprocessing, os, subprocess, time
os.setsid()
from llem_worker.engines.vllm.end import kill_children
from multiprocessing.resource_tracker import _resource_tracker as tracker
tracker.ensure_running()
children = [subprocess.Popen(["sleep", "1000"]) for _ in range(2)]
other = subprocess.Popen(["sleep", "1000"], start_new_session=True)
kill_children()
codes = [child.wait(10) for child in children]
lives = [other.poll() is None, os.waitpid(tracker._pid, os.WNOHANG) == (0, 0)]
other.kill()
print(json.dumps({"codes": codes, "lives": lives}))
`);
  assert.deepEqual(told, { codes: [-9, -9], lives: [true, true] });
});

Deno.test(
  "shared memory and semaphores carry the attempt in their names, in spawned processes as well",
  async () => {
    const told = await python(
      `
import json, multiprocessing
from multiprocessing import shared_memory
from llem_worker.shared_memory import name_shared_memory
name_shared_memory()
memory = shared_memory.SharedMemory(create=True, size=8)
semaphore = multiprocessing.get_context("spawn").Semaphore()
print(json.dumps([memory.name, semaphore._semlock.name, multiprocessing.Process()._config["semprefix"]]))
memory.close(); memory.unlink()
`,
      { LLEM_ATTEMPT_ID: "0a1b2c3d-tag" },
    );
    const [memory, semaphore, prefix] = told as string[];
    assert.match(memory ?? "", /^psm_0a1b2c3d-tag_[0-9a-f]{8}$/);
    assert.match(semaphore ?? "", /^\/mp-0a1b2c3d-tag-/);
    assert.equal(prefix, "/mp-0a1b2c3d-tag");
  },
);
