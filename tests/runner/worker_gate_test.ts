import assert from "node:assert/strict";
import { WorkerGate } from "../../lib/runner/worker_gate.ts";

Deno.test("a worker that ended while it waited at its gate gets no file when its turn comes", () => {
  const calls: string[] = [];
  let pass = (): void => {};
  const gate = new WorkerGate({
    gate: { ready: (open) => void (pass = open), measured: () => {} },
    folder: { openGate: () => void calls.push("open"), removeGate: () => void calls.push("remove") },
    limits: [],
    isOpen: () => true,
    onError: () => calls.push("error"),
  });
  gate.ready();
  gate.remove();
  pass();
  assert.deepEqual(calls, []);
});
