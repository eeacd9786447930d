import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../../../lib/base/json.ts";
import { engineVariables } from "../../../lib/engines/engine_variables.ts";
import { environmentArguments } from "../../../lib/launch/docker/environment.ts";
import { gpuArguments } from "../../../lib/launch/docker/gpus.ts";
import { wantedImages } from "../../../lib/launch/docker/images.ts";
import { commonArguments, launchContainer } from "../../../lib/launch/docker/launch.ts";
import { mountArguments } from "../../../lib/launch/docker/mounts.ts";
import { offlineVariables } from "../../../lib/launch/docker/offline.ts";
import { findDocker } from "../../../lib/launch/docker/program.ts";
import { readSharedMemory } from "../../../lib/launch/docker/shared_memory.ts";
import type { DockerHost } from "../../../lib/launch/docker/host.ts";
import { NO_INPUTS, type RunInputs } from "../../../lib/experiment/inputs.ts";
import { RunFolder } from "../../../lib/results/run_folder.ts";
import { cpuParts } from "../../../lib/launch/place/cpu_parts.ts";
import type { AttemptPlace, Launch } from "../../../lib/launch/attempt_request.ts";
import { realDisk } from "../../../lib/storage/disk.ts";
import { configOf, planOf } from "../../support/plans.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const DOCKER: DockerHost = {
  cli: { program: "/usr/bin/docker", env: {} },
  images: new Map([["pytorch", { name: "engine:1", id: "sha256:0123" }]]),
  nvidia: true,
  shared_memory: "8g",
  gpus: [],
  rootless: false,
  raises_limits: true,
  selinux: false,
};

interface Setting {
  readonly draft?: JsonObject;
  readonly docker?: Partial<DockerHost>;
  readonly env?: Readonly<Record<string, string>>;
  readonly devices?: readonly string[];
  readonly inputs?: RunInputs;
  readonly place?: AttemptPlace;
}

/** How a run is launched whose study file is in `studies` and whose study directory is `results/x`. */
function launched(folder: TempFolder, setting: Setting = {}): Launch & { readonly args: readonly string[] } {
  const { draft = {}, docker = {}, env = {}, devices = [], inputs = NO_INPUTS, place } = setting;
  const [run] = planOf([configOf({ backend: "pytorch", model: "org/m", ...draft })]).runs;
  assert.ok(run !== undefined);
  const study = folder.at("results", "x");
  Deno.mkdirSync(join(study, "runs"), { recursive: true });
  Deno.mkdirSync(folder.at("studies"), { recursive: true });
  const launch = launchContainer({
    run,
    run_id: "0001_org/m",
    attempt: 2,
    limits: { total_s: 1, startup_s: null, silence_s: null, close_s: 1, grace_s: 1 },
    devices,
    base_dir: folder.at("studies"),
    study_dir: study,
    inputs,
    ...place === undefined ? {} : { place },
    folder: new RunFolder(realDisk, study, `run-${folder.names("results", "x", "runs").length}`),
  }, {
    docker: { ...DOCKER, ...docker },
    main: join(study, ".llem-python", "main.py"),
    study_dir: study,
    env: { HF_HOME: folder.at("hub"), ...env },
    cwd: folder.path,
    affinity: cpuParts(place, false).worker,
  });
  assert.ok("spec" in launch);
  return { ...launch, args: launch.spec.args };
}

/** Every value of an option. */
function valuesOf(args: readonly string[], name: string): (string | undefined)[] {
  return args.flatMap((arg, index) => arg === name ? [args[index + 1]] : []);
}

