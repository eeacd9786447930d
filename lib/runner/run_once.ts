import { relative } from "node:path";
import { monotonicMs, monotonicNs, utcNow } from "../base/clock.ts";
import { type HiddenTexts, hiddenTexts } from "../experiment/hidden_texts.ts";
import { secretsOfEnvironment } from "../experiment/secret_names.ts";
import { servedAddress } from "../experiment/served_address.ts";
import { askedVariables } from "../experiment/worker_variables.ts";
import { type Cage, groupCage } from "../process/cage.ts";
import type { Container } from "../process/container.ts";
import type { ContainmentMethod } from "../process/containment.ts";
import type { SpawnFailure } from "../process/spawn.ts";
import {
  type AttemptFacts,
  LOCAL_LAUNCHER,
  type RecordLauncher,
  type RecordServer,
  type RecordTiming,
  type RecordWarning,
} from "../results/record.ts";
import { lastLines } from "../storage/log_tail.ts";
import type { AttemptRequest, Launch } from "../launch/attempt_request.ts";
import { makeTemporaryFolder } from "../launch/temporary_folder.ts";
import type { ServerLog } from "../servers/server_error.ts";
import type { ServerLease } from "../servers/leases.ts";
import { unknownContention } from "../results/contention/judge.ts";
import { noProcess } from "../results/contention/messages.ts";
import type { ContentionRecord } from "../results/contention/record.ts";
import type { AttemptListeners } from "./attempt_listeners.ts";
import { AttemptView } from "./attempt_view.ts";
import { ContentionWatch, type WatchedWorker } from "./contention_watch.ts";
import { type Cause, decideOutcome } from "./decide_outcome.ts";
import { besideServerPid } from "../metering/run_server.ts";
import type { AttemptMeter } from "../metering/metering.ts";
import { MEASURED_PHASE } from "../protocol/frame.ts";
import type { Control, Host, Slot } from "./lifetimes.ts";
import { OomWatch } from "./oom_watch.ts";
import { endOfWaiting, spawnPatiently } from "./spawn_patiently.ts";
import { marksOf, type ProcessTag } from "../process/held_process.ts";
import { ATTEMPT_TAG, type Supervised, superviseWorker } from "./supervise.ts";
import { assignedServer, giveServerBack, keepsServer, recordServer, takeServer } from "./take_server.ts";
import { keptTo } from "./kept_cpus.ts";
import { cageNotMade, spawnRefused } from "./messages.ts";

/**
 * Makes one attempt: from spawn until nothing of it is left. Returns what was seen, whatever happened to the
 * worker; throws only what is fatal to the study (SaveError) or a bug of ours, and then leaves no process behind.
 */
export async function runOnce(
  request: AttemptRequest,
  host: AttemptHost,
  slot: AttemptSlot,
  control: Control,
  listeners: AttemptListeners,
): Promise<AttemptFacts> {
  const startedAt = utcNow();
  const startedMs = monotonicMs();
  const { attempt, launcher, containment, energy, contention, hidden, server, log } = await superviseOne(
    request,
    host,
    slot,
    control,
    listeners,
  );
  const endedMs = monotonicMs();
  const { helloMs, settledMs, view } = attempt;
  const timing: RecordTiming = {
    started_at: startedAt,
    ended_at: utcNow(),
    startup_s: helloMs === null ? null : (helloMs - startedMs) / 1000,
    run_s: helloMs === null ? null : ((settledMs ?? attempt.exitMs) - helloMs) / 1000,
    teardown_s: settledMs === null ? null : (endedMs - settledMs) / 1000,
    duration_s: (endedMs - startedMs) / 1000,
  };
  const { run, run_id, devices } = request;
  const shown = (line: string): string => hidden?.hide(line) ?? line;
  return {
    run: {
      run_id,
      index: run.index,
      config_hash: run.config_hash,
      cycle: run.cycle,
      attempt: request.attempt,
      devices,
      containment,
    },
    config: run.config,
    inputs: request.inputs,
    runner: launcher,
    ...server === undefined ? {} : { server },
    outcome: attempt.outcome,
    worker: view.hello === null ? null : {
      backend: view.hello.backend,
      versions: view.hello.versions,
      devices: view.hello.devices,
      pid: view.hello.pid,
    },
    measurement: view.measurement,
    samples: view.samples,
    requests: view.requests.counts,
    itl_untold: view.requests.itlUntold,
    slo: view.requests.slo,
    phases: view.phases.phases,
    phases_left: view.phases.takeLeft(),
    timing,
    warnings: view.warnings,
    clocks: { utc_ms: Date.now(), monotonic_ns: monotonicNs() },
    energy,
    contention,
    log_tail: log?.lines ??
      (attempt.outcome.kind === "completed" ? [] : lastLines(request.folder.logPath, shown)),
    ...log === undefined ? {} : { log_file: relative(request.study_dir, log.path) },
  };
}

