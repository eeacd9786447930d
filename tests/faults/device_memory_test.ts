/** Memory that a worker's daemon holds on a GPU. The GPU is not there: a stub of nvidia-smi tells what a file says. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { assertGone, ended, pidsOf, ran, runFolder, Sandbox, start, until } from "../e2e/llem.ts";

const GPU = "GPU-00000000-1111-2222-3333-444444444444";

/** A stub of nvidia-smi, first in PATH, whose one GPU has as many MiB in use as the file `used` says. */
function stubGpu(box: Sandbox): { readonly env: Record<string, string>; use(mib: number): void } {
  const used = join(box.dir, "used");
  const use = (mib: number): void => Deno.writeTextFileSync(used, String(mib));
  use(3);
  Deno.mkdirSync(join(box.dir, "bin"));
  box.write("bin/nvidia-smi", `#!/bin/sh\necho "${GPU}, $(cat '${used}')"\n`);
  Deno.chmodSync(join(box.dir, "bin", "nvidia-smi"), 0o755);
  const path = `${join(box.dir, "bin")}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`;
  return { env: { PATH: path, LLEM_LOCK_DIR: box.dir }, use };
}

Deno.test("fault 6: the next run waits until the memory that an escaped daemon held is free again", async () => {
  using box = new Sandbox();
  const gpu = stubGpu(box);
  const study = box.study(["leaves_daemon", "ok"], { devices: [GPU] });
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"], { env: gpu.env });
  const dir = await until("the study", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return entry === undefined ? null : join(box.dir, "out", entry.name);
  });
  await until("the daemon", () => pidsOf(runFolder(dir, 1)).length === 1);
  // The driver gives it back some time after the daemon is dead.
  gpu.use(40_000);
  await until("the second run to be prepared", () => runFolder(dir, 2));
  await assertGone(pidsOf(runFolder(dir, 1)));
  const journal = (): string => Deno.readTextFileSync(join(dir, "journal.jsonl"));
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.equal(journal().match(/run_started/g)?.length, 1, "it did not wait");
  gpu.use(7);
  const end = ran(await ended(child));
  assert.deepEqual(end.runs.map((run) => [run.outcome, run.flags.join()]), [["completed", "leaked"], [
    "completed",
    "",
  ]]);
  assert.equal(end.code, 0, end.stderr);
  assert.match(
    end.stderr,
    /waiting until the memory of the previous run is free on GPU-\S+: 40000 MiB in use/,
  );
});

Deno.test("fault 6: a stop ends the wait for a device", async () => {
  using box = new Sandbox();
  const gpu = stubGpu(box);
  const study = box.study(["sleeper_once", "ok"], { devices: [GPU] });
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"], { env: gpu.env });
  await until("the first run", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return runFolder(join(box.dir, "out", entry?.name ?? ""), 1);
  });
  gpu.use(40_000);
  await until("the wait", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return runFolder(join(box.dir, "out", entry?.name ?? ""), 2);
  });
  child.kill("SIGTERM");
  const end = ran(await ended(child));
  assert.equal(end.code, 143, end.stderr);
  assert.deepEqual(end.runs.map((run) => run.outcome), ["completed", "interrupted"]);
});
