import { basename, dirname, join } from "node:path";
import { isFolder, namesIn, readRegularText } from "../base/files.ts";

type Env = Readonly<Record<string, string | undefined>>;

const MOST_CONFIG_BYTES = 64 * 1024;
/**
 * The modules that the environment of an interpreter surely lacks, by the names in its folders: nothing is started. Empty
 * where its folders are not known, or may be extended from elsewhere (PYTHONPATH, a .pth file, a build of one's own).
 */
export function surelyMissing(python: string, modules: readonly string[], env: Env): string[] {
  if ((env["PYTHONPATH"] ?? "") !== "") return [];
  const folders = packageFolders(python, env);
  const names = new Set(folders.flatMap(namesIn));
  if (folders.length === 0 || folders.some(isExtended)) return [];
  return modules.filter((module) =>
    ![...names].some((name) => name === module || name.startsWith(`${module}.`))
  );
}

/** True where a .pth file of a folder may bring modules from elsewhere: it holds a path, or is that of an editable package. */
function isExtended(folder: string): boolean {
  return namesIn(folder).filter((name) => name.endsWith(".pth")).some((name) => {
    try {
      const lines = readRegularText(join(folder, name), MOST_CONFIG_BYTES).split("\n");
      return /editable/i.test(name) || lines.some((line) => !/^(\s*$|#|import[ \t])/.test(line));
    } catch {
      return true;
    }
  });
}

/** Where packages of an interpreter lie; empty where that is not known. */
function packageFolders(python: string, env: Env): string[] {
  const folder = dirname(python);
  const home = dirname(folder);
  const config = venvConfig(home);
  if (config !== null) {
    const isAlone = /^include-system-site-packages\s*=\s*false\s*$/m.test(config);
    return isAlone ? sitePackages(join(home, "lib")) : [];
  }
  if (folder !== "/usr/bin") return [];
  const real = basename(realPath(python));
  if (!/^python3\.\d+$/.test(real)) return [];
  const shared = ["/usr/lib/python3/dist-packages", `/usr/local/lib/${real}/dist-packages`].concat(
    ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"].map((lib) =>
      join(lib, real, "site-packages")
    ),
  );
  const own = join(env["PYTHONUSERBASE"] ?? join(env["HOME"] ?? "/", ".local"), "lib", real, "site-packages");
  return [...shared, own].filter(isFolder);
}

function sitePackages(lib: string): string[] {
  return namesIn(lib).filter((name) => /^(python|pypy)3\.\d+$/.test(name)).map((name) =>
    join(lib, name, "site-packages")
  ).filter(isFolder);
}

function venvConfig(home: string): string | null {
  try {
    return readRegularText(join(home, "pyvenv.cfg"), MOST_CONFIG_BYTES);
  } catch {
    return null;
  }
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
