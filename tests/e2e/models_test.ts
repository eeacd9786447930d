/** Models before the first run: found, downloaded from a hub on this machine, or told to be missing. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { allProcesses } from "../../lib/process/proc_stat.ts";
import { MODEL_FILES } from "../support/hub_models.ts";
import { HubServer } from "../support/hub_server.ts";
import { REAL_PYTHON, testWithPython } from "../support/pythons.ts";
import { ended, llem, readJson, readResult, runFolder, Sandbox, start, until } from "./llem.ts";

/** A study of one model, whose Python tells what it has, but runs nothing: that takes seconds. */
function pytorchStudy(box: Sandbox): string {
  box.write("python", `#!/bin/sh\ncase "$*" in -c*) exec '${REAL_PYTHON}' "$@" ;; esac\nexit 9\n`);
  Deno.chmodSync(join(box.dir, "python"), 0o755);
  return box.write(
    "study.yaml",
    `backend: pytorch
model: own/m
pytorch: { python: ./python }
dataset: { n: 1, input_len: 4, output_len: 4 }
execution: { n_cycles: 1, cycle_order: sequential }
`,
  );
}

function hubOf(box: Sandbox, endpoint: string): Record<string, string> {
  Deno.mkdirSync(join(box.dir, "tmp"), { recursive: true });
  return { HF_ENDPOINT: endpoint, HF_HUB_CACHE: join(box.dir, "cache"), TMPDIR: join(box.dir, "tmp") };
}

function entries(box: Sandbox, name: string): string[] {
  return [...Deno.readDirSync(join(box.dir, name))].map((entry) => entry.name);
}

testWithPython("a study with missing models ends with 3, names each, and leaves nothing behind", async () => {
  using box = new Sandbox();
  const study = box.write(
    "study.yaml",
    `dataset: { n: 1, input_len: 4, output_len: 4 }
experiments:
  - { backend: llamacpp, model: tiny-random }
  - { backend: llamacpp, model: models/none.gguf }
  - { backend: pytorch, model: own/m }
  - { backend: pytorch, model: ./folder }
energy: { backend: null }
execution: { n_cycles: 1, cycle_order: sequential }
`,
  );
  const before = entries(box, ".").toSorted();
  const end = await llem(["run", study, "-o", join(box.dir, "out"), "--json"], {
    env: {
      HF_ENDPOINT: "http://127.0.0.1:1",
      HF_HUB_CACHE: join(box.dir, "cache"),
      LLEM_PYTHON: REAL_PYTHON,
    },
  });
  assert.equal(end.code, 3, end.stderr);
  assert.equal(end.stdout, "");
  const lines = end.stderr.trim().split("\n");
  assert.equal(lines.length, 3, end.stderr);
  assert.ok(
    lines[0]?.startsWith(
      `llem: backend llamacpp: model models/none.gguf: ${box.dir}/models/none.gguf does not exist. This engine loads GGUF files`,
    ),
    end.stderr,
  );
  assert.match(
    lines[1] ?? "",
    /^llem: backend pytorch: model own\/m: .* run `hf download own\/m` on a machine/,
  );
  assert.match(
    lines[2] ?? "",
    /^llem: backend pytorch: model \.\/folder: .* does not exist\. Name a model folder/,
  );
  assert.deepEqual(entries(box, ".").toSorted(), before);
});

testWithPython(
  "a model of the hub is downloaded before the first run and pinned for all of them",
  async () => {
    using box = new Sandbox();
    await using hub = new HubServer();
    const commit = hub.add("model", "own/m", MODEL_FILES);
    const study = pytorchStudy(box);
    const env = hubOf(box, hub.endpoint);
    const end = await llem(["run", study, "-o", join(box.dir, "out")], { env });
    assert.equal(end.code, 1, end.stderr);
    assert.ok(end.stderr.includes(`model own/m@${commit.slice(0, 8)}: downloaded to `), end.stderr);
    const [name = ""] = entries(box, "out");
    const dir = join(box.dir, "out", name);
    const path = join(box.dir, "cache", "models--own--m", "snapshots", commit);
    const model = { kind: "hub", path, hub_id: "own/m", revision: commit };
    assert.deepEqual(Object.values(readJson<{ models: object }>(join(dir, "inputs.json")).models), [model]);
    assert.deepEqual(readResult(runFolder(dir, 1)).inputs.model, model);
    assert.deepEqual(entries(box, "tmp"), []);
  },
);

testWithPython("a stop while a model is downloaded ends all of it and leaves no study", async () => {
  using box = new Sandbox();
  await using hub = new HubServer();
  hub.add("model", "own/m", MODEL_FILES);
  hub.faults.stall = true;
  const study = pytorchStudy(box);
  const env = hubOf(box, hub.endpoint);
  const child = start(["run", study, "-o", join(box.dir, "out")], { env });
  await until("the download", () => hub.requests.some(({ path }) => path.startsWith("/stored/")));
  // Nothing but llem downloads.
  assert.deepEqual([...allProcesses()].filter(({ ppid }) => ppid === child.pid), []);
  child.kill("SIGINT");
  const end = await ended(child);
  assert.deepEqual([end.signal, end.stdout], ["SIGINT", ""], end.stderr);
  assert.match(end.stderr, /^llem: stopped by SIGINT before the first run\.$/m);
  assert.deepEqual(entries(box, "tmp"), []);
  assert.ok(!entries(box, ".").includes("out"));
});
