/** A study on a machine with GPUs that its runs do not use: no pause to let them cool. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { meterEnv } from "../support/meters.ts";
import { sized } from "../support/sampled.ts";
import { C_COMPILER, ROOT_USER, testWith, TMPFS } from "../support/needs.ts";
import { buildNvmlStub } from "../support/nvml_stub.ts";
import {
  type Ended,
  ended,
  LLEM,
  type Ran,
  ran,
  readManifest,
  readResult,
  ROOT,
  runFolder,
  Sandbox,
} from "./llem.ts";

/** Puts a /dev with a GPU's node in place of the machine's, for this program alone; the rest is the command. */
const WITH_GPU_NODE = `mount --make-rprivate / && mkdir dev && mount -t tmpfs none dev || exit 99
for name in null zero full random urandom tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
ln -s /proc/self/fd dev/fd && mkdir dev/shm && touch dev/nvidia0 && mount --move dev /dev && exec "$@"`;

/** llem beside two boards that nobody uses. */
async function withBoards(
  box: Sandbox,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const boards = buildNvmlStub().env({ boards: [{ uuid: "GPU-a" }, { uuid: "GPU-b" }] });
  const cache = { XDG_CACHE_HOME: join(box.dir, "cache") };
  const child = new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", WITH_GPU_NODE, "sh", LLEM, ...args],
    cwd: box.dir,
    clearEnv: true,
    env: { ...meterEnv(), ...cache, ...boards, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const end = await ended(child);
  Deno.removeSync(join(box.dir, "dev"));
  return end;
}

const QUICKSTART = join(ROOT, "examples/quickstart.yaml");
/** The first study of a stranger's GPU server takes less, without a wait. */
const MOST_S = 60;

testWith(
  [ROOT_USER, TMPFS, C_COMPILER],
  "runs on the CPU wait for no GPU to cool and are given no joule of one, by the engine's table or by what their workers say",
  async () => {
    using box = new Sandbox();
    const cycles = sized(5, 2);
    // As it is with --slow.
    const brief = ["--cycles", String(cycles), "--set", `measure.min_seconds=${sized(1, 0.05)}`];
    const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> => {
      const end = ran(await withBoards(box, ["run", QUICKSTART, "-o", "out", "--json", ...args], env));
      assert.deepEqual([end.code, end.finish?.pending], [0, 0], end.stderr);
      assert.doesNotMatch(end.stderr, /^waiting/m);
      return end;
    };
    const gapsOf = ({ dir }: Ran): unknown => readManifest(dir).gaps;
    const first = await run(brief);
    assert.equal(first.finish?.completed, 2 * cycles);
    assert.ok((first.finish?.duration_s ?? NaN) < MOST_S, `${first.finish?.duration_s}`);
    for (const { index } of first.runs) {
      const { energy } = readResult(runFolder(first.dir, index));
      assert.equal(energy?.headline_j ?? null, null, JSON.stringify(energy));
    }
    assert.deepEqual(gapsOf(first), { experiment_s: 0, cycle_s: 0 });
    const plan = await withBoards(box, ["run", "--dry-run", QUICKSTART, "-o", "out", ...brief]);
    assert.match(plan.stdout, /^time: about \d+s \(from an earlier study\), .*; no gaps$/m);
    // Another build of the library may know a GPU: its worker tells that this one does not.
    const other = { LLEM_LLAMACPP_DIR: join(ROOT, "build/llamacpp") };
    const short = ["--cycles", "1", "--set", "measure.min_seconds=0.05", "--set", "baseline.enabled=false"];
    assert.deepEqual(gapsOf(await run(short, other)), { experiment_s: 60, cycle_s: 300 });
  },
);
