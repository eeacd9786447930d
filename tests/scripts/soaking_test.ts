/** The soak's own judgement: what it would find wrong with a study directory. */
import assert from "node:assert/strict";
import { encodeLine } from "../../lib/journal/journal_line.ts";
import { findStudy, readEvents, settledEnds } from "../../scripts/soaking/study_files.ts";
import { type SeenProcess, stillAlive, studyProcesses } from "../../scripts/soaking/study_processes.ts";
import { judge, newVerdict, takeSnapshot, type Verdict } from "../../scripts/soaking/verdict.ts";
import { readManifest, runFolder, Sandbox, until } from "../e2e/llem.ts";

/** What the soak says of a finished study in which something was changed after the snapshot. */
async function verdictOn(change: (dir: string) => void): Promise<Verdict> {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["ok", "exit_code"]));
  const verdict = newVerdict();
  const snapshot = takeSnapshot(dir, verdict);
  assert.equal(snapshot.size, 2);
  change(dir);
  judge(dir, snapshot, verdict);
  return verdict;
}

/** Writes the journal anew from some of its lines. */
function editJournal(dir: string, edit: (lines: string[]) => string[]): void {
  const path = `${dir}/journal.jsonl`;
  const lines = Deno.readTextFileSync(path).trimEnd().split("\n");
  Deno.writeTextFileSync(path, edit(lines).map((line) => `${line}\n`).join(""));
}

const isEnd = (line: string): boolean => line.includes('"type":"run_finished"');

Deno.test("judge() finds nothing wrong with a study that nobody touched", async () => {
  assert.deepEqual(await verdictOn(() => {}), newVerdict());
});

Deno.test("judge() finds a result that is gone, torn or changed, and a run that never ended", async () => {
  const changes: readonly (readonly [change: (dir: string) => void, complaints: readonly RegExp[]])[] = [
    [
      (dir) => Deno.removeSync(`${runFolder(dir, 1)}/result.json`),
      [/^the result of 0001_.* was changed$/, /0001_.*result\.json is not a whole result$/],
    ],
    [
      (dir) => Deno.truncateSync(`${runFolder(dir, 2)}/result.json`, 100),
      [/^the result of 0002_.* was changed$/, /0002_.*result\.json is not a whole result$/],
    ],
    [
      (dir) => Deno.writeTextFileSync(`${runFolder(dir, 1)}/result.json`, " ", { append: true }),
      [/^the result of 0001_.* was changed$/],
    ],
    [
      (dir) => editJournal(dir, (lines) => lines.filter((line) => !isEnd(line) || line.includes("0001_"))),
      [/^run 2 never ended$/, /^0002_.* is not in the journal any more$/],
    ],
  ];
  for (const [change, complaints] of changes) {
    const { lost, doubled } = await verdictOn(change);
    assert.equal(lost.length, complaints.length, lost.join("; "));
    for (const [at, complaint] of complaints.entries()) assert.match(lost[at] ?? "", complaint);
    assert.deepEqual(doubled, []);
  }
});

Deno.test("judge() finds a run that counts twice", async () => {
  const { doubled } = await verdictOn((dir) => {
    const [end] = settledEnds(readEvents(dir));
    if (end === undefined) throw new Error("No run has ended");
    const { at, ...event } = end;
    Deno.writeTextFileSync(`${dir}/journal.jsonl`, encodeLine({ ...event, attempt: 2 }, at), {
      append: true,
    });
  });
  assert.deepEqual(doubled, ["run 1 ended 2 times"]);
});

Deno.test("judge() finds totals that do not add up", async () => {
  const { other } = await verdictOn((dir) => {
    const manifest = { ...readManifest(dir), completed: 2 };
    Deno.writeTextFileSync(`${dir}/manifest.json`, JSON.stringify(manifest));
  });
  assert.deepEqual(other, ["the manifest counts 2,2,1,0,0,2, not 2,1,1,0,0,2"]);
});

Deno.test("studyProcesses() finds the processes of a study by their environment, and no others", async () => {
  const marked = (dir: string): Deno.ChildProcess =>
    new Deno.Command("sh", {
      args: ["-c", "sleep 1000 & wait"],
      env: { LLEM_STUDY_DIR: dir },
      stdin: "null",
      stdout: "null",
    }).spawn();
  using box = new Sandbox();
  const [own, other] = [marked(box.dir), marked(`${box.dir}/other`)];
  const both = (dir: string): Promise<SeenProcess[]> =>
    until(`both processes of ${dir}`, () => {
      const found = studyProcesses(dir);
      return found.length >= 2 && found;
    });
  const found = await both(box.dir);
  const others = await both(`${box.dir}/other`);
  assert.ok(found.some(({ pid }) => pid === own.pid));
  assert.ok(!found.some(({ pid }) => pid === other.pid));
  for (const { pid } of [...found, ...others]) Deno.kill(pid, "SIGKILL");
  await Promise.all([own.status, other.status]);
  await until("all to be gone", () => stillAlive(found).length === 0);
  assert.deepEqual(studyProcesses(box.dir), []);
  assert.equal(findStudy(`${box.dir}/nothing`), null);
});
