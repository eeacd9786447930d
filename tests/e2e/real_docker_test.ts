/** Runs in real containers, where a docker daemon is; the image is made from files of this machine. */
import assert from "node:assert/strict";
import { ENGINES } from "../../lib/engines/engines.ts";
import { taggedProcesses } from "../../lib/process/tagged.ts";
import { containersOf, DockerImage } from "../support/docker_image.ts";
import { imagePython } from "../support/fake_docker.ts";
import { DOCKER_DAEMON, NVIDIA_GPU, program, testWith } from "../support/needs.ts";
import { ContainerBox, studyDirectory, TOKEN } from "./_docker_box.ts";
import { ended, llem, pidsOf, ran, readResult, runFolder, start, until } from "./llem.ts";

/** It has many GB and is not pulled for a test. */
const USUAL = ENGINES.vllm.worker?.kind === "python" ? ENGINES.vllm.worker.image : "";
const VLLM_IMAGE = program(`the image ${USUAL} on this machine`, "docker", "image", "inspect", USUAL);

/** What is left of a study, by docker and by /proc. */
function leftOf(dir: string): unknown[] {
  const study = Deno.realPathSync(dir);
  return [...containersOf(`llem.study=${study}`), ...taggedProcesses({ LLEM_STUDY_DIR: study })];
}

function runner({ name }: DockerImage): { readonly runner: string } {
  return { runner: `docker:${name}` };
}

testWith([DOCKER_DAEMON], "a study runs in real containers, and nothing of them is left", async () => {
  using image = new DockerImage();
  using box = new ContainerBox();
  const study = box.dockerStudy(["one", "hang", "two"], {
    ...runner(image),
    execution: { experiment_timeout_seconds: 5 },
  });
  const end = await box.runStudy(study);
  assert.deepEqual(
    end.runs.map(({ outcome }) => outcome),
    ["completed", "timed_out", "completed"],
    end.stderr,
  );
  assert.deepEqual(end.runs.map(({ flags }) => flags), [[], [], []]);
  assert.deepEqual(leftOf(end.dir), []);
  const folder = runFolder(end.dir, 1);
  assert.deepEqual(readResult(folder).runner, { type: "docker", image: image.name, image_id: image.id });
  // Written inside, and the user's.
  assert.equal(Deno.statSync(`${folder}/environment`).uid, Deno.uid());
  const inside = Deno.readTextFileSync(`${folder}/environment`);
  assert.match(inside, new RegExp(`^HF_TOKEN=${TOKEN}$`, "m"));
  assert.match(inside, /^HOME=\/run\/llem$/m);
});

testWith([DOCKER_DAEMON], "a first SIGTERM reaches the worker in a real container", async () => {
  using image = new DockerImage();
  using box = new ContainerBox();
  const study = box.dockerStudy(["polite"], { ...runner(image), execution: { grace_seconds: 60 } });
  const { child, dir } = await started(box, study);
  Deno.kill(child.pid, "SIGTERM");
  const end = ran(await ended(child));
  assert.equal(end.runs[0]?.outcome, "interrupted", end.stderr);
  assert.deepEqual(leftOf(dir), []);
});

testWith(
  [DOCKER_DAEMON],
  "a real container goes with a runner that was killed, and a resume makes its run",
  async () => {
    using image = new DockerImage();
    using box = new ContainerBox();
    const study = box.dockerStudy(["hang"], {
      ...runner(image),
      execution: { experiment_timeout_seconds: 5 },
    });
    const { child, dir } = await started(box, study);
    const study_dir = Deno.realPathSync(dir);
    assert.equal(containersOf(`llem.study=${study_dir}`).length, 1);
    // By its environment a meter outside knows whose a process is. One is docker itself, one the container's
    // init.
    const inside = taggedProcesses({ LLEM_STUDY_DIR: study_dir });
    assert.ok(inside.length >= 3, inside.map(({ pid }) => pid).join());
    child.kill("SIGKILL");
    await ended(child);
    await until("nothing of it is left", () => leftOf(dir).length === 0);
    const resumed = ran(await llem(["run", "--resume", dir, "--json"], { env: box.env }));
    assert.deepEqual(resumed.runs.map(({ outcome }) => outcome), ["timed_out"], resumed.stderr);
    assert.deepEqual(leftOf(dir), []);
  },
);

