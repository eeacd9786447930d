/** An engine with processes of its own, which several devices have: the same work, timed from outside of them. */
import assert from "node:assert/strict";
import { sleep } from "../../../../lib/base/abort.ts";
import { groupCpuSeconds } from "../../../support/cpu_seconds.ts";
import type { JsonObject } from "../../../../lib/base/json.ts";
import { pythonAssignment, runPythonMany } from "../../../support/python_worker.ts";
import { TempFolder } from "../../../support/temp_folder.ts";
import { runVllm, testWithVllm, vllmAssignment, writeVllmModel } from "../../../support/vllm_worker.ts";

/** Of closing, s: its processes are given one to end. */
const MOST_CLOSING_S = 10;

/** From then on vLLM's processes wait without looking for work again and again: SpinCondition.busy_loop_s, and some. */
const SPUN_MS = 1500;
const WAIT_MS = 1000;

/** Opens the gate after a while; the share of a core that all processes of the worker computed for until then. */
async function waitAtGate(pid: number, gate: string): Promise<number> {
  await sleep(SPUN_MS);
  const beganS = groupCpuSeconds(pid);
  await sleep(WAIT_MS);
  const share = (groupCpuSeconds(pid) - beganS) / (WAIT_MS / 1000);
  Deno.writeTextFileSync(gate, "");
  return share;
}

testWithVllm("vllm: two processes share the layers, give the same text, and end with the run", async () => {
  using folder = new TempFolder();
  const model = writeVllmModel(folder.at("model"));
  const config = { warmup: { n_warmup: 1 } };
  const [pytorch] = await runPythonMany([pythonAssignment(model)]);
  const gate = folder.at("gate");
  const engine = { tensor_parallel_size: 2 };
  const idle: number[] = [];
  const shared = await runVllm(vllmAssignment(model, { config, engine, gate }), (frame, worker) => {
    if (frame.type === "ready") waitAtGate(worker.pid, gate).then((share) => idle.push(share));
  });
  assert.equal(shared.error, undefined, shared.error?.traceback ?? shared.error?.message);
  assert.equal(shared.status.code, 0, shared.stderr);
  const [ours, theirs] = [shared.result?.metrics ?? {}, pytorch?.result?.metrics ?? {}];
  for (const metric of ["input_hash", "output_hash"]) assert.equal(ours[metric], theirs[metric]);
  assert.equal((shared.result?.["settings"] as JsonObject)["engine_processes"], true);
  assert.equal(ours["prefill_tokens_per_s"], null);
  assert.match(String(ours["phases_reason"]), /processes of its own/);
  for (const { itl_ms, ttft_ms, output_tokens } of shared.requests) {
    assert.ok((ttft_ms ?? 0) > 0 && itl_ms.length === output_tokens - 1);
  }
  const difference = (ours["engine_clock"] as JsonObject)["ttft_difference_ms"] as JsonObject;
  assert.ok(Number(difference["median"]) > 0 && Number(difference["median"]) < 200);
  // It waits at the gate with two processes beside it; none of them computes.
  assert.ok(Number(idle[0]) < 0.3, `${idle}`);
  const readyAt = shared.frames.findIndex(({ type }) => type === "ready");
  const warmupAt = shared.frames.findIndex((frame) => frame.type === "phase" && frame.name === "warmup");
  assert.ok(readyAt > 0 && readyAt < warmupAt);
  const [begin, end] = ["begin", "end"].map((edge) =>
    shared.phases.find((phase) => phase.name === "close" && phase.edge === edge)?.t_ns
  );
  assert.ok(begin !== undefined && end !== undefined && Number(end - begin) < MOST_CLOSING_S * 1e9);
});
