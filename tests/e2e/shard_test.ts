/** A study in parts on machines that share nothing, and its parts put together. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../lib/journal/manifest.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import type { Summary } from "../../lib/results/summary.ts";
import { llem, type Ran, readJson, readManifest, Sandbox, WORKERS } from "./llem.ts";

const VALUES = "10 11 12";

function study(sandbox: Sandbox, name = "parts", more: Readonly<Record<string, unknown>> = {}): string {
  return sandbox.write(
    `${name}.yaml`,
    JSON.stringify({
      name,
      backend: "command",
      model: "none",
      command: { argv: [join(WORKERS, "values.sh"), VALUES] },
      sweep: { "params.batch": [1, 2, 4] },
      execution: { n_cycles: 3, cycle_order: "shuffled", ...more },
    }),
  );
}

async function shard(sandbox: Sandbox, file: string, part: string): Promise<Ran> {
  const made = await sandbox.run(file, ["--shard", part]);
  assert.equal(made.code, 0, made.stderr);
  return made;
}

/** What does not depend on where and when a study was made. */
function numbersOf(dir: string): unknown {
  const { rows } = readJson<Summary>(join(dir, "summary.json"));
  return rows.map(({ config_hash, completed, failed, metrics }) => ({
    config_hash,
    completed,
    failed,
    score: metrics["score"],
    tokens: metrics["output_tokens"],
  }));
}

function madeIn({ experiments }: Manifest): string[] {
  return experiments.filter(({ status }) => status === "completed")
    .map(({ config_hash, cycle }) => `${config_hash} ${cycle}`).sort();
}

Deno.test("parts of a study, put together, are the study: the same runs and the same summary", async () => {
  using sandbox = new Sandbox();
  const file = study(sandbox);
  const whole = await sandbox.run(file);
  const parts = [await shard(sandbox, file, "1/2"), await shard(sandbox, file, "2/2")];
  assert.deepEqual(parts.map(({ finish }) => [finish?.status, finish?.completed, finish?.pending]), [
    ["completed", 6, 3],
    ["completed", 3, 6],
  ]);
  const first = readManifest(parts[0]?.dir ?? "");
  assert.deepEqual(first.shard, { index: 1, of: 2 });
  assert.equal(first.experiments.filter((run) => run.pending_reason === "another shard's").length, 3);
  const merged = join(sandbox.dir, "all");
  const end = await llem(["merge", ...parts.map(({ dir }) => dir), "-o", merged]);
  assert.equal(end.code, 0, end.stderr);
  assert.match(end.stderr, /merged 2 directories into .*: 9 of 9 runs completed\n$/);
  const manifest = readManifest(merged);
  assert.deepEqual([manifest.status, manifest.completed, manifest.shard], ["completed", 9, undefined]);
  assert.deepEqual(madeIn(manifest), madeIn(readManifest(whole.dir)));
  assert.deepEqual(numbersOf(merged), numbersOf(whole.dir));
  for (const command of ["show", "status", "compare"]) {
    const read = await llem([command, merged]);
    assert.equal(read.code, 0, `${command}: ${read.stderr}`);
  }
  const resumed = await llem(["run", "--resume", merged]);
  assert.equal(resumed.code, 0);
  assert.match(resumed.stderr, /nothing is left to do/);
});

Deno.test("a merge without one part says so, and a resume makes what is missing", async () => {
  using sandbox = new Sandbox();
  const file = study(sandbox);
  const parts = [await shard(sandbox, file, "1/3"), await shard(sandbox, file, "3/3")];
  const merged = join(sandbox.dir, "some");
  const end = await llem(["merge", ...parts.map(({ dir }) => dir), "-o", merged]);
  assert.match(
    end.stderr,
    /6 of 9 runs completed\n.*3 runs of the study are not in any of them \(part 2\/3 is not/,
  );
  assert.equal(readManifest(merged).status, "interrupted");
  const resumed = await llem(["run", "--resume", merged, "--no-gaps"]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(readManifest(merged).completed, 9);
  const again = join(sandbox.dir, "again");
  const overlapping = await llem(["merge", merged, (await shard(sandbox, file, "2/3")).dir, "-o", again]);
  assert.match(overlapping.stderr, /9 of 9 runs completed; 3 attempts superseded/);
  const kept = [...Deno.readDirSync(join(again, "runs"))].filter(({ name }) => name.endsWith("_a2"));
  assert.equal(kept.length, 3);
  for (const { name } of kept) {
    const record = readJson<ResultRecord>(join(again, "runs", name, "result.json"));
    assert.deepEqual([record.run.run_id, record.run.attempt], [name, 2]);
  }
});

Deno.test("a merge refuses other studies, damaged copies and names that are taken, and leaves nothing", async () => {
  using sandbox = new Sandbox();
  const part = await shard(sandbox, study(sandbox), "1/3");
  const other = await shard(sandbox, study(sandbox, "parts", { n_cycles: 4 }), "1/3");
  const refused = async (words: RegExp, ...dirs: readonly string[]): Promise<void> => {
    const target = join(sandbox.dir, "new");
    const end = await llem(["merge", ...dirs, "-o", target]);
    assert.equal(end.code, 2, end.stderr);
    assert.match(end.stderr, words);
    assert.throws(() => Deno.statSync(target));
  };
  await refused(/is not a part of the study in .*\n {2}n_cycles/, part.dir, other.dir);
  const copy = join(sandbox.dir, "copy");
  await new Deno.Command("cp", { args: ["-r", part.dir, copy] }).output();
  assert.equal((await llem(["merge", part.dir, copy, "-o", join(sandbox.dir, "same")])).code, 0);
  const [run] = part.runs;
  const result = join(copy, run?.result_file ?? "");
  Deno.writeTextFileSync(result, Deno.readTextFileSync(result).replace('"score": 1', '"score": 2'));
  Deno.writeTextFileSync(result, Deno.readTextFileSync(result).replace("score", "scare"));
  await refused(/The result of .* is not the same in .* and .*, though both say/, part.dir, copy);
  const taken = await llem(["merge", part.dir, "-o", part.dir]);
  assert.equal(taken.code, 2);
  assert.match(taken.stderr, /exists already/);
});

Deno.test("--shard is refused where a study has no such parts, and in a resume", async () => {
  using sandbox = new Sandbox();
  const file = study(sandbox);
  const refused = async (words: RegExp, ...args: readonly string[]): Promise<void> => {
    const end = await llem(["run", ...args, "-o", join(sandbox.dir, "out")]);
    assert.equal(end.code, 2, end.stderr);
    assert.match(end.stderr, words);
  };
  await refused(/3 parts .*, so 4 shards are too many/, file, "--shard", "1/4");
  await refused(/"2\/1" is not a part of a study/, file, "--shard", "2/1");
  await refused(
    /does not go with execution\.until/,
    study(sandbox, "until", { n_cycles: undefined, until: { score: "2%" } }),
    "--shard",
    "1/2",
  );
  await refused(/--shard cannot change a study that is resumed/, "--resume", file, "--shard", "1/2");
  assert.throws(() => Deno.statSync(join(sandbox.dir, "out")));
});
