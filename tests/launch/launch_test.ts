import { NO_INPUTS } from "../../lib/experiment/inputs.ts";
import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { libc } from "../../lib/base/libc.ts";
import { foreseenProblems, makeLaunch, preflight } from "../../lib/launch/launch.ts";
import { makeServerLaunch } from "../../lib/launch/server_launch.ts";
import type { Launch } from "../../lib/launch/attempt_request.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { configOf, planOf } from "../support/plans.ts";
import { fakePython, having } from "../support/pythons.ts";
import { TempFolder } from "../support/temp_folder.ts";

// Opened before any test: a library that a test opens counts as a leak.
libc();

const SELF = { program: "/opt/llem", args: ["--flag"] };

/** How a configuration is launched as attempt 2 of a run on some devices, with that environment. */
function launched(
  folder: TempFolder,
  draft: JsonObject,
  env: Readonly<Record<string, string>>,
  devices: readonly string[] = [],
): Launch {
  const { runs: [run], secrets } = planOf([configOf(draft)]);
  assert.ok(run !== undefined);
  if (!folder.names().includes("runs")) Deno.mkdirSync(folder.at("runs"));
  const name = `run-${folder.names("runs").length}`;
  const request = {
    run,
    secrets: secrets[run.config_hash] ?? [],
    run_id: "0001_x",
    attempt: 2,
    limits: { total_s: 1, startup_s: null, silence_s: null, close_s: 1, grace_s: 1 },
    devices,
    base_dir: folder.path,
    study_dir: folder.path,
    inputs: NO_INPUTS,
    folder: new RunFolder(realDisk, folder.path, name),
  };
  const python_main = folder.at(".llem-python", "main.py");
  return makeLaunch({ self: SELF, python_main, docker: null, study_dir: folder.path, env })(request);
}

Deno.test("makeLaunch() starts a command with the study's environment and what names the run", () => {
  using folder = new TempFolder();
  folder.write("worker.sh", "#!/bin/sh\n");
  const command = { argv: ["./worker.sh", "--batch", "1 2"], env: { OWN: "yes", FOO: "own" } };
  const launch = launched(folder, { command }, { PATH: "/usr/bin", FOO: "inherited", HOME: "/" });
  assert.deepEqual(launch, {
    spec: {
      program: folder.at("worker.sh"),
      args: ["--batch", "1 2"],
      cwd: folder.path,
      env: {
        PATH: "/usr/bin",
        HOME: "/",
        SPT_NOENV: "1",
        FOO: "own",
        OWN: "yes",
        LLEM_RUN_ID: "0001_x",
        LLEM_ATTEMPT: "2",
        LLEM_RUN_DIR: folder.at("runs", "run-0"),
        LLEM_STUDY_DIR: folder.path,
      },
    },
  });
});

Deno.test("makeLaunch() keeps a worker's environment from being overwritten, unless the user says how", () => {
  using folder = new TempFolder();
  const valueOf = (env: Record<string, string>, own: Record<string, string>): unknown => {
    const launch = launched(folder, { command: { argv: ["/bin/sh"], env: own } }, env);
    return "spec" in launch && launch.spec.env["SPT_NOENV"];
  };
  assert.equal(valueOf({}, {}), "1");
  assert.equal(valueOf({ SPT_NOENV: "mine" }, {}), "mine");
  assert.equal(valueOf({ SPT_NOENV: "mine" }, { SPT_NOENV: "" }), "");
});

Deno.test("makeLaunch() passes variables by name, and what is llem's own stands over an old plan", () => {
  using folder = new TempFolder();
  folder.write("worker.sh", "#!/bin/sh\n");
  const command = {
    argv: ["./worker.sh"],
    env: {
      LLEM_RUN_ID: "other",
      CUDA_VISIBLE_DEVICES: "0",
      CUDA_DEVICE_ORDER: "FASTEST_FIRST",
      API_TOKEN: "t0ken",
    },
    env_from: ["GIVEN", "LLEM_LLAMACPP_DIR"],
  };
  const outside = { PATH: "/usr/bin", GIVEN: "by name" };
  const launch = launched(folder, { command }, outside, ["1", "2"]);
  assert.ok("spec" in launch);
  const { LLEM_RUN_ID, CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER, API_TOKEN, GIVEN } = launch.spec.env;
  assert.deepEqual([LLEM_RUN_ID, CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER], ["0001_x", "1,2", "PCI_BUS_ID"]);
  assert.deepEqual([API_TOKEN, GIVEN], ["t0ken", "by name"]);
});

