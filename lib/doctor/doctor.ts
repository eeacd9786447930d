/**
 * lib/doctor owns the look at this machine: what it can measure and run, and what to do about the rest. It prints nothing.
 */
import { loadavg } from "node:os";
import { resolve } from "node:path";
import { readEnvironment } from "../host/environment.ts";
import { readSystemLibraries } from "../host/system_libraries.ts";
import { machineBoards } from "../metering/machine_boards.ts";
import type { MeterDevice } from "../meter/meter.ts";
import { type DoctorCheck, usableBackends } from "../report/doctor_text.ts";
import { lookAtBoards, type ReadPowerFast } from "./boards.ts";
import { deviceChecks } from "./devices.ts";
import { dockerCheck } from "./docker.ts";
import { energyChecks, type MeterAnswer } from "./energy.ts";
import { umaskTrouble, usableByOwner } from "../storage/umask.ts";
import { engineChecks } from "./engines.ts";
import { fileChecks, umaskChecks } from "./files.ts";
import { othersBetween, readLoad } from "./load.ts";
import { libraryCheck, machineChecks } from "./machine.ts";
import { processChecks } from "./processes.ts";

/** How doctor reaches the meter. */
export interface DoctorMeter {
  /** Starts the meter and takes its first words; the reason where it does not come up. Never throws. */
  readMeter(): Promise<MeterAnswer>;
  readonly readPowerFast: ReadPowerFast;
}

/** What is looked at. */
export interface Examined {
  readonly env: Readonly<Record<string, string>>;
  readonly meter: DoctorMeter;
  /** Where study directories would go. */
  readonly results_dir: string;
  /** Study directories are their owner's alone, whatever the umask. */
  readonly private_files: boolean;
  /** The user's cache; null where there is none. */
  readonly cache: string | null;
}

/** What was found. Its fields are those of `llem doctor --json`. */
export interface Diagnosis {
  /** Studies of every engine that is there can be run here. */
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
  /** The backends whose studies can be run here, as far as their own checks tell. */
  readonly backends: readonly string[];
  readonly devices: readonly MeterDevice[];
  readonly boards: readonly unknown[];
}

/** Looks at meters, engines, process control, files and the machine. */
export async function examine(
  { env, meter, results_dir, private_files, cache }: Examined,
): Promise<Diagnosis> {
  const umask = private_files ? null : umaskTrouble();
  // Whatever is made to find out can be used, and removed again.
  using _ = usableByOwner();
  // Before the rest makes work of its own.
  const [load = 0] = loadavg();
  const before = readLoad();
  const answer = await meter.readMeter();
  const devices = "reason" in answer ? [] : answer.devices;
  const boards = await lookAtBoards(devices, meter.readPowerFast, cache);
  const checks = [
    ...energyChecks(answer, boards),
    ...deviceChecks(env, machineBoards("reason" in answer ? null : answer)),
    ...await engineChecks(env, resolve(results_dir)),
    await dockerCheck(env),
    ...await processChecks(),
    ...umaskChecks(umask),
    ...fileChecks(results_dir, cache),
    ...machineChecks(readEnvironment(env), load, othersBetween(before, readLoad())),
    libraryCheck(readSystemLibraries(env)),
  ];
  // A board that is broken is no matter of those that use another.
  const ok = checks.every(({ status, board }) => status !== "broken" || board !== undefined);
  return { ok, checks, backends: usableBackends(checks), devices, boards: boards.map(boardRecord) };
}

/** One row per board, the same keys whether its pace is known or not. */
function boardRecord({ uuid, pace }: Awaited<ReturnType<typeof lookAtBoards>>[number]): unknown {
  return "reason" in pace
    ? { uuid, driver: null, period_ms: null, taken_at: null, reason: pace.reason }
    : { ...pace, reason: null };
}
