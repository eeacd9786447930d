import type { IndexedConfiguration } from "../../../archive/history/history_index.ts";
import { CommandError, EXIT } from "../../../base/refusal.ts";
import { configurationName } from "../../../report/history/configuration_name.ts";
import { noSuchConfiguration } from "./messages.ts";

/** More tables nobody reads. */
const MOST_SHOWN = 5;
/** Shorter ones are parts of too many hashes. */
const SHORTEST_HASH = 6;
const MOST_NAMED = 5;

/**
 * The configurations with this hash, or whose name holds this text; where nothing is asked, those of at least half as many
 * studies as the one of most. At most five, those of most studies. Throws CommandError where none is there.
 */
export function chosenConfigurations(
  all: readonly IndexedConfiguration[],
  asked: string | null,
): IndexedConfiguration[] {
  if (asked === null) {
    const most = all[0]?.studies.length ?? 0;
    return all.filter(({ studies }) => studies.length * 2 >= most).slice(0, MOST_SHOWN);
  }
  const found = all.filter((configuration) => hasHash(configuration, asked));
  const named = found.length > 0 ? found : all.filter((configuration) => hasName(configuration, asked));
  if (named.length === 0) {
    const names = all.slice(0, MOST_NAMED).map(configurationName);
    throw new CommandError(EXIT.usage, noSuchConfiguration(asked, names, all.length - names.length));
  }
  return named.slice(0, MOST_SHOWN);
}

function hasHash({ config_hashes, join_hash }: IndexedConfiguration, asked: string): boolean {
  const hashes = [...config_hashes, ...join_hash === null ? [] : [join_hash]];
  return asked.length >= SHORTEST_HASH && hashes.some((hash) => hash.startsWith(asked.toLowerCase()));
}

function hasName(configuration: IndexedConfiguration, asked: string): boolean {
  return configurationName(configuration).toLowerCase().includes(asked.toLowerCase());
}
