/** vLLM, and several engines at a time, in containers of a docker that is a fake: see tests/support/fake_docker.ts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readGpus } from "../../lib/host/gpus.ts";
import { hasNvidiaGpu } from "../../lib/launch/docker/gpus.ts";
import { imagePython } from "../support/fake_docker.ts";
import { testWith } from "../support/needs.ts";
import { SLOW } from "../support/sampled.ts";
import { writeTinyLlama } from "../support/tiny_llama.ts";
import { testVllmPython, VLLM_PYTHON } from "../support/vllm_worker.ts";
import { DockerBox, option } from "./_docker_box.ts";
import { assertGone, ended, llem, pidsOf, ran, readResult, runFolder, start, until } from "./llem.ts";

/** A study of the tiny model. `runners` are images by backend, which are also the backends. */
function studyOf(
  box: DockerBox,
  runners: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, unknown>> = {},
): string {
  writeTinyLlama(join(box.dir, "one"), { headWidth: 32 });
  const study = {
    name: "engines",
    model: "./one",
    backend: Object.keys(runners),
    runners,
    dataset: { n: 1, input_len: 4, output_len: 4 },
    execution: { n_cycles: 1, experiment_gap_seconds: 0, containment: "group" },
    energy: { backend: null },
    ...fields,
  };
  return box.write("engines.yaml", JSON.stringify(study));
}

Deno.test("vLLM and PyTorch run in the images that the study pulled side by side, told by their digests", async () => {
  using box = new DockerBox();
  box.docker.set("pull_s", "1");
  box.docker.offer("vllm/vllm-openai:v0.32.0", "sha256:7654", ["vllm/vllm-openai@sha256:d7"]);
  Object.assign(box.env, {
    VLLM_LOGGING_LEVEL: "DEBUG",
    VLLM_API_KEY: "abc-secret",
    VLLM_TUNED_CONFIG_FOLDER: "/x",
  });
  const end = await box.runStudy(studyOf(box, { vllm: "docker", pytorch: "docker:own/engine:1" }));
  assert.equal(end.code, 0, end.stderr);
  assert.deepEqual(box.docker.pulls().slice(0, 2).map((line) => line.split(" ")[0]), ["begin", "begin"]);
  assert.match(end.stderr, /image vllm\/vllm-openai:v0\.32\.0 has Python 3\.12\.1, vllm 0\.32\.0, torch /);
  assert.match(end.stderr, /docker pull vllm\/vllm-openai:v0\.32\.0: a1: Pull complete \(1 of 1\)/);
  const runners = [1, 2].map((index) => readResult(runFolder(end.dir, index)).runner);
  assert.deepEqual(runners.find(({ image }) => image?.startsWith("vllm")), {
    type: "docker",
    image: "vllm/vllm-openai:v0.32.0",
    image_id: "sha256:7654",
    image_digest: "vllm/vllm-openai@sha256:d7",
  });
  assert.deepEqual(runners.find(({ image }) => image?.startsWith("own")), {
    type: "docker",
    image: "own/engine:1",
    image_id: "sha256:pulled",
  });
  const left = [...Deno.readDirSync(end.dir)].map(({ name }) => name).filter((name) => name.startsWith("."));
  assert.deepEqual(left, [], "neither the worker's files nor caches");
  const call = box.runs().find((args) => args.includes("sha256:7654"));
  assert.ok(call !== undefined);
  assert.equal(option(call, "--entrypoint"), "python3", "not the server that the image would start");
  assert.equal(option(call, "--shm-size"), "8g");
  assert.equal(option(call, "--pull"), "never");
  for (const name of ["VLLM_LOGGING_LEVEL", "VLLM_API_KEY"]) assert.ok(call.includes(name), name);
  assert.ok(!call.includes("VLLM_TUNED_CONFIG_FOLDER"), "a folder that is not there inside");
  assert.ok(!JSON.stringify(box.docker.calls()).includes("abc-secret"));
});

Deno.test("what is wrong with an image for vLLM is told before the first run", async () => {
  using box = new DockerBox();
  box.docker.addImage("engine:1", "sha256:0123");
  const study = studyOf(box, { vllm: "docker:engine:1" });
  const refused = async (pattern: RegExp): Promise<void> => {
    const end = await llem(box.args(study), { env: box.env });
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stderr, pattern);
  };
  box.docker.setPython(imagePython({ vllm: null }));
  await refused(/python3 of the image engine:1 lacks vllm\. Name an image/);
  box.docker.setPython(imagePython({ vllm: "0.11.0" }));
  await refused(/python3 of the image engine:1 has vllm 0\.11\.0, older than 0\.11\.2\. Name an image/);
  if (!hasNvidiaGpu(readGpus())) {
    box.docker.setPython(imagePython({}, "13.0"));
    await refused(/engine in the image engine:1 was built for NVIDIA GPUs, and this machine has none/);
  }
  box.docker.setPython(imagePython());
  box.docker.set("run_code", "125");
  box.docker.set(
    "run_words",
    "docker: Error response from daemon: nvidia-container-cli: requirement error: unsatisfied condition: cuda>=13.0, " +
      "please update your driver to a newer version",
  );
  await refused(/image engine:1 needs an NVIDIA driver for CUDA 13\.0.*Update the driver, or name an image/);
  box.env["LLEM_DOCKER_SHM_SIZE"] = "plenty";
  await refused(/LLEM_DOCKER_SHM_SIZE must be a size such as 16g/);
});

