/** What a run of vLLM takes of a CPU and of its memory, from files of machines that are not here. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../../../lib/base/json.ts";
import { PYTHON_FOLDER, testPython } from "../../../support/python_worker.ts";
import { TempFolder } from "../../../support/temp_folder.ts";

/** A machine: its processors that share a core, and its control groups by path below /sys/fs/cgroup. */
interface Machine {
  readonly siblings?: Readonly<Record<number, string>>;
  readonly group?: string;
  readonly files?: Readonly<Record<string, string>>;
}

function threadsOn(machines: readonly (readonly [cpus: readonly number[], machine: Machine])[]): number[] {
  using folder = new TempFolder();
  const write = (path: string, text: string): void => {
    Deno.mkdirSync(folder.at(path.slice(0, path.lastIndexOf("/"))), { recursive: true });
    folder.write(path, `${text}\n`);
  };
  for (const [index, [, { siblings = {}, group, files = {} }]] of machines.entries()) {
    if (group !== undefined) write(`${index}/proc/self/cgroup`, group);
    for (const [cpu, list] of Object.entries(siblings)) {
      write(`${index}/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, list);
    }
    for (const [path, text] of Object.entries(files)) write(`${index}/sys/fs/cgroup/${path}`, text);
  }
  const given = { cpus: machines.map(([cpus]) => cpus), folder: folder.path };
  return evaluated(
    `[cpu_threads(cpus, f"{given['folder']}/{at}") for at, cpus in enumerate(given["cpus"])]`,
    given,
  ) as number[];
}

/** Evaluates an expression of Python with `given`; what it is comes back as JSON. */
function evaluated(expression: string, given: JsonObject, env: Record<string, string> = {}): unknown {
  const program = `
import json, os, sys
from llem_worker.engines.vllm.cpu_cache import with_cache_size
from llem_worker.engines.vllm.environment import set_threads
from llem_worker.engines.vllm.processors import cpu_threads, memory_nodes
def threads_set(parts, nodes):
    set_threads(parts, nodes)
    return [os.environ.get(name) for name in ("VLLM_CPU_OMP_THREADS_BIND", "OMP_WAIT_POLICY", "OMP_NUM_THREADS")]
given = json.loads(sys.argv[2])
print(json.dumps(eval(sys.argv[1])))
`;
  const { success, stdout } = new Deno.Command(testPython(), {
    args: ["-c", program, expression, JSON.stringify(given)],
    env: { PYTHONPATH: PYTHON_FOLDER, ...env },
    stderr: "inherit",
  }).outputSync();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("a thread for each core that a run may use, and no more than its control groups grant", () => {
  const four = [0, 1, 2, 3];
  const group = "0::/a/b";
  const cases: readonly (readonly [threads: number, cpus: readonly number[], machine: Machine])[] = [
    [4, four, {}],
    [1, [], {}],
    // Two processors of one core, of which one is ours alone.
    [3, [0, 1, 2, 4], { siblings: { 0: "0-1", 1: "0-1", 2: "2-3", 4: "4-5" } }],
    [4, four, { group, files: { "a/b/cpu.max": "max 100000" } }],
    [2, four, { group, files: { "a/b/cpu.max": "max 100000", "a/cpu.max": "150000 100000" } }],
    [1, four, { group, files: { "cpu.max": "50000 100000" } }],
    [3, four, {
      group: "4:memory:/x\n1:cpu,cpuacct:/y",
      files: { "cpu,cpuacct/y/cpu.cfs_quota_us": "300000", "cpu,cpuacct/y/cpu.cfs_period_us": "100000" },
    }],
    [4, four, {
      group: "1:cpu:/y",
      files: { "cpu/y/cpu.cfs_quota_us": "-1", "cpu/y/cpu.cfs_period_us": "100000" },
    }],
  ];
  const threads = threadsOn(cases.map(([, cpus, machine]) => [cpus, machine]));
  assert.deepEqual(threads, cases.map(([expected]) => expected));
});

Deno.test("threads of several parts are bound by vLLM where each has a memory node, else by nobody", () => {
  using folder = new TempFolder();
  const nodes = ["0", "0-1", "0,2-4", ""].map((list, index) => {
    Deno.mkdirSync(folder.at(`${index}/proc/self`), { recursive: true });
    folder.write(`${index}/proc/self/status`, `Name:\tx\nMems_allowed:\t1\nMems_allowed_list:\t${list}\n`);
    return folder.at(`${index}`);
  });
  assert.deepEqual(evaluated(`[memory_nodes(root) for root in given["nodes"]]`, { nodes }), [1, 2, 4, 1]);
  const set = (parts: number, nodes: number, env: Record<string, string> = {}): unknown =>
    evaluated("threads_set(*given['of'])", { of: [parts, nodes] }, env);
  assert.deepEqual(set(99, 1), ["nobind", "passive", "1"]);
  assert.deepEqual(set(2, 2), [null, null, null]);
  assert.deepEqual(set(2, 1, { VLLM_CPU_OMP_THREADS_BIND: "0|1" }), ["0|1", null, null]);
  assert.deepEqual(set(2, 1, { VLLM_CPU_SIM_MULTI_NUMA: "1" }), [null, null, null]);
  assert.deepEqual(set(1, 1, { OMP_NUM_THREADS: "3" }), [null, "passive", "3"]);
});

Deno.test("the KV cache takes 4 GiB of a CPU's memory, less where little is free, and what the study says", () => {
  using folder = new TempFolder();
  const plenty = folder.write("plenty", "MemTotal: 99 kB\nMemAvailable:   33554432 kB\n");
  const little = folder.write("little", "MemAvailable: 4194304 kB\n");
  const sizes =
    `[with_cache_size(arguments, path).get("kv_cache_memory_bytes") for arguments, path in given["cases"]]`;
  const cases = [
    [{}, plenty],
    [{}, little],
    [{ kv_cache_memory_bytes: null }, folder.at("gone")],
    [{ kv_cache_memory_bytes: 7 }, plenty],
    [{ gpu_memory_utilization: 0.5 }, plenty],
  ];
  const GIB = 2 ** 30;
  assert.deepEqual(evaluated(sizes, { cases }), [4 * GIB, GIB, 4 * GIB, 7, null]);
  assert.deepEqual(evaluated(sizes, { cases: [[{}, plenty]] }, { VLLM_CPU_KVCACHE_SPACE: "2" }), [null]);
});
