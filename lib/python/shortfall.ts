import { isOlder } from "./is_older.ts";
import type { PythonFacts } from "./python_facts.ts";
import type { OldestReleases } from "./python_needs.ts";
import { shortfallText } from "./messages.ts";

/** Those of the modules that an interpreter does not have. */
export function missingModules(needed: readonly string[], { packages }: PythonFacts): string[] {
  return needed.filter((module) => (packages[module] ?? null) === null);
}

/** A module that an interpreter has in a release with which the worker cannot run. */
export interface OldModule {
  readonly module: string;
  readonly release: string;
  /** The release that is needed at least. */
  readonly oldest: string;
}

/** Those of the modules that it has in a release that is too old. */
export function oldModules(
  needed: readonly string[],
  { packages }: PythonFacts,
  releases: OldestReleases,
): OldModule[] {
  return needed.flatMap((module) => {
    const [release, oldest] = [packages[module] ?? null, releases[module] ?? null];
    return release !== null && oldest !== null && isOlder(release, oldest)
      ? [{ module, release, oldest }]
      : [];
  });
}

/**
 * What keeps an interpreter from running what needs these modules, as said of it: `lacks torch and peft`. Null for
 * nothing.
 */
export function shortfall(
  needed: readonly string[],
  facts: PythonFacts,
  releases: OldestReleases,
): string | null {
  return shortfallText(missingModules(needed, facts), oldModules(needed, facts, releases));
}
