/** The processes of a tensorrt run, over the stand-in package: a load that hangs ends with all that it started. */
import assert from "node:assert/strict";
import { testWithPython } from "../../../support/pythons.ts";
import { tensorrtAssignment, TensorrtBench } from "../../../support/tensorrt_worker.ts";
import { isAlive, waitUntil } from "../../../support/worker_process.ts";

testWithPython(
  "tensorrt: a worker that waits for MPI ends with its runner, and its processes with it",
  async () => {
    using bench = new TensorrtBench();
    const assignment = tensorrtAssignment(bench.model({ load: "hangs" }), { tensorrt: { tp_size: 2 } });
    await using worker = await bench.start(assignment);
    const children = (): string[] =>
      Deno.readTextFileSync(`/proc/${worker.pid}/task/${worker.pid}/children`).trim().split(" ").filter(
        Boolean,
      );
    assert.ok(await waitUntil(() => children().length === 2, 60_000));
    const pids = [worker.pid, ...children().map(Number)];
    await worker.closeStdin();
    assert.ok(await waitUntil(() => !pids.some(isAlive), 5_000), String(pids.filter(isAlive)));
    const { phases, result } = await worker.ended();
    assert.deepEqual(phases.map(({ name, edge }) => `${name} ${edge}`), ["load begin"]);
    assert.equal(result, undefined);
  },
);
