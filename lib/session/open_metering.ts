import { largest } from "../base/numbers.ts";
import { userCacheFolder } from "../base/user_cache_folder.ts";
import type { RunBeside } from "../results/energy/facts.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { hasGpu } from "../host/environment.ts";
import type { Boards } from "../host/boards.ts";
import type { SelfProgram } from "../host/self_program.ts";
import type { MeterDevice, MeterName } from "../meter/meter.ts";
import type { MeterClient } from "../meter/meter_client.ts";
import type { Plan } from "../plan/plan.ts";
import type { Guard, Guarded } from "../process/guard.ts";
import { bootId } from "../process/proc_stat.ts";
import type { Emit } from "../journal/runner_event.ts";
import type { BareReadings } from "../metering/bare_baseline.ts";
import {
  type Metering,
  NO_BASELINES,
  ONE_AT_A_TIME,
  type Sharing,
  type StudyBaselines,
  unmetered,
} from "../metering/metering.ts";
import { type BaselineStore, SharedMetering } from "../metering/shared_metering.ts";
import { admittedMeters, SlotMeter } from "../metering/slot_meter.ts";
import { StudyMeter } from "../metering/study_meter.ts";
import type { NoEnergyCode } from "../results/energy/facts.ts";
import { baselinesFile, loadBaselines, saveBaselines, type StoredBaseline } from "../storage/baselines.ts";
import { energyBackendOf } from "../study/user_config.ts";
import { calibratedPeriods } from "../metering/calibrated_periods.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { ENGINES } from "../engines/engines.ts";
import { absentText, likelyMeters, type NoMeter, startMeter } from "../metering/start_meter.ts";
import { meteredBy, metering, meteringOff, metersMissing, notMetered, onlyCpuMetered } from "./messages.ts";
import { elsewhereOnly, findServers, type ServerOf } from "./find_servers.ts";
import { deadBoard, dependsOnBoards, refuseDead, refuseUnknown, toldBy } from "./boards/check_boards.ts";
import { devicesUnchecked } from "./boards/messages.ts";
import { machineBoards } from "../metering/machine_boards.ts";
import { inSlot } from "./pool/in_slot.ts";
import { migDevices, runDevices } from "./boards/run_boards.ts";

type Env = Readonly<Record<string, string>>;

/** What a study to be metered is. */
export interface MeteredStudy {
  readonly plan: Plan;
  readonly todo: Plan["runs"];
  readonly env: Env;
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  readonly self: SelfProgram;
  /** Takes the meter should this program disappear, also one that is stopped and hears of nothing. */
  readonly guard: Guard;
  /** Ends the wait for a meter that is slow to answer. */
  readonly signal: AbortSignal;
  /** How runs have the machine by now; left out where they have it one at a time. */
  readonly sharing?: () => Sharing;
  /** The last runs that other agents of the study made on this machine; left out where there are none. */
  readonly elsewhere?: () => readonly RunBeside[];
  readonly emit: Emit;
}

/** The variable that tells a meter from all other processes; its value is its own. */
const METER_TAG = "LLEM_METER_ID";

/** What meters a study. */
export interface OpenMetering extends AsyncDisposable {
  /** Null where nothing is metered. */
  readonly meter: StudyMeter | null;
  /** Of the whole machine, for all slots. */
  readonly baselines: StudyBaselines;
  /**
   * The metering of a slot whose runs may use these devices, as the driver names them; none is all that can be seen. The same
   * for the same devices: a slot that comes again knows what it has lost.
   */
  slot(devices: readonly string[], number?: number | null): Metering;
  /** One line: what is metered, or why nothing is. */
  readonly text: string;
}

/**
 * The boards of this machine, as far as they had to be looked at. Throws CommandError where a run asks by name for a meter
 * that is not here, or the study for a board that is not, or does not open. Tries it where it may be: what cannot run is to
 * leave no directory behind.
 */
export async function refuseMissingMeters(plan: Plan, env: Env, signal: AbortSignal): Promise<Boards> {
  const wanted = namedMeters(plan, plan.runs);
  const likely = likelyMeters(env);
  const asksForBoards = dependsOnBoards(plan, env) && likely.some((meter) => meter !== "rapl");
  if (wanted.size === 0 && !asksForBoards || likely.includes("replay")) {
    const listed = machineBoards(null);
    if (!asksForBoards) refuseUnknown(plan, listed);
    return listed;
  }
  const unlikely = [...wanted].filter((meter) => !likely.includes(meter));
  if (unlikely.length > 0) throw missingMeters(unlikely);
  const mig_devices = migDevices(plan.execution.devices, env);
  const client = await startMeter({ env, period_ms: plan.metering.period_ms, mig_devices, signal });
  const machine = machineBoards(toldBy(client));
  if (signal.aborted && "reason" in client) return machine;
  const missing = missingFrom(client, wanted);
  if (!("reason" in client)) await client[Symbol.asyncDispose]();
  refuseUnknown(plan, machine);
  if (missing !== null) throw missing;
  refuseDead(plan, machine, env);
  return machine;
}

