import { gpuDevice } from "../support/meter_devices.ts";
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { lookAtBoards } from "../../lib/doctor/boards.ts";
import { deviceChecks } from "../../lib/doctor/devices.ts";
import { machineBoards } from "../../lib/metering/machine_boards.ts";
import { energyChecks } from "../../lib/doctor/energy.ts";
import { judgeAnswer } from "../../lib/engines/llamacpp/check.ts";
import type { EngineCheck } from "../../lib/engines/engine.ts";
import { checkPython, judgePython as judge } from "../../lib/engines/python_check.ts";
import { hasGpuNode, hasNvidiaNode } from "../../lib/base/gpu_nodes.ts";
import { PYTORCH_NEEDS } from "../../lib/engines/pytorch/needs.ts";
import { TENSORRT_NEEDS } from "../../lib/engines/tensorrt/needs.ts";
import { pythonProblem } from "../../lib/python/python_problems.ts";
import type { PythonFacts } from "../../lib/python/python_facts.ts";
import { fileChecks } from "../../lib/doctor/files.ts";
import { type LoadReading, loadWarning, othersBetween, readLoad } from "../../lib/doctor/load.ts";
import { machineChecks } from "../../lib/doctor/machine.ts";
import { readEnvironment } from "../../lib/host/environment.ts";
import type { MeterDevice } from "../../lib/meter/meter.ts";
import type { HelloMessage } from "../../lib/meter/sample.ts";
import { palette } from "../../lib/report/color.ts";
import { type DoctorCheck, doctorText } from "../../lib/report/doctor_text.ts";
import { BARE, fakePython, having } from "../support/pythons.ts";
import { testWith, TMPFS } from "../support/needs.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { TempFolder } from "../support/temp_folder.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using folder = new TempFolder();
  fileChecks(folder.path, null);
}

const gpu = gpuDevice({ uuid: "GPU-1", name: "A GPU", facts: { driver_version: "570.1" } });

/** The first words of a meter with hardware that is not here. */
function hello(devices: readonly MeterDevice[], absent: HelloMessage["absent"] = []): HelloMessage {
  return { type: "hello", schema: "llem.meter/1", pid: 1, devices, absent, period_ms: 50 };
}

function judgePython(path: string, facts: PythonFacts): EngineCheck {
  return judge(PYTORCH_NEEDS, path, facts);
}

function brief(checks: readonly DoctorCheck[]): string[] {
  return checks.map(({ name, status, remedy }) => `${status} ${name}: ${remedy ?? "-"}`);
}

Deno.test("energyChecks() tells devices, what keeps a kind of meter away, and a meter that does not come up", () => {
  const remedy = "sudo chmod -R a+r /sys/class/powercap";
  const checks = energyChecks(hello([gpu], [{ meter: "rapl", reason: "only root may read it", remedy }]), []);
  deepStrictEqual(brief(checks), ["ok nvml A GPU: -", `missing rapl: ${remedy}`]);
  strictEqual(checks[0]?.detail, "GPU-1: energy counter, instantaneous power");
  const blind = energyChecks(hello([{ ...gpu, power: null, counter: false, absent: { energy: "no" } }]), []);
  strictEqual(blind[0]?.status, "missing");
  strictEqual(blind[0]?.detail, "GPU-1: neither energy nor power can be read; not available: energy (no)");
  deepStrictEqual(energyChecks({ reason: "it crashed" }, []).map(({ status }) => status), ["missing"]);
});

Deno.test("energyChecks() warns of persistence mode, MIG and a virtual GPU, and of nothing that is as it should be", () => {
  const odd = { persistence_mode: false, virtualization_mode: "vgpu" };
  const checks = energyChecks(hello([{ ...gpu, mig: { enabled: true }, facts: odd }]), []);
  deepStrictEqual(checks.map(({ name, status }) => `${status} ${name}`), [
    "ok nvml A GPU",
    "warning nvml A GPU persistence",
    "warning nvml A GPU MIG",
    "warning nvml A GPU virtual",
  ]);
  strictEqual(checks[1]?.remedy, "sudo nvidia-smi -pm 1");
  const fine = { persistence_mode: true, virtualization_mode: "none" };
  strictEqual(energyChecks(hello([{ ...gpu, mig: { enabled: false }, facts: fine }]), []).length, 1);
  strictEqual(energyChecks(hello([{ ...gpu, facts: { persistence_mode: null } }]), []).length, 1);
});