Deno.test("preflight() names every variable that is passed by name and is not there", async () => {
  using folder = new TempFolder();
  const configs = [["HERE", "API_TOKEN"], ["OTHER_KEY", "API_TOKEN"], []].map((env_from) =>
    configOf({ command: { argv: ["sh"], env_from } })
  );
  const signal = new AbortController().signal;
  const problems = await preflight(configs, { base_dir: folder.path, signal, env: { HERE: "" } });
  assert.deepEqual(
    problems.map((problem) =>
      /^The variable (\w+), named by command\.env_from, is not in/.exec(problem)?.[1]
    ),
    ["API_TOKEN", "OTHER_KEY"],
  );
});

Deno.test("makeLaunch() names the devices of a run, else those of the variable, by numbers of the driver", () => {
  using folder = new TempFolder();
  const devicesOf = (devices: readonly string[], env: Record<string, string>): unknown => {
    const launch = launched(folder, { command: { argv: ["/bin/sh"] } }, env, devices);
    const { CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER } = "spec" in launch ? launch.spec.env : {};
    return [CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER];
  };
  assert.deepEqual(devicesOf(["0", "GPU-a"], { CUDA_VISIBLE_DEVICES: "7" }), ["0,GPU-a", "PCI_BUS_ID"]);
  assert.deepEqual(devicesOf([], { CUDA_VISIBLE_DEVICES: "7" }), ["7", "PCI_BUS_ID"]);
  assert.deepEqual(devicesOf([], { CUDA_VISIBLE_DEVICES: "7", CUDA_DEVICE_ORDER: "FASTEST_FIRST" }), [
    "7",
    "FASTEST_FIRST",
  ]);
  assert.deepEqual(devicesOf([], {}), [undefined, undefined]);
});

Deno.test("where a run has devices of its own, no other variable takes its worker or server elsewhere", () => {
  using folder = new TempFolder();
  const shell = { HIP_VISIBLE_DEVICES: "2", ROCR_VISIBLE_DEVICES: "3", GPU_DEVICE_ORDINAL: "1" };
  const envOf = (devices: readonly string[], own: JsonObject): Readonly<Record<string, string>> => {
    const launch = launched(folder, { command: { argv: ["/bin/sh"], env: own } }, shell, devices);
    return "spec" in launch ? launch.spec.env : {};
  };
  const own = envOf(["GPU-a"], { CUDA_VISIBLE_DEVICES: "7" });
  assert.equal(own["CUDA_VISIBLE_DEVICES"], "GPU-a");
  for (const name of Object.keys(shell)) assert.equal(own[name], undefined, name);
  assert.equal(envOf([], {})["HIP_VISIBLE_DEVICES"], "2");
  // A plan of an earlier llem may have what its study would be refused for now.
  const server = { argv: ["serve", "{port}"], env: { CUDA_VISIBLE_DEVICES: "7", OTHER: "yes" } };
  const { runs: [run] } = planOf([configOf({ backend: "openai", model: "m", openai: { server } })]);
  assert.ok(run !== undefined);
  const request = {
    run,
    run_id: "0001_x",
    attempt: 1,
    limits: { total_s: 1, startup_s: null, silence_s: null, close_s: 1, grace_s: 1 },
    devices: ["GPU-a"],
    base_dir: folder.path,
    study_dir: folder.path,
    inputs: NO_INPUTS,
    folder: new RunFolder(realDisk, folder.path, "server"),
  };
  const context = { self: SELF, python_main: null, docker: null, study_dir: folder.path, env: shell };
  const { wish, env } = makeServerLaunch(context)(request) ?? {};
  assert.equal(wish?.env["CUDA_VISIBLE_DEVICES"], undefined);
  assert.equal(wish?.env["OTHER"], "yes");
  assert.deepEqual([env?.["CUDA_VISIBLE_DEVICES"], env?.["HIP_VISIBLE_DEVICES"]], ["GPU-a", undefined]);
});

Deno.test("makeLaunch() keeps from workers what an outer run left in the environment", () => {
  using folder = new TempFolder();
  const env = {
    LLEM_RUN_ID: "outer",
    LLEM_ATTEMPT: "9",
    LLEM_RUN_DIR: "/outer",
    LLEM_STUDY_DIR: "/outer",
    GGML_BACKEND_PATH: "/tmp/x.so",
    KEPT: "yes",
  };
  const launch = launched(folder, { command: { argv: ["/bin/sh"] } }, env);
  assert.ok("spec" in launch);
  assert.equal(launch.spec.env["LLEM_RUN_ID"], "0001_x");
  assert.equal(launch.spec.env["GGML_BACKEND_PATH"], undefined);
  assert.equal(launch.spec.env["KEPT"], "yes");
});

