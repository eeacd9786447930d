import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The worker's files as this program carries them; inside the compiled program they have no path that others can open. */
const SOURCE = fileURLToPath(new URL("../../worker/python", import.meta.url));
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

/** The program that asks an interpreter what it has, for its option -c. */
export function probeText(): string {
  const source = Deno.readTextFileSync(join(SOURCE, "llem_worker", "probe.py"));
  // An empty entry of the search path is the current folder.
  return `${source}\n\nsys.path[:] = [entry for entry in sys.path if entry]\nsys.exit(probe(1))\n`;
}

function copySources(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory && holdsModules(name)) copySources(join(from, name), join(to, name));
    else if (name.endsWith(".py")) Deno.writeFileSync(join(to, name), Deno.readFileSync(join(from, name)));
  }
}

/** False for what Python and its tools leave beside sources. */
function holdsModules(name: string): boolean {
  return !name.startsWith(".") && !name.startsWith("__");
}
