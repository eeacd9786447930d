import assert from "node:assert/strict";
import { containerFailure, removeContainers } from "../../lib/process/container.ts";
import { callDocker, type DockerCli, failureWords } from "../../lib/process/docker.ts";
import { Guard } from "../../lib/process/guard.ts";
import { FakeDocker } from "../support/fake_docker.ts";
import { NO_SUCH_PID } from "../support/libc.ts";
import { lives, until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

const LABELS = { "llem.study": "/s, with = and :", "llem.run": "1" };
const PATIENCE_MS = 20_000;

/** A container of the fake docker that holds a process. */
function addContainer(
  docker: FakeDocker,
  name: string,
  labels: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  const child = new Deno.Command("/bin/sleep", { args: ["1000"], detached: true, stdin: "null" }).spawn();
  const lines = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  docker.set(`containers/${name}`, `${[child.pid, ...lines].join("\n")}\n`);
  return child;
}

function cliOf({ program }: FakeDocker): DockerCli {
  return { program, env: { PATH: "/usr/bin:/bin" } };
}

Deno.test("removeContainers() removes those with all of the labels, and no other", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  const [one, other] = [
    addContainer(docker, "one", { ...LABELS, "llem.attempt": "1" }),
    addContainer(docker, "other", { ...LABELS, "llem.run": "2" }),
  ];
  assert.deepEqual(await removeContainers(cliOf(docker), LABELS, PATIENCE_MS), {
    found: ["one"],
    trouble: null,
  });
  await one.status;
  assert.deepEqual(docker.containers(), ["other"]);
  assert.equal(lives(other.pid), true);
  other.kill("SIGKILL");
  await other.status;
  assert.deepEqual(await removeContainers(cliOf(docker), LABELS, PATIENCE_MS), { found: [], trouble: null });
});

Deno.test("removeContainers() says in docker's words what it could not do in time", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  const child = addContainer(docker, "one", LABELS);
  docker.set("no_rm");
  const stuck = await removeContainers(cliOf(docker), LABELS, 500);
  assert.deepEqual(stuck.found, ["one"]);
  assert.match(stuck.trouble ?? "", /docker rm: .*did not receive an exit event/);
  docker.set("down");
  assert.match(
    (await removeContainers(cliOf(docker), LABELS, 500)).trouble ?? "",
    /docker ps: Cannot connect/,
  );
  child.kill("SIGKILL");
  await child.status;
});

Deno.test("callDocker() tells lines as they come, and why it was cut off", async () => {
  using folder = new TempFolder();
  const cli = {
    program: folder.write("docker", '#!/bin/sh\nprintf "a\\nb\\nc"; exec sleep "$1"\n'),
    env: {},
  };
  const lines: string[] = [];
  const onLine = (line: string): void => void lines.push(line);
  assert.deepEqual(await callDocker(cli, ["0"], { onLine }), { code: 0, stdout: "a\nb\nc", words: "" });
  assert.deepEqual(lines, ["a", "b"]);
  const late = await callDocker(cli, ["1000"], { limit_ms: 200 });
  assert.deepEqual([late.code, late.words], [null, "it did not answer within 0.2 s"]);
  const stopped = await callDocker(cli, ["1000"], { signal: AbortSignal.abort() });
  assert.deepEqual([stopped.code, stopped.words], [null, "it was stopped"]);
  const none = await callDocker({ program: "/nowhere/docker", env: {} }, []);
  assert.equal(none.code, null);
  assert.match(none.words, /Cannot start \/nowhere\/docker/);
});

Deno.test("failureWords() and containerFailure() keep docker's reason, and only for codes of its own", () => {
  const said = [
    "docker: Error response from daemon: no.",
    "",
    "Run 'docker run --help' for more information",
  ];
  assert.deepEqual(failureWords(said), ["docker: Error response from daemon: no."]);
  assert.deepEqual(containerFailure(125, () => said), {
    errno: "docker_failed",
    message: "Docker could not start the container (exit code 125): docker: Error response from daemon: no.",
  });
  for (const code of [null, 0, 1, 124, 128, 137]) assert.equal(containerFailure(code, () => said), null);
});

Deno.test("Guard removes the container of what is registered, and only that", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  const [held, released] = [addContainer(docker, "held", LABELS), addContainer(docker, "released", LABELS)];
  const of = (container: string): Parameters<Guard["add"]>[0] => ({
    pgid: NO_SUCH_PID,
    tag: `tag-of-${container}`,
    cgroup: null,
    container,
  });
  const guard = new Guard(() => {}, cliOf(docker));
  for (const name of ["held", "released"]) await guard.add(of(name));
  await guard.remove(of("released"));
  await guard.close();
  await held.status;
  assert.deepEqual(docker.containers(), ["released"]);
  released.kill("SIGKILL");
  await released.status;
  await until("the guard has ended", () => !lives(guard.pid));
});

Deno.test("Guard takes no container where it has no docker", async () => {
  const guard = new Guard();
  const guarded = { pgid: NO_SUCH_PID, tag: "tag", cgroup: null, container: "c" };
  await assert.rejects(guard.add(guarded), /no docker/);
  await guard.close();
});
