import assert from "node:assert/strict";
import { join } from "node:path";
import { cachedCommit, repositoryFolder } from "../../lib/hub/cached_repository.ts";
import { TempFolder } from "../support/temp_folder.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

function cacheWith(folder: string, refs: Record<string, string>, snapshots: readonly string[]): void {
  const repository = repositoryFolder(folder, "dataset", "own/set");
  for (const [name, commit] of Object.entries(refs)) {
    const path = join(repository, "refs", name);
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    Deno.writeTextFileSync(path, commit);
  }
  for (const commit of snapshots) {
    Deno.mkdirSync(join(repository, "snapshots", commit), { recursive: true });
  }
}

Deno.test("the cache tells the commit of a branch, a reference with slashes and a commit", () => {
  using folder = new TempFolder();
  cacheWith(folder.path, { main: COMMIT, "refs/pr/1": `${COMMIT}\n` }, [COMMIT]);
  const found = {
    commit: COMMIT,
    path: join(folder.path, "datasets--own--set", "snapshots", COMMIT),
  };
  for (const revision of [null, "main", "refs/pr/1", COMMIT]) {
    assert.deepEqual(cachedCommit(folder.path, "dataset", "own/set", revision), found);
  }
});

Deno.test("the cache holds nothing without a reference, without its files, for another kind, outside itself", () => {
  using folder = new TempFolder();
  const torn = "f".repeat(40);
  cacheWith(folder.path, { main: COMMIT, torn, half: COMMIT.slice(0, 20) }, [COMMIT]);
  Deno.writeTextFileSync(join(folder.path, "outside"), COMMIT);
  for (const revision of ["other", "torn", "half", torn, "../../outside", join(folder.path, "outside")]) {
    assert.equal(cachedCommit(folder.path, "dataset", "own/set", revision), null, revision);
  }
  assert.equal(cachedCommit(folder.path, "model", "own/set", null), null);
  assert.equal(cachedCommit(join(folder.path, "nowhere"), "dataset", "own/set", null), null);
});
