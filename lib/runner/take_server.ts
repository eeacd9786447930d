import { join } from "node:path";
import { LinkedAbort } from "../base/abort.ts";
import { type HiddenTexts, hiddenTexts } from "../experiment/hidden_texts.ts";
import type { Outcome, OutcomeKind } from "../experiment/outcome.ts";
import { secretsOfEnvironment } from "../experiment/secret_names.ts";
import type { AttemptRequest } from "../launch/attempt_request.ts";
import type { Guarded } from "../process/guard.ts";
import type { AssignedServer } from "../protocol/assignment.ts";
import { startupEnergy } from "../results/energy/server_start.ts";
import type { AttemptFacts, RecordServer } from "../results/record.ts";
import type { ServerFacts, ServerLease } from "../servers/leases.ts";
import { SERVER_TAG } from "../servers/managed_server.ts";
import { ServerError } from "../servers/server_error.ts";
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
  | { readonly kind: "failed"; readonly cause: Cause };

/** Ends of a worker that its server's death may have brought about. */
const OF_ITS_SERVER: ReadonlySet<OutcomeKind> = new Set(["failed", "crashed", "protocol_error"]);

type ServerHost = Pick<Host, "serverLaunch" | "guard" | "containment">;
type Warn = (code: string, text: string) => void;

/** True where the run gets a server that is there already: what that holds of a device is then the run's own. */
export function hasServer(
  request: AttemptRequest,
  { serverLaunch }: Pick<ServerHost, "serverLaunch">,
  { servers }: Pick<Slot, "servers">,
): boolean {
  const wanted = serverLaunch?.(request) ?? null;
  const { run: { cycle }, devices } = request;
  return wanted !== null && servers?.fits({ wish: wanted.wish, cycle, devices }) === true;
}

/** Takes the server that a run needs; ends one that it does not need. Throws what is a bug of ours. */
export async function takeServer(
  request: AttemptRequest,
  { serverLaunch, guard, containment }: ServerHost,
  { servers, metering }: Pick<Slot, "servers" | "metering">,
  control: Control,
  warn: Warn,
): Promise<TakenServer> {
  const wanted = serverLaunch?.(request) ?? null;
  if (wanted === null || servers === undefined) {
    await servers?.end();
    return { kind: "none", lease: null, start: null };
  }
  const { wish, env } = wanted;
  const { run: { cycle }, devices, base_dir, folder, secrets = [] } = request;
  const hidden = hiddenTexts([...secrets.map(({ value }) => value), ...secretsOfEnvironment(env, [])]);
  const hide = (line: string): string => hidden?.hide(line) ?? line;
  const asked = { wish, cycle, devices };
  const meter = servers.fits(asked) ? null : await metering.beginServer(request.run.config);
  const place = {
    ...{ guard, containment, env, base_dir, log_path: join(folder.path, LOG_FILE), hide, warn },
    onStarting: ({ tag }: Pick<Guarded, "tag">) => meter?.starting({ [SERVER_TAG]: tag }),
  };
  using over = new LinkedAbort([control.stop.signal, control.limit.signal]);
  try {
    const lease = await servers.take(asked, place, over.signal);
    return { kind: "leased", lease, start: await meter?.end() ?? null };
  } catch (error) {
    await meter?.end();
    if (!(error instanceof ServerError)) throw error;
    const { type, message, retryable } = error;
    const why = { type, message: hide(message), retryable };
    return { kind: "failed", cause: endOfWaiting(control) ?? { kind: "server_failed", error: why } };
  }
}

/** What the worker is told of its server. */
export function assignedServer({ base_url, kind, instance, version, position }: ServerFacts): AssignedServer {
  return { base_url, kind, instance, version, position };
}

/** What the record says of it; a port is nobody's to compare, and a secret nobody's to read. */
export function recordServer(
  facts: ServerFacts,
  start: AttemptFacts["energy"] | null,
  hidden: HiddenTexts | null,
): RecordServer {
  const { instance, kind, lifetime, argv, version, startup_s, age_s, position, clocks } = facts;
  const shown = argv.map((argument) => hidden?.hide(argument) ?? argument);
  const startup = startupEnergy(start, { begin_ns: clocks.spawned_ns, end_ns: clocks.ready_ns });
  return { instance, kind, lifetime, argv: shown, version, startup_s, ...startup, age_s, position };
}

/** Ends a lease with its run. A run that failed with its server dead has failed for that. */
export async function giveServerBack(lease: ServerLease, outcome: Outcome): Promise<Outcome> {
  const died = await lease.death();
  await lease.giveBack(outcome.kind === "completed" && died === null ? "good" : "bad");
  if (died === null || !OF_ITS_SERVER.has(outcome.kind)) return outcome;
  const { type, message, retryable } = died;
  return { ...outcome, kind: "failed", error: { type, message, traceback: null, retryable } };
}