Deno.test("launchContainer() composes the whole call of docker", () => {
  using folder = new TempFolder();
  const env = {
    HF_TOKEN: "secret",
    HTTPS_PROXY: "http://p",
    PATH: "/bin",
    LLEM_RUN_ID: "x",
    SPT_NOENV: "1",
    LLEM_PYTHON: "/p",
  };
  const { args, ...launch } = launched(folder, { env, devices: ["0", "GPU-a"] });
  const study = folder.at("results", "x");
  const name = args[2] ?? "";
  assert.match(name, /^llem-[0-9a-f]{12}-0001_org-m-a2$/);
  assert.deepEqual(args, [
    ...["run", "--name", name],
    ...["--label", `llem.study=${study}`, "--label", "llem.run=0001_org/m", "--label", "llem.attempt=2"],
    ...["--rm", "--interactive", "--init", "--pull", "never", "--log-driver", "none", "--shm-size", "8g"],
    ...["--ulimit", "memlock=-1", "--ulimit", "stack=67108864"],
    ...["--user", `${Deno.uid()}:${Deno.gid()}`],
    ...["--tmpfs", "/run/llem:rw,exec,mode=1777"],
    ...["--gpus", '"device=0,GPU-a"'],
    ...["--workdir", join(study, "runs", "run-0")],
    ...["--mount", `type=bind,src=${folder.at("hub")},dst=${folder.at("hub")}`],
    ...["--mount", `type=bind,src=${study},dst=${study}`],
    ...["--mount", `type=bind,src=${folder.at("studies")},dst=${folder.at("studies")},readonly`],
    ...[
      "--env",
      "HOME=/run/llem",
      "--env",
      "TMPDIR=/run/llem",
      "--env",
      "USER=llem",
      "--env",
      "LOGNAME=llem",
    ],
    ...["--env", "CUDA_CACHE_PATH", "--env", "FLASHINFER_WORKSPACE_BASE"],
    ...["--env", "HF_HOME", "--env", "HF_TOKEN", "--env", "HTTPS_PROXY", "--env", "LLEM_ATTEMPT_ID"],
    ...["--env", "LLEM_RUN_ID", "--env", "SPT_NOENV", "--entrypoint", "python3", "sha256:0123"],
    ...["-B", join(study, ".llem-python", "main.py")],
  ]);
  assert.ok("spec" in launch);
  assert.equal(launch.spec.program, "/usr/bin/docker");
  assert.equal(launch.spec.env["HF_TOKEN"], "secret");
  assert.equal(launch.spec.env["CUDA_CACHE_PATH"], join(study, ".llem-cache", "cuda"));
  assert.ok(launch.container !== undefined);
  const { name: told, image, image_id } = launch.container;
  assert.deepEqual([told, image, image_id], [name, "engine:1", "sha256:0123"]);
});

Deno.test("launchContainer() keeps a container to the CPUs of its slot, and passes the slot's variables", () => {
  using folder = new TempFolder();
  const caches = folder.at("results", "x", ".llem-cache", "GPU-a");
  const own = { cores: 2, port: 28_000, caches };
  const place: AttemptPlace = { slot: 1, mode: "staged", cpus: [4, 5], numa: 0, env: {}, gate: null, own };
  const env = {
    LLEM_SLOT: "1",
    LLEM_SLOT_PORT: "28000",
    LLEM_SLOT_CORES: "2",
    MASTER_PORT: "28039",
    RAYON_NUM_THREADS: "2",
    TRITON_CACHE_DIR: join(caches, "triton"),
  };
  const { args } = launched(folder, { place, env });
  assert.deepEqual(valuesOf(args, "--cpuset-cpus"), ["4,5"]);
  const passed = valuesOf(args, "--env");
  assert.deepEqual(Object.keys(env).filter((name) => !passed.includes(name)), []);
  // Made beforehand, within the study directory, which is mounted.
  assert.ok(Deno.statSync(join(caches, "triton")).isDirectory);
  const plain = launched(folder, { env: { MASTER_PORT: "29500" } }).args;
  assert.deepEqual([valuesOf(plain, "--cpuset-cpus"), valuesOf(plain, "--env").includes("MASTER_PORT")], [
    [],
    false,
  ]);
});

