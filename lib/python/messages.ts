/** Texts for people about Python interpreters: one function each, nothing else. */

/** Packages that the folders of an interpreter do not hold; `modules` is never empty. */
export function packagesNotFound(backend: string, python: string, modules: readonly string[]): string {
  return `backend ${backend}: ${python} has no ${modules.join(", ")}. ` +
    `Install the missing packages, or name another interpreter in LLEM_PYTHON; llem doctor has the command.`;
}
