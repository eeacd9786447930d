import { join } from "node:path";
import { LinkedAbort, pause } from "../base/abort.ts";
import { type HiddenTexts, hiddenTexts } from "../experiment/hidden_texts.ts";
import type { Outcome, OutcomeKind } from "../experiment/outcome.ts";
import { secretsOfEnvironment } from "../experiment/secret_names.ts";
import type { AttemptRequest } from "../launch/attempt_request.ts";
import { SERVER_TAG, type ServerLaunch } from "../launch/server_launch.ts";
import type { AssignedServer } from "../protocol/assignment.ts";
import { startupEnergy } from "../results/energy/server_start.ts";
import type { AttemptFacts, RecordServer } from "../results/record.ts";
import type { InstanceFacts, LeaseRequest, ServerLease } from "../servers/leases.ts";
import type { ServerBook, ServerPlace } from "../servers/spawn_server.ts";
import { ServerError, type ServerLog } from "../servers/server_error.ts";
import type { Cause } from "./decide_outcome.ts";
import type { Control, Host, Slot } from "./lifetimes.ts";
import { endOfWaiting } from "./spawn_patiently.ts";

/** File in the folder of the run for which an instance was started. */
const LOG_FILE = "server.log";

/** The server of a run: leased, not needed, or why there is none. */
export type TakenServer =
  | {
    readonly kind: "leased";
    readonly lease: ServerLease;
    /** What the meter saw of its start, or why nothing; null where that was for an earlier run. */
    readonly start: AttemptFacts["energy"] | null;
  }
  | { readonly kind: "none"; readonly lease: null; readonly start: null }
  | { readonly kind: "failed"; readonly cause: Cause; readonly log: ServerLog | null };

/** Ends of a worker that its server's death may have brought about. */
const OF_ITS_SERVER: ReadonlySet<OutcomeKind> = new Set(["failed", "crashed", "protocol_error"]);

/** From the first connection that a dying server breaks until its exit is seen, at most. */
const DYING_MS = 500;

type ServerHost = Pick<Host, "serverLaunch" | "guard" | "containment">;
type Warn = (code: string, text: string) => void;

/**
 * True where the run gets a server that is there already: what that holds of a device is then the run's own. Any other is ended
 * first.
 */
export async function keepsServer(
  request: AttemptRequest,
  { serverLaunch }: Pick<ServerHost, "serverLaunch">,
  { servers }: Pick<Slot, "servers">,
  control: Control,
): Promise<boolean> {
  const wanted = serverLaunch?.(request) ?? null;
  if (wanted !== null && servers !== undefined) {
    using over = new LinkedAbort([control.stop.signal, control.limit.signal]);
    return await servers.keeps(leaseRequest(wanted, request), over.signal);
  }
  await servers?.end();
  return false;
}

function leaseRequest({ wish, passed = {} }: ServerLaunch, request: AttemptRequest): LeaseRequest {
  const { run: { cycle }, devices } = request;
  return { wish, cycle, devices, passed };
}

