/** Runs of the engine tensorrt over the stand-in package: what the worker makes of what TensorRT-LLM tells. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../../../lib/base/json.ts";
import { testWithPython } from "../../../support/pythons.ts";
import { tensorrtAssignment, TensorrtBench } from "../../../support/tensorrt_worker.ts";

testWithPython("tensorrt: requests, times, exact lengths and resolved settings", async () => {
  using bench = new TensorrtBench();
  const [said] = await bench.runMany([tensorrtAssignment(bench.model())]);
  console.log(said);
  assert.ok(said);
});