Deno.test("energyChecks() calls a board broken that does not open, or whose driver fails to tell of it", () => {
  const left = { meter: "nvml", index: 3, code: "lost", reason: "it is lost", remedy: "reset it" } as const;
  const troubles = [
    { code: "read", device: "GPU-1", text: "Cannot read name of GPU-1: unknown error", remedy: null },
    { code: "permission", device: "GPU-1", text: "no permission", remedy: null },
  ] as const;
  const left_out = [{ ...left, uuid: null }, {
    ...left,
    index: 4,
    uuid: "GPU-4",
    code: "permission" as const,
  }];
  const checks = energyChecks({ ...hello([gpu]), left_out, troubles }, []);
  deepStrictEqual(checks.map(({ status, name, board }) => [status, name, board]), [
    ["broken", "nvml GPU 3", "3"],
    ["broken", "nvml GPU 4", "GPU-4"],
    ["ok", "nvml A GPU", undefined],
    ["broken", "nvml A GPU readings", "GPU-1"],
  ]);
  strictEqual(checks[0]?.detail, "the board cannot be opened: it is lost");
  strictEqual(checks[1]?.detail, "GPU-4: the board cannot be opened: it is lost");
  const text = doctorText({ ok: true, checks }, palette(false, undefined));
  ok(
    text.includes(
      "\nStudies can be run here, but not on the boards with errors. (0 warnings, 0 unavailable, 3 errors)",
    ),
    text,
  );
});

Deno.test("lookAtBoards() learns the pace, keeps it, and takes what it kept where the board idles", async () => {
  using cache = new TempFolder();
  const busy = Array.from({ length: 600 }, (_, index) => ({ t_ns: index * 2e6, power_w: index / 50 | 0 }));
  const [seen] = await lookAtBoards([gpu], () => Promise.resolve(busy), cache.path);
  ok(seen !== undefined && "period_ms" in seen.pace);
  strictEqual(seen.pace.period_ms, 100);
  const idle = () => Promise.reject(new Error("the meter is gone"));
  deepStrictEqual(await lookAtBoards([gpu], idle, cache.path), [seen]);
  const renewed = { ...gpu, facts: { driver_version: "580.2" } };
  const unknown = await lookAtBoards([renewed], idle, cache.path);
  deepStrictEqual(unknown, [{ uuid: "GPU-1", pace: { reason: "power could not be read" } }]);
  ok(energyChecks(hello([renewed]), unknown)[1]?.remedy?.includes("while the GPU is busy"));
  // Only what has a sensor of its own kind of pace is looked at.
  const others: MeterDevice[] = [{ ...gpu, kind: "cpu", power: null }, { ...gpu, power: null }];
  deepStrictEqual(await lookAtBoards(others, () => Promise.resolve(busy), null), []);
});

Deno.test("judgeAnswer() tells a library that loads, one that must be unpacked each time, and one that does not load", () => {
  const of = (success: boolean, stdout: string, stderr = ""): EngineCheck =>
    judgeAnswer({ success, stdout, stderr });
  strictEqual(of(true, '{"release":"b1","excuse":null}\n').status, "ok");
  strictEqual(of(true, '{"release":"b1","excuse":"no cache"}\n').status, "warning");
  const broken = of(false, '{"error":"no space"}\n');
  deepStrictEqual([broken.status, broken.detail], ["broken", "no space"]);
  const killed = of(false, "", "one\nIllegal instruction\n");
  deepStrictEqual([killed.status, killed.detail], ["broken", "Illegal instruction"]);
  strictEqual(of(true, "not json").status, "broken");
});

Deno.test("judgePython() tells an engine that is there, with what only some studies need, and one that is not", () => {
  const there = { ...BARE, packages: having("torch", "transformers", "accelerate", "gguf", "peft") };
  const fine = judgePython("/p/python", { ...there, torch_build: { cuda: "13.0", hip: null } });
  deepStrictEqual([fine.status, fine.remedy], ["ok", null]);
  strictEqual(
    fine.detail,
    "/p/python (Python 3.12.1): torch 9.0, transformers 9.0, accelerate 9.0; torch is built for CUDA 13.0; " +
      "not installed: bitsandbytes, flash_attn",
  );
  const bare = judgePython("/p/python", { ...BARE, packages: having("torch") });
  deepStrictEqual([bare.status, bare.remedy], [
    "missing",
    "/p/python -m pip install transformers accelerate",
  ]);
  const old = judgePython("/p/python", { ...there, packages: { ...there.packages, transformers: "4.44.2" } });
  deepStrictEqual([old.status, old.detail, old.remedy], [
    "missing",
    "/p/python (Python 3.12.1) has transformers 4.44.2, older than 4.56",
    "/p/python -m pip install 'transformers>=4.56'",
  ]);
  ok(
    judgePython("/usr/bin/python3", { ...BARE, externally_managed: true }).remedy?.endsWith(
      "then LLEM_PYTHON=~/.venvs/llem/bin/python",
    ),
  );
});

