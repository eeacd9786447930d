/** What a slot has, and what of it reaches workers and servers of every engine. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/base/json.ts";
import { SLOT_PORTS } from "../../../lib/engines/slot_variables.ts";
import { NO_INPUTS } from "../../../lib/experiment/inputs.ts";
import { SERVER_PORTS, SLOT_PORTS_RANGE } from "../../../lib/host/free_ports.ts";
import { readCpuTopology } from "../../../lib/host/cpu_topology.ts";
import type { AttemptPlace, AttemptRequest } from "../../../lib/launch/attempt_request.ts";
import { makeLaunch } from "../../../lib/launch/launch.ts";
import { cpuParts } from "../../../lib/launch/place/cpu_parts.ts";
import { openPlaces, type Places } from "../../../lib/launch/place/places.ts";
import { drawPortBlocks } from "../../../lib/launch/place/slot_ports.ts";
import type { Pin } from "../../../lib/launch/place/split_cores.ts";
import { makeServerLaunch } from "../../../lib/launch/server_launch.ts";
import type { AffinityPowers } from "../../../lib/process/affinity.ts";
import { RunFolder } from "../../../lib/results/run_folder.ts";
import { realDisk } from "../../../lib/storage/disk.ts";
import { cpusOf, type MadeMachine, writeMachine } from "../../support/cpu_trees.ts";
import { configOf, planOf } from "../../support/plans.ts";
import { fakePython, having } from "../../support/pythons.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const TWO_SOCKETS: MadeMachine = {
  sockets: 2,
  cores_per_socket: 8,
  threads: 1,
  devices: { "0000:17:00.0": 0, "0000:a3:00.0": 1 },
};
const BOARDS = [{ id: "GPU-a", bus: "0000:17:00.0" }, { id: "GPU-b", bus: "0000:a3:00.0" }];

function places(
  folder: TempFolder,
  { machine = TWO_SOCKETS, pin = "auto", powers = { cpus: true, numa: true } }: {
    readonly machine?: MadeMachine;
    readonly pin?: Pin;
    readonly powers?: AffinityPowers;
  } = {},
): Places {
  const root = writeMachine(folder.at("machine"), machine);
  const topology = readCpuTopology(cpusOf(machine), root);
  const made = { topology, powers, root };
  return openPlaces({ mode: "staged", boards: BOARDS, pin, study_dir: folder.path, machine: made });
}

Deno.test("openPlaces(): cores and memory near each board, ports that do not overlap, a cache folder by board", () => {
  using folder = new TempFolder();
  const { of, warnings } = places(folder);
  const [one, two, both] = [of(0, ["GPU-a"]), of(1, ["GPU-b"]), of(0, ["GPU-a", "GPU-b"])];
  assert.deepEqual([one.cpus, one.numa], [[1, 2, 3, 4, 5, 6, 7], 0]);
  assert.deepEqual([two.cpus, two.numa], [[9, 10, 11, 12, 13, 14, 15], 1]);
  assert.deepEqual([both.cpus?.length, both.numa, both.own?.cores], [14, null, 14]);
  assert.equal(one.env["OMP_NUM_THREADS"], "7");
  assert.ok(Math.abs((one.own?.port ?? 0) - (two.own?.port ?? 0)) >= SLOT_PORTS);
  assert.equal(one.own?.caches, folder.at(".llem-cache", "GPU-a"));
  // The next chain on the same board finds them again, whatever number it has.
  assert.deepEqual(of(5, ["GPU-b"]).own, two.own);
  assert.deepEqual(of(2, []), { slot: 2, mode: "staged", cpus: null, numa: null, env: {} });
  assert.deepEqual(warnings, []);
});

Deno.test("openPlaces(): two llem on boards of their own give them the cores that one on all of them would", () => {
  using folder = new TempFolder();
  const root = writeMachine(folder.path, TWO_SOCKETS);
  const powers = { cpus: true, numa: true };
  const cpusOfBoards = (own: readonly number[], allowed = cpusOf(TWO_SOCKETS)) => {
    const boards = own.map((at) => BOARDS[at] ?? assert.fail());
    const beside = BOARDS.filter((board) => !boards.includes(board));
    const machine = { topology: readCpuTopology(allowed, root), powers, root };
    const { of } = openPlaces({
      mode: "staged",
      boards,
      beside,
      pin: "auto",
      study_dir: folder.path,
      machine,
    });
    return own.map((at) => of(0, [BOARDS[at]?.id ?? ""]).cpus);
  };
  const [first, second] = cpusOfBoards([0, 1]);
  assert.deepEqual([...cpusOfBoards([1]), ...cpusOfBoards([0])], [second, first]);
  assert.deepEqual(cpusOfBoards([1, 0]), [second, first]);
  // What a scheduler of jobs has given it is its own, whatever boards there are.
  assert.deepEqual(cpusOfBoards([1], [8, 9, 10, 11]), [[9, 10, 11]]);
});

Deno.test("openPlaces(): what the system refuses is null in the places, and said once", () => {
  using folder = new TempFolder();
  const none = places(folder, { powers: { cpus: false, numa: false } });
  assert.deepEqual([none.of(0, ["GPU-a"]).cpus, none.of(0, ["GPU-a"]).numa], [null, null]);
  assert.deepEqual(none.warnings.map(({ code }) => code), ["unpinned"]);
  const near = places(folder, { powers: { cpus: true, numa: false } });
  assert.equal(near.of(0, ["GPU-a"]).numa, null);
  assert.deepEqual(near.warnings.map(({ code }) => code), ["memory_not_local"]);
  using small = new TempFolder();
  const machine = { sockets: 1, cores_per_socket: 1, threads: 1 } as const;
  const shared = places(small, { machine, powers: { cpus: true, numa: false } });
  assert.deepEqual(shared.warnings.map(({ code }) => code), ["few_cores"]);
  assert.deepEqual(places(folder, { pin: "none", powers: { cpus: false, numa: false } }).warnings, []);
});

Deno.test("drawPortBlocks(): blocks without a listener, apart from servers' ports, as long as there are any", () => {
  const taken = SLOT_PORTS_RANGE.first + 3;
  const drawn = drawPortBlocks(99, (port) => port !== taken);
  assert.equal(new Set(drawn).size, 99);
  for (const first of drawn) {
    assert.ok(first > SERVER_PORTS.last && first + SLOT_PORTS - 1 <= SLOT_PORTS_RANGE.last);
    assert.equal((first - SLOT_PORTS_RANGE.first) % SLOT_PORTS, 0);
    assert.notEqual(first, SLOT_PORTS_RANGE.first);
  }
  assert.equal(drawPortBlocks(3, () => false).length, 3);
  assert.equal(drawPortBlocks(120).length, 120);
});

Deno.test("cpuParts(): a server has all of its slot but a CPU for its client; few CPUs are shared", () => {
  const place = (cpus: readonly number[] | null): AttemptPlace => ({
    slot: 0,
    mode: "staged",
    cpus,
    numa: 1,
    env: {},
    gate: null,
  });
  const all = { cpus: [4, 5, 6, 7], numa: 1 };
  assert.deepEqual(cpuParts(place(all.cpus), false), { worker: all, server: all });
  assert.deepEqual(cpuParts(place(all.cpus), true), {
    worker: { cpus: [7], numa: 1 },
    server: { cpus: [4, 5, 6], numa: 1 },
  });
  assert.deepEqual(cpuParts(place([4, 5]), true).worker, { cpus: [4, 5], numa: 1 });
  // More CPUs than two for each core are those of other slots, too.
  const own = { cores: 1, port: 28_000, caches: "/x" };
  assert.deepEqual(cpuParts({ ...place(all.cpus), own }, true).worker, all);
  assert.deepEqual(cpuParts({ ...place(null), numa: null }, true), { worker: null, server: null });
  assert.deepEqual(cpuParts(undefined, true), { worker: null, server: null });
});

/** A run of that experiment in the first slot, in a study whose llem has that environment. */
function launchedInSlot(folder: TempFolder, draft: JsonObject, env: Readonly<Record<string, string>> = {}) {
  const { runs: [run] } = planOf([configOf(draft)]);
  assert.ok(run !== undefined);
  Deno.mkdirSync(folder.at("runs"), { recursive: true });
  const request: AttemptRequest = {
    run,
    run_id: "0001_x",
    attempt: 1,
    limits: { total_s: 1, startup_s: null, silence_s: null, close_s: 1, grace_s: 1 },
    devices: ["GPU-a"],
    base_dir: folder.path,
    study_dir: folder.path,
    inputs: NO_INPUTS,
    folder: new RunFolder(realDisk, folder.path, `run-${folder.names("runs").length}`),
    place: { ...places(folder).of(0, ["GPU-a"]), gate: null },
  };
  const python_main = folder.at("main.py");
  const context = {
    self: { program: "/opt/llem", args: [] },
    python_main,
    docker: null,
    study_dir: folder.path,
    env: { PATH: "/usr/bin:/bin", ...env },
  };
  const launch = makeLaunch(context)(request);
  if ("failure" in launch) throw new Error(launch.failure.message);
  return { spec: launch.spec, server: makeServerLaunch(context)(request), place: request.place };
}

