import { userCacheFolder } from "../base/user_cache_folder.ts";
import { hasGpu } from "../host/environment.ts";
import { deviceKey, type Gpu, visibleDevices } from "../host/gpus.ts";
import type { SelfProgram } from "../host/self_program.ts";
import type { MeterDevice } from "../meter/meter.ts";
import type { MeterClient } from "../meter/meter_client.ts";
import type { Plan } from "../plan/plan.ts";
import type { Guard, Guarded } from "../process/guard.ts";
import { bootId } from "../process/proc_stat.ts";
import type { Emit } from "../journal/runner_event.ts";
import type { BareReadings } from "../metering/bare_baseline.ts";
import { type Metering, unmetered } from "../metering/metering.ts";
import { type BaselineStore, SlotMeter } from "../metering/slot_meter.ts";
import { StudyMeter } from "../metering/study_meter.ts";
import { baselinesFile, loadBaselines, saveBaselines, type StoredBaseline } from "../storage/baselines.ts";
import { energyBackendOf } from "../study/user_config.ts";
import { calibratedPeriods } from "../metering/calibrated_periods.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { ENGINES } from "../engines/engines.ts";
import { visibleIn } from "../archive/locks.ts";
import { absentText, likelyMeters, startMeter } from "../metering/start_meter.ts";

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
  readonly emit: Emit;
}

/** The variable that tells a meter from all other processes; its value is its own. */
const METER_TAG = "LLEM_METER_ID";

/** What meters a study. */
export interface OpenMetering extends AsyncDisposable {
  /** Null where nothing is metered. */
  readonly meter: StudyMeter | null;
  /** The metering of a slot whose runs may use these devices, as the driver names them; none is all that can be seen. */
  slot(devices: readonly string[]): Metering;
  /** One line: what is metered, or why nothing is. */
  readonly text: string;
}

/**
 * Throws CommandError where a run asks by name for a meter that is not here. Tries it where it may be: what cannot run is
 * to leave no directory behind.
 */
export async function refuseMissingMeters(plan: Plan, env: Env, signal: AbortSignal): Promise<void> {
  const wanted = namedMeters(plan, plan.runs);
  const likely = likelyMeters(env);
  if (wanted.size === 0 || likely.includes("replay")) return;
  const unlikely = [...wanted].filter((meter) => !likely.includes(meter));
  if (unlikely.length > 0) throw missingMeters(unlikely);
  const client = await startMeter({ env, period_ms: plan.metering.period_ms, signal });
  if (signal.aborted && "reason" in client) return;
  const missing = missingFrom(client, wanted);
  if (!("reason" in client)) await client[Symbol.asyncDispose]();
  if (missing !== null) throw missing;
}

/** Starts the meter of a study. Throws CommandError where a meter that a run asks for by name cannot be opened. */
export async function openMetering(study: MeteredStudy): Promise<OpenMetering> {
  const { plan, todo, guard, signal } = study;
  if (todo.every(({ config }) => energyBackendOf(config, plan.metering) === null)) {
    return none("energy.backend is null");
  }
  const entries = new Set<Guarded>();
  const start = (): ReturnType<typeof startMeter> => startGuarded(study, entries);
  const client = await start();
  if ("reason" in client && signal.aborted) return none(client.reason);
  const missing = missingFrom(client, namedMeters(plan, todo));
  if (missing !== null) {
    if (!("reason" in client)) await client[Symbol.asyncDispose]();
    throw missing;
  }
  if ("reason" in client) return none(client.reason);
  const meter = new StudyMeter({ client, restart: start, emit: study.emit });
  return {
    meter,
    slot: slotOpener(study, meter),
    text: `metering ${meteredText(client.hello.devices)}`,
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
  const client = await startMeter({ env: tagged, period_ms: plan.metering.period_ms, self, signal });
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

function slotOpener({ plan, env, base_dir, emit }: MeteredStudy, meter: StudyMeter): OpenMetering["slot"] {
  const { devices } = meter.hello;
  const cache = userCacheFolder(env);
  const host = { env, base_dir, has_gpu: devices.some(({ kind }) => kind === "gpu") || hasGpu() };
  const baselines = baselineStore(cache, devices);
  const update_period_ms = calibratedPeriods(devices, cache);
  return (named) =>
    new SlotMeter({
      meter,
      run_devices: runDevices(named, devices, env),
      backendOf: (config) => energyBackendOf(config, plan.metering),
      holdsGpu: (config) => ENGINES[config.backend].gpus(config, host).kind !== "none",
      update_period_ms,
      baselines,
      emit,
    });
}

function none(reason: string): OpenMetering {
  return {
    meter: null,
    slot: () => unmetered(reason),
    text: `not metered: ${reason}`,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function namedMeters(plan: Plan, runs: Plan["runs"]): Set<"nvml" | "amd" | "rapl"> {
  const names = runs.map(({ config }) => energyBackendOf(config, plan.metering));
  return new Set(names.filter((name) => name !== null && name !== "auto"));
}

/** The error where a meter that was started has not all of those wanted; a replayed trace stands for any. Null where it has. */
function missingFrom(
  client: MeterClient | { readonly reason: string },
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
  const reason = why === "" ? "" : `: ${why}`;
  return new CommandError(
    EXIT.preflight,
    `energy.backend asks for ${missing.join(" and ")}, which cannot be read here${reason}. ` +
      `llem doctor says what is missing; energy.backend: auto takes what is there, null meters nothing.`,
  );
}

/** The GPUs that runs may use which are to use those `named`, by uuid; null where nothing keeps them from any. */
export function runDevices(
  named: readonly string[],
  devices: readonly MeterDevice[],
  env: Env,
): string[] | null {
  const gpus = devices.filter(({ kind }) => kind === "gpu").map(asGpu);
  const visible = visibleIn(env);
  // Within a job nothing may be known of its devices; outside, an empty list hides them all.
  const isUnknown = visible === undefined || (visible === "" && env["SLURM_JOB_ID"] !== undefined);
  if (named.length === 0 && isUnknown) return null;
  const migBoards = devices.filter(({ mig }) => mig?.enabled === true).map(({ uuid }) => uuid);
  const names = named.length > 0 ? named : visibleDevices(visible, gpus);
  return [...new Set(names.map((name) => boardOfInstance(name, migBoards) ?? deviceKey(name, gpus)))];
}

/** The board of an instance (MIG) where that can be told: older drivers put it into the name, else there must be but one. */
function boardOfInstance(name: string, migBoards: readonly string[]): string | null {
  if (!name.startsWith("MIG-")) return null;
  const told = /^MIG-(GPU-[0-9a-f-]+)/i.exec(name)?.[1];
  return told ?? (migBoards.length === 1 ? migBoards[0] ?? null : null);
}

/** NVML counts boards as nvidia-smi does. */
function asGpu({ uuid, name, facts }: MeterDevice): Gpu {
  return { uuid, model: name, bus: String(facts["pci_bus_id"] ?? "") };
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

/** `NVIDIA H100 PCIe x 2 by nvml; package-0 by rapl`. */
function meteredText(devices: readonly MeterDevice[]): string {
  const groups = Map.groupBy(devices, ({ kind, meter }) => `${kind} ${meter}`);
  const parts = [...groups.values()].map((group) => {
    const names = [...Map.groupBy(group, ({ name }) => name)].map(([name, { length }]) =>
      length > 1 ? `${name} x ${length}` : name
    );
    const { meter } = group[0] ?? { meter: "" };
    return `${names.join(", ")} by ${meter}`;
  });
  return parts.join("; ");
}
