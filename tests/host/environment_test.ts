import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { LLEM_VERSION } from "../../lib/base/version.ts";
import {
  type EnvironmentDevice,
  hasGpu,
  readEnvironment,
  withMeterDevices,
} from "../../lib/host/environment.ts";
import { environmentChanges } from "../../lib/host/environment_changes.ts";
import { readMachine } from "../../lib/host/machine.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("readEnvironment() tells what the numbers depend on, null where it is unknown", () => {
  const environment = readEnvironment();
  assert.equal(environment.schema, "llem.environment/1");
  assert.equal(environment.llem_version, LLEM_VERSION);
  assert.equal(environment.deno_version, Deno.version.deno);
  assert.equal(environment.host, Deno.hostname());
  assert.ok(environment.cpus > 0 && environment.memory_bytes > 0);
  assert.ok(Array.isArray(environment.gpus));
  for (const [name, value] of Object.entries(environment)) {
    assert.ok(value === null || value !== "" && value !== undefined, name);
  }
  assert.deepEqual(JSON.parse(JSON.stringify(environment)), environment);
});

Deno.test("hasGpu() is true for any board, and answers without an error on any machine", () => {
  using folder = new TempFolder();
  assert.equal(typeof hasGpu(), "boolean");
  folder.write("nvidiactl", "");
  assert.equal(hasGpu(folder.path), false);
  folder.write("nvidia3", "");
  assert.equal(hasGpu(folder.path), true);
  assert.equal(hasGpu(folder.at("gone")), false);
});

Deno.test("readEnvironment() records listed variables and nothing else", () => {
  const listed = {
    CUDA_VISIBLE_DEVICES: "0",
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    OMP_NUM_THREADS: "4",
    OMP_WAIT_POLICY: "passive",
    VLLM_BATCH_INVARIANT: "1",
    HF_HOME: "/models",
    LLEM_RUNNER_VLLM: "docker",
    SLURM_JOB_ID: "17",
    SLURM_JOB_PARTITION: "gpu",
  };
  const secret = "it-must-not-be-seen";
  const unlisted = Object.fromEntries(
    [
      "HF_TOKEN",
      "HUGGING_FACE_HUB_TOKEN",
      "AWS_SECRET_ACCESS_KEY",
      "OPENAI_API_KEY",
      "LLEM_API_KEY",
      "VLLM_API_KEY",
      "LLEM_TOKEN",
      "LLEM_RUNNER_VLLM_TOKEN",
      "LLEM_RUNNER_",
      "SLURM_JWT",
      "CUDA_VISIBLE_DEVICES_TOKEN",
      "PATH",
      "hf_home",
    ].map((name) => [name, secret]),
  );
  const environment = readEnvironment({ ...unlisted, ...listed });
  assert.deepEqual(environment.variables, listed);
  assert.deepEqual(environment.slurm, { job_id: "17", partition: "gpu" });
  assert.equal(JSON.stringify(environment).includes(secret), false);
  for (const name of Object.keys(readEnvironment().variables)) {
    assert.match(name, /^(CUDA|NVIDIA|HIP|ROCR|OMP|GOMP|MKL|OPENBLAS|HF_HOME|LLEM|SLURM|VLLM)/);
    assert.doesNotMatch(name, /TOKEN|KEY|SECRET|PASS|JWT/);
  }
});

const device: EnvironmentDevice = {
  uuid: "GPU-1",
  name: "A GPU",
  kind: "gpu",
  meter: "nvml",
  power: "instant",
  counter: true,
  mig: { enabled: false },
  absent: {},
  facts: { driver_version: "570.1", power_limit_w: 700, serial: "1", clocks: { locked: false } },
};

Deno.test("environmentChanges() tells what changes numbers, by path, and nothing else", () => {
  const plain = readEnvironment({});
  const before = withMeterDevices(plain, [device], [{ meter: "amd", reason: "no such GPU", remedy: null }]);
  assert.deepEqual(before.meters_absent?.map(({ meter }) => meter), ["amd"]);
  assert.deepEqual(environmentChanges(before, before), []);
  const facts = { driver_version: "570.1", power_limit_w: 400, serial: "2", clocks: { locked: true } };
  const after = withMeterDevices(
    { ...plain, collected_at: "later", cpu_governor: "powersave", swap_used_bytes: 7, boost: true },
    [{ ...device, mig: { enabled: true }, facts }],
  );
  assert.deepEqual(environmentChanges({ ...before, boost: false, cpu_governor: "performance" }, after), [
    { path: "cpu_governor", before: "performance", after: "powersave" },
    { path: "boost", before: false, after: true },
    { path: "devices.GPU-1.power_limit_w", before: 700, after: 400 },
    { path: "devices.GPU-1.clocks.locked", before: false, after: true },
    { path: "devices.GPU-1.mig.enabled", before: false, after: true },
  ]);
  // Nobody asked a meter: that is not a device that is gone.
  assert.deepEqual(environmentChanges(plain, before), []);
});

Deno.test("readMachine() reads the kernel's files, and null where there are none", () => {
  using folder = new TempFolder();
  const write = (path: string, text: string): void => {
    Deno.mkdirSync(join(folder.path, dirname(path)), { recursive: true });
    Deno.writeTextFileSync(join(folder.path, path), text);
  };
  assert.deepEqual(
    new Set(Object.values(readMachine(folder.path)).map((value) => JSON.stringify(value))),
    new Set([
      "null",
      JSON.stringify({ cpus: null, memory_bytes: null }),
    ]),
  );
  const cpu = (core: number): string =>
    `processor : 0\nphysical id : 0\ncore id : ${core}\nflags : fpu hypervisor\n`;
  write("proc/cpuinfo", [cpu(0), cpu(0), cpu(1), cpu(1)].join("\n"));
  write("proc/meminfo", "SwapTotal:     2048 kB\nSwapFree:      1024 kB\n");
  write("proc/self/cgroup", "0::/job/step\n");
  write("sys/fs/cgroup/job/cpu.max", "200000 100000\n");
  write("sys/fs/cgroup/job/step/cpu.max", "max 100000\n");
  write("sys/fs/cgroup/job/step/memory.max", "1073741824\n");
  write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
  write("sys/devices/system/cpu/smt/active", "1\n");
  write("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
  write("sys/devices/system/node/node0/x", "");
  write("sys/devices/system/node/node1/x", "");
  write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
  write("sys/class/dmi/id/product_name", "KVM\n");
  assert.deepEqual(readMachine(folder.path), {
    cpu_governor: "performance 1, powersave 1",
    cpu_cores: 2,
    smt: true,
    numa_nodes: 2,
    boost: false,
    swap_bytes: 2 ** 21,
    swap_used_bytes: 2 ** 20,
    clock_source: "tsc",
    hypervisor: true,
    product: "KVM",
    limits: { cpus: 2, memory_bytes: 2 ** 30 },
  });
});
