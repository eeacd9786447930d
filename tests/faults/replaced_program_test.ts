/** The program is upgraded or removed while a study runs. The same for the embedded engine is in e2e/study_test. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { LLEM_VERSION } from "../../lib/base/version.ts";
import { ended, LLEM, llem, readResult, runFolder, Sandbox, until } from "../e2e/llem.ts";
import { assertComplete, namedResults, readJournal } from "./_saved_study.ts";

const CHANGES: Readonly<Record<string, (program: string) => void>> = {
  "replaced": (program) => {
    Deno.writeTextFileSync(`${program}.new`, "#!/bin/sh\nexit 99\n", { mode: 0o755 });
    Deno.renameSync(`${program}.new`, program);
  },
  "removed": (program) => Deno.removeSync(program),
};

for (const [what, change] of Object.entries(CHANGES)) {
  Deno.test(`fault 37: a program that is ${what} in the middle of a study of one's own workers ends it whole`, async () => {
    using box = new Sandbox();
    const program = join(box.dir, "llem");
    Deno.copyFileSync(LLEM, program);
    const out = join(box.dir, "out");
    const child = new Deno.Command(program, {
      args: ["run", box.study(["waits", "quick", "quick"], { retries: 1 }), "-o", out, "--json"],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const end = ended(child);
    const folder = await until("the first run to measure", () => {
      const [entry] = [...Deno.readDirSync(out)];
      const found = runFolder(join(out, entry?.name ?? ""), 1);
      return Deno.statSync(join(found, "requests.jsonl")).isFile && found;
    });
    change(program);
    Deno.writeTextFileSync(join(folder, "go"), "");
    const { code, stderr } = await end;
    assert.equal(code, 0, stderr);
    const dir = join(folder, "..", "..");
    await assertComplete(dir, 3);
    for (const path of namedResults(dir).keys()) {
      assert.equal(readResult(join(dir, path, "..")).llem_version, LLEM_VERSION);
    }
    // And whoever comes with a program of the same format goes on with it.
    assert.equal((await llem(["run", "--resume", dir])).code, 0);
    assert.equal(readJournal(dir).events.at(-1)?.type, "study_finished");
  });
}
