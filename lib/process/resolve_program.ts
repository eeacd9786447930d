import { isNoexec } from "../base/mounts.ts";
import { isAbsolute, resolve } from "node:path";
import {
  programForAnotherMachine,
  programIsFolder,
  programIsNeitherBinaryNorScript,
  programNotExecutable,
  programNotFound,
  programNotInPath,
  programOnNoexec,
  programUnreachable,
} from "./messages.ts";

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
    return judge(path) ?? { path: null, errno: "ENOENT", message: programNotFound(path, !isAbsolute(name)) };
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
    message: programNotInPath(name, options.searchPath),
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
      return { path: null, errno: "EACCES", message: programUnreachable(path) };
    }
    return null;
  }
  if (info.isDirectory) {
    return { path: null, errno: "EACCES", message: programIsFolder(path) };
  }
  if (((info.mode ?? 0) & 0o111) === 0) {
    return { path: null, errno: "EACCES", message: programNotExecutable(path) };
  }
  if (isNoexec(path)) {
    return { path: null, errno: "EACCES", message: programOnNoexec(path) };
  }
  const message = headTrouble(path);
  return message === null ? { path } : { path: null, errno: "ENOEXEC", message };
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
  if (!text.startsWith("\x7fELF")) return programIsNeitherBinaryNorScript(path);
  const isOurs = ELF_MACHINES[Deno.build.arch].includes(new DataView(head.buffer).getUint16(18, true));
  return isOurs || runsForeignBinaries() ? null : programForAnotherMachine(path);
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
