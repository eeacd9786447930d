import type { ExperimentConfig } from "../experiment/config.ts";
import type { Run } from "../experiment/run.ts";
import { type ServedAddress, servedAddress } from "../experiment/served_address.ts";
import {
  type OwnNames,
  ownNames,
  type Whereabouts,
  whereaboutsByName,
  whereaboutsOf,
} from "../host/whereabouts.ts";
import type { NoEnergy } from "../metering/metering.ts";
import { type RunServer, serverElsewhere } from "../metering/run_server.ts";

/** The server that a configuration names by its address; null where it names none. */
export type ServerOf = (config: ExperimentConfig) => RunServer | null;

/** Looks where the servers of these runs are, those that are named by their address. Takes 2 s at most. */
export async function findServers(runs: readonly Pick<Run, "config">[]): Promise<ServerOf> {
  const addresses = new Map(runs.map(({ config }) => [config, servedAddress(config)]));
  const names = new Set([...addresses.values()].flatMap((address) => address?.hostname ?? []));
  if (names.size === 0) return () => null;
  const own = ownNames();
  const places = new Map(
    await Promise.all(
      [...names].map(async (name): Promise<[string, Whereabouts]> => [name, await whereaboutsOf(name, own)]),
    ),
  );
  return (config) => {
    const address = addresses.get(config) ?? servedAddress(config);
    return address === null ? null : serverAt(address, places.get(address.hostname) ?? "elsewhere");
  };
}

function serverAt({ hostname, port }: ServedAddress, place: Whereabouts): RunServer {
  return place === "here" ? { kind: "beside", port } : { kind: "elsewhere", hostname };
}

/** Why none of these runs has energy, where the servers of all are elsewhere; null where one is not. */
export function elsewhereOnly(runs: readonly Pick<Run, "config">[], serverOf: ServerOf): NoEnergy | null {
  const servers = runs.map(({ config }) => serverOf(config));
  const [first] = servers;
  if (first?.kind !== "elsewhere" || servers.some((server) => server?.kind !== "elsewhere")) return null;
  return serverElsewhere(first.hostname);
}

/** Tells configurations whose server is on another machine, as far as that shows without asking a resolver. */
export function elsewhereByName(): (config: ExperimentConfig) => boolean {
  let own: OwnNames | null = null;
  return (config) => {
    const address = servedAddress(config);
    if (address === null) return false;
    own ??= ownNames();
    return whereaboutsByName(address.hostname, own) !== "here";
  };
}