/** What an attempt needs of the host. */
export type AttemptHost = Pick<Host, "guard" | "containment" | "launch" | "serverLaunch">;
/** What an attempt needs of its slot. */
export type AttemptSlot = Pick<Slot, "metering" | "memory" | "servers">;

interface MadeAttempt {
  readonly attempt: Supervised;
  readonly launcher: RecordLauncher;
  readonly containment: Cage["kind"];
  readonly energy: AttemptFacts["energy"];
  readonly contention: ContentionRecord;
  /** What the worker was given and nobody is to read in its log; its frames come without it. */
  readonly hidden: HiddenTexts | null;
  /** Left out where llem had started none for it. */
  readonly server?: RecordServer;
  /** The server's, where that is why it failed; left out otherwise. */
  readonly log?: ServerLog;
}

/** Nothing ran: there is no energy of it. */
const NOTHING_RAN = {
  containment: "group",
  energy: { reason: noProcess() },
  contention: unknownContention(noProcess()),
  hidden: null,
} as const;

async function superviseOne(
  request: AttemptRequest,
  host: AttemptHost,
  slot: AttemptSlot,
  control: Control,
  listeners: AttemptListeners,
): Promise<MadeAttempt> {
  const tag = { name: ATTEMPT_TAG, value: crypto.randomUUID() };
  const temporary = makeTemporaryFolder(tag, Deno.env.toObject());
  if ("failure" in temporary) {
    const attempt = notSpawned({ failure: temporary.failure, cause: null }, listeners);
    return { attempt, launcher: LOCAL_LAUNCHER, ...NOTHING_RAN };
  }
  const { path, elsewhere, remove } = temporary.folder;
  await using held = new AsyncDisposableStack();
  held.defer(async () => void await remove());
  const made = await superviseIn({ ...request, tmp_dir: path }, tag, host, slot, control, listeners);
  held.move();
  const trouble = await remove();
  for (const text of [elsewhere, trouble]) {
    if (text !== null) made.attempt.view.warn("temporary_folder", text);
  }
  return made;
}