Deno.test("makeLaunch(): each engine gets ports, caches and threads of its slot by the names that it reads", () => {
  using folder = new TempFolder();
  const python = fakePython(folder, "python3", having());
  const cases: readonly (readonly [draft: JsonObject, gets: readonly string[], not: readonly string[]])[] = [
    [{ backend: "llamacpp", model: "tiny-random" }, ["OMP_NUM_THREADS"], ["VLLM_PORT", "TRITON_CACHE_DIR"]],
    [{ backend: "pytorch", model: "m" }, ["MASTER_PORT", "TORCHINDUCTOR_CACHE_DIR", "OMP_NUM_THREADS"], [
      "VLLM_PORT",
    ]],
    [
      { backend: "vllm", model: "m" },
      ["VLLM_PORT", "VLLM_CACHE_ROOT", "TRITON_CACHE_DIR", "RAYON_NUM_THREADS"],
      ["OMP_NUM_THREADS"],
    ],
    [{ backend: "tensorrt", model: "m" }, [
      "MASTER_PORT",
      "TRITON_CACHE_DIR",
      "TLLM_NUMA_AWARE_WORKER_AFFINITY",
      "OMPI_MCA_hwloc_base_binding_policy",
    ], ["VLLM_PORT"]],
    [
      { command: { argv: ["sh"] } },
      ["VLLM_PORT", "MASTER_PORT", "VLLM_CACHE_ROOT", "FLASHINFER_WORKSPACE_BASE", "OMP_NUM_THREADS"],
      ["TOKENIZERS_PARALLELISM"],
    ],
  ];
  for (const [draft, gets, not] of cases) {
    const { spec: { env, affinity }, place } = launchedInSlot(folder, draft, { LLEM_PYTHON: python });
    for (const name of gets) assert.notEqual(env[name], undefined, `${draft["backend"]} ${name}`);
    for (const name of not) assert.equal(env[name], undefined, `${draft["backend"]} ${name}`);
    assert.deepEqual([env["LLEM_SLOT"], env["LLEM_SLOT_CORES"]], ["0", "7"]);
    assert.deepEqual(affinity, { cpus: place?.cpus ?? null, numa: 0 });
  }
});

