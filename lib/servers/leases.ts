/**
 * lib/servers owns inference servers as processes that a study holds: start, readiness, stop, and who has one for how long. It
 * sends no load to them, knows no kind of server by its name, and knows no run.
 */
import { canonicalJson } from "../base/canonical_json.ts";
import type { ServerWish } from "../engines/server_wish.ts";
import type { Image } from "../experiment/inputs.ts";
import { becomeIdle } from "./idle.ts";
import { ManagedServer, type StartClocks } from "./managed_server.ts";
import * as messages from "./messages.ts";
import { ServerError } from "./server_error.ts";
import type { ServerPlace } from "./spawn_server.ts";

/** What a record says of the server of a run. */
export interface InstanceFacts {
  readonly instance: string;
  readonly kind: string;
  readonly lifetime: ServerWish["lifetime"];
  readonly base_url: string;
  readonly argv: readonly string[];
  /** Names of the variables that the study sets or passes. */
  readonly env: readonly string[];
  /** What its container was made of; null for a program of this machine. */
  readonly image: Image | null;
  /** As the server tells it; null where it does not. */
  readonly version: string | null;
  /** From its spawn to the answer that proved it. */
  readonly startup_s: number;
  /** Since then, when the run began. */
  readonly age_s: number;
  /** 1 for the first run of an instance. */
  readonly position: number;
  readonly clocks: StartClocks;
}

/** For what run a server is asked. */
export interface LeaseRequest {
  readonly wish: ServerWish;
  readonly cycle: number;
  /** Boards of the run, as the user named them. */
  readonly devices: readonly string[];
  /** Variables that it is given beside those of the wish; left out where there are none. */
  readonly passed?: Readonly<Record<string, string>>;
}

/** A server for one run. Give it back in any case. */
export interface ServerLease {
  readonly server: ManagedServer;
  readonly facts: InstanceFacts;
  /** Aborts where the server ends while it is leased. */
  readonly ended: AbortSignal;
  /** Why it ended by itself; null where it did not. Its exit is waited for so long. */
  death(withinMs?: number): Promise<ServerError | null>;
  /** `good`: the run completed. After anything else the instance ends, and so does one of `lifetime: run`. */
  giveBack(end: "good" | "bad"): Promise<void>;
}

type Warn = ServerPlace["warn"];

interface Current {
  readonly server: ManagedServer;
  /** Names of variables. */
  readonly env: readonly string[];
  readonly key: string;
}

/**
 * The server of a slot, one at a time. An instance is kept from run to run only where its wish says `group`, the next run asks
 * for an equal one in the same cycle, and nothing went wrong: cycles stay replicates, each with an instance of its own.
 */
export class ServerLeases implements AsyncDisposable {
  #current: Current | null = null;
  #position = 0;
  readonly #warn: Warn;
  /** Of the run that has it; null between runs. */
  #warnRun: Warn | null = null;

  /** `warn` hears of troubles outside of any run. */
  constructor(warn: Warn = () => {}) {
    this.#warn = warn;
  }

  /** True where this run would get the instance that is there. */
  fits(request: LeaseRequest): boolean {
    const { server, key } = this.#current ?? {};
    return server !== undefined && key === keyOf(request) && request.wish.lifetime === "group" &&
      !server.ended.aborted;
  }

  /**
   * True where this run gets the instance that is there, which has nothing in hand any more. One that does not come to rest
   * is ended: what it works on would be in the next run's numbers.
   */
  async keeps(request: LeaseRequest, signal: AbortSignal, patienceMs?: number): Promise<boolean> {
    const { server } = this.#current ?? {};
    if (server !== undefined && this.fits(request)) {
      if (await becomeIdle(server.port, request.wish.idle ?? null, signal, patienceMs)) return true;
      if (!signal.aborted) this.#warn("server_busy", messages.serverReplaced());
    }
    if (server !== undefined && await server.death() !== null) {
      this.#warn("server_died", messages.serverDiedIdle(server.logPath));
    }
    await this.end();
    return false;
  }

  /**
   * A ready server, the one that is there or a new one; `place` is that of a new one. One that does not fit is stopped first.
   * Throws ServerError, with none left; `signal` ends the wait.
   */
  async take(request: LeaseRequest, place: ServerPlace, signal: AbortSignal): Promise<ServerLease> {
    if (!this.fits(request)) await this.end();
    this.#warnRun = place.warn;
    if (this.#current === null) {
      const warn: Warn = (code, text) => (this.#warnRun ?? this.#warn)(code, text);
      const server = await startOnFreePort(request.wish, { ...place, warn }, signal);
      const env = [...Object.keys(request.wish.env), ...Object.keys(request.passed ?? {})].sort();
      this.#current = { server, env, key: keyOf(request) };
      this.#position = 0;
    }
    this.#position += 1;
    return this.#lease(this.#current);
  }

  /** Stops what is there: before a run that needs none, and at the end of the study. */
  async end(): Promise<void> {
    const { server } = this.#current ?? {};
    this.#current = null;
    await server?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #lease({ server, env }: Current): ServerLease {
    const { wish } = server;
    return {
      server,
      facts: factsOf(server, env, this.#position),
      ended: server.ended,
      death: (withinMs) => server.death(withinMs),
      giveBack: async (end) => {
        if (this.#current?.server !== server) return;
        if (end === "bad" || wish.lifetime === "run" || server.ended.aborted) await this.end();
        this.#warnRun = null;
      },
    };
  }
}

/** Another program may take the port between our choice and the server's listening, as another llem does that starts one, too. */
const PORT_TRIES = 3;

async function startOnFreePort(
  wish: ServerWish,
  place: ServerPlace,
  signal: AbortSignal,
): Promise<ManagedServer> {
  for (let tries = 1;; tries++) {
    try {
      return await ManagedServer.start(wish, place, signal);
    } catch (error) {
      const isTaken = error instanceof ServerError && error.type === "port_taken";
      if (!isTaken || tries === PORT_TRIES || signal.aborted) throw error;
    }
  }
}

/** What makes two runs need the same server: not how long it may take, nor how it is asked. */
function keyOf({ wish, cycle, devices, passed = {} }: LeaseRequest): string {
  const { kind, argv, env, image, model } = wish;
  return canonicalJson({ kind, argv, env, passed, image, model, cycle, devices });
}

function factsOf(server: ManagedServer, env: readonly string[], position: number): InstanceFacts {
  const { instance, wish, base_url, argv, image, version, clocks, age_s } = server;
  const { kind, lifetime } = wish;
  const startup_s = Number(clocks.ready_ns - clocks.spawned_ns) / 1e9;
  return {
    instance,
    kind,
    lifetime,
    base_url,
    argv,
    env,
    image,
    version,
    startup_s,
    age_s,
    position,
    clocks,
  };
}
