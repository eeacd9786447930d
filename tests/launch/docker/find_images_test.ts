/** Images by name and by digest, with a docker that is a fake: see tests/support/fake_docker.ts. */
import assert from "node:assert/strict";
import type { Image } from "../../../lib/experiment/inputs.ts";
import { findImages, type FoundImages, type ImageSearch } from "../../../lib/launch/docker/find_images.ts";
import { digestFor, repositoryOf } from "../../../lib/launch/docker/image_name.ts";
import "../../support/libc.ts";
import { FakeDocker } from "../../support/fake_docker.ts";
import { TempFolder } from "../../support/temp_folder.ts";

/** What is found, and what was said meanwhile. */
async function find(
  docker: FakeDocker,
  wanted: Readonly<Record<string, string>>,
  more: Partial<ImageSearch> = {},
): Promise<FoundImages & { readonly said: readonly string[] }> {
  const said: string[] = [];
  const cli = { program: docker.program, env: { PATH: Deno.env.get("PATH") ?? "" } };
  const context = {
    signal: new AbortController().signal,
    say: (line: string) => void said.push(line),
    ...more,
  };
  return { ...await findImages(cli, new Map(Object.entries(wanted)), context), said };
}

function began(image: Image, key = "vllm"): Pick<ImageSearch, "images"> {
  return { images: new Map([[key, image]]) };
}

Deno.test("repositoryOf() and digestFor() tell names, tags, digests and ports apart", () => {
  assert.equal(repositoryOf("engine"), "engine");
  assert.equal(repositoryOf("host:5000/a/engine"), "host:5000/a/engine");
  assert.equal(repositoryOf("host:5000/a/engine:2.1"), "host:5000/a/engine");
  assert.equal(repositoryOf("a/engine:2.1@sha256:01"), "a/engine");
  const digests = ["other/x@sha256:1", "docker.io/a/engine@sha256:2"];
  assert.equal(digestFor("a/engine:2.1", digests), "docker.io/a/engine@sha256:2");
  assert.equal(digestFor("my-copy:1", digests), "other/x@sha256:1");
  assert.equal(digestFor("my-copy:1", []), null);
});

Deno.test("findImages() tells the digest of an image, pulled or here; one that was built here has none", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  docker.addImage("own:1", "sha256:01");
  docker.offer("a/engine:2", "sha256:02", ["a/engine@sha256:d2"]);
  const { found, problems, said } = await find(docker, { pytorch: "own:1", vllm: "a/engine:2" });
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.fromEntries(found), {
    pytorch: { name: "own:1", id: "sha256:01" },
    vllm: { name: "a/engine:2", id: "sha256:02", digest: "a/engine@sha256:d2" },
  });
  assert.match(said.join("\n"), /^docker pull a\/engine:2: a1: Pull complete \(1 of 1\)$/m);
  assert.doesNotMatch(said.join("\n"), /Waiting|own:1/);
});

Deno.test("findImages() pulls several images side by side, and one that two backends share once", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  docker.set("pull_s", "0.5");
  const { found } = await find(docker, { pytorch: "a:1", vllm: "a:1", tensorrt: "b:1", server: "c:1" });
  assert.deepEqual([...found.keys()], ["pytorch", "vllm", "tensorrt", "server"]);
  const pulls = docker.pulls();
  assert.deepEqual(pulls.slice(0, 3).map((line) => line.split(" ")[0]), ["begin", "begin", "begin"]);
  assert.equal(pulls.filter((line) => line === "begin a:1").length, 1);
});

Deno.test("findImages() says that a pull goes on of which docker says nothing", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  docker.set("pull_s", "0.8");
  const { said } = await find(docker, { vllm: "a:1" }, { silence_ms: 250 });
  const still = said.filter((line) => line.startsWith("still pulling a:1 after "));
  assert.ok(still.some((line) => line.endsWith(": 0 of 1 layers")), said.join("\n"));
});

