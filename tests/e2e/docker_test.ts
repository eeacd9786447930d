/**
 * Runs in containers, with a docker that is a fake: for machines without a daemon. real_docker_test.ts asks
 * the real one.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { imagePython } from "../support/fake_docker.ts";
import { testWith } from "../support/needs.ts";
import { ENGINE_PYTHON, REAL_PYTHON } from "../support/pythons.ts";
import { DockerBox, killedRunner, option, studyDirectory, TOKEN } from "./_docker_box.ts";
import {
  assertGone,
  type Ended,
  ended,
  LLEM,
  llem,
  pidsOf,
  ran,
  readResult,
  runFolder,
  start,
  until,
} from "./llem.ts";

Deno.test("a study runs in containers, and its records say of which image", async () => {
  using box = new DockerBox();
  box.docker.addImage("engine:1", "sha256:0123");
  const end = await box.runStudy(box.dockerStudy(["one", "two"]));
  assert.equal(end.code, 0, end.stderr);
  assert.equal(end.finish?.completed, 2);
  const { runner } = readResult(runFolder(end.dir, 1));
  assert.deepEqual(runner, { type: "docker", image: "engine:1", image_id: "sha256:0123" });
  const calls = box.runs();
  assert.equal(calls.length, 2);
  assert.equal(new Set(calls.map((call) => option(call, "--name"))).size, 2);
  for (const call of calls) {
    assert.ok(call.includes("sha256:0123"));
    assert.equal(call.at(-1), join(Deno.realPathSync(end.dir), ".llem-python", "main.py"));
  }
  assert.deepEqual(box.docker.containers(), []);
});

/** A study whose server is the mock in a container. */
function servedStudy(box: DockerBox, server: Readonly<Record<string, unknown>>): string {
  box.docker.setPython(`#!/bin/sh\nexec '${LLEM}' mock-server "$@"\n`);
  const study = {
    name: "served",
    backend: "openai",
    model: "mock",
    dataset: { n: 2, input_len: 4, output_len: 4 },
    energy: { backend: null },
    openai: { server: { lifetime: "group", ready_path: "/health", ...server }, prefix_cache: "allow" },
    sweep: { "openai.concurrency": [1, 2] },
    execution: { n_cycles: 1, experiment_gap_seconds: server["image"] === undefined ? 100 : 0 },
  };
  return box.write("served.yaml", JSON.stringify(study));
}

Deno.test("an image is a server: told in the records, given the study's variables by name, and gone at the end", async () => {
  using box = new DockerBox();
  box.docker.addImage("serve:1", "sha256:4567");
  const argv = ["--port", "{port}"];
  const end = await box.runStudy(
    servedStudy(box, { image: "serve:1", argv, env: { MY_TOKEN: "abc-secret" } }),
  );
  assert.equal(end.code, 0, end.stderr);
  const servers = [1, 2].map((index) => readResult(runFolder(end.dir, index)).server);
  assert.deepEqual(
    servers.map((server) => server?.image),
    Array(2).fill({ name: "serve:1", id: "sha256:4567" }),
  );
  assert.deepEqual(servers.map((server) => server?.position), [1, 2]);
  assert.deepEqual(servers[0]?.env, ["MY_TOKEN"]);
  const [run, ...others] = box.runs();
  assert.equal(others.length, 0);
  assert.ok(run?.includes("host") && run.includes("MY_TOKEN") && run.includes("sha256:4567"), String(run));
  assert.ok(!JSON.stringify(box.docker.calls()).includes("abc-secret"));
  assert.deepEqual(box.docker.containers(), []);
});

Deno.test("the guard removes the container that a server's own command line has made", async () => {
  using box = new DockerBox();
  const argv = [box.docker.program, "run", "--rm", "serve:1", "--port", "{port}"];
  const child = start(box.args(servedStudy(box, { argv })), { env: box.env });
  const dir = await studyDirectory(box);
  await until("the first load is over", () => readResult(runFolder(dir, 1)));
  assert.equal(box.docker.containers().length, 1);
  child.kill("SIGKILL");
  await ended(child);
  await until("the container is gone", () => box.docker.containers().length === 0);
});

Deno.test("a container gets the token and no argument has it", async () => {
  using box = new DockerBox();
  const end = await box.runStudy(box.dockerStudy(["one"]));
  assert.equal(end.code, 0, end.stderr);
  assert.match(end.stderr, /pulling engine:1/);
  assert.match(end.stderr, /docker pull: a1: Pull complete/);
  const inside = Deno.readTextFileSync(join(runFolder(end.dir, 1), "environment"));
  assert.match(inside, new RegExp(`^HF_TOKEN=${TOKEN}$`, "m"));
  assert.match(inside, /^LLEM_ATTEMPT_ID=/m);
  assert.match(inside, /^HOME=\/run\/llem$/m);
  assert.doesNotMatch(inside, /^LLEM_DOCKER=/m);
  assert.ok(box.runs().some((call) => call.includes("HF_TOKEN")));
  assert.ok(!JSON.stringify(box.docker.calls()).includes(TOKEN));
});

