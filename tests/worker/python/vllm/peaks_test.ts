/** What the engine tells of its steps, without the engine. */
import assert from "node:assert/strict";
import { PYTHON_FOLDER, testPython } from "../../../support/python_worker.ts";

const PROGRAM = `
import json
from types import SimpleNamespace as Stats
from llem_worker.engines.vllm.peaks import UNWATCHED, Peaks

usual, other = Peaks(), Peaks()
for running, waiting, usage in ((2, 5, 0.25), (4, 1, 0.5), (1, 0, 0.125)):
    stats = Stats(num_running_reqs=running, num_waiting_reqs=waiting, kv_cache_usage=usage)
    usual.record(stats, Stats(finished_requests=[1]), engine_idx=0)
    other.record(Stats(num_running=running), None)
usual.record(None, None)
usual.log(), usual.record_sleep_state(0, level=0), usual.something_of_a_later_release("x", of=1)
print(json.dumps([usual.read(), other.read(), UNWATCHED, hasattr(usual, "__len__")]))
`;

Deno.test("Peaks keeps the most of every step, and takes nothing from a step that tells other things", () => {
  const { stdout, stderr } = new Deno.Command(testPython(), {
    args: ["-c", PROGRAM],
    env: { PYTHONPATH: PYTHON_FOLDER },
  }).outputSync();
  const text = new TextDecoder().decode(stdout);
  const untold = { running_max: null, waiting_max: null, kv_cache_usage_max: null };
  assert.deepEqual(
    JSON.parse(text === "" ? new TextDecoder().decode(stderr) : text),
    [{ running_max: 5, waiting_max: 5, kv_cache_usage_max: 0.5 }, untold, untold, false],
  );
});
