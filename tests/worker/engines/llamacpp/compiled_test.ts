/** The worker inside the compiled program: what only an embedded copy can show. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { encodeAssignment } from "../../../../lib/protocol/assignment.ts";
import {
  type Changes,
  isAlive,
  makeAssignment,
  REPOSITORY,
  runOnce,
  type Said,
  waitUntil,
  WorkerProcess,
} from "../../worker_process.ts";

/** dist/llem, or another build of it. */
const PROGRAM = Deno.env.get("LLEM_TEST_PROGRAM") ?? join(REPOSITORY, "dist/llem");
const argv = [PROGRAM, "__worker"];
const isReady = isNewerThanSources();
if (!isReady) {
  console.error(`tests of the compiled worker are left out: ${PROGRAM} is missing or old (scripts/compile)`);
}
const options = { ignore: !isReady };

/** Runs in an empty folder, with no environment but what is given. */
async function runCompiled(root: string, env: Record<string, string>, changes: Changes = {}): Promise<Said> {
  const runDir = Deno.makeTempDirSync({ dir: root });
  const said = await runOnce({ ...changes, runDir }, { argv, env, clearEnv: true, cwd: runDir });
  assert.deepEqual([...Deno.readDirSync(runDir)], [], "something was left in the run's folder");
  return said;
}

async function withRoot(test: (root: string) => Promise<void>): Promise<void> {
  const root = Deno.makeTempDirSync();
  try {
    await test(root);
  } finally {
    await new Deno.Command("chmod", { args: ["-R", "u+w", root] }).output();
    Deno.removeSync(root, { recursive: true });
  }
}

Deno.test("compiled: the engine unpacks itself into the cache once", options, async () => {
  await withRoot(async (root) => {
    for (const _round of [1, 2]) {
      const said = await runCompiled(root, { XDG_CACHE_HOME: join(root, "cache") });
      assert.equal(said.status.code, 0, said.error?.message ?? said.stderr);
      assert.deepEqual([said.stray, said.stderr, said.notes], [[], "", []]);
      assert.ok(String(said.result?.model?.["file"]).startsWith(join(root, "cache", "llem", "llamacpp-")));
    }
    assert.equal([...Deno.readDirSync(join(root, "cache", "llem"))].length, 1);
  });
});

Deno.test("compiled: equal work as from source", options, async () => {
  await withRoot(async (root) => {
    const compiled = await runCompiled(root, { HOME: root });
    const source = await runOnce();
    assert.equal(compiled.result?.metrics?.["output_hash"], source.result?.metrics?.["output_hash"]);
  });
});

Deno.test(
  "compiled: without a safe cache the engine unpacks for the run only, and cleans up",
  options,
  async () => {
    await withRoot(async (root) => {
      const open = join(root, "open");
      Deno.mkdirSync(open);
      Deno.chmodSync(open, 0o777);
      Deno.writeTextFileSync(join(root, "file"), "");
      const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
        [{}, /neither XDG_CACHE_HOME nor HOME names a folder/],
        [{ HOME: open }, /open is writable for everyone/],
        [{ HOME: join(root, "file") }, /Not a directory/],
      ];
      for (const [env, excuse] of cases) {
        const said = await runCompiled(root, env);
        assert.equal(said.status.code, 0, said.error?.message ?? said.stderr);
        assert.deepEqual(said.notes.map(({ code }) => code), ["assets_not_cached"]);
        assert.match(said.notes[0]?.text ?? "", excuse);
        assert.match(String(said.result?.model?.["sha256"]), /^[0-9a-f]{64}$/);
      }
      const failed = await runCompiled(root, {}, { config: { model: "missing.gguf" } });
      assert.equal(failed.error?.error_type, "model_not_found");
    });
  },
);

Deno.test("compiled: nothing of a decoding worker is left when its stdin closes", options, async () => {
  await withRoot(async (root) => {
    const { promise: decoding, resolve } = Promise.withResolvers<void>();
    await using worker = new WorkerProcess({
      argv,
      env: { HOME: root },
      clearEnv: true,
      cwd: root,
      onFrame: (frame) => frame.type === "progress" && resolve(),
    });
    const dataset = { n: 40, input_len: 16, output_len: 1000, seed: 1 };
    await worker.write(encodeAssignment(makeAssignment({ config: { dataset }, runDir: root })));
    await decoding;
    await worker.closeStdin();
    assert.ok(await waitUntil(() => !isAlive(worker.pid), 2000), "the worker is still there after 2 s");
    assert.equal((await worker.ended()).status.signal, "SIGKILL");
  });
});

function isNewerThanSources(): boolean {
  try {
    const builtMs = Deno.statSync(PROGRAM).mtime?.getTime() ?? 0;
    return ["worker", "lib/protocol", "lib/base", "build/llamacpp"].every((folder) =>
      newestMs(join(REPOSITORY, folder)) <= builtMs
    );
  } catch {
    return false;
  }
}

function newestMs(folder: string): number {
  return [...Deno.readDirSync(folder)].reduce((newest, { name, isDirectory }) => {
    const path = join(folder, name);
    const ms = isDirectory ? newestMs(path) : Deno.statSync(path).mtime?.getTime() ?? 0;
    return name === "__pycache__" ? newest : Math.max(newest, ms);
  }, 0);
}