testWith(
  [DOCKER_DAEMON],
  "an image without Python, or that nobody has, is told before the first run",
  async () => {
    using image = new DockerImage();
    using box = new ContainerBox();
    const missing = await box.runStudy(box.dockerStudy(["one"], { runner: "docker:llem-test:nowhere" }));
    assert.equal(missing.code, 3, missing.stderr);
    assert.match(missing.stderr, /the image llem-test:nowhere is not on this machine and cannot be pulled/);
    const study = box.dockerStudy(["one"], runner(image));
    const other = { pytorch: { python: "python9" }, ...JSON.parse(Deno.readTextFileSync(study)) };
    const lacking = await box.runStudy(box.write("other.yaml", JSON.stringify(other)));
    assert.equal(lacking.code, 3, lacking.stderr);
    assert.match(lacking.stderr, /python9 of the image llem-test:\w+ is not a usable Python interpreter/);
  },
);

/** Says how much shared memory it has, and then does as the other one. */
const SHARED_MEMORY = imagePython().replace("env >", 'cat /proc/mounts >"$run_dir/mounts"\nenv >');

testWith(
  [DOCKER_DAEMON],
  "vLLM's worker runs in a real container: its variables, its shared memory, its home, and no hub",
  async () => {
    using image = new DockerImage(SHARED_MEMORY);
    using box = new ContainerBox();
    const study = JSON.parse(Deno.readTextFileSync(box.dockerStudy(["one"])));
    const own = { backend: "vllm", runners: { vllm: `docker:${image.name}` } };
    const path = box.write("vllm.yaml", JSON.stringify({ ...study, ...own }));
    delete box.env["HF_HUB_OFFLINE"];
    Object.assign(box.env, { VLLM_LOGGING_LEVEL: "DEBUG", LLEM_DOCKER_SHM_SIZE: "96m" });
    const end = await box.runStudy(path);
    assert.equal(end.code, 0, end.stderr);
    const folder = runFolder(end.dir, 1);
    const { runner } = readResult(folder);
    assert.deepEqual(runner, { type: "docker", image: image.name, image_id: image.id }, "it has no digest");
    const inside = Deno.readTextFileSync(`${folder}/environment`);
    for (const line of ["VLLM_LOGGING_LEVEL=DEBUG", "HF_HUB_OFFLINE=1", "HOME=/run/llem"]) {
      assert.match(inside, new RegExp(`^${line}$`, "m"));
    }
    assert.match(Deno.readTextFileSync(`${folder}/mounts`), / \/dev\/shm tmpfs .*size=98304k/);
    assert.deepEqual(leftOf(end.dir), []);
  },
);

testWith([DOCKER_DAEMON, VLLM_IMAGE, NVIDIA_GPU], "the usual image of vLLM computes on a GPU", async () => {
  using box = new ContainerBox();
  const study = JSON.parse(Deno.readTextFileSync(box.dockerStudy(["one"])));
  const vllm = { engine: { enforce_eager: true, kv_cache_memory_bytes: 200_000_000 } };
  const own = { backend: "vllm", runners: { vllm: "docker" }, vllm };
  const end = await box.runStudy(box.write("vllm.yaml", JSON.stringify({ ...study, ...own })));
  assert.equal(end.code, 0, end.stderr);
  const { runner, worker, measurement } = readResult(runFolder(end.dir, 1));
  assert.match(runner.image_digest ?? "", /^vllm\/vllm-openai@sha256:/);
  assert.match(worker?.devices.join() ?? "", /cuda:0/);
  assert.equal(measurement?.output_tokens, 4);
  assert.deepEqual(leftOf(end.dir), []);
});

/** A study whose first run is at work. */
async function started(
  box: ContainerBox,
  study: string,
): Promise<{ readonly child: Deno.ChildProcess; readonly dir: string }> {
  const child = start(box.args(study), { env: box.env });
  const dir = await studyDirectory(box);
  await until("the worker is at work", () => pidsOf(runFolder(dir, 1)).length === 2);
  return { child, dir };
}