/** Warns where a study names devices and nothing tells which there are. */
function warnUnchecked({ plan, emit }: MeteredStudy, client: MeterClient | NoMeter): void {
  const { devices } = plan.execution;
  if (devices.length === 0 || machineBoards(toldBy(client)).boards.length > 0) return;
  emit({ type: "warning", code: "devices_unchecked", text: devicesUnchecked(devices) });
}

/**
 * Starts the meter of a study. Throws CommandError where a meter that a run asks for by name cannot be opened, or a board that
 * the study names.
 */
export async function openMetering(study: MeteredStudy): Promise<OpenMetering> {
  const { plan, todo, guard, signal } = study;
  if (todo.every(({ config }) => energyBackendOf(config, plan.metering) === null)) {
    if (likelyMeters(study.env).every((meter) => meter === "rapl")) warnUnchecked(study, { reason: "" });
    return none(meteringOff());
  }
  const serverOf = await findServers(todo);
  const elsewhere = elsewhereOnly(todo, serverOf);
  if (elsewhere !== null) {
    if (likelyMeters(study.env).every((meter) => meter === "rapl")) warnUnchecked(study, { reason: "" });
    return none(elsewhere.reason, elsewhere.code);
  }
  const entries = new Set<Guarded>();
  const start = (): ReturnType<typeof startMeter> => startGuarded(study, entries);
  const client = await start();
  if ("reason" in client && signal.aborted) return none(client.reason);
  const missing = missingFrom(client, namedMeters(plan, todo)) ??
    deadBoard(plan, machineBoards(toldBy(client)), study.env);
  if (missing !== null) {
    if (!("reason" in client)) await client[Symbol.asyncDispose]();
    throw missing;
  }
  warnUnchecked(study, client);
  if ("reason" in client) return none(client.reason);
  const meter = new StudyMeter({ client, restart: start, emit: study.emit });
  const shared = sharedMetering(study, meter, serverOf);
  return {
    meter,
    baselines: shared,
    slot: slotOpener(study, shared, serverOf),
    text: meteredText(client.hello.devices, usesOf(study, client.hello.devices)),
    [Symbol.asyncDispose]: async () => {
      await meter[Symbol.asyncDispose]();
      // Here and not only when it ends: a guard that closes kills what it still knows.
      for (const entry of entries) await guard.remove(entry);
    },
  };
}

async function startGuarded(
  { plan, env, self, guard, signal }: MeteredStudy,
  entries: Set<Guarded>,
): ReturnType<typeof startMeter> {
  const tag = crypto.randomUUID();
  const tagged = { ...env, [METER_TAG]: tag };
  const marks = { tag, cgroup: null };
  // It may take half a minute to answer, which is when it is known by its group as well.
  await guard.add({ ...marks, pgid: null });
  const mig_devices = migDevices(plan.execution.devices, env);
  const { period_ms } = plan.metering;
  const client = await startMeter({ env: tagged, period_ms, mig_devices, self, signal });
  if ("reason" in client) {
    await guard.remove(marks);
    return client;
  }
  const guarded = { ...marks, pgid: client.pid };
  entries.add(guarded);
  await guard.add(guarded);
  client.ended.then(async () => {
    entries.delete(guarded);
    await guard.remove(guarded);
  });
  return client;
}

/** Whether a configuration may use a GPU here. */
function gpuJudge(
  { env, base_dir }: MeteredStudy,
  devices: readonly MeterDevice[],
): (config: ExperimentConfig) => boolean {
  const host = { env, base_dir, has_gpu: devices.some(({ kind }) => kind === "gpu") || hasGpu() };
  return (config) => ENGINES[config.backend].gpus(config, host).kind !== "none";
}

/** The meters that each run to be made admits, and whether it may use a GPU; without those that admit none. */
function usesOf(study: MeteredStudy, devices: readonly MeterDevice[]): MeteredUse[] {
  const holdsGpu = gpuJudge(study, devices);
  return [...new Set(study.todo.map(({ config }) => config))]
    .map((config) => ({
      holds_gpu: holdsGpu(config),
      meters: admittedMeters(energyBackendOf(config, study.plan.metering)),
    }))
    .filter(({ meters }) => meters.length > 0);
}

function sharedMetering(study: MeteredStudy, meter: StudyMeter, serverOf: ServerOf): SharedMetering {
  const { plan, todo, env, emit, sharing = () => ONE_AT_A_TIME, elsewhere = () => [] } = study;
  const { devices } = meter.hello;
  const holdsGpu = gpuJudge(study, devices);
  const wanting = todo.map(({ config }) => config).filter((config) =>
    config.baseline.enabled && energyBackendOf(config, plan.metering) !== null && holdsGpu(config) &&
    serverOf(config) === null
  );
  const seconds = wanting.map(({ baseline }) => baseline.duration_seconds);
  return new SharedMetering({
    meter,
    baselines: baselineStore(userCacheFolder(env), devices),
    devices: runDevices(plan.execution.devices, meter.hello, env),
    sharing,
    elsewhere,
    baseline_s: () => seconds.length === 0 ? null : largest(seconds),
    emit,
  });
}