/** The same with a temporary folder, and what the attempt is known by. */
async function superviseIn(
  request: AttemptRequest,
  tag: ProcessTag,
  host: AttemptHost,
  slot: AttemptSlot,
  control: Control,
  listeners: AttemptListeners,
): Promise<MadeAttempt> {
  const launch = host.launch(request);
  if ("failure" in launch) {
    const attempt = notSpawned({ failure: launch.failure, cause: null }, listeners);
    return { attempt, launcher: LOCAL_LAUNCHER, ...NOTHING_RAN };
  }
  const launcher = recordLauncher(launch.container ?? null);
  // What a server that stays holds of a device is the run's own.
  if (!await keepsServer(request, host, slot, control)) {
    // Nor is what a server holds that was there before.
    const isBeside = servedAddress(request.run.config) !== null;
    const busy = isBeside ? null : await slot.memory.pass(control.stop.signal, control.limit.signal);
    if (busy !== null) {
      const attempt = notSpawned({ failure: busy, cause: endOfWaiting(control) }, listeners);
      return { attempt, launcher, ...NOTHING_RAN };
    }
  }
  const warnings: RecordWarning[] = [];
  const warn = (code: string, text: string): void => void warnings.push({ code, text });
  const taken = await takeServer(request, host, slot, control, listeners.servers, warn);
  if (taken.kind === "failed") {
    const attempt = notSpawned({ failure: null, cause: taken.cause }, listeners);
    for (const { code, text } of warnings) attempt.view.warn(code, text);
    const { log } = taken;
    return { attempt, launcher, ...NOTHING_RAN, ...log === null ? {} : { log } };
  }
  const { lease, start } = taken;
  let isGivenBack = lease === null;
  try {
    const given = lease === null ? request : { ...request, server: assignedServer(lease.facts) };
    const made = await superviseLaunched(launch, given, tag, host, slot, control, listeners, lease);
    if (lease === null) return made;
    isGivenBack = true;
    const { outcome, log } = await giveServerBack(lease, made.attempt.outcome);
    for (const { code, text } of warnings) made.attempt.view.warn(code, text);
    return {
      ...made,
      attempt: { ...made.attempt, outcome },
      server: recordServer(lease.facts, start, made.hidden),
      ...log === null ? {} : { log },
    };
  } finally {
    if (!isGivenBack) await lease?.giveBack("bad");
  }
}

async function superviseLaunched(
  launch: Exclude<Launch, { readonly failure: SpawnFailure }>,
  request: AttemptRequest,
  tag: ProcessTag,
  host: AttemptHost,
  slot: AttemptSlot,
  control: Control,
  listeners: AttemptListeners,
  lease: ServerLease | null,
): Promise<MadeAttempt> {
  const { container = null, llem_version } = launch;
  const launcher = recordLauncher(container);
  const { cage, trouble } = await makeCage(host.containment);
  await using held = new AsyncDisposableStack();
  held.defer(() => cage.close());
  const hidden = hiddenTexts(secretsOf(request, launch.spec.env));
  const spec = { ...launch.spec, env: { ...launch.spec.env, [tag.name]: tag.value } };
  // Known to the guard and the journal before it can run: it may kill us in the instant of its birth.
  const temporary = request.tmp_dir === undefined ? {} : { temporary: request.tmp_dir };
  const marks = marksOf({ tag, cage, container, ...temporary });
  await host.guard.add({ ...marks, pgid: null });
  held.defer(() => host.guard.remove(marks));
  listeners.onStarting(marks);
  const { config } = request.run;
  const tags = { [tag.name]: tag.value };
  const meter = await slot.metering.begin({
    config,
    folder: request.folder,
    tags,
    ...lease === null ? {} : { server_tags: lease.server.tags },
  });
  const oom = new OomWatch(cage.cgroup);
  const watch = held.use(new ContentionWatch());
  const server_pid = lease === null ? besideServerPid(config) : lease.server.pid;
  const watched = (pid: number): WatchedWorker => ({
    pid,
    cgroup: cage.cgroup,
    is_contained: container !== null || lease?.server.isContained === true,
    ...request.place === undefined ? {} : { cpus: request.place.cpus },
    ...server_pid === null ? {} : { server_pid },
  });
  // A container's processes are not below our child, and the container keeps them.
  const cpus = container === null ? request.place?.cpus ?? null : null;
  const kept = { cpus, others: () => lease?.server.isContained === false ? lease.server.pids() : [] };
  const spawned = await spawnPatiently(cage.wrap(spec), control);
  const attempt = "failure" in spawned
    ? notSpawned(withoutTexts(spawned, hidden), listeners)
    : await superviseWorker(
      {
        child: spawned.child,
        cage,
        tag,
        container,
        ...temporary,
        oom,
        hidden,
        server_ended: lease?.ended ?? null,
        ...llem_version === undefined ? {} : { llem_version },
      },
      { ...request, gpu_metered: meter.meters_gpu },
      host,
      slot,
      control,
      metered(watchedBy(watch, watched, keptTo(kept, listeners)), meter),
    ).catch(async (error) => {
      await meter.end();
      throw error;
    });
  const energy = await meter.end();
  if (trouble !== null) attempt.view.warn("containment", trouble);
  if ("child" in spawned && spawned.unpinned !== null) attempt.view.warn("unpinned", spawned.unpinned);
  if (spawned.refusals > 0) {
    attempt.view.warn("spawn_refused", spawnRefused(spawned.refusals));
  }
  const contention = "failure" in spawned ? NOTHING_RAN.contention : watch.end();
  return { attempt, launcher, containment: cage.kind, energy, contention, hidden };
}

