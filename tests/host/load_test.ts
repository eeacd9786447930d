/** What the kernel tells of other work on this machine: files as it writes them, below a root of our own. */
import assert from "node:assert/strict";
import { parseCpuList, parseCpuTime, readCpuTime } from "../../lib/host/cpu_time.ts";
import { parseCpuStat, readCpuThrottling } from "../../lib/host/cpu_throttling.ts";
import { readMemoryTraffic } from "../../lib/host/memory_bandwidth.ts";
import { readGroupPressure, readLoadPerMinute, readMachinePressure } from "../../lib/host/pressure.ts";
import { writeTree } from "../support/sys_trees.ts";
import { TempFolder } from "../support/temp_folder.ts";

const STAT = `cpu  600 30 300 9000 100 15 15 45 60 0
cpu0 100 10 50 3000 50 5 5 15 20 0
cpu1 200 10 100 3000 25 5 5 15 20 0
cpu2 300 10 150 3000 25 5 5 15 20 0
intr 12345 0 0
ctxt 999`;

Deno.test("parseCpuTime() counts the CPUs that may be used, and neither idle nor stolen time as busy", () => {
  assert.deepEqual(parseCpuTime(STAT, new Set([0, 2])), { cpus: 2, busy_s: 6.4, steal_s: 0.3 });
  assert.equal(parseCpuTime(STAT, null)?.cpus, 3);
  assert.equal(parseCpuTime(STAT, new Set([7])), null);
  assert.equal(parseCpuTime("", null), null);
  assert.equal(parseCpuTime("cpu0 a b c", null), null);
});

Deno.test("parseCpuList() reads ranges", () => {
  assert.deepEqual([...parseCpuList("0-2,5\n") ?? []], [0, 1, 2, 5]);
  assert.equal(parseCpuList(""), null);
  assert.equal(parseCpuList("x"), null);
});

Deno.test("readers of load find what a machine with control groups and resctrl tells", () => {
  using folder = new TempFolder();
  const psi = (some: number, full: number) =>
    `some avg10=0.00 avg60=0.00 avg300=0.00 total=${some}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=${full}`;
  writeTree(folder.path, {
    "proc/stat": STAT,
    "proc/self/status": "Name:\tllem\nCpus_allowed_list:\t1-2",
    "proc/loadavg": "1.50 0.70 0.20 2/345 6789",
    "proc/pressure/cpu": psi(2_500_000, 0),
    "proc/pressure/memory": psi(200_000, 100_000),
    "proc/self/cgroup": "0::/job/step",
    "sys/fs/cgroup/cpu.stat": "usage_usec 1",
    "sys/fs/cgroup/job/cpu.stat": "usage_usec 1\nnr_periods 100\nnr_throttled 40\nthrottled_usec 3000000",
    "sys/fs/cgroup/job/step/cpu.stat": "usage_usec 1\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0",
    "sys/fs/cgroup/job/io.pressure": psi(1_000_000, 500_000),
    "sys/fs/resctrl/mon_data/mon_L3_00/mbm_total_bytes": "1000",
    "sys/fs/resctrl/mon_data/mon_L3_01/mbm_total_bytes": "500",
  });
  const root = folder.path;
  assert.deepEqual(readCpuTime(root), { cpus: 2, busy_s: 7.9, steal_s: 0.3 });
  // Of a run that is kept to one of them.
  assert.equal(readCpuTime(root, [0])?.cpus, 1);
  assert.equal(readLoadPerMinute(root), 1.5);
  const none = {
    cpu_some_s: null,
    memory_some_s: null,
    memory_full_s: null,
    io_some_s: null,
    io_full_s: null,
  };
  const machine = { cpu_some_s: 2.5, memory_some_s: 0.2, memory_full_s: 0.1 };
  assert.deepEqual(readMachinePressure(root), { ...none, ...machine });
  assert.deepEqual(readGroupPressure(`${root}/sys/fs/cgroup/job`), { ...none, io_some_s: 1, io_full_s: 0.5 });
  assert.deepEqual(readCpuThrottling(root), { periods: 100, throttled_periods: 40, throttled_s: 3 });
  assert.deepEqual(readMemoryTraffic(root), { bytes: 1500 });
  folder.write("sys/fs/resctrl/mon_data/mon_L3_01/mbm_total_bytes", "Unavailable\n");
  assert.match(JSON.stringify(readMemoryTraffic(root)), /counters of resctrl are not available/);
});

Deno.test("readers of load are null where the kernel tells nothing", () => {
  using folder = new TempFolder();
  assert.equal(readCpuTime(folder.path), null);
  assert.equal(readLoadPerMinute(folder.path), null);
  assert.equal(readMachinePressure(folder.path), null);
  assert.equal(readCpuThrottling(folder.path), null);
  assert.match(JSON.stringify(readMemoryTraffic(folder.path)), /resctrl is not mounted/);
});

Deno.test("parseCpuStat() reads version 1 as well, and no group without a limit", () => {
  const text = "nr_periods 20\nnr_throttled 5\nthrottled_time 1500000000\n";
  assert.deepEqual(parseCpuStat(text), { periods: 20, throttled_periods: 5, throttled_s: 1.5 });
  assert.equal(parseCpuStat("nr_periods 0\nnr_throttled 0\nthrottled_time 0\n"), null);
});
