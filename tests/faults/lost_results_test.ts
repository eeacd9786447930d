/** Results that go after their runs have completed. "Complete" means that there is a result. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../lib/journal/manifest.ts";
import type { SummaryRow } from "../../lib/results/summary.ts";
import { llem, ran, runFolder, Sandbox } from "../e2e/llem.ts";

/** What can become of a result file, and what it is then called; null where nothing is wrong with it. */
const DAMAGES:
  readonly (readonly [name: string, damage: (folder: string) => void, trouble: string | null])[] = [
    ["untouched", () => {}, null],
    ["deleted", (folder) => Deno.removeSync(join(folder, "result.json")), "result_missing"],
    ["of 0 bytes", (folder) => change(folder, () => ""), "result_damaged"],
    ["half there", (folder) => change(folder, (text) => text.slice(0, text.length / 2)), "result_damaged"],
    ["zeros", (folder) => change(folder, (text) => "\0".repeat(text.length)), "result_damaged"],
    [
      "of another run",
      (folder) => change(folder, (text) => text.replaceAll("0006_", "0066_x")),
      "result_damaged",
    ],
    ["gone with its folder", (folder) => Deno.removeSync(folder, { recursive: true }), "result_missing"],
    [
      "with energy of another shape",
      (folder) => change(folder, (text) => text.replace(/"energy": null/, '"energy": {}')),
      "result_damaged",
    ],
    [
      "of another outcome",
      (folder) => change(folder, (text) => text.replace('"kind": "completed"', '"kind": "crashed"')),
      "result_damaged",
    ],
    ["a pipe", (folder) => pipe(join(folder, "result.json")), "result_damaged"],
    ["written anew by hand", (folder) => change(folder, (text) => JSON.stringify(JSON.parse(text))), null],
  ];
const LOST = DAMAGES.filter(([, , trouble]) => trouble !== null);
const WHOLE = DAMAGES.length - LOST.length;

function change(folder: string, edit: (text: string) => string): void {
  const path = join(folder, "result.json");
  Deno.writeTextFileSync(path, edit(Deno.readTextFileSync(path)));
}

function pipe(path: string): void {
  Deno.removeSync(path);
  assert.ok(new Deno.Command("mkfifo", { args: [path] }).outputSync().success);
}

/** What `status` and `show` say of a study: how many runs are complete, and how many have numbers. */
async function counts(
  dir: string,
): Promise<{ status: number; shown: number; measured: number; stderr: string }> {
  const status: Manifest = JSON.parse((await llem(["status", dir, "--json"])).stdout);
  const show = await llem(["show", dir, "--json"]);
  const rows: SummaryRow[] = JSON.parse(show.stdout);
  const sum = (of: (row: SummaryRow) => number): number => rows.reduce((all, row) => all + of(row), 0);
  return {
    status: status.completed,
    shown: sum((row) => row.completed),
    measured: sum((row) => row.metrics["output_tokens_per_s"]?.n ?? 0),
    stderr: show.stderr,
  };
}

Deno.test("fault 64: a result that is deleted or damaged does not count for status, show and resume, and is made again", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(DAMAGES.map(() => "ok")));
  for (const [index, [, damage]] of DAMAGES.entries()) damage(runFolder(dir, index + 1));
  const after = await counts(dir);
  assert.deepEqual(
    { ...after, stderr: after.stderr.match(/run \d+ is not counted/g)?.length },
    { status: WHOLE, shown: WHOLE, measured: WHOLE, stderr: LOST.length },
  );
  const text = (await llem(["status", dir])).stdout;
  assert.match(
    text,
    new RegExp(`interrupted, ${WHOLE} of ${DAMAGES.length} runs completed, ${LOST.length} left`),
  );
  assert.match(text, /lost: run 2 .*its result runs\/0002_\S+\/result\.json is missing/);
  const failed: { outcome: string; error: { type: string } }[] = JSON.parse(
    (await llem(["show", dir, "--failed", "--json"])).stdout,
  );
  assert.deepEqual(failed.map(({ error }) => error.type), LOST.map(([, , trouble]) => trouble));

  const resumed = ran(await llem(["run", "--resume", dir, "--json"]));
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, new RegExp(`${LOST.length} runs to do \\(${LOST.length} lost\\)`));
  assert.deepEqual(
    resumed.runs.map(({ index, attempt }) => [index, attempt]),
    DAMAGES.flatMap(([, , trouble], index) => trouble === null ? [] : [[index + 1, 2]]),
  );
  const all = DAMAGES.length;
  assert.deepEqual(await counts(dir), { status: all, shown: all, measured: all, stderr: "" });
  const nothing = await llem(["run", "--resume", dir]);
  assert.match(nothing.stderr, /nothing is left to do/);
});

Deno.test("fault 64: llem run STUDY --resume takes a study up whose result is gone", async () => {
  using box = new Sandbox();
  const study = box.study(["quick"]);
  const { dir } = await box.run(study);
  Deno.removeSync(join(runFolder(dir, 1), "result.json"));
  const end = ran(await llem(["run", study, "--resume", "-o", join(box.dir, "out"), "--json"]));
  assert.deepEqual([end.code, end.dir, end.runs.length], [0, dir, 1]);
});

Deno.test("fault 64: a study whose folder of runs is gone makes all of them again; a file in its place is named", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["quick", "quick"]));
  const runs = join(dir, "runs");
  Deno.removeSync(runs, { recursive: true });
  Deno.writeTextFileSync(runs, "");
  const refused = await llem(["run", "--resume", dir]);
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /^llem: \S+\/runs is not a folder, .*Move it away, then resume/);
  Deno.removeSync(runs);
  const resumed = ran(await llem(["run", "--resume", dir, "--json"]));
  assert.deepEqual([resumed.code, resumed.runs.length], [0, 2], resumed.stderr);
  assert.equal((await counts(dir)).shown, 2);
});
