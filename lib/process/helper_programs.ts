import { ownVariable } from "../base/own_environment.ts";
import { resolveProgram } from "./resolve_program.ts";

/** A shell as a program and the arguments that come before its own, such as `busybox sh`. */
export type Shell = readonly [program: string, ...args: string[]];

/** The shell of our own helpers. POSIX asks for it at this path. */
export const SYSTEM_SHELL: Shell = ["/bin/sh"];

/**
 * Where the programs of our own helpers are looked for: the system's own folders first, so that nothing of the user's
 * stands in for them; then PATH, for systems that keep them elsewhere.
 */
export function helperPath(): string {
  return `/usr/bin:/bin:/usr/sbin:/sbin:${ownVariable("PATH") ?? ""}`;
}

/** A program of the system by its path. Throws where it is not here. */
export function helperProgram(name: string, comesWith: string): string {
  const program = resolveProgram(name, { baseDir: "/", searchPath: helperPath() });
  if (program.path === null) throw new Error(`${program.message} It comes with ${comesWith}.`);
  return program.path;
}