function slotOpener(study: MeteredStudy, shared: SharedMetering, serverOf: ServerOf): OpenMetering["slot"] {
  const { plan, env, emit } = study;
  const { hello } = shared.meter;
  const update_period_ms = calibratedPeriods(hello.devices, userCacheFolder(env));
  const slots = new Map<string, SlotMeter>();
  const open = (named: readonly string[], slot: number | null): SlotMeter =>
    new SlotMeter({
      shared,
      run_devices: runDevices(named, shared.meter.hello, env),
      backendOf: (config) => energyBackendOf(config, plan.metering),
      holdsGpu: gpuJudge(study, hello.devices),
      serverOf,
      names_devices: named.length > 0,
      update_period_ms,
      emit: inSlot(emit, slot),
    });
  return (named, number = null) => {
    const key = named.join(",");
    const slot = slots.get(key) ?? open(named, number);
    slots.set(key, slot);
    return slot;
  };
}

function none(reason: string, code?: NoEnergyCode): OpenMetering {
  return {
    meter: null,
    baselines: NO_BASELINES,
    slot: () => unmetered(reason, code),
    text: notMetered(reason),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function namedMeters(plan: Plan, runs: Plan["runs"]): Set<"nvml" | "amd" | "rapl"> {
  const names = runs.map(({ config }) => energyBackendOf(config, plan.metering));
  return new Set(names.filter((name) => name !== null && name !== "auto"));
}

/** The error where a meter that was started has not all of those wanted; a replayed trace stands for any. Null where it has. */
function missingFrom(
  client: MeterClient | NoMeter,
  wanted: ReadonlySet<string>,
): CommandError | null {
  const found = "reason" in client ? [] : client.hello.devices;
  const missing = [...wanted].filter((name) =>
    !found.some(({ meter }) => meter === name || meter === "replay")
  );
  if (missing.length === 0) return null;
  const why = "reason" in client ? client.reason : client.hello.absent.map(absentText).join("; ");
  return missingMeters(missing, why);
}

function missingMeters(missing: readonly string[], why = ""): CommandError {
  return new CommandError(EXIT.preflight, metersMissing(missing, why));
}

/** Facts that an idle board's power depends on. */
const CONDITIONS = [
  "driver_version",
  "power_limit_w",
  "power_limit_enforced_w",
  "persistence_mode",
  "mig",
  "ecc",
];

/** What is kept in the user's cache counts only under the conditions it was taken under. */
export function baselineStore(cache: string | null, devices: readonly MeterDevice[]): BaselineStore {
  const conditionsOf = ({ facts }: MeterDevice): string =>
    JSON.stringify([bootId(), ...CONDITIONS.map((name) => facts[name] ?? null)]);
  const byUuid = new Map(devices.map((device) => [device.uuid, conditionsOf(device)]));
  return {
    load: () => {
      const stored = cache === null ? {} : loadBaselines(baselinesFile(cache));
      return Object.fromEntries(
        Object.entries(stored).flatMap(([uuid, { conditions, ...reading }]) =>
          byUuid.get(uuid) === conditions ? [[uuid, reading]] : []
        ),
      );
    },
    save: (readings) => {
      if (cache === null) return;
      try {
        saveBaselines(baselinesFile(cache), withConditions(readings, byUuid));
      } catch {
        // It costs the next study half a minute.
      }
    },
  };
}

function withConditions(
  readings: BareReadings,
  byUuid: ReadonlyMap<string, string>,
): Record<string, StoredBaseline> {
  return Object.fromEntries(
    Object.entries(readings).map(([uuid, reading]) => [
      uuid,
      { ...reading, conditions: byUuid.get(uuid) ?? "" },
    ]),
  );
}

/** What of the metering runs are concerned with. */
export interface MeteredUse {
  readonly holds_gpu: boolean;
  readonly meters: readonly MeterName[];
}

/** What the numbers of these runs come from: where none can use a GPU, boards are no part of it. */
export function meteredText(devices: readonly MeterDevice[], uses: readonly MeteredUse[]): string {
  const host = devices.filter(({ kind }) => kind !== "gpu");
  if (host.length === devices.length || uses.length === 0 || uses.some(({ holds_gpu }) => holds_gpu)) {
    return metering(meteredParts(devices));
  }
  const read = host.filter(({ meter }) => uses.some(({ meters }) => meters.includes(meter)));
  return onlyCpuMetered(meteredParts(read));
}

/** `NVIDIA H100 PCIe x 2 by nvml`, `package-0 by rapl`. */
function meteredParts(devices: readonly MeterDevice[]): string[] {
  const groups = Map.groupBy(devices, ({ kind, meter }) => `${kind} ${meter}`);
  return [...groups.values()].map((group) => {
    const names = [...Map.groupBy(group, ({ name }) => name)].map(([name, { length }]) =>
      length > 1 ? `${name} x ${length}` : name
    );
    const { meter } = group[0] ?? { meter: "" };
    return meteredBy(names, meter);
  });
}