/** Takes the server that a run needs; ends one that it does not need. Throws what is a bug of ours. */
export async function takeServer(
  request: AttemptRequest,
  { serverLaunch, guard, containment }: ServerHost,
  { servers, metering }: Pick<Slot, "servers" | "metering">,
  control: Control,
  book: ServerBook | undefined,
  warn: Warn,
): Promise<TakenServer> {
  const wanted = serverLaunch?.(request) ?? null;
  if (wanted === null || servers === undefined) {
    await servers?.end();
    return { kind: "none", lease: null, start: null };
  }
  const { env, container, affinity } = wanted;
  const { base_dir, folder, secrets = [] } = request;
  const hidden = hiddenTexts([...secrets.map(({ value }) => value), ...secretsOfEnvironment(env, [])]);
  const hide = (line: string): string => hidden?.hide(line) ?? line;
  const log_path = join(folder.path, LOG_FILE);
  const asked = leaseRequest(wanted, request);
  const meter = servers.fits(asked) ? null : await metering.beginServer(request.run.config);
  const place: ServerPlace = {
    ...{ guard, containment, env, base_dir, log_path, hide, warn, control },
    ...container === undefined ? {} : { container },
    ...affinity === undefined ? {} : { affinity },
    book: {
      starting: (marks) => {
        book?.starting(marks);
        meter?.starting({ [SERVER_TAG]: marks.tag });
      },
      started: (instance, child) => book?.started(instance, child),
      stopped: (instance) => book?.stopped(instance),
    },
  };
  using pauses = new Pauses(control);
  using over = new LinkedAbort([control.stop.signal, control.limit.signal, pauses.signal]);
  try {
    const lease = await servers.take(asked, place, over.signal);
    const start = await meter?.end(lease.ended) ?? null;
    if (pauses.cause === null) return { kind: "leased", lease, start };
    await lease.giveBack("bad");
    return { kind: "failed", cause: pauses.cause, log: null };
  } catch (error) {
    await meter?.end();
    if (!(error instanceof ServerError)) throw error;
    await pauses.hear();
    const outside = endOfWaiting(control) ?? pauses.cause;
    if (outside !== null) return { kind: "failed", cause: outside, log: null };
    const { type, message, retryable, log } = error;
    const why = { type, message: hide(message), retryable };
    return { kind: "failed", cause: { kind: "server_failed", error: why }, log };
  }
}

/** Whether the study stood still while a server started: its time to become ready, and its start-up time, mean nothing then. */
class Pauses implements Disposable {
  readonly #suspension: Control["suspension"];
  readonly #over = new AbortController();
  readonly #listening: Disposable;
  cause: Cause | null = null;

  constructor({ suspension }: Pick<Control, "suspension">) {
    this.#suspension = suspension;
    this.#listening = suspension.listen((pausedMs) => {
      this.cause ??= { kind: "suspended", seconds: pausedMs / 1000 };
      this.#over.abort();
    });
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** A limit that passed meanwhile is seen before the pause is told of. */
  async hear(): Promise<void> {
    const doubtMs = this.#suspension.doubtMs();
    if (doubtMs > 0) await pause(doubtMs);
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}

/** What the worker is told of its server. */
export function assignedServer(
  { base_url, kind, instance, version, position }: InstanceFacts,
): AssignedServer {
  return { base_url, kind, instance, version, position };
}

/** What the record says of it; a port is nobody's to compare, and a secret nobody's to read. */
export function recordServer(
  facts: InstanceFacts,
  start: AttemptFacts["energy"] | null,
  hidden: HiddenTexts | null,
): RecordServer {
  const { instance, kind, lifetime, argv, env, image, version, startup_s, age_s, position, clocks } = facts;
  const shown = argv.map((argument) => hidden?.hide(argument) ?? argument);
  const startup = {
    startup_s,
    ...startupEnergy(start, { begin_ns: clocks.spawned_ns, end_ns: clocks.ready_ns }),
  };
  return { instance, kind, lifetime, argv: shown, env, image, version, ...startup, age_s, position };
}

/** How a run ended that had a server. */
export interface ServedEnd {
  readonly outcome: Outcome;
  /** The server's own where that is why it failed; null otherwise. */
  readonly log: ServerLog | null;
}

/** Ends a lease with its run. A run that failed with its server dead has failed for that. */
export async function giveServerBack(lease: ServerLease, outcome: Outcome): Promise<ServedEnd> {
  const died = await lease.death(OF_ITS_SERVER.has(outcome.kind) ? DYING_MS : 0);
  await lease.giveBack(outcome.kind === "completed" && died === null ? "good" : "bad");
  if (died === null || !OF_ITS_SERVER.has(outcome.kind)) return { outcome, log: null };
  const { type, message, retryable, log } = died;
  return {
    outcome: { ...outcome, kind: "failed", error: { type, message, traceback: null, retryable } },
    log,
  };
}
