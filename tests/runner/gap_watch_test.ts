import assert from "node:assert/strict";
import { namesOnlyCpus } from "../../lib/experiment/only_cpus.ts";
import type { Run } from "../../lib/experiment/run.ts";
import { GapWatch } from "../../lib/runner/gap_watch.ts";
import { configOf, planOf } from "../support/plans.ts";
import { CRASHED } from "../support/records.ts";
import { runFinished } from "../support/runner_events.ts";

const configs = [configOf({ params: { batch: 1 } }), configOf({ params: { batch: 2 } })];
const { runs, execution } = planOf(configs, { n_cycles: 2, gap: "experiment" });
const [a1, a2, b1, b2] = runs as [Run, Run, Run, Run];
const given = { ...execution, experiment_gap_seconds: 1 };

const CPU = ["CPU: Some processor"];
const GPU = ["CUDA0: Some board", "CPU: Some processor"];

/** The end of a run whose worker named these devices; null: there was no hello. */
function ended(run: Run, devices: readonly string[] | null) {
  const worker = devices === null ? null : { backend: "b", versions: {}, devices, pid: 1 };
  return runFinished(run, { worker });
}

function watch(settings: typeof execution, ...events: readonly ReturnType<typeof ended>[]): GapWatch {
  const watch = new GapWatch(settings);
  for (const event of events) watch.take(event);
  return watch;
}

Deno.test("GapWatch lets a run wait for GPUs to cool only where a run before may have held one", () => {
  assert.equal(watch(execution, ended(a1, CPU)).isDue(b1), false);
  assert.equal(watch(execution, ended(a1, GPU)).isDue(b1), true);
  // Who names nothing may have used any.
  assert.equal(watch(execution, ended(a1, [])).isDue(b1), true);
  assert.equal(watch(execution, ended(a1, null)).isDue(b1), false);
});

Deno.test("GapWatch lets no run wait whose worker named only CPUs before", () => {
  const mixed = watch(execution, ended(a1, CPU), ended(b1, GPU));
  assert.equal(mixed.isDue(a2), false);
  assert.equal(mixed.isDue(b2), true);
  mixed.take({ type: "gap_started", kind: "experiment", source: "machine", seconds: 1, run: b2 });
  assert.equal(mixed.isDue(b2), false, "it has just cooled");
  mixed.take(ended(b1, GPU));
  assert.equal(mixed.isDue(b2), true);
});

Deno.test("GapWatch keeps a gap that the study gives, unless no worker could be started", () => {
  assert.equal(watch(given, ended(a1, CPU)).isDue(b1), true);
  const failed = runFinished(a1, { outcome: { ...CRASHED, kind: "spawn_failed" }, worker: null });
  assert.equal(watch(given, failed).isDue(b1), false);
  assert.equal(watch(given, failed, ended(a2, CPU)).isDue(b1), true);
  // Nothing new has been heated by the run before, whatever ran before that.
  assert.equal(watch(given, ended(a1, GPU), failed).isDue(b1), false);
  assert.equal(watch(execution, ended(a1, GPU), failed).isDue(b1), false);
  assert.equal(watch(given).isDue({ ...b1, gap_before: null }), false);
});

Deno.test("namesOnlyCpus() knows a CPU by its name and takes silence for no answer", () => {
  assert.ok(namesOnlyCpus(["cpu: Intel(R) Xeon(R)"]) && namesOnlyCpus(["CPU: x", "BLAS: OpenBLAS"]));
  for (const cpus of [["CPU0"], ["cpu1", "CPU 2: x"], ["", "cpu"], [" cpu:0"], ["cpu_0"]]) {
    assert.ok(namesOnlyCpus(cpus), cpus.join());
  }
  for (
    const devices of [[], [""], ["CPU0", "CUDA0"], ["cpu0gpu"], ["cuda:0: H100"], GPU, ["ROCm0: MI300X"], [
      "NVIDIA H100",
    ], ["cpuset-gpu0"]]
  ) {
    assert.equal(namesOnlyCpus(devices), false, devices.join());
  }
});