Deno.test("an image whose worker is another llem's is named, and its run is not made again", async () => {
  using box = new DockerBox();
  box.docker.addImage("engine:1", "sha256:0123");
  box.docker.setPython(
    imagePython().replace('echo "$$" >', 'hello() { frame "$OTHER"; }\necho "$$" >').replace(
      "env >",
      `OTHER='"type":"hello","backend":"vllm","versions":{"llem":"0.0.9"},"pid":1,"devices":["cpu"]'\nenv >`,
    ),
  );
  const end = await box.runStudy(studyOf(box, { vllm: "docker:engine:1" }), ["--retries", "2"]);
  assert.equal(end.runs.length, 1, end.stderr);
  assert.deepEqual([end.runs[0]?.outcome, end.runs[0]?.error?.type], ["failed", "other_worker"]);
  assert.match(end.runs[0]?.error?.message ?? "", /The image engine:1 brings an llem_worker of its own/);
  assert.deepEqual(box.docker.containers(), []);
});

Deno.test("Ctrl-C ends pulls before a study, and leaves nothing", async () => {
  using box = new DockerBox();
  box.docker.set("pull_s", "1000");
  const study = studyOf(box, { vllm: "docker:a:1", pytorch: "docker:b:1" });
  const child = start(box.args(study), { env: box.env });
  await until("both pulls are under way", () => box.docker.pulls().length === 2);
  child.kill("SIGINT");
  const end = await ended(child);
  assert.equal(end.code, 130, end.stderr);
  assert.match(end.stderr, /stopped .*before the first run/i);
  assert.deepEqual(box.docker.pulls().sort(), ["begin a:1", "begin b:1"], "neither has ended");
  assert.throws(() => Deno.readDirSync(join(box.dir, "out")).next(), Deno.errors.NotFound);
});

Deno.test("--resume pulls the image that a study began with by its digest, and says that its name has moved", async () => {
  using box = new DockerBox();
  box.docker.addImage("a/engine:1", "sha256:0123", ["a/engine@sha256:d1"]);
  box.docker.addImage("sha256:0123", "sha256:0123", ["a/engine@sha256:d1"]);
  writeTinyLlama(join(box.dir, "hang"));
  const study = studyOf(box, { vllm: "docker:a/engine:1" }, { model: "./hang" });
  const child = start(box.args(study), { env: box.env });
  const out = join(box.dir, "out");
  const dir = join(out, await until("there is a directory", () => [...Deno.readDirSync(out)][0]?.name));
  await until("the worker is at work", () => pidsOf(runFolder(dir, 1)).length === 2);
  child.kill("SIGKILL");
  await ended(child);
  await until("the container is gone", () => box.docker.containers().length === 0);
  await assertGone(pidsOf(runFolder(dir, 1)));
  const stored = JSON.parse(Deno.readTextFileSync(join(dir, "inputs.json")));
  assert.equal(stored.images.vllm.digest, "a/engine@sha256:d1");
  // The name means another image by now, and the first one was removed.
  box.docker.addImage("a/engine:1", "sha256:4567", ["a/engine@sha256:d4"]);
  box.docker.unset("images/sha256_0123");
  box.docker.offer("a/engine@sha256:d1", "sha256:0123", ["a/engine@sha256:d1"]);
  box.docker.setPython(imagePython({ vllm: "0.33.0" }).replaceAll("*hang", "*nothing"));
  const end = ran(await llem(["run", "--resume", dir, "--json"], { env: box.env }));
  assert.equal(end.code, 0, end.stderr);
  assert.deepEqual(box.docker.pulls(), ["begin a/engine@sha256:d1", "end a/engine@sha256:d1"]);
  assert.ok(box.runs().every((call) => call.includes("sha256:0123")));
});

testWith(
  [SLOW, VLLM_PYTHON],
  "a real vLLM answers through docker, with what a container has of the environment",
  async () => {
    using box = new DockerBox();
    box.docker.addImage("engine:1", "sha256:0123");
    // The fake mounts nothing: this stands for the home of a container.
    const home = join(box.dir, "home");
    Deno.mkdirSync(home);
    box.docker.setPython(
      `#!/bin/sh\nexport HOME='${home}' TMPDIR='${home}'\nexec '${testVllmPython()}' "$@"\n`,
    );
    Object.assign(box.env, { OMP_NUM_THREADS: "1", VLLM_CPU_OMP_THREADS_BIND: "nobind" });
    const engine = { enforce_eager: true, kv_cache_memory_bytes: 100_000_000, max_model_len: 256 };
    const fields = { precision: "fp32", vllm: { engine } };
    const end = await box.runStudy(studyOf(box, { vllm: "docker:engine:1" }, fields));
    assert.equal(end.code, 0, end.stderr);
    const { worker, runner, measurement } = readResult(runFolder(end.dir, 1));
    assert.deepEqual([worker?.backend, runner.type], ["vllm", "docker"]);
    assert.deepEqual([measurement?.input_tokens, measurement?.output_tokens], [4, 4]);
  },
);