Deno.test("packages are not what to install first where the machine lacks the hardware that they need", () => {
  const needs = { ...TENSORRT_NEEDS, lackingHardware: () => "It needs a GPU" };
  const check = judge(needs, "/p/python", BARE);
  deepStrictEqual([check.status, check.detail, check.remedy], [
    "missing",
    "/p/python (Python 3.12.1) lacks tensorrt_llm. It needs a GPU",
    null,
  ]);
  const problem = pythonProblem(needs, "/p/python", { facts: BARE }, ["tensorrt_llm"]);
  ok(
    problem?.startsWith("backend tensorrt: /p/python lacks tensorrt_llm. It needs a GPU. Name another"),
    problem ?? "",
  );
  strictEqual(
    judge({ ...needs, lackingHardware: () => null }, "/p/python", BARE).remedy?.includes("pip install"),
    true,
  );
  using dev = new TempFolder();
  strictEqual(hasNvidiaNode(dev.path), false);
  dev.write("nvidia0", "");
  deepStrictEqual([hasNvidiaNode(dev.path), hasGpuNode(dev.path)], [true, true]);
});

Deno.test("checkPython() calls an interpreter broken that the user named, and missing where nobody did", async () => {
  using folder = new TempFolder();
  const status = async (env: Record<string, string>): Promise<string> =>
    (await checkPython(PYTORCH_NEEDS, env)).status;
  const old = fakePython(folder, "python3", { version: "3.9.1" });
  strictEqual(await status({ LLEM_PYTHON: folder.at("gone") }), "broken");
  strictEqual(await status({ LLEM_PYTHON: old }), "broken");
  strictEqual(await status({ PATH: folder.path }), "missing");
  strictEqual(await status({ PATH: "/nowhere" }), "missing");
});

Deno.test("fileChecks() finds a folder that takes results, and one that does not, and leaves nothing behind", () => {
  using folder = new TempFolder();
  const results = join(folder.path, "to", "be", "made");
  const fine = fileChecks(results, join(folder.path, "cache"));
  deepStrictEqual(fine.map(({ name }) => name), ["results", "space", "locks", "cache"]);
  deepStrictEqual([fine[0]?.status, fine[2]?.status, fine[3]?.status], ["ok", "ok", "ok"]);
  deepStrictEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["cache"]);
  deepStrictEqual([...Deno.readDirSync(join(folder.path, "cache"))], []);
  Deno.writeTextFileSync(join(folder.path, "file"), "");
  const bad = fileChecks(join(folder.path, "file"), join(folder.path, "file"));
  deepStrictEqual(bad.map(({ name, status }) => `${status} ${name}`), ["broken results", "warning cache"]);
  strictEqual(fileChecks(results, null).at(-1)?.status, "warning");
  // A folder that anybody may write to is worth a warning, a cache below it is none.
  Deno.mkdirSync(join(folder.path, "open"));
  Deno.chmodSync(join(folder.path, "open"), 0o777);
  const open = fileChecks(join(folder.path, "open", "results"), join(folder.path, "open", "cache"));
  deepStrictEqual([open[0]?.status, open.at(-1)?.status], ["warning", "warning"]);
  ok(open[0]?.remedy?.startsWith(`chmod o-w ${join(folder.path, "open")}`));
  ok(open.at(-1)?.detail.endsWith("/open is writable for everyone"));
});

testWith(
  [TMPFS],
  "fileChecks() calls a disk broken on which run would refuse to begin the smallest study",
  () => {
    using folder = new TempFolder();
    using disk = new SmallDisk(folder.at("disk"), "size=2m");
    const space = (): DoctorCheck | undefined =>
      fileChecks(join(disk.path, "results"), null).find(({ name }) => name === "space");
    deepStrictEqual([space()?.status, space()?.detail], [
      "broken",
      "2.0 MiB free, but 1 run needs at least 4.0 MiB",
    ]);
    disk.change("size=8m");
    strictEqual(space()?.status, "warning");
    disk.change("size=8m,nr_inodes=10");
    strictEqual(space()?.status, "broken");
  },
);