Deno.test("launchContainer() mounts the model and the adapter, wherever they are", () => {
  using folder = new TempFolder();
  for (const name of ["studies/m", "adapters/a", "models/gguf", "cache/models--o--m/snapshots/1"]) {
    Deno.mkdirSync(folder.at(name), { recursive: true });
  }
  const mounted = (setting: Setting): string[] =>
    valuesOf(launched(folder, setting).args, "--mount").map((text = "") =>
      `${/dst=([^,]*)/.exec(text)?.[1]?.replace(`${folder.path}/`, "")}${
        text.endsWith("readonly") ? " ro" : ""
      }`
    );
  const usual = ["hub", "results/x", "studies ro"];
  const model = (kind: "folder" | "file" | "hub", path: string): RunInputs => ({
    ...NO_INPUTS,
    model: { kind, path: folder.at(path), hub_id: null, revision: null, part: "all" } as RunInputs["model"],
  });
  assert.deepEqual(mounted({ draft: { model: "./m" } }), usual, "it is in the study file's folder");
  const file = mounted({ inputs: model("file", "models/gguf/m.gguf") });
  assert.deepEqual(
    file,
    ["hub", "models/gguf ro", "results/x", "studies ro"],
    "a split model has files beside it",
  );
  const launch = launched(folder, { inputs: model("folder", "studies/m") });
  assert.ok("spec" in launch && launch.spec.env["HF_HUB_OFFLINE"] === "1", "all that it needs is here");
  assert.ok(valuesOf(launch.args, "--env").includes("HF_HUB_OFFLINE"));
  const cached = mounted({ inputs: model("hub", "cache/models--o--m/snapshots/1") });
  assert.deepEqual(cached, ["cache/models--o--m ro", ...usual], "a snapshot is links to blobs");
  const lora = mounted({ draft: { lora: { adapter_path: "../adapters/a" } } });
  assert.deepEqual(lora, ["adapters/a ro", ...usual]);
  const elsewhere = mounted({
    env: { HF_HUB_CACHE: folder.at("cache"), HF_TOKEN_PATH: folder.at("nowhere") },
  });
  assert.deepEqual(elsewhere, ["cache", ...usual]);
});

Deno.test("launchContainer() mounts what the engine's section names by path, and folders of caches", () => {
  using folder = new TempFolder();
  for (const name of ["engines/e", "drafts/d"]) Deno.mkdirSync(folder.at(name), { recursive: true });
  const draft = {
    backend: "vllm",
    vllm: {
      python: "/usr/bin/python3",
      engine: {
        speculative_model: "../drafts/d",
        num_speculative_tokens: 2,
        compilation_config: { cache: folder.at("engines/e") },
      },
    },
  };
  const image = { name: "engine:1", id: "sha256:0123" };
  const { args } = launched(folder, {
    draft,
    docker: { images: new Map([["vllm", image]]) },
    env: { VLLM_CACHE_ROOT: folder.at("cache"), TRITON_CACHE_DIR: "triton", VLLM_RPC_BASE_PATH: "/tmp/x" },
  });
  const mounts = valuesOf(args, "--mount").map((text) => text?.replaceAll(folder.path, ""));
  for (const name of ["/drafts/d", "/engines/e"]) {
    assert.ok(mounts.includes(`type=bind,src=${name},dst=${name},readonly`), mounts.join("\n"));
  }
  for (const name of ["/cache", "/triton"]) {
    assert.ok(mounts.includes(`type=bind,src=${name},dst=${name}`), name);
  }
  assert.ok(!mounts.some((text) => text?.includes("python3")), "the interpreter is the image's");
  const passed = valuesOf(args, "--env");
  for (const name of ["VLLM_CACHE_ROOT", "TRITON_CACHE_DIR"]) assert.ok(passed.includes(name), name);
  assert.ok(!passed.includes("VLLM_RPC_BASE_PATH"), "a path that is not there inside");
});

Deno.test("offlineVariables() keeps a run from the hub that has all it needs, unless the user says otherwise", () => {
  const model: RunInputs["model"] = { kind: "folder", path: "/m", hub_id: null, revision: null };
  const of = (
    draft: JsonObject,
    { inputs = { ...NO_INPUTS, model }, env = {} }: Pick<Setting, "inputs" | "env"> = {},
  ): boolean => {
    const [run] = planOf([configOf({ backend: "vllm", model: "org/m", ...draft })]).runs;
    assert.ok(run !== undefined);
    return offlineVariables({ run, inputs }, env)["HF_HUB_OFFLINE"] === "1";
  };
  assert.ok(of({}));
  assert.ok(of({ vllm: { engine: { speculative_model: "/drafts/d", num_speculative_tokens: 2 } } }));
  assert.ok(!of({}, { inputs: NO_INPUTS }), "the engine looks for the model itself");
  assert.ok(!of({}, { env: { HF_HUB_OFFLINE: "0" } }), "the user wants the hub");
  assert.ok(!of({ lora: { adapter_id: "org/a" } }), "the adapter is not here");
  assert.ok(!of({ vllm: { engine: { trust_remote_code: true } } }), "code of the model may load anything");
  assert.ok(!of({ vllm: { engine: { speculative_model: "org/draft", num_speculative_tokens: 2 } } }));
  assert.ok(!of({ passthrough_kwargs: { tokenizer: "org/other" } }));
});

