/** `llem stop` for a study that one llem runs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ended, llem, readManifest, runFolder, Sandbox, start, until } from "./llem.ts";

/** A study at work on its first run, of a second each. */
async function atWork(box: Sandbox): Promise<{ readonly dir: string; readonly child: Deno.ChildProcess }> {
  const study = box.study(["sleeper_once", "sleeper_once", "sleeper_once", "sleeper_once"]);
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"]);
  const dir = await until("the study directory", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return entry === undefined ? null : join(box.dir, "out", entry.name);
  });
  await until("the first run", () => Deno.statSync(join(runFolder(dir, 1), "pids")).size > 0);
  return { dir, child };
}

Deno.test("llem stop ends the process that runs a study, and says so; where nothing runs it says that", async () => {
  using box = new Sandbox();
  const { dir, child } = await atWork(box);
  const stopped = await llem(["stop", dir]);
  assert.equal(stopped.code, 0, stopped.stderr);
  assert.equal(
    stopped.stdout,
    `stopped: process ${child.pid} has ended\nresume with: llem run --resume ${dir}\n`,
  );
  assert.equal((await ended(child)).signal, "SIGTERM");
  assert.equal(readManifest(dir).status, "interrupted");
  const again = await llem(["stop", dir]);
  assert.deepEqual([again.code, again.stdout], [0, `nothing runs in ${dir}\n`]);
  assert.equal((await llem(["stop", box.dir])).code, 2);
});

Deno.test("llem stop --drain lets the run at hand end; asking again changes nothing, and the study goes on after it", async () => {
  using box = new Sandbox();
  const { dir, child } = await atWork(box);
  const drained = await llem(["stop", "--drain", dir]);
  assert.match(drained.stdout, new RegExp(`^process ${child.pid} ends after its current runs\n`));
  const again = await llem(["stop", "--drain", dir]);
  assert.match(again.stdout, /has been told to stop before, after its current runs|nothing runs/);
  assert.equal((await ended(child)).code, 140);
  const { completed, interrupted } = readManifest(dir);
  assert.deepEqual([completed, interrupted], [1, 0]);
  assert.equal((await llem(["run", "--resume", dir])).code, 0);
  assert.equal(readManifest(dir).status, "completed");
  assert.throws(() => Deno.statSync(join(dir, "stop.json")), Deno.errors.NotFound);
});
