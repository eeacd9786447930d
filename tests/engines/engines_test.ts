import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import type { GpuHost, WorkerRequest } from "../../lib/engines/engine.ts";
import { scriptOf } from "../../lib/engines/command/script_of.ts";
import { ENGINES } from "../../lib/engines/engines.ts";
import {
  enginesForContainers,
  enginesWithModels,
  interpreterFields,
  LISTED_BACKENDS,
  optionsFor,
} from "../../lib/engines/listed.ts";
import { experimentSchema } from "../../lib/experiment/config.ts";
import { type Backend, BACKENDS } from "../../lib/experiment/engines.ts";
import { mapShapeOf, type Shape } from "../../lib/experiment/shape.ts";
import { pipUpgrade } from "../../lib/python/pip.ts";
import { remember } from "../../lib/python/known_facts.ts";
import { configOf } from "../support/plans.ts";
import { BARE } from "../support/pythons.ts";
import { TempFolder } from "../support/temp_folder.ts";

const HOST: GpuHost = { env: {}, base_dir: "/", has_gpu: true };

/** True for the dotted path of a field that a study file may have. */
function isField(path: string): boolean {
  let shape: Shape | undefined = mapShapeOf(experimentSchema);
  for (const key of path.split(".")) {
    shape = shape?.kind === "map" ? shape.keys.get(key)?.shape : undefined;
  }
  return shape !== undefined;
}

Deno.test("every backend has an engine, and messages list each once", () => {
  deepStrictEqual([...LISTED_BACKENDS].sort(), [...BACKENDS].sort());
});

Deno.test("sentences list engines by what their workers are", () => {
  strictEqual(enginesWithModels(), "llamacpp, pytorch, vllm and tensorrt");
  deepStrictEqual(enginesForContainers(), ["pytorch", "vllm", "tensorrt"]);
  strictEqual(interpreterFields(), "pytorch.python or vllm.python or tensorrt.python");
  strictEqual(
    optionsFor("remote_code"),
    "pytorch.trust_remote_code or vllm.engine.trust_remote_code or tensorrt.trust_remote_code",
  );
});

for (const backend of BACKENDS) {
  const { worker, failures } = ENGINES[backend];

  Deno.test(`engine ${backend} says what to try where a run of it needs too much memory`, () => {
    match(failures.less_memory, /^(lower|use) .*[^.]$/);
    const named = failures.less_memory.match(new RegExp(`\\b${backend}(\\.\\w+)+`, "g")) ?? [];
    deepStrictEqual(named.filter((path) => !isField(path)), []);
    for (const path of Object.values(failures.options)) ok(isField(path), path);
    ok(!failures.explainsItself({ type: "no_such_type", message: "" }));
  });

  if (worker.kind !== "python") continue;
  const { python, image } = worker;

  Deno.test(`engine ${backend} names its interpreter in a field of its own, and an image that is pinned`, () => {
    deepStrictEqual([python.backend, python.field.split(".")[0]], [backend, backend]);
    ok(isField(python.field));
    match(image, /^[\w./-]+:v?\d[\w.-]*$/);
    const config = configOf({ backend, model: "m" });
    deepStrictEqual(python.modulesOf(config).slice(0, python.modules.length), python.modules);
    for (const [module, oldest] of Object.entries(python.oldest)) {
      ok(python.modules.includes(module));
      match(pipUpgrade(module, oldest), /^'[\w-]+>=\d+\.\d+(\.\d+)?'$/);
    }
  });
}