Deno.test("launchContainer() takes the interpreter of the image that the study names", () => {
  using folder = new TempFolder();
  const { args } = launched(folder, { draft: { pytorch: { python: "/opt/conda/bin/python" } } });
  assert.deepEqual(valuesOf(args, "--entrypoint"), ["/opt/conda/bin/python"]);
});

Deno.test("commonArguments() leaves out what a daemon cannot do", () => {
  const args = commonArguments(
    { ...DOCKER, rootless: true, raises_limits: false, nvidia: false },
    ["0"],
    "1",
  );
  for (const option of ["--user", "--ulimit", "--gpus", "--security-opt"]) {
    assert.ok(!args.includes(option), option);
  }
  const shared = commonArguments({ ...DOCKER, shared_memory: "host" }, [], undefined);
  assert.deepEqual([valuesOf(shared, "--ipc"), valuesOf(shared, "--shm-size")], [["host"], []]);
  const labelled = commonArguments({ ...DOCKER, selinux: true }, [], undefined);
  assert.deepEqual(valuesOf(labelled, "--security-opt"), ["label=disable"]);
});

Deno.test("readSharedMemory() takes a size or the machine's own, and names what is neither", () => {
  const read = (value?: string): unknown =>
    readSharedMemory(value === undefined ? {} : { LLEM_DOCKER_SHM_SIZE: value });
  assert.deepEqual(read(), { size: "8g" });
  assert.deepEqual([read(""), read("16g"), read("host")], [{ size: "8g" }, { size: "16g" }, {
    size: "host",
  }]);
  for (const wrong of ["much", "0", "16 g", "-1", "8gb"]) {
    assert.match(JSON.stringify(read(wrong)), /problem.*LLEM_DOCKER_SHM_SIZE must be a size/, wrong);
  }
});

Deno.test("gpuArguments() gives what the study names, else what is visible, else all", () => {
  const gpus = (devices: readonly string[], visible?: string): string[] =>
    gpuArguments(devices, { visible, gpus: [] });
  assert.deepEqual(gpus([]), ["--gpus", "all"]);
  assert.deepEqual(gpus(["2", "0"], "7"), ["--gpus", '"device=2,0"']);
  assert.deepEqual(gpus([], "GPU-a,3"), ["--gpus", '"device=GPU-a,3"']);
  assert.deepEqual(gpus([], ""), []);
  assert.deepEqual(gpus([], "-1"), []);
  // By their UUIDs where the driver tells them: whoever counts boards, these are the ones that are metered.
  const boards = [0, 1, 2].map((index) => ({
    index,
    model: "m",
    uuid: index === 2 ? null : `GPU-${index}0000000-aa`,
    bus: `0000:0${index}:00.0`,
  }));
  const exact = (devices: readonly string[], visible?: string): string | undefined =>
    gpuArguments(devices, { visible, gpus: boards })[1];
  assert.equal(exact(["1", "gpu-0"]), '"device=GPU-10000000-aa,GPU-00000000-aa"');
  assert.equal(
    exact([], "2,1"),
    '"device=2,GPU-10000000-aa"',
    "one whose UUID is not known keeps its number",
  );
  assert.equal(exact(["MIG-7"]), '"device=MIG-7"');
});

Deno.test("mountArguments() names every path once, writes CSV, and keeps the image's own folders", () => {
  const mounts = (...paths: readonly string[]): string[] =>
    mountArguments(paths.map((text) => {
      const writable = text.startsWith("+");
      return { path: writable ? text.slice(1) : text, writable };
    })).filter((arg) => arg !== "--mount");
  assert.deepEqual(mounts("/a", "+/a", "/a"), ["type=bind,src=/a,dst=/a"]);
  assert.deepEqual(mounts("+/a", "/a/b", "+/a/b/c"), ["type=bind,src=/a,dst=/a"]);
  assert.deepEqual(mounts("/a", "+/a/b", "/a/b/c", "/ab"), [
    "type=bind,src=/a,dst=/a,readonly",
    "type=bind,src=/a/b,dst=/a/b",
    "type=bind,src=/ab,dst=/ab,readonly",
  ]);
  assert.deepEqual(mounts('/a,b "c" d:e'), ['type=bind,"src=/a,b ""c"" d:e","dst=/a,b ""c"" d:e",readonly']);
  assert.deepEqual(mounts("/", "/usr", "+/etc"), []);
});