Deno.test("machineChecks() warns of what makes numbers scatter", () => {
  const quiet = {
    ...readEnvironment({}),
    cpus: 4,
    cpu_governor: "performance",
    swap_used_bytes: 0,
    clock_source: "tsc",
    hypervisor: false,
    container: null,
  };
  deepStrictEqual(machineChecks(quiet, 2).filter(({ status }) => status !== "ok"), []);
  const noisy = {
    ...quiet,
    cpu_governor: "powersave",
    swap_used_bytes: 1,
    clock_source: "hpet",
    hypervisor: true,
  };
  // Where it is known what others use, the load average, which still holds what has ended, does not count.
  const loadOf = (others: number): DoctorCheck | undefined =>
    machineChecks(quiet, 9, { others, cpus: 4, doubt: 0.04 }).find(({ name }) => name === "load");
  deepStrictEqual([loadOf(0.2)?.status, loadOf(1.55)?.status], ["ok", "warning"]);
  strictEqual(loadOf(1.55)?.detail, "other processes use 1.6 of 4 CPUs");
  const reading = (at_ms: number, busy_s: number, own_s: number): LoadReading => ({
    at_ms,
    cpus: 4,
    busy_s,
    own_s,
  });
  deepStrictEqual(othersBetween(reading(0, 10, 1), reading(2000, 14, 2)), {
    others: 1.5,
    cpus: 4,
    doubt: 0.04,
  });
  strictEqual(othersBetween(reading(0, 10, 1), reading(50, 14, 2)), null);
  strictEqual(loadWarning(reading(0, 10, 1), reading(2000, 14, 2)), "other processes use 1.5 of 4 CPUs");
  strictEqual(loadWarning(reading(0, 10, 1), reading(2000, 11.5, 2)), null);
  strictEqual(loadWarning(reading(0, 10, 1), reading(60_000, 100, 2)), null);
  ok(readLoad() !== null);
  const told = machineChecks(noisy, 2.1).filter(({ status }) => status === "warning").map(({ name }) => name);
  deepStrictEqual(told, ["CPU governor", "load", "swap", "clock source", "virtual machine"]);
});

Deno.test("doctorText() puts remedies below what they mend, and says whether studies can be run", () => {
  const check = (status: DoctorCheck["status"], remedy: string | null): DoctorCheck => ({
    group: "Files",
    name: "results",
    status,
    detail: "a \u001b[31mplace",
    remedy,
  });
  const plain = palette(false, undefined);
  strictEqual(
    doctorText({ ok: false, checks: [check("ok", null), check("broken", "mend it")] }, plain),
    "Files\n  ok     results  a ?[31mplace\n  error  results  a ?[31mplace\n         -> mend it\n\n" +
      "Studies cannot be run here until the errors above are fixed. (0 warnings, 0 unavailable, 1 error)\n",
  );
  const backend = (name: string, status: DoctorCheck["status"]): DoctorCheck => ({
    ...check(status, null),
    name,
    backend: name,
  });
  const checks = [
    backend("a", "broken"),
    backend("b", "warning"),
    backend("c", "ok"),
    backend("d", "unsupported"),
    backend("e", "missing"),
    check("unavailable", null),
  ];
  const text = doctorText({ ok: false, checks }, plain);
  ok(
    text.endsWith(
      "Studies of b, c can be run here; those of a cannot until the errors above are fixed. " +
        "(1 warning, 1 missing, 1 unavailable, 1 not supported, 1 error)\n",
    ),
    text,
  );
  ok(text.includes("\n  not supported  d "), text);
});

Deno.test("deviceChecks() tells the numbers of boards, and which of them the environment leaves to runs", () => {
  const boards = ["GPU-aaaaaaaa-1", "GPU-bbbbbbbb-2"].map((uuid, index) =>
    gpuDevice({ uuid, facts: { index, minor_number: 1 - index } })
  );
  const machine = machineBoards({ devices: boards }, []);
  const details = (env: Record<string, string>) =>
    deviceChecks(env, machine).map(({ status, detail }) => `${status}: ${detail}`);
  const all = "0 is GPU-aaaaaaaa, 1 is GPU-bbbbbbbb";
  deepStrictEqual(details({}), [`ok: ${all}`]);
  deepStrictEqual(details({ CUDA_VISIBLE_DEVICES: "1" }), [`ok: ${all}; runs may use 1`]);
  // By the number of its device file.
  deepStrictEqual(details({ SLURM_JOB_ID: "7", SLURM_JOB_GPUS: "0" }), [`ok: ${all}; runs may use 1`]);
  deepStrictEqual(details({ CUDA_VISIBLE_DEVICES: "" }), [`warning: ${all}; runs may use none of them`]);
  deepStrictEqual(deviceChecks({}, machineBoards(null, [])), []);
});