Deno.test("makeLaunch(): llem's own environment goes before the slot's defaults, but not before its ports", () => {
  using folder = new TempFolder();
  const own = {
    OMP_NUM_THREADS: "2",
    TRITON_CACHE_DIR: "/fast/triton",
    MASTER_PORT: "29500",
    LLEM_SLOT: "9",
  };
  const { spec: { env }, place } = launchedInSlot(folder, { command: { argv: ["sh"] } }, own);
  assert.deepEqual([env["OMP_NUM_THREADS"], env["TRITON_CACHE_DIR"]], ["2", "/fast/triton"]);
  assert.deepEqual([env["MASTER_PORT"], env["LLEM_SLOT"]], [
    String((place?.own?.port ?? 0) + SLOT_PORTS - 1),
    "0",
  ]);
});

Deno.test("makeServerLaunch(): a server has the cores and variables of its slot, and its client one core", () => {
  using folder = new TempFolder();
  const launched = (kind: string, env: Readonly<Record<string, string>> = {}) =>
    launchedInSlot(
      folder,
      { backend: "openai", model: "m", openai: { server: { kind, argv: ["serve", "{port}"] } } },
      env,
    );
  const { spec, server, place } = launched("vllm");
  assert.deepEqual(spec.affinity, { cpus: [7], numa: 0 });
  assert.deepEqual(server?.affinity, { cpus: [1, 2, 3, 4, 5, 6], numa: 0 });
  assert.equal(server?.env["VLLM_PORT"], String(place?.own?.port));
  assert.equal(server?.env["OMP_NUM_THREADS"], undefined);
  assert.equal(launched("llama-server").server?.env["LLAMA_ARG_THREADS"], "6");
  assert.equal(launched("llama-server", { LLAMA_ARG_THREADS: "3" }).server?.env["LLAMA_ARG_THREADS"], "3");
  assert.match(launched("tgi").server?.env["SHARD_UDS_PATH"] ?? "", /^\/tmp\/text-generation-server-\d+$/);
  assert.equal(launched("other").server?.env["MKL_NUM_THREADS"], "6");
});