Deno.test("findImages() tells at once of an image that cannot be had, while it gets the others", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  docker.set("pull_s", "1");
  docker.set("missing", "b:1\n");
  const { said, found, problems } = await find(docker, { vllm: "a:1", pytorch: "b:1" });
  assert.deepEqual([[...found.keys()], problems.length], [["vllm"], 1]);
  const told = said.findIndex((line) => /image b:1 .*cannot be pulled.*Other images are still/.test(line));
  assert.ok(
    told >= 0 && told < said.findIndex((line) => line.includes("a1: Pull complete")),
    said.join("\n"),
  );
});

Deno.test("findImages() says which image cannot be had and why, and gets the others", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  docker.addImage("here:1", "sha256:01");
  for (
    const [words, told] of [
      ["", /image a:1 is not on this machine and cannot be pulled: .*manifest unknown/],
      [
        "write /var/lib/docker/tmp/x: no space left on device",
        /image a:1 cannot be pulled, since docker's disk is full: .*docker system df/,
      ],
      [
        "pull access denied for a, repository does not exist or may require 'docker login': denied: x",
        /registry does not hand it out: .*docker login/,
      ],
      ["toomanyrequests: You have reached your unauthenticated pull rate limit", /docker login/],
    ] as const
  ) {
    docker.set("no_pull", words);
    const { found, problems } = await find(docker, { pytorch: "here:1", vllm: "a:1", tensorrt: "a:1" });
    assert.deepEqual([...found.keys()], ["pytorch"]);
    assert.equal(problems.length, 1, "one sentence for one image");
    assert.match(problems[0] ?? "", told);
  }
});

Deno.test("findImages() ends its pulls when it is stopped", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  docker.set("pull_s", "60");
  const stop = new AbortController();
  const { found, problems } = await find(docker, { pytorch: "a:1", vllm: "b:1" }, {
    signal: stop.signal,
    say: (line) => line.startsWith("docker pull b:1") && stop.abort(),
  });
  assert.equal(found.size, 0);
  assert.match(problems.join("\n"), /image b:1 is not on this machine and cannot be pulled: .*stopped/);
});

Deno.test("findImages() goes on with the image that a study began with, and tells that its name has moved", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  const image = { name: "a/engine:2", id: "sha256:01", digest: "a/engine@sha256:d1" };
  docker.addImage("sha256:01", "sha256:01", ["a/engine@sha256:d1"]);
  docker.addImage("a/engine:2", "sha256:01", ["a/engine@sha256:d1"]);
  const same = await find(docker, { vllm: "a/engine:2" }, began(image));
  assert.deepEqual([same.found.get("vllm"), same.said], [image, []]);
  docker.addImage("a/engine:2", "sha256:09", ["a/engine@sha256:d9"]);
  const moved = await find(docker, { vllm: "a/engine:2" }, began(image));
  assert.deepEqual([moved.found.get("vllm"), moved.problems], [image, []]);
  assert.match(moved.said.join(), /a\/engine:2 now means sha256:09; .* began with, a\/engine@sha256:d1/);
});

Deno.test("findImages() pulls the image that a study began with by its digest, whatever its name means by now", async () => {
  using folder = new TempFolder();
  const docker = new FakeDocker(folder.path);
  const image = { name: "a/engine:2", id: "sha256:01", digest: "a/engine@sha256:d1" };
  docker.addImage("a/engine:2", "sha256:09", ["a/engine@sha256:d9"]);
  docker.offer("a/engine@sha256:d1", "sha256:01", ["a/engine@sha256:d1"]);
  const { found, problems } = await find(docker, { vllm: "a/engine:2" }, began(image));
  assert.deepEqual([found.get("vllm"), problems], [image, []]);
  assert.deepEqual(docker.pulls(), ["begin a/engine@sha256:d1", "end a/engine@sha256:d1"]);
  // Without a digest there is no telling where it could come from.
  const lost = await find(docker, { vllm: "a/engine:2" }, began({ name: "a/engine:2", id: "sha256:07" }));
  assert.match(
    lost.problems.join(),
    /image a\/engine:2 \(sha256:07\) that the study began with is no longer/,
  );
});
