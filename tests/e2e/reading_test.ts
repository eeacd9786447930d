/** Studies that were made for real, read by the compiled program: by others than their owner, and while nobody may. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readStudy } from "../../lib/archive/read_study.ts";
import type { StudyHead } from "../../lib/archive/study_head.ts";
import { sha256Hex } from "../../lib/base/canonical_json.ts";
import { lookAtLock } from "../../lib/storage/lock.ts";
import { NO_CAPABILITIES, testWith } from "../support/needs.ts";
import { oldStudy } from "../support/old_studies.ts";
import { type Ended, LLEM, llem, Sandbox, WORKERS } from "./llem.ts";

// Loads libc before any test: a library that a test loads counts as a leak.
lookAtLock("/nowhere");

const READERS = ["status", "show", "compare"] as const;

/** As a user whom modes of files bind. */
async function asOther(args: readonly string[]): Promise<Ended> {
  const { code, signal, stdout, stderr } = await new Deno.Command("setpriv", {
    args: ["--bounding-set=-all", "--inh-caps=-all", LLEM, ...args],
    stdin: "null",
  }).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, signal, stdout: out, stderr: err };
}

Deno.test("llem list shows a study that was made, and the newest is read where none is named", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["quick", "exit_code"]));
  const out = join(box.dir, "out");
  const { code, stdout, stderr } = await llem(["list", out, "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const [head]: StudyHead[] = JSON.parse(stdout);
  assert.deepEqual(
    [head?.study_dir, head?.name, head?.status, head?.completed, head?.failed, head?.total, head?.configs],
    [dir, "test", "failed", 1, 1, 2, ["command / none / bf16"]],
  );
  const table = await llem(["list", out]);
  assert.match(
    table.stdout,
    /^ *started \(UTC\) .*\n20\d\d-\d\d-\d\d \d\d:\d\d +failed +1\/2 +2 +command \/ none/,
  );
  const listed = table.stdout.trim().split(/\s{2,}/).at(-1) ?? "";
  assert.match((await llem(["status", listed])).stdout, /^test: failed, 1 of 2 runs completed, 1 failed\n/);
});

Deno.test("a study that the first version of llem made goes on with what has lost its result", async () => {
  using box = new Sandbox();
  const dir = oldStudy(box.dir, "first");
  const plan = join(dir, "plan.json");
  const worker = join(WORKERS, "quick.sh");
  const text = Deno.readTextFileSync(plan).replaceAll("/srv/worker.sh", worker)
    .replace(/"study_sha256": "\w+"/, `"study_sha256": "${sha256Hex("")}"`);
  Deno.writeTextFileSync(plan, text);
  Deno.writeTextFileSync(join(dir, "study.yaml"), "");
  Deno.removeSync(join(dir, "runs", "0002_none_command_f5e97614_c2", "result.json"));
  assert.match(
    (await llem(["list", box.dir])).stdout,
    /1 completed run without a result in \S+; llem run --resume/,
  );
  const { code, stderr } = await llem(["run", "--resume", dir]);
  assert.equal(code, 0, stderr);
  const table = readStudy(dir);
  assert.deepEqual(
    [table.status, table.runs.map(({ standing, attempt }) => `${standing} ${attempt}`)],
    ["completed", ["completed 1", "completed 2"]],
  );
  assert.deepEqual(table.runs[1]?.attempts.map(({ outcome }) => outcome), ["lost", "completed"]);
});

testWith(
  [NO_CAPABILITIES],
  "a study that may be read and not written is read, and one that may not be read is told with its remedy",
  async () => {
    using box = new Sandbox();
    const { dir } = await box.run(box.study(["quick"]));
    const plan = join(dir, "plan.json");
    Deno.chmodSync(dir, 0o555);
    for (const command of ["status", "show"]) {
      const { code, stdout, stderr } = await asOther([command, dir]);
      assert.deepEqual([code, stdout === ""], [0, false], stderr);
    }
    Deno.chmodSync(plan, 0);
    for (const command of READERS) {
      const { code, stdout, stderr } = await asOther([command, dir]);
      assert.deepEqual([code, stdout], [2, ""], command);
      assert.match(
        stderr,
        /^llem: Cannot read \S+plan\.json: Permission denied .*\. Read it as its owner, or/,
      );
    }
    const listed = await asOther(["list", join(box.dir, "out")]);
    assert.equal(listed.code, 0);
    assert.match(listed.stdout, / damaged .*\n\nCannot read \S+plan\.json: Permission denied/);
    Deno.chmodSync(dir, 0);
    const { code, stderr } = await asOther(["show", dir]);
    assert.deepEqual([code, /Permission denied .*Read it as its owner, or/.test(stderr)], [2, true], stderr);
    Deno.chmodSync(dir, 0o755);
  },
);
