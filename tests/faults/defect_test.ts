/** Defects of llem itself: nobody's run failed, so their exit code is their own, and what was measured is kept. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { resumeAfterSaveError } from "../../lib/cli/messages.ts";
import { encodeLine } from "../../lib/journal/journal_line.ts";
import type { JournalEvent } from "../../lib/journal/event.ts";
import { assertGone, ended, llem, ran, ROOT, Sandbox } from "../e2e/llem.ts";
import { studyDirs } from "./_running_study.ts";
import { readJournal } from "./_saved_study.ts";

function starting(box: Sandbox, where: string, args: readonly string[]): Deno.ChildProcess {
  const program = join(ROOT, "tests", "faults", "_defective_llem.ts");
  const config = join(ROOT, "deno.json");
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", "--no-check", "--cached-only", "--config", config, program, where, ...args],
    env: { TMPDIR: box.dir },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

for (const where of ["in the flow", "in a timer", "in a promise"]) {
  Deno.test(`fault 50: a defect of llem ${where} while a worker runs ends with 70, and costs that run alone`, async () => {
    using box = new Sandbox();
    const study = box.study(["quick", "hang"], { experiment_timeout_seconds: 1 });
    const child = starting(box, where, ["run", study, "-o", join(box.dir, "out"), "--json"]);
    const { code, stderr } = await ended(child);
    const [dir = ""] = studyDirs(box);
    assert.equal(code, 70, stderr);
    const lines = stderr.trimEnd().split("\n").slice(-2);
    assert.match(
      lines[0] ?? "",
      /^llem: TypeError: the second run is odd\. This is a defect of llem itself; please report it/,
    );
    assert.equal(lines[1], `llem: ${resumeAfterSaveError(dir)}`);
    assert.doesNotMatch(stderr, /^\s+at /m);
    const [, path = ""] = / with (\/\S+\/defect-\S+\.txt)\.$/.exec(lines[0] ?? "") ?? [];
    assert.ok(path.startsWith(`${dir}/`), stderr);
    assert.match(Deno.readTextFileSync(path), /^llem \d.*\n.*\n\nTypeError: the second run is odd\n +at /);
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    const workers = readJournal(dir).events.flatMap((event) =>
      event.type === "run_started" && event.worker !== null ? [event.worker.pid] : []
    );
    assert.equal(workers.length, 2);
    await assertGone(workers);
    const next = ran(await llem(["run", "--resume", dir, "--json"]));
    assert.deepEqual(next.runs.map(({ index, attempt }) => [index, attempt]), [[2, 2]], next.stderr);
  });
}

Deno.test("fault 50: a command that only looks ends with 70 as well; -v and LLEM_DEBUG print the details", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["quick"]));
  // An event as no llem writes one, its check value right.
  const odd = { type: "runs_added", experiments: null, runs: [{}] } as unknown as JournalEvent;
  Deno.writeTextFileSync(join(dir, "journal.jsonl"), encodeLine(odd, new Date().toISOString()), {
    append: true,
  });
  const env = { TMPDIR: box.dir };
  const end = await llem(["status", dir], { env });
  assert.equal(end.code, 70);
  assert.equal(end.stdout, "");
  assert.match(
    end.stderr,
    /^llem: TypeError: .*defect of llem itself; please report it .* with \/\S+\/llem-defect-\S+\.txt\.\n$/,
  );
  const debugged = await llem(["status", dir], { env: { ...env, LLEM_DEBUG: "1" } });
  assert.equal(debugged.code, 70);
  assert.match(debugged.stderr, /\n +at runsOf /);
  const nowhere = await llem(["status", dir], { env: { TMPDIR: join(box.dir, "missing") } });
  assert.match(nowhere.stderr, /with the details that LLEM_DEBUG=1 prints\.\n$/);
});