Deno.test("a run that takes too long leaves neither its container nor a process", async () => {
  using box = new DockerBox();
  box.docker.addImage("engine:1", "sha256:0123");
  const study = box.dockerStudy(["hang", "one"], { execution: { experiment_timeout_seconds: 2 } });
  const end = await box.runStudy(study);
  assert.deepEqual(end.runs.map(({ outcome }) => outcome), ["timed_out", "completed"], end.stderr);
  assert.deepEqual(end.runs[0]?.flags, []);
  assert.deepEqual(box.docker.containers(), []);
  await assertGone(pidsOf(runFolder(end.dir, 1)));
});

Deno.test("a first SIGTERM reaches the worker in its container", async () => {
  using box = new DockerBox();
  box.docker.addImage("engine:1", "sha256:0123");
  const study = box.dockerStudy(["polite"], { execution: { grace_seconds: 60 } });
  const child = start(box.args(study), { env: box.env });
  await until("the container is there", () => box.docker.containers().length > 0);
  const dir = await studyDirectory(box);
  await until("the worker is at work", () => pidsOf(runFolder(dir, 1)).length === 2);
  Deno.kill(child.pid, "SIGTERM");
  const end = ran(await ended(child));
  assert.equal(end.runs[0]?.outcome, "interrupted");
  assert.deepEqual(box.docker.containers(), []);
  await assertGone(pidsOf(runFolder(dir, 1)));
});

Deno.test("the guard removes the container of a runner that was killed", async () => {
  using box = new DockerBox();
  const { dir, end } = await killedRunner(box);
  assert.equal(end.signal, "SIGKILL");
  await until("the container is gone", () => box.docker.containers().length === 0);
  await assertGone(pidsOf(runFolder(dir, 1)));
});

Deno.test("--resume removes a container that outlived its runner, and makes the run again", async () => {
  using box = new DockerBox();
  // A daemon that does not answer keeps the guard from it.
  const { dir } = await killedRunner(box, () => box.docker.set("down"));
  const labels = ["1", `llem.study=${Deno.realPathSync(dir)}`, "llem.run=", "llem.attempt=1"];
  const { run_id }: { run_id: string } = JSON.parse(
    Deno.readTextFileSync(join(dir, "journal.jsonl")).split("\n").find((line) =>
      line.includes("run_started")
    ) ?? "",
  );
  box.docker.unset("down");
  // The guard kills processes by their tag, too; what is left of such a container the daemon knows alone.
  const sleeper = new Deno.Command("/bin/sh", {
    args: ["-c", "exec sleep 1000"],
    detached: true,
    stdin: "null",
  }).spawn();
  labels[0] = String(sleeper.pid);
  labels[2] = `llem.run=${run_id}`;
  box.docker.set("containers/left-behind", `${labels.join("\n")}\n`);
  box.docker.setPython(imagePython().replaceAll("*hang", "*nothing"));
  const end = ran(await llem(["run", "--resume", dir, "--json"], { env: box.env }));
  await sleeper.status;
  assert.equal(end.code, 0, end.stderr);
  assert.match(end.stderr, /containers .*left-behind.* outlived the last session and were removed/);
  assert.deepEqual(box.docker.containers(), []);
});

Deno.test("--resume takes the image that the study began with, or refuses", async () => {
  using box = new DockerBox();
  const { dir } = await killedRunner(box);
  await until("the container is gone", () => box.docker.containers().length === 0);
  // The name has moved on.
  box.docker.addImage("engine:1", "sha256:4567");
  const resume = ["run", "--resume", dir, "--json"];
  const refused = await llem(resume, { env: box.env });
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(
    refused.stderr,
    /image engine:1 \(sha256:0123\) that the study began with is no longer .* the name now means sha256:4567/,
  );
  box.docker.addImage("sha256:0123", "sha256:0123");
  box.docker.setPython(imagePython().replaceAll("*hang", "*nothing"));
  const end = ran(await llem(resume, { env: box.env }));
  assert.equal(end.code, 0, end.stderr);
  assert.ok(box.runs().every((call) => call.includes("sha256:0123")));
  // With nothing left to make nothing is asked for.
  box.docker.set("down");
  const over = await llem(["run", "--resume", dir], { env: box.env });
  assert.equal(over.code, 0, over.stderr);
});

