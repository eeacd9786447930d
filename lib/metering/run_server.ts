import type { ExperimentConfig } from "../experiment/config.ts";
import { servedAddress } from "../experiment/served_address.ts";
import { ownNames, whereaboutsByName } from "../host/whereabouts.ts";
import { type PortHolders, portHolders } from "../process/listeners.ts";
import { readProcStat } from "../process/proc_stat.ts";
import { isTunnel } from "../results/energy/boards.ts";
import type { ServerWork } from "../results/energy/facts.ts";
import { serverOnAnotherMachine } from "./messages.ts";
import type { NoEnergy } from "./metering.ts";

/**
 * The server that a configuration names by its address:
 * - elsewhere: on another machine, or nobody knows where; what this one draws is none of the run's
 * - beside: on this machine, and not llem's
 */
export type RunServer =
  | { readonly kind: "elsewhere"; readonly hostname: string }
  | { readonly kind: "beside"; readonly port: number };

/** Why a run has no energy whose server is elsewhere. */
export function serverElsewhere(hostname: string): NoEnergy {
  return { code: "server_elsewhere", reason: serverOnAnotherMachine(hostname) };
}

/** First process of a machine: it holds sockets for others, and everything descends from it. */
const INIT = 1;

/**
 * The process of a configuration's server on this machine which llem did not start: who listens, or what started that in the
 * same process group. Null where there is none, or none that can be seen.
 */
export function besideServerPid(config: ExperimentConfig): number | null {
  const address = servedAddress(config);
  if (address === null || whereaboutsByName(address.hostname, ownNames()) !== "here") return null;
  const holder = portHolders(address.port).seen.find(({ pid }) => pid !== INIT && pid !== Deno.pid);
  let stat = holder === undefined ? null : readProcStat(holder.pid);
  const own = readProcStat(Deno.pid)?.pgrp;
  for (let parent = stat; parent !== null && parent.pid > INIT; parent = readProcStat(parent.ppid)) {
    if (stat === null || parent.pgrp !== stat.pgrp || parent.pgrp === own) break;
    stat = parent;
  }
  return stat?.pid ?? null;
}

/** A server of this machine that llem did not start, and whose processes are its. */
export class BesideServer {
  readonly #port: number;
  readonly #holders: PortHolders;
  readonly #pids: ReadonlySet<number>;
  readonly #groups: ReadonlySet<number>;

  /** Looks who listens on the port now. */
  constructor(port: number) {
    this.#port = port;
    const { listens, seen } = portHolders(port);
    const holders = seen.filter(({ pid }) => pid !== INIT);
    this.#holders = { listens, seen: holders };
    this.#pids = new Set(holders.map(({ pid }) => pid));
    const own = readProcStat(Deno.pid)?.pgrp;
    const groups = holders.map(({ pid }) => readProcStat(pid)?.pgrp).filter((group) => group !== own);
    this.#groups = new Set(groups.filter((group) => group !== undefined));
  }

  /** True for who listens on the port, for what descends from it, and for its process group: routers and their engines. */
  holds(pid: number): boolean {
    for (let stat = readProcStat(pid); stat !== null && stat.pid > INIT; stat = readProcStat(stat.ppid)) {
      if (this.#pids.has(stat.pid) || this.#groups.has(stat.pgrp)) return true;
    }
    return false;
  }

  /** True where it only passes on what it hears: whatever the boards draw is not its. */
  get isTunnel(): boolean {
    return isTunnel(this.#holders.seen);
  }

  /** `named`: the study says which boards it uses. */
  work(named: boolean): ServerWork {
    return { kind: "beside", port: this.#port, holders: this.#holders.seen, named };
  }
}
