/** What a machine may lack that every run needs: a shell that does as dash does, a shell at all, a place for programs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ended, ended, LLEM, ran, Sandbox } from "../e2e/llem.ts";
import { PID_NAMESPACE, ROOT_USER, testWith, TMPFS } from "../support/needs.ts";
import { SHELLS } from "../support/shells.ts";
import { restRuns } from "./_fault.ts";
import { studyDirs } from "./_running_study.ts";

const NEEDS = [ROOT_USER, TMPFS];

/** Runs a script of sh in a mount namespace of its own, in the box's folder; `$LLEM` is the program. */
async function onMounts(box: Sandbox, script: string, args: readonly string[] = []): Promise<Ended> {
  const child = new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", `mount --make-rprivate / && ${script}`, "script", ...args],
    cwd: box.dir,
    env: { LLEM, XDG_CACHE_HOME: join(box.dir, "cache") },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await ended(child);
}

/** A study of the embedded engine that takes a fraction of a second. */
function tinyStudy(box: Sandbox, cycles = 1): string {
  const study = {
    name: "tiny",
    backend: "llamacpp",
    model: "tiny-random",
    dataset: { n: 1, input_len: 4, output_len: 2 },
    llamacpp: { n_threads: 1 },
    warmup: { enabled: false },
    execution: { n_cycles: cycles, cycle_gap_seconds: 0, experiment_gap_seconds: 0 },
  };
  return box.write("tiny.yaml", JSON.stringify(study));
}

for (const { name, shell: [path], need } of SHELLS) {
  testWith(
    [...NEEDS, PID_NAMESPACE, need],
    `fault 56: orphans that end in a run's pid namespace do the run no harm, /bin/sh being ${name}`,
    async () => {
      using box = new Sandbox();
      const study = box.study(["leaves_orphans", "quick"], { containment: "pidns" });
      const script = `mount --bind "$1" "$(realpath /bin/sh)" && exec "$LLEM" run "$2" -o out --json`;
      const end = ran(await onMounts(box, script, [path, study]));
      const { row } = restRuns(end, 1, "completed");
      assert.deepEqual(row.flags, []);
    },
  );
}

/** Nothing of what usually lies beside the shell is there, either. */
const WITHOUT_SHELL = `mount -t tmpfs none "$(dirname "$(realpath /bin/sh)")"`;

testWith(
  NEEDS,
  "fault 57: without a /bin/sh a study is refused in one line before anything is made, and doctor says why",
  async () => {
    using box = new Sandbox();
    tinyStudy(box);
    const run = await onMounts(box, `${WITHOUT_SHELL} && exec "$LLEM" run tiny.yaml -o out`);
    assert.equal(run.code, 3, run.stderr);
    assert.match(run.stderr, /^llem: [^\n]*\/bin\/sh[^\n]*\n$/);
    assert.throws(() => Deno.statSync(join(box.dir, "out")), Deno.errors.NotFound);
    const doctor = await onMounts(box, `${WITHOUT_SHELL} && exec "$LLEM" doctor --json`);
    assert.equal(doctor.code, 3, doctor.stderr);
    const broken: { readonly name: string }[] = JSON.parse(doctor.stdout).checks.filter(
      ({ status }: { readonly status: string }) => status === "broken",
    );
    assert.deepEqual(broken.map((check) => check.name), ["shell"]);
  },
);

testWith(
  NEEDS,
  "fault 57: where the limit on open files is too low a study is refused before anything is made",
  async () => {
    using box = new Sandbox();
    const study = box.study(["quick"]);
    for (const limit of [18, 30]) {
      const end = await onMounts(box, `ulimit -n ${limit} && exec "$LLEM" run "$1" -o out`, [study]);
      assert.equal(end.code, 3, end.stderr);
      assert.match(end.stderr, /^llem: [^\n]*ulimit -n[^\n]*\n$/);
      assert.throws(() => Deno.statSync(join(box.dir, "out")), Deno.errors.NotFound);
    }
  },
);

const NOEXEC = "mkdir -p nx && mount -t tmpfs -o noexec none nx";

testWith(
  NEEDS,
  "fault 58: a study whose results lie on a noexec file system is made, and gone on with there",
  async () => {
    using box = new Sandbox();
    const study = tinyStudy(box, 3);
    const made = ran(await onMounts(box, `${NOEXEC} && exec "$LLEM" run "$1" -o nx/out --json`, [study]));
    assert.deepEqual([made.code, made.finish?.completed], [0, 3], made.stderr);
    assert.match(made.stderr, /noexec: workers are started from .*cache\/llem\/workers/);
    // Killed after its first run, and moved there.
    const begun = `${NOEXEC} || exit 98
      "$LLEM" run "$1" -o out --json >rows & runner=$!
      until grep -q run_finished rows; do sleep 0.02; done
      kill -KILL $runner
      wait $runner
      mv out/* nx/begun`;
    const resumed = ran(
      await onMounts(box, `${begun} && exec "$LLEM" run --resume nx/begun --json`, [study]),
    );
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal(resumed.finish?.completed, 3, resumed.stderr);
    assert.match(resumed.stderr, /workers are started from/);
    assert.deepEqual([...Deno.readDirSync(join(box.dir, "cache/llem/workers"))], []);
  },
);

