import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectFile } from "../base/project_files.ts";

/** The worker's files as this program carries them; inside the compiled program they have no path that others can open. */
const SOURCE = fileURLToPath(projectFile("worker/python"));
const FOLDER = ".llem-python";
const HALF_WRITTEN = ".llem-python.new";

/** The Python worker on disk, where an interpreter can read it. Disposing removes it. */
export interface PythonWorker extends Disposable {
  /** Absolute path of its main module. */
  readonly main: string;
}

/**
 * Writes the Python worker into `folder`, whole or not at all, in place of one that is there. Throws what the system
 * threw, leaving nothing behind.
 */
export function writePythonWorker(folder: string): PythonWorker {
  const [path, half] = [join(folder, FOLDER), join(folder, HALF_WRITTEN)];
  removePythonWorker(folder);
  try {
    copySources(SOURCE, half);
    Deno.renameSync(half, path);
  } catch (error) {
    removePythonWorker(folder);
    throw error;
  }
  return { main: join(path, "main.py"), [Symbol.dispose]: () => removePythonWorker(folder) };
}

/** Removes the worker that a killed runner left in its folder, also one half written. */
export function removePythonWorker(folder: string): void {
  for (const name of [FOLDER, HALF_WRITTEN]) {
    try {
      Deno.removeSync(join(folder, name), { recursive: true });
    } catch {
      // Not there, or it stays: that costs a name, not the study.
    }
  }
}

/** The program that asks an interpreter what it has of all that engines need, for its option -c. */
export function probeText(): string {
  const worker = join(SOURCE, "llem_worker");
  const engines = [...Deno.readDirSync(join(worker, "engines"))].filter(({ name, isDirectory }) =>
    isDirectory && holdsModules(name)
  );
  const packages = engines.map(({ name }) =>
    `${Deno.readTextFileSync(join(worker, "engines", name, "packages.py"))}\nLOOKED_FOR.update(PACKAGES)\n`
  );
  // An empty entry of the search path is the current folder.
  const call = "sys.path[:] = [entry for entry in sys.path if entry]\nsys.exit(probe(1))\n";
  return [Deno.readTextFileSync(join(worker, "probe.py")), ...packages, call].join("\n\n");
}

function copySources(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory && holdsModules(name)) copySources(join(from, name), join(to, name));
    else if (name.endsWith(".py")) Deno.writeFileSync(join(to, name), Deno.readFileSync(join(from, name)));
  }
}

/** What tests and scripts/bench compare the worker with; it is not compiled in. */
const COMPARISONS = "plain";

/** False for what Python and its tools leave beside sources. */
function holdsModules(name: string): boolean {
  return !name.startsWith(".") && !name.startsWith("__") && name !== COMPARISONS;
}