/** Secrets of the study and of the worker's environment. */
function secretsOf(
  { run, secrets = [] }: AttemptRequest,
  env: Readonly<Record<string, string>>,
): (string | number)[] {
  const declared = askedVariables(run.config).map(({ name }) => name);
  return [...secrets.map(({ value }) => value), ...secretsOfEnvironment(env, declared)];
}

/** The system quotes the arguments of a program that it does not start. */
function withoutTexts<End extends { readonly failure: SpawnFailure }>(
  end: End,
  hidden: HiddenTexts | null,
): End {
  const { failure } = end;
  return hidden === null ? end : { ...end, failure: { ...failure, message: hidden.hide(failure.message) } };
}

/** How the worker was launched, as records say it. */
function recordLauncher(container: Container | null): RecordLauncher {
  if (container === null) return LOCAL_LAUNCHER;
  const { image, image_id, image_digest } = container;
  return { type: "docker", image, image_id, ...image_digest === undefined ? {} : { image_digest } };
}

/** The same, and the meter hears what the worker computes on, and where the measured window begins and ends. */
function metered(listeners: AttemptListeners, meter: AttemptMeter): AttemptListeners {
  return {
    ...listeners,
    onFrame: (frame, view) => {
      if (frame.type === "hello") meter.hello(frame.devices);
      if (frame.type === "phase" && frame.name === MEASURED_PHASE) meter.edge();
      listeners.onFrame(frame, view);
    },
  };
}

/** The same, and the readings of the machine are taken with the frames. */
function watchedBy(
  watch: ContentionWatch,
  watched: (pid: number) => WatchedWorker,
  listeners: AttemptListeners,
): AttemptListeners {
  return {
    ...listeners,
    onStarted: (child) => {
      if (child !== null) watch.started(watched(child.pid));
      listeners.onStarted(child);
    },
    onFrame: (frame, view) => {
      watch.onFrame(frame);
      listeners.onFrame(frame, view);
    },
  };
}

/** What worked at the start of the study may fail later (a limit on control groups, say): the group always works. */
async function makeCage(method: ContainmentMethod): Promise<{ cage: Cage; trouble: string | null }> {
  try {
    return { cage: await method.makeCage(), trouble: null };
  } catch (error) {
    return { cage: groupCage, trouble: cageNotMade(method.kind, (error as Error).message) };
  }
}

/** Where the wait for a process was ended by a stop or a limit, that is the cause, not the refusal before it. */
function notSpawned(
  { failure, cause }: { readonly failure: SpawnFailure | null; readonly cause: Cause | null },
  listeners: AttemptListeners,
): Supervised {
  listeners.onStarted(null);
  const view = new AttemptView("", { log: () => {}, request: () => {}, frame: () => {} });
  const outcome = decideOutcome({
    spawn_failure: cause === null ? failure : null,
    unremoved: null,
    cause,
    exit: { code: null, signal: null },
    closing: false,
    closed_by_force: false,
    has_result: false,
    protocol_issue: null,
    issue_repeats: false,
    oom: false,
    leaked: false,
  });
  return { outcome, view, helloMs: null, settledMs: null, exitMs: monotonicMs() };
}
