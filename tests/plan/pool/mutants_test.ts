import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createPool } from "../../../lib/plan/pool/create_pool.ts";
import type { Pool, PoolParts } from "../../../lib/plan/pool/pool.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { type Mutant, MUTANTS } from "./_mutants.ts";
import { play } from "./_simulation.ts";
import { bypassesInStream } from "./_stream.ts";

type MakePool = (parts: PoolParts) => Pool;

/** So many studies at most are played to find a mistake. */
const MOST_STUDIES = 4000;
const POOL = fileURLToPath(new URL("../../../lib/plan/pool/", import.meta.url));

Deno.test("a chain that needs all boards is passed by nobody once it is the oldest that waits", () => {
  for (let seed = 1; seed <= 50; seed++) equal(bypasses(createPool, seed), 0);
});

Deno.test("each mistake in the scheduler is found", async () => {
  equal(foundBy(createPool), null);
  ok(MUTANTS.length >= 15);
  const survivors: string[] = [];
  const invariants = new Set<number>();
  for (const mutant of MUTANTS) {
    const found = foundBy(await mutated(mutant));
    if (found === null) survivors.push(mutant.what);
    else invariants.add(parseInt(found));
  }
  deepEqual(survivors, []);
  // Each of the twelve finds something.
  deepEqual([...invariants].sort((a, b) => a - b), Array.from({ length: 12 }, (_, index) => index + 1));
});

/** What the studies find wrong; null for nothing. */
function foundBy(makePool: MakePool): string | null {
  try {
    for (let seed = 1; seed <= MOST_STUDIES; seed++) {
      const played = play(seed, makePool);
      if (seed % 50 === 0) deepEqual(play(seed, makePool), played, "12: the same seed, other decisions");
      if (seed <= 20) equal(bypasses(makePool, seed), 0, "10: passed by younger ones");
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function bypasses(makePool: MakePool, seed: number): number {
  const large = [{ boards: 4, exclusive: false }, { boards: 0, exclusive: true }, {
    boards: 4,
    exclusive: true,
  }];
  return large.reduce((sum, demand) => sum + bypassesInStream(makePool, seed, demand), 0);
}

/** The scheduler with that mistake, from a copy of its files. */
async function mutated({ what, also, ...change }: Mutant): Promise<MakePool> {
  using folder = new TempFolder();
  for (const { name } of Deno.readDirSync(POOL)) {
    let text = Deno.readTextFileSync(join(POOL, name));
    for (const { file, from, to } of also === undefined ? [change] : [change, also]) {
      if (name !== `${file}.ts`) continue;
      equal(text.split(from).length, 2, `${what}: its text stands once in ${name}`);
      text = text.replace(from, () => to);
    }
    folder.write(name, text.replaceAll('"../../', `"${new URL("../../", pathToFileURL(POOL)).href}`));
  }
  const { createPool } = await import(pathToFileURL(folder.at("create_pool.ts")).href);
  return createPool;
}