testWith(
  NEEDS,
  "fault 58: where no programs may lie at all, a study that unpacks some is refused before anything is made",
  async () => {
    using box = new Sandbox();
    const study = tinyStudy(box);
    // Nor in the folders for temporary files; the checkout itself may lie there.
    const nowhere =
      `mount --bind /tmp /tmp && mount -o remount,bind,noexec /tmp && TMPDIR=/tmp && export TMPDIR &&
      own=$(dirname "$(dirname "$LLEM")") && mount --bind "$own" "$own" && mount -o remount,bind,exec "$own"`;
    const script = `${nowhere} && cd "$PWD" && ${NOEXEC} && XDG_CACHE_HOME=$PWD/nx/cache`;
    const run =
      `export XDG_CACHE_HOME; "$LLEM" run "$1" -o nx/out; code=$?; [ ! -e nx/out ] || exit 99; exit $code`;
    const refused = await onMounts(box, `${script}; ${run}`, [study]);
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, /^llem: [^\n]*noexec[^\n]*-o[^\n]*\n$/);
    // So is one whose library lies there.
    const named = `${script}; export LLEM_LLAMACPP_DIR=$PWD/nx; ${run.replace("-o nx/out", "-o out")}`;
    const library = await onMounts(box, named, [study]);
    assert.deepEqual([library.code, studyDirs(box)], [3, []], library.stderr);
    assert.match(library.stderr, /^llem: [^\n]*nx is on a file system mounted noexec[^\n]*\n$/);
    // A worker of the user's own starts from elsewhere.
    const own = box.study(["quick"], {}, "own");
    assert.equal(
      (await onMounts(box, `${script}; ${run.replace("[ ! -e nx/out ]", "[ -e nx/out ]")}`, [own]))
        .code,
      0,
    );
  },
);

testWith(
  NEEDS,
  "fault 81: where no temporary folder can be made at all, a run fails and says what to do",
  async () => {
    using box = new Sandbox();
    const readOnly =
      "mount -t tmpfs none /mnt && mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp && " +
      "mount -t tmpfs -o ro none /var/tmp && export XDG_CACHE_HOME=/mnt/cache && cd /mnt";
    const run = `"$LLEM" run "$1" -o /mnt/out --json`;
    const end = await onMounts(box, `${readOnly} && exec ${run}`, [box.study(["ok"])]);
    assert.equal(end.code, 1, end.stderr);
    const [row] = ran(end).runs;
    assert.deepEqual([row?.outcome, row?.error?.type], ["spawn_failed", "EROFS"]);
    assert.match(
      row?.error?.message ?? "",
      /cannot be made in \/tmp: Read-only file system .*set TMPDIR to a short path/,
    );
  },
);

/** A /dev with a board that no driver serves. */
const WITH_GPU = `mkdir -p dev && mount -t tmpfs none dev &&
  for node in null zero full urandom random; do touch dev/$node && mount --bind /dev/$node dev/$node || exit 98; done
  mkdir dev/shm && touch dev/nvidia0 && mount --move dev /dev`;

testWith(
  NEEDS,
  "a machine with a GPU is told that the embedded engine does not use it: by plan, once by run, in every record",
  async () => {
    using box = new Sandbox();
    const study = tinyStudy(box, 2);
    const script = `${WITH_GPU} && "$LLEM" plan "$1" >plan 2>&1 && exec "$LLEM" run "$1" -o out --json`;
    const end = ran(await onMounts(box, script, [study]));
    assert.deepEqual([end.code, end.finish?.completed], [0, 2], end.stderr);
    const told =
      /this machine has a GPU, but the embedded llama\.cpp runs on CPUs only\. For the GPU, name a folder/g;
    assert.equal(end.stderr.match(told)?.length, 1, end.stderr);
    assert.equal(Deno.readTextFileSync(join(box.dir, "plan")).match(told)?.length, 1);
    assert.deepEqual(end.runs.map(({ warnings }) => warnings.includes("cpu_only")), [true, true]);
    const cpu = JSON.parse(Deno.readTextFileSync(study));
    box.write("cpu.yaml", JSON.stringify({ ...cpu, llamacpp: { ...cpu.llamacpp, n_gpu_layers: 0 } }));
    const quiet = await onMounts(box, `${WITH_GPU} && exec "$LLEM" plan cpu.yaml`);
    assert.deepEqual([quiet.code, quiet.stderr], [0, ""]);
  },
);
