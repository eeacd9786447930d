/** A file system without locks, as some network file systems are mounted: flock(2) fails on everything. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ended, LLEM, Sandbox } from "../e2e/llem.ts";
import { STRACE, testWith } from "../support/needs.ts";

/** Runs llem where flock fails with this errno. */
async function withoutLocks(errno: string, ...args: readonly string[]): Promise<Ended> {
  const { code, signal, stdout, stderr } = await new Deno.Command("strace", {
    args: ["-f", "-qq", "-o", "/dev/null", "-e", `inject=flock:error=${errno}`, LLEM, ...args],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, signal, stdout: text(stdout), stderr: text(stderr) };
}

for (const errno of ["ENOLCK", "ENOSYS", "EOPNOTSUPP"]) {
  testWith(
    [STRACE],
    `fault 33: a new study where flock fails with ${errno} is exit 4 with a remedy, and nothing is left`,
    async () => {
      using box = new Sandbox();
      const out = join(box.dir, "out");
      const { code, stdout, stderr } = await withoutLocks(errno, "run", box.study(["quick"]), "-o", out);
      assert.equal(code, 4, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, new RegExp(`^llem: Cannot lock .*/lock: .*does not support flock \\(${errno}\\)`));
      assert.match(stderr, /another file system with -o .*add --no-lock/);
      assert.deepEqual([...Deno.readDirSync(out)], []);
    },
  );

  testWith(
    [STRACE],
    `fault 33: a resume where flock fails with ${errno} is exit 4, and no run is made`,
    async () => {
      using box = new Sandbox();
      const made = await box.run(box.study(["quick", "exit_code"]));
      assert.equal(made.code, 1, made.stderr);
      const journal = Deno.readTextFileSync(join(made.dir, "journal.jsonl"));
      const { code, stderr } = await withoutLocks(errno, "run", "--resume", made.dir, "--retry-failed");
      assert.equal(code, 4, stderr);
      assert.match(stderr, /Cannot lock .*\/lock: /);
      assert.equal(Deno.readTextFileSync(join(made.dir, "journal.jsonl")), journal);
    },
  );
}
