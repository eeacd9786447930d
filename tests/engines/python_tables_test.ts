/** Facts that stand both here and in the Python worker, which reads none of our files: they must be the same. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { isJsonObject } from "../../lib/base/json.ts";
import { CACHE_FOLDER, CACHE_VARIABLES } from "../../lib/engines/caches.ts";
import { ENGINES } from "../../lib/engines/engines.ts";
import { BACKENDS } from "../../lib/experiment/engines.ts";
import { PYTHON_FOLDER } from "../support/python_worker.ts";

const WORKER = join(PYTHON_FOLDER, "llem_worker");

/** The texts of all Python files in a folder and, if `below`, in the folders in it. */
function sourcesIn(folder: string, below: boolean): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return below ? sourcesIn(path, below) : [];
    return name.endsWith(".py") ? [Deno.readTextFileSync(path)] : [];
  });
}

function wordsOf(texts: readonly string[], pattern: RegExp): string[] {
  return texts.flatMap((text) => [...text.matchAll(pattern)].map(([, word = ""]) => word));
}

for (const backend of BACKENDS) {
  const { worker, failures } = ENGINES[backend];
  if (worker.kind !== "python") continue;
  const { modules, optional, oldest } = worker.python;
  const folder = join(WORKER, "engines", backend);
  const own = sourcesIn(folder, true);

  Deno.test(`engine ${backend}: its worker asks for the same releases as the preflight`, () => {
    const source = Deno.readTextFileSync(join(folder, "releases.py"));
    const known: unknown = JSON.parse(/^OLDEST = (.+)$/m.exec(source)?.[1] ?? "null");
    const releases = typeof known === "string" ? { [modules[0] ?? ""]: known } : known;
    ok(isJsonObject(releases) && Object.keys(releases).length > 0);
    deepStrictEqual({ ...oldest, ...releases }, oldest);
  });

  Deno.test(`engine ${backend}: its probe looks for every module that a run may need`, () => {
    const found = wordsOf([Deno.readTextFileSync(join(folder, "packages.py"))], /"(\w+)": \(/g);
    deepStrictEqual([...modules, ...optional].filter((module) => !found.includes(module)), []);
  });

  Deno.test(`engine ${backend}: error types that explain themselves are those of its worker`, () => {
    const source = Deno.readTextFileSync(`lib/engines/${backend}/engine.ts`);
    const listed = wordsOf([/explainedByWorker\(\[([^\]]*)\]/.exec(source)?.[1] ?? ""], /"(\w+)"/g);
    ok(listed.length > 0 && listed.every((type) => failures.explainsItself({ type, message: "" })));
    const known = wordsOf([...sourcesIn(WORKER, false), ...own], /"([a-z_]+)"/g);
    deepStrictEqual(listed.filter((type) => !known.includes(type)), []);
  });

  Deno.test(`engine ${backend}: containers get the folders of all caches that its worker keeps in the study`, () => {
    const kept = wordsOf(own, /keep_in_study\(\{(.*?)\}\)/gs);
    deepStrictEqual(
      wordsOf(kept, /"([A-Z_]+)":/g).filter((name) => !CACHE_VARIABLES.includes(name)),
      [],
    );
  });
}

Deno.test("the worker keeps caches in the folder that is removed with the study's last run", () => {
  const source = Deno.readTextFileSync(join(WORKER, "caches.py"));
  deepStrictEqual(/^FOLDER = "(.*)"$/m.exec(source)?.[1], CACHE_FOLDER);
});