Deno.test("a container that cannot be started is told in docker's words, and is no crash", async () => {
  for (
    const [code, type, message] of [
      [125, "docker_failed", /could not select device driver/],
      [126, "docker_not_executable", /cannot be executed/],
      [127, "docker_not_found", /does not contain this interpreter/],
    ] as const
  ) {
    using box = new DockerBox();
    box.docker.addImage("engine:1", "sha256:0123");
    box.docker.set("run_code", String(code));
    box.docker.set("only_runs");
    box.docker.set(
      "run_words",
      "docker: Error: could not select device driver \"\".\n\nRun 'docker run --help' for more",
    );
    const end = await box.runStudy(box.dockerStudy(["one"]), ["--retries", "2"]);
    const [run, ...more] = end.runs;
    assert.deepEqual(more, [], "it is not tried again");
    assert.equal(run?.outcome, "spawn_failed", end.stderr);
    assert.equal(run?.exit_code, code);
    assert.equal(run?.error?.type, type);
    assert.match(run?.error?.message ?? "", message);
    assert.match(run?.error?.message ?? "", /could not select device driver/);
    assert.doesNotMatch(run?.error?.message ?? "", /--help/);
  }
});

Deno.test("everything that keeps runs from their containers is told before the first run, all at once", async () => {
  using box = new DockerBox();
  const cases: readonly (readonly [name: string, prepare: () => void, told: readonly RegExp[]])[] = [
    ["no daemon", () => box.docker.set("down"), [
      /daemon cannot be reached: Cannot connect.*systemctl start docker/,
    ]],
    ["no image", () => (box.docker.unset("down"), box.docker.set("no_pull")), [
      /the image engine:1 is not on this machine and cannot be pulled: .*manifest unknown/,
    ]],
    [
      "no start",
      () => {
        box.docker.addImage("engine:1", "sha256:0123");
        box.docker.set("run_code", "125");
        box.docker.set("run_words", "docker: Error: no space left on device.");
      },
      [/cannot start a container of engine:1: docker: Error: no space left on device/],
    ],
    [
      "no engine",
      () => (box.docker.unset("run_code"), box.docker.setPython(imagePython({ transformers: null }))),
      [/python3 of the image engine:1 lacks transformers\. Name an image/],
    ],
    ["old engine", () => box.docker.setPython(imagePython({ transformers: "4.55.4" })), [
      /python3 of the image engine:1 has transformers 4\.55\.4, older than 4\.56\. Name an image/,
    ]],
    ["no Python", () => (box.docker.setPython("#!/bin/sh\nexit 127\n")), [
      /is not a usable Python interpreter/,
    ]],
    ["no docker", () => (box.env["LLEM_DOCKER"] = "/nowhere/docker"), [
      /LLEM_DOCKER: \/nowhere\/docker does not exist.*Install Docker/,
    ]],
  ];
  for (const [name, prepare, told] of cases) {
    prepare();
    const end = await refused(box, box.dockerStudy(["one"]), name);
    for (const pattern of told) assert.match(end.stderr, pattern, name);
  }
  const both = box.write(
    "both.yaml",
    JSON.stringify({
      model: "./one",
      dataset: { n: 1, input_len: 4, output_len: 4 },
      runners: { pytorch: "docker", llamacpp: "docker" },
      backend: ["pytorch", "llamacpp"],
    }),
  );
  const end = await refused(box, both, "two problems");
  assert.match(end.stderr, /Install Docker/);
  assert.match(end.stderr, /docker is not supported for llamacpp \(only for pytorch, vllm, tensorrt\)/);
});

async function refused(box: DockerBox, study: string, name: string): Promise<Ended> {
  const end = await llem(box.args(study), { env: box.env });
  assert.equal(end.code, 3, `${name}: ${end.stderr}`);
  assert.equal(end.stdout, "", name);
  return end;
}

testWith([ENGINE_PYTHON], "the PyTorch engine answers through docker as it does without", async () => {
  using box = new DockerBox();
  box.docker.addImage("engine:1", "sha256:0123");
  box.docker.setPython(`#!/bin/sh\nexec '${REAL_PYTHON}' "$@"\n`);
  const study = box.dockerStudy(["tiny"]);
  const end = await box.runStudy(study);
  assert.equal(end.code, 0, end.stderr);
  const { worker, runner, measurement } = readResult(runFolder(end.dir, 1));
  assert.deepEqual([worker?.backend, runner.type], ["pytorch", "docker"]);
  assert.deepEqual([measurement?.input_tokens, measurement?.output_tokens], [4, 4]);
});
