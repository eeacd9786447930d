import { delimiter } from "node:path";
import type { Shell } from "../../lib/process/helper_programs.ts";
import { resolveProgram } from "../../lib/process/resolve_program.ts";
import type { Need } from "./needs.ts";

/** A shell that may be /bin/sh on some system, and what a test of it needs. */
export interface SomeShell {
  readonly name: string;
  readonly shell: Shell;
  readonly need: Need;
}

/** What is /bin/sh somewhere: Debian, Fedora, Alpine and most small images, Android. */
export const SHELLS: readonly SomeShell[] = [
  someShell("dash"),
  someShell("bash", "--posix"),
  someShell("busybox", "sh"),
  someShell("mksh"),
];

function someShell(name: string, ...args: string[]): SomeShell {
  const path = find(name);
  const need = { what: `${name} on PATH`, isMet: () => path !== null };
  return { name, shell: [path ?? name, ...args], need };
}

function find(name: string): string | null {
  const searchPath = Deno.env.get("PATH") ?? ["/usr/bin", "/bin"].join(delimiter);
  return resolveProgram(name, { baseDir: "/", searchPath }).path;
}
