import assert from "node:assert/strict";
import { parseCpuList, readCpuTopology, readDevicePlace } from "../../lib/host/cpu_topology.ts";
import { readCpuQuota } from "../../lib/host/cpu_quota.ts";
import { cpusOf, type MadeMachine, writeMachine } from "../support/cpu_trees.ts";
import { OWN_CPUS } from "../support/cpus.ts";
import { writeTree } from "../support/sys_trees.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("parseCpuList() reads ranges and single CPUs, and nothing from what is none", () => {
  const cases: readonly (readonly [text: string, cpus: readonly number[]])[] = [
    ["0-3,8,10-11\n", [0, 1, 2, 3, 8, 10, 11]],
    ["5", [5]],
    ["3,1,1-2", [1, 2, 3]],
    ["", []],
    ["-1", []],
    ["7-5,x", []],
  ];
  for (const [text, cpus] of cases) assert.deepEqual(parseCpuList(text), cpus, text);
});

Deno.test("readCpuTopology() puts hardware threads of a core together, with its socket and node", () => {
  using folder = new TempFolder();
  const machine: MadeMachine = { sockets: 2, cores_per_socket: 4, threads: 2, nodes_per_socket: 2 };
  const root = writeMachine(folder.path, machine);
  const { cores, granted } = readCpuTopology(cpusOf(machine), root);
  assert.equal(granted, null);
  assert.deepEqual(cores[0], { cpus: [0, 8], socket: 0, node: 0 });
  assert.deepEqual(cores.map(({ node }) => node), [0, 0, 1, 1, 2, 2, 3, 3]);
  assert.deepEqual(cores.map(({ socket }) => socket), [0, 0, 0, 0, 1, 1, 1, 1]);
  // A cpuset that holds both threads of one core and one of another.
  assert.deepEqual(readCpuTopology([9, 2, 1], root).cores.map(({ cpus }) => cpus), [[1, 9], [2]]);
});

Deno.test("readCpuTopology() of a machine that tells nothing: every CPU is a core, of no node", () => {
  using folder = new TempFolder();
  const { cores, granted } = readCpuTopology([0, 3], folder.path);
  assert.deepEqual(cores, [{ cpus: [0], socket: null, node: null }, { cpus: [3], socket: null, node: null }]);
  assert.equal(granted, null);
});

Deno.test("readDevicePlace() tells the node and the CPUs near a device; -1 is none", () => {
  using folder = new TempFolder();
  const devices = { "0000:c1:00.0": 1, "0000:01:00.0": -1 };
  const root = writeMachine(folder.path, { sockets: 2, cores_per_socket: 2, threads: 1, devices });
  assert.deepEqual(readDevicePlace("0000:C1:00.0", root), { node: 1, cpus: [2, 3] });
  assert.deepEqual(readDevicePlace("00000000:C1:00.0", root).node, 1);
  assert.deepEqual(readDevicePlace("0000:01:00.0", root), { node: null, cpus: [0, 1, 2, 3] });
  assert.deepEqual(readDevicePlace("0000:99:00.0", root), { node: null, cpus: [] });
});

Deno.test("readCpuQuota() is the least that a control group of this process grants, by both versions", () => {
  const cases: readonly (readonly [files: Readonly<Record<string, string>>, quota: number | null])[] = [
    [{ "proc/self/cgroup": "0::/a/b", "sys/fs/cgroup/a/cpu.max": "250000 100000" }, 2.5],
    [{
      "proc/self/cgroup": "0::/a/b",
      "sys/fs/cgroup/a/cpu.max": "800000 100000",
      "sys/fs/cgroup/a/b/cpu.max": "max 100000",
    }, 8],
    [{ "proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "max 100000" }, null],
    [{
      "proc/self/cgroup": "4:cpu,cpuacct:/box",
      "sys/fs/cgroup/cpu/box/cpu.cfs_quota_us": "400000",
      "sys/fs/cgroup/cpu/box/cpu.cfs_period_us": "100000",
      "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
    }, 4],
    [{}, null],
  ];
  for (const [files, quota] of cases) {
    using folder = new TempFolder();
    writeTree(folder.path, files);
    assert.equal(readCpuQuota(folder.path), quota, JSON.stringify(files));
  }
});

Deno.test("readCpuTopology() of this machine holds every CPU that may be used, once", () => {
  const { cores } = readCpuTopology(OWN_CPUS);
  assert.deepEqual(cores.flatMap(({ cpus }) => cpus).sort((one, other) => one - other), OWN_CPUS);
});