Deno.test("engines tell how many GPUs a run holds, of those that it can see", () => {
  const library = { LLEM_LLAMACPP_DIR: "/opt/llama" };
  const all = { kind: "some", count: null };
  const of = (count: number): unknown => ({ kind: "some", count });
  const none = { kind: "none" };
  const cases: readonly (readonly [Backend, JsonObject, GpuHost["env"], unknown])[] = [
    ["pytorch", {}, {}, all],
    ["pytorch", { pytorch: { device_map: "balanced" } }, {}, all],
    ["pytorch", { pytorch: { device_map: "cuda:1" } }, {}, of(1)],
    ["pytorch", { pytorch: { device_map: "cuda" } }, {}, of(1)],
    ["pytorch", { pytorch: { device_map: "0" } }, {}, of(1)],
    ["pytorch", { pytorch: { device_map: "cpu" } }, {}, none],
    ["llamacpp", {}, {}, none],
    ["llamacpp", {}, library, all],
    ["llamacpp", { llamacpp: { split_mode: "none" } }, library, of(1)],
    ["llamacpp", { llamacpp: { n_gpu_layers: 0 } }, library, none],
    ["vllm", {}, {}, of(1)],
    ["vllm", { vllm: { engine: { tensor_parallel_size: 2, pipeline_parallel_size: 3 } } }, {}, of(6)],
    ["tensorrt", {}, {}, of(1)],
    ["tensorrt", { tensorrt: { tp_size: 4 } }, {}, of(4)],
    ["command", {}, {}, { kind: "unknown" }],
    ["openai", { openai: { base_url: "x" } }, {}, { kind: "unknown" }],
  ];
  for (const [backend, draft, env, use] of cases) {
    const model = backend === "llamacpp" ? "m.gguf" : "m";
    const config = configOf({ backend, model, ...draft });
    deepStrictEqual(ENGINES[backend].gpus(config, { ...HOST, env }), use, JSON.stringify([backend, draft]));
  }
  const config = configOf({ backend: "pytorch", model: "m" });
  deepStrictEqual(ENGINES.pytorch.gpus(config, { ...HOST, has_gpu: false }), none);
});

Deno.test("a run whose interpreter is known to have a torch for CPUs alone holds no GPU", () => {
  using folder = new TempFolder();
  const python = folder.write("python", "#!/bin/sh\n");
  const config = configOf({ backend: "pytorch", model: "m", pytorch: { python } });
  deepStrictEqual(ENGINES.pytorch.gpus(config, HOST), { kind: "some", count: null });
  remember(python, { facts: { ...BARE, torch_build: { cuda: null, hip: null } } });
  deepStrictEqual(ENGINES.pytorch.gpus(config, HOST), { kind: "none" });
});

Deno.test("a worker is launched as a process, or not with the reason", () => {
  using folder = new TempFolder();
  const request = (config: WorkerRequest["config"]): WorkerRequest => ({
    config,
    run_dir: folder.at("run"),
    base_dir: folder.path,
    env: { PATH: "/usr/bin:/bin" },
    cwd: folder.path,
    self: { program: "/opt/llem", args: [] },
    python_main: folder.at("main.py"),
  });
  const gone = configOf({ command: { argv: ["./gone"] } });
  const launch = ENGINES.command.worker.launch(request(gone));
  ok(launch?.kind === "failed" && launch.failure.errno === "ENOENT");
  const shell = ENGINES.command.worker.launch(
    request(configOf({ command: { argv: ["sh", "-c", "true"] } })),
  );
  ok(shell?.kind === "process");
  deepStrictEqual(shell.spec.args, ["-c", "true"]);
  const pytorch = configOf({ backend: "pytorch", model: "m", pytorch: { python: "./gone" } });
  const python = ENGINES.pytorch.worker.launch(request(pytorch));
  ok(python?.kind === "failed" && python.failure.message.startsWith("pytorch.python: "));
});

Deno.test("scriptOf() finds the script that an interpreter is given, and is silent where that is not sure", () => {
  const cases: readonly (readonly [line: string, script: string | null])[] = [
    ["python3 w.py --fast", "w.py"],
    ["/opt/venv/bin/python3.12 -u -X dev -W ignore ./w.py", "./w.py"],
    ["env A=1 B=2 python3 -uB w.py", "w.py"],
    ["sh -e -o pipefail w.sh", "w.sh"],
    ["bash -- -w.sh", "-w.sh"],
    ["node --max-old-space-size=8 -r ts w.js", "w.js"],
    ["perl -w -Ilib w.pl", "w.pl"],
    ["python3 -m vllm.worker", null],
    ["python3 -c pass w.py", null],
    ["python3 --unknown w.py", null],
    ["bash -c exit", null],
    ["sh -", null],
    ["python3", null],
    ["env -i python3 w.py", null],
    ["docker run python w.py", null],
    ["./w.py x.py", null],
  ];
  for (const [line, script] of cases) strictEqual(scriptOf(line.split(" ")), script, line);
});