Deno.test("environmentArguments() passes names alone, and no path or device number of this machine", () => {
  const env = {
    HF_ENDPOINT: "e",
    HUGGING_FACE_HUB_TOKEN: "t",
    OMP_NUM_THREADS: "4",
    no_proxy: "n",
    NCCL_DEBUG: "INFO",
    PYTORCH_CUDA_ALLOC_CONF: "x",
    CUDA_VISIBLE_DEVICES: "3",
    PYTHONPATH: "/p",
    LD_LIBRARY_PATH: "/l",
    LLEM_RUNNER_PYTORCH: "docker",
    AWS_SECRET_ACCESS_KEY: "s",
  };
  const passed = valuesOf(environmentArguments(env, [], /^$/), "--env").filter((text) =>
    !text?.includes("=")
  );
  assert.deepEqual(passed, [
    "HF_ENDPOINT",
    "HUGGING_FACE_HUB_TOKEN",
    "NCCL_DEBUG",
    "OMP_NUM_THREADS",
    "PYTORCH_CUDA_ALLOC_CONF",
    "no_proxy",
  ]);
});

Deno.test("engineVariables() fits an engine's switches, and no file or folder of this machine", () => {
  const passed = engineVariables("VLLM", "TLLM");
  for (
    const name of ["VLLM_USE_X", "VLLM_DISABLE_COMPILE_CACHE", "TLLM_LOG_LEVEL", "TOKENIZERS_PARALLELISM"]
  ) {
    assert.match(name, passed);
  }
  for (
    const name of [
      ...["VLLM_CACHE_ROOT", "VLLM_RPC_BASE_PATH", "VLLM_ASSETS_CACHE", "VLLM_FLASHINFER_AUTOTUNE_CACHE_DIR"],
      ...["TLLM_LLMAPI_BUILD_CACHE_ROOT", "MY_VLLM_X", "TRTLLM_X", "VLLM_"],
    ]
  ) assert.doesNotMatch(name, passed);
  assert.doesNotMatch("VLLM_USE_V2", engineVariables());
});

Deno.test("wantedImages() takes the study's image, else the user's, else the usual one; other backends have none", () => {
  const configs = [
    configOf({ backend: "pytorch", model: "m" }),
    configOf({ backend: "llamacpp", model: "m.gguf" }),
  ];
  const plan = planOf([...configs, configOf()]);
  const images = (runners: Record<string, string>, env: Record<string, string> = {}) =>
    wantedImages({ ...plan, runners }, env);
  assert.deepEqual(images({}), { images: new Map(), problems: [] });
  assert.deepEqual([...images({ pytorch: "docker:own:2" }, { LLEM_DOCKER_IMAGE_PYTORCH: "e" }).images], [
    ["pytorch", "own:2"],
  ]);
  assert.deepEqual([...images({ pytorch: "docker" }, { LLEM_DOCKER_IMAGE_PYTORCH: "e" }).images], [[
    "pytorch",
    "e",
  ]]);
  const [[, usual] = ["", ""]] = [...images({ pytorch: "docker" }).images];
  assert.match(usual, /^[\w./-]+:v?\d[\w.-]*$/, "it is pinned");
  const { problems } = images({ llamacpp: "docker", command: "docker:x", vllm: "docker" });
  assert.deepEqual(problems.length, 2);
  assert.match(
    problems[0] ?? "",
    /runners: docker is not supported for llamacpp \(only for pytorch.*llamacpp: local/,
  );
  assert.match(problems[1] ?? "", /command: \{ argv: \[docker, run/);
});

Deno.test("findDocker() looks in PATH, or where LLEM_DOCKER says, and keeps what docker itself needs", () => {
  using folder = new TempFolder();
  const program = folder.write("docker", "#!/bin/sh\n");
  const env = { PATH: folder.path, DOCKER_HOST: "unix:///x", HOME: "/h", HF_TOKEN: "t", LLEM_RUN_ID: "r" };
  assert.deepEqual(findDocker(env), {
    cli: { program, env: { PATH: folder.path, DOCKER_HOST: "unix:///x", HOME: "/h" } },
  });
  const named = findDocker({ ...env, PATH: "/nowhere", LLEM_DOCKER: program });
  assert.ok("cli" in named && named.cli.program === program);
  const missing = findDocker({ PATH: "/nowhere" });
  assert.ok("problem" in missing);
  assert.match(
    missing.problem,
    /needs the docker program, which was not found\. Install Docker.*set local in runners/,
  );
});
