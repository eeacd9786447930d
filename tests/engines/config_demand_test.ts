import { deepStrictEqual } from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { configDemand } from "../../lib/engines/config_demand.ts";
import { resolveExecution } from "../../lib/study/execution.ts";
import { configOf } from "../support/plans.ts";

interface Case {
  readonly draft: JsonObject;
  readonly execution?: JsonObject;
  readonly has_gpu?: boolean;
}

/** `2`, `1 alone: never`, `unknown`, `too few: 4`. */
function told({ draft, execution = {}, has_gpu = true }: Case): string {
  const demand = configDemand(configOf({ model: "m", ...draft }), {
    host: { env: {}, base_dir: "/", has_gpu },
    execution: resolveExecution(execution, "study"),
  });
  if (demand.kind === "unknown") return "unknown";
  if (demand.kind === "too_few") return `too few: ${demand.asked}`;
  return `${demand.boards}${demand.alone === null ? "" : ` alone: ${demand.alone}`}`;
}

const vllm = (engine: JsonObject): JsonObject => ({ backend: "vllm", vllm: { engine } });
const server = (kind: string, ...argv: string[]): JsonObject => ({
  backend: "openai",
  openai: { server: { kind, argv: ["serve", "{port}", ...argv] } },
});

const CASES: readonly (readonly [told: string, what: Case])[] = [
  ["1", { draft: vllm({}) }],
  ["8", { draft: vllm({ tensor_parallel_size: 2, pipeline_parallel_size: 2, data_parallel_size: 2 }) }],
  ["4", { draft: { backend: "vllm", passthrough_kwargs: { tensor_parallel_size: 4 } } }],
  ["4", { draft: vllm({ tensor_parallel_size: 2 }), execution: { devices_per_run: 4 } }],
  ["too few: 4", { draft: vllm({ tensor_parallel_size: 4 }), execution: { devices_per_run: 2 } }],
  ["6", { draft: { backend: "tensorrt", tensorrt: { tp_size: 2, pipeline_parallel_size: 3 } } }],
  ["unknown", { draft: { backend: "pytorch" } }],
  ["2", { draft: { backend: "pytorch" }, execution: { devices_per_run: 2 } }],
  ["1", { draft: { backend: "pytorch", pytorch: { device_map: "cuda:0" } } }],
  ["0 alone: no_gpu", { draft: { backend: "pytorch", pytorch: { device_map: "cpu" } } }],
  // Devices of a run that uses none are nobody's.
  ["0 alone: no_gpu", {
    draft: { backend: "pytorch", pytorch: { device_map: "cpu" } },
    execution: { devices_per_run: 2 },
  }],
  ["0 alone: no_gpu", { draft: { backend: "pytorch" }, has_gpu: false }],
  ["0 alone: no_gpu", { draft: { backend: "llamacpp" } }],
  ["unknown", { draft: { backend: "llamacpp", llamacpp: { library_dir: "/cuda" } } }],
  ["1", { draft: { backend: "llamacpp", llamacpp: { library_dir: "/cuda", split_mode: "none" } } }],
  ["0 alone: no_gpu", {
    draft: { backend: "llamacpp", llamacpp: { library_dir: "/cuda", n_gpu_layers: 0 } },
  }],
  ["unknown", { draft: {} }],
  ["0 alone: no_gpu", { draft: {}, has_gpu: false }],
  ["1 alone: no_gate", { draft: {}, execution: { devices_per_run: 1 } }],
  ["1", {
    draft: { command: { argv: ["w"], waits_for_gate: true } },
    execution: { devices_per_run: 1 },
    has_gpu: false,
  }],
  ["1", { draft: server("sglang") }],
  ["8", { draft: server("sglang", "--tp", "2", "--dp=2", "--pp-size", "2") }],
  // The copies of attention share the GPUs of the tensors.
  ["4", { draft: server("sglang", "--tp-size", "4", "--dp", "4", "--enable-dp-attention") }],
  ["unknown", { draft: server("sglang", "--config", "x.yaml") }],
  ["4", { draft: server("vllm", "-tp", "2", "--tensor-parallel-size=4") }],
  ["unknown", { draft: server("vllm", "-tp", "{tp}") }],
  ["2", { draft: server("trtllm", "--tp_size", "2") }],
  ["unknown", { draft: server("tgi") }],
  ["2", { draft: server("tgi", "--num-shard", "2") }],
  ["1", { draft: server("tgi", "--sharded", "false") }],
  ["unknown", { draft: server("llama-server") }],
  ["0 alone: no_gate", { draft: { backend: "openai", openai: { base_url: "http://127.0.0.1:1/v1" } } }],
  ["1 alone: never", { draft: { ...vllm({}), parallel: "never" } }],
  ["1 alone: rapl", { draft: { ...vllm({}), energy: { backend: "rapl" } } }],
  ["1 alone: load_time", { draft: vllm({}), execution: { until: { load_s: "5%" } } }],
  ["1 alone: mig", { draft: vllm({}), execution: { devices: ["MIG-1f3a0c12"] } }],
];

for (const [expected, what] of CASES) {
  Deno.test(`configDemand() of ${JSON.stringify(what)}: ${expected}`, () =>
    deepStrictEqual(told(what), expected));
}
