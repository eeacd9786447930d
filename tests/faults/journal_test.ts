/** Journals that a crash, a disk or another version of the program left in another state than ours. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { LLEM_VERSION } from "../../lib/base/version.ts";
import { encodeLine } from "../../lib/journal/journal_line.ts";
import { type Ended, llem, readManifest, readResult, Sandbox } from "../e2e/llem.ts";
import { Random } from "../support/random.ts";
import { sampled } from "../support/sampled.ts";
import { assertComplete, assertResumes, assertStatus, namedResults, readJournal } from "./_saved_study.ts";

/** A study of two runs whose end is not written down, as after a crash right behind the second run. */
class CutOff extends Sandbox {
  studyDir = "";

  async make(): Promise<this> {
    const ran = await this.run(this.study(["quick", "quick"]));
    assert.equal(ran.code, 0, ran.stderr);
    this.studyDir = ran.dir;
    this.put(this.lines.slice(0, -1).join(""));
    return this;
  }

  get journal(): string {
    return join(this.studyDir, "journal.jsonl");
  }

  get lines(): string[] {
    return Deno.readTextFileSync(this.journal).split(/(?<=\n)/);
  }

  put(...parts: readonly (string | Uint8Array)[]): void {
    Deno.writeTextFileSync(this.journal, "");
    for (const part of parts) {
      const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
      Deno.writeFileSync(this.journal, bytes, { append: true });
    }
  }
}

const TAILS: readonly (readonly [what: string, tail: (last: string) => string | Uint8Array])[] = [
  ["half of its last line", (last) => last.slice(0, 200)],
  ["its last line without the line feed", (last) => last.slice(0, -1)],
  ["a block of zeros", () => new Uint8Array(4096)],
  ["random bytes", () => new Random(1).bytes(3000)],
  ["the end of an old record", (last) => last.slice(100)],
  ["zeros, line feeds and half a record", (last) => `\0\0\n\0\n${last.slice(50)}\n\0`],
];

for (const [what, tail] of sampled("torn ends of a journal", TAILS, 2)) {
  Deno.test(`fault 27: a journal that ends with ${what} is cut there, with a notice`, async () => {
    using study = await new CutOff().make();
    const { studyDir: dir, lines } = study;
    const before = lines.slice(0, -1).join("");
    study.put(before, tail(lines.at(-1) ?? ""));
    const torn = Deno.statSync(study.journal).size - before.length;
    await assertStatus(dir, 2);
    assert.equal((await llem(["show", dir])).code, 0);
    assert.equal(Deno.statSync(study.journal).size, before.length + torn, "reading changes nothing");
    // Run 2 has its result, and counts with it; none is made again.
    const results = namedResults(dir);
    assert.equal(results.size, 1);
    const { code, stderr } = await llem(["run", "--resume", dir]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`incomplete line at the end of the journal; removed its ${torn} bytes?`));
    assert.equal(readJournal(dir).torn_bytes, 0);
    assert.deepEqual([...Deno.readDirSync(join(dir, "runs"))].length, 2);
    await assertComplete(dir, 2);
  });
}

Deno.test("fault 27: a last line that stands there twice counts once", async () => {
  using study = await new CutOff().make();
  const { studyDir: dir, lines } = study;
  study.put(...lines, lines.at(-1) ?? "");
  const { code, stdout } = await llem(["status", dir, "--json"]);
  assert.equal(code, 0);
  const { completed, pending } = JSON.parse(stdout);
  assert.deepEqual([completed, pending], [2, 0]);
  assert.equal((await llem(["run", "--resume", dir])).code, 0);
  assert.equal(readManifest(dir).completed, 2);
  const shown = JSON.parse((await llem(["show", dir, "--json"])).stdout);
  assert.deepEqual(shown.map(({ completed }: { completed: number }) => completed), [1, 1]);
});

/** Calls every command that reads a study directory. */
async function everyReader(dir: string): Promise<Ended[]> {
  const calls = [["run", "--resume", dir], ["run", "--resume", dir, "--retry-failed"], ["status", dir], [
    "show",
    dir,
  ]];
  return await Promise.all(calls.map((args) => llem(args)));
}

/** Every file below a folder with its bytes. */
function snapshot(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) { for (const [below, text] of snapshot(path)) files.set(below, text); }
    else files.set(path, Deno.readTextFileSync(path));
  }
  return files;
}

Deno.test("fault 27: a journal of a newer format is refused by every command, and nothing is touched", async () => {
  using study = await new CutOff().make();
  const { studyDir: dir, lines } = study;
  const newer = '{"v":2,"at":"2030-01-01T00:00:00.000Z","type":"run_paused","sum":"of another kind"}\n';
  const journals = [[newer], [...lines, newer], [newer, ...lines], [...lines, newer, '{"v":2,"at"']];
  for (const journal of sampled("journals of a newer format", journals, 1)) {
    study.put(...journal);
    const before = snapshot(dir);
    for (const { code, stderr, stdout } of await everyReader(dir)) {
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        /^llem: .*journal\.jsonl: The journal has format 2; this llem reads format 1\. Use the llem that wrote it\.$/m,
      );
    }
    assert.deepEqual(snapshot(dir), before);
  }
});

Deno.test("fault 27: damage with whole records behind it is refused by every command, and nothing is touched", async () => {
  using study = await new CutOff().make();
  const { studyDir: dir, lines } = study;
  const at = (lines[0] ?? "").length;
  const changed = (lines[1] ?? "").replace('"attempt":1', '"attempt":3');
  const damages = [`${"\0".repeat(100)}\n`, "garbage\n", changed, `\n\n${changed}`];
  for (const damage of sampled("damages of a journal", damages, 1)) {
    study.put(lines[0] ?? "", damage, ...lines.slice(2));
    const before = snapshot(dir);
    for (const { code, stderr } of await everyReader(dir)) {
      assert.equal(code, 2, stderr);
      assert.match(
        stderr,
        new RegExp(`journal\\.jsonl: The journal is damaged at byte ${at}, before its end\\. Restore it`),
      );
    }
    assert.deepEqual(snapshot(dir), before);
  }
});

Deno.test("fault 27: a finished run whose line is gone with the tail keeps its result", async () => {
  using study = await new CutOff().make();
  const { studyDir: dir, lines } = study;
  // Only the start of run 2 is known.
  study.put(...lines.slice(0, -1));
  const [path = ""] = [...Deno.readDirSync(join(dir, "runs"))].map(({ name }) => `runs/${name}/result.json`)
    .filter((name) => name.startsWith("runs/0002_"));
  await assertResumes(dir, 2, new Map([[path, Deno.readTextFileSync(join(dir, path))]]));
});

Deno.test("fault 37: every record names the version that made it", async () => {
  using study = await new CutOff().make();
  const { studyDir: dir } = study;
  for (const name of ["plan.json", "environment.json", "manifest.json", "summary.json"]) {
    assert.equal(JSON.parse(Deno.readTextFileSync(join(dir, name))).llem_version, LLEM_VERSION, name);
  }
  for (const path of namedResults(dir).keys()) {
    assert.equal(readResult(join(dir, path, "..")).llem_version, LLEM_VERSION);
  }
  const [first] = readJournal(dir).events;
  assert.ok(first?.type === "study_started" && first.llem_version === LLEM_VERSION);
  // An event of this version reads back as it was written.
  const { at, ...event } = first;
  assert.equal(encodeLine(event, at), study.lines[0]);
});