Deno.test("makeLaunch() looks for a command where its own environment says", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("bin"));
  folder.write("bin/tool", "#!/bin/sh\n");
  const argv = ["tool"];
  const missing = launched(folder, { command: { argv } }, { PATH: "/usr/bin" });
  assert.ok("failure" in missing);
  assert.equal(missing.failure.errno, "ENOENT");
  const found = launched(folder, { command: { argv, env: { PATH: folder.at("bin") } } }, {
    PATH: "/usr/bin",
  });
  assert.equal("spec" in found && found.spec.program, folder.at("bin", "tool"));
  // Without any PATH there is still a shell.
  const shell = launched(folder, { command: { argv: ["sh"] } }, {});
  assert.ok("spec" in shell);
});

Deno.test("makeLaunch() starts this program again for the embedded engine, in the run's folder", () => {
  using folder = new TempFolder();
  const launch = launched(folder, { backend: "llamacpp", model: "tiny-random" }, { HOME: "/" });
  assert.ok("spec" in launch);
  const { program, args, cwd, env } = launch.spec;
  assert.deepEqual([program, args, cwd], ["/opt/llem", ["--flag", "__worker"], folder.at("runs", "run-0")]);
  assert.equal(env["GGML_NO_BACKTRACE"], "1");
  assert.equal(env["LLEM_ATTEMPT"], "2");
});

Deno.test("makeLaunch() starts the worker's main module with the interpreter of the run, in the run's folder", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("bin"));
  const [named, usual] = [folder.write("python", "#!/bin/sh\n"), folder.write("bin/python3", "#!/bin/sh\n")];
  const env = { PATH: folder.at("bin"), PYTHONPATH: "/mine" };
  const draft = { backend: "pytorch", model: "gpt2" };
  const launch = launched(folder, { ...draft, pytorch: { python: "./python" } }, env);
  assert.ok("spec" in launch);
  const { program, args, cwd } = launch.spec;
  assert.deepEqual([program, args], [named, [folder.at(".llem-python", "main.py")]]);
  assert.equal(cwd, folder.at("runs", "run-0"));
  const { PYTHONPATH, PYTHONUNBUFFERED, LLEM_RUN_ID } = launch.spec.env;
  assert.deepEqual([PYTHONPATH, PYTHONUNBUFFERED, LLEM_RUN_ID], ["/mine", "1", "0001_x"]);
  const other = launched(folder, draft, { ...env, PYTHONUNBUFFERED: "" });
  assert.ok("spec" in other);
  assert.deepEqual([other.spec.program, other.spec.env["PYTHONUNBUFFERED"]], [usual, ""]);
  // Deleted since the study began.
  Deno.removeSync(usual);
  const gone = launched(folder, draft, env);
  assert.ok("failure" in gone);
  assert.equal(gone.failure.errno, "ENOENT");
  assert.match(gone.failure.message, /^python3: "python3" is not in PATH/);
});

Deno.test("preflight() names a study folder that is gone", async () => {
  using folder = new TempFolder();
  const place = { env: {}, base_dir: folder.path };
  const able = [configOf(), configOf({ backend: "llamacpp", model: "m.gguf" })];
  assert.deepEqual(await preflight(able, place), []);
  const problems = await preflight(able, { ...place, base_dir: folder.at("gone") });
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? "", /gone no longer exists/);
});

Deno.test("preflight() asks the interpreters of all engines in Python, and tells all problems at once", async () => {
  using folder = new TempFolder();
  const LLEM_PYTHON = fakePython(folder, "python", { packages: having("torch", "transformers") });
  const configs = ["tensorrt", "pytorch", "vllm"].map((backend) => configOf({ backend, model: "gpt2" }));
  const problems = await preflight(configs, {
    env: { PATH: "/usr/bin:/bin", LLEM_PYTHON },
    base_dir: folder.path,
  });
  assert.equal(problems.length, 3);
  assert.match(problems[0] ?? "", /python lacks tensorrt_llm\. .* -m pip install tensorrt_llm/);
  assert.match(problems[1] ?? "", /python lacks accelerate\. .* -m pip install accelerate$/);
  assert.match(problems[2] ?? "", /python lacks vllm\. .* -m pip install vllm/);
});

Deno.test("foreseenProblems() asks the interpreter of the environment for its packages, and none that a study names", async () => {
  using folder = new TempFolder();
  const bare = fakePython(folder, "python3");
  const own = fakePython(folder, "own");
  const question = { base_dir: folder.path, env: { PATH: `${folder.path}:/usr/bin:/bin` } };
  const pytorch = configOf({ backend: "pytorch" });
  const named = configOf({ backend: "pytorch", pytorch: { python: own } });
  assert.match(
    (await foreseenProblems([pytorch, named], question)).join("\n"),
    /python3 lacks torch, transformers/,
  );
  const asked = (path: string): boolean => folder.names().includes(`${path.split("/").at(-1)}.asked`);
  assert.deepEqual([asked(bare), asked(own)], [true, false]);
});
