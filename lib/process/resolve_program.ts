import { isNoexec } from "../base/mounts.ts";
import { isAbsolute, resolve } from "node:path";

/** A program that can be started, or why not. */
export type Program =
  | { readonly path: string }
  | { readonly path: null; readonly errno: "ENOENT" | "EACCES" | "ENOEXEC"; readonly message: string };

/**
 * Finds a program as a shell would: a name with a slash is a path (relative to `baseDir`), any other is looked up
 * in PATH. Done here and not by the spawn call, so that the answer does not depend on Deno's version.
 */
export function resolveProgram(name: string, options: { baseDir: string; searchPath: string }): Program {
  if (name.includes("/")) {
    const path = resolve(options.baseDir, name);
    const advice = isAbsolute(name) ? "" : " Paths with a slash start at the study file's folder.";
    return judge(path) ?? { path: null, errno: "ENOENT", message: `${path} does not exist.${advice}` };
  }
  let refused: Program | null = null;
  for (const folder of options.searchPath.split(":")) {
    // An empty entry is the current folder, which for a worker is `baseDir`; so is where a relative one starts.
    const path = resolve(options.baseDir, folder, name);
    const found = judge(path);
    if (found?.path) return found;
    // A folder of PATH that may not be entered (another user's) holds nothing for us.
    if (isReachable(path)) refused ??= found;
  }
  return refused ?? {
    path: null,
    errno: "ENOENT",
    message: `"${name}" is not in PATH (${options.searchPath}). Install it, or give its path with a slash.`,
  };
}

function isReachable(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Null where there is nothing at that path. */
function judge(path: string): Program | null {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      return { path: null, errno: "EACCES", message: `${path} cannot be reached: permission denied.` };
    }
    return null;
  }
  if (info.isDirectory) {
    return { path: null, errno: "EACCES", message: `${path} is a folder, not a program.` };
  }
  if (((info.mode ?? 0) & 0o111) === 0) {
    return { path: null, errno: "EACCES", message: `${path} is not executable. Run: chmod +x ${path}` };
  }
  if (isNoexec(path)) {
    const message = `${path} is on a file system mounted noexec, from which nothing can be started. ` +
      "Move it to another one, or start it by its interpreter.";
    return { path: null, errno: "EACCES", message };
  }
  const trouble = headTrouble(path);
  return trouble === null ? { path } : { path: null, errno: "ENOEXEC", message: `${path} is ${trouble}.` };
}

/** e_machine values of elf(5) that the kernel of such a machine runs: its own and its 32-bit ancestor's. */
const ELF_MACHINES: Readonly<Record<typeof Deno.build.arch, readonly number[]>> = {
  x86_64: [62, 3],
  aarch64: [183, 40],
};

/**
 * Why the beginning of a file makes it no program here, null where it does not. execve(2) refuses such a file with
 * ENOEXEC, which some versions of Deno hide by handing the file to /bin/sh.
 */
function headTrouble(path: string): string | null {
  const head = new Uint8Array(20);
  try {
    using file = Deno.openSync(path);
    file.readSync(head);
  } catch {
    // Executable but not readable: only the kernel can tell.
    return null;
  }
  const text = new TextDecoder("latin1").decode(head);
  if (text.startsWith("#!")) return null;
  if (!text.startsWith("\x7fELF")) return "neither a binary nor a script with a first line such as #!/bin/sh";
  const isOurs = ELF_MACHINES[Deno.build.arch].includes(new DataView(head.buffer).getUint16(18, true));
  return isOurs || runsForeignBinaries() ? null : "a binary for another kind of machine, or damaged";
}

/** True where the kernel was told of programs that run what it cannot (binfmt_misc, as for qemu). */
function runsForeignBinaries(): boolean {
  try {
    const names = [...Deno.readDirSync("/proc/sys/fs/binfmt_misc")].map(({ name }) => name);
    return names.some((name) => name !== "register" && name !== "status");
  } catch {
    return false;
  }
}
