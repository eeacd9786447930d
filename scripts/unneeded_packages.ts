/**
 * Prints the npm packages of deno.lock that the program does not reach, one `name@version` a line: those are for tests
 * and scripts. `deno compile` would embed them all the same.
 */

/** What `deno info --json` tells about packages. */
export interface Graph {
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, { readonly dependencies: readonly string[] }>>;
}

/** Packages that others only take types from, or only for a command line of their own. */
const NEVER_LOADED = ["@huggingface/tasks", "cli-progress"];

/** The packages of a graph that none of its modules leads to. */
export function unneededPackages({ modules, npmPackages }: Graph): string[] {
  const needed = new Set<string>();
  const visit = (key: string): void => {
    if (needed.has(key) || NEVER_LOADED.some((name) => key.startsWith(`${name}@`))) return;
    needed.add(key);
    npmPackages[key]?.dependencies.forEach(visit);
  };
  for (const { npmPackage } of modules) if (npmPackage !== undefined) visit(npmPackage);
  return Object.keys(npmPackages).filter((key) => !needed.has(key));
}

if (import.meta.main) {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--quiet", "--json", "main.ts"] })
    .outputSync();
  for (const key of unneededPackages(JSON.parse(new TextDecoder().decode(stdout)))) console.log(key);
}
