import { CommandError, EXIT } from "../../base/refusal.ts";
import type { Boards } from "../../host/boards.ts";
import { boardsOf } from "../../host/pool_boards.ts";
import { readGpus } from "../../host/gpus.ts";
import { ALL_DEVICES } from "../../host/visible_boards.ts";
import type { MeterClient } from "../../meter/meter_client.ts";
import { machineBoards, type ToldBoards } from "../../metering/machine_boards.ts";
import { likelyMeters, type NoMeter, startMeter } from "../../metering/start_meter.ts";
import type { Plan } from "../../plan/plan.ts";
import { boardLeftOut, noBoardOpens } from "./messages.ts";
import { unknownDevices } from "./named_boards.ts";
import { deadBoards, migDevices } from "./run_boards.ts";

type Env = Readonly<Record<string, string>>;
type Executed = Pick<Plan, "execution">;

/** True where a study can be judged only by what a driver tells of the boards: it names some, or needs to know them all. */
export function dependsOnBoards(plan: Executed, env: Env): boolean {
  return plan.execution.devices.length > 0 || hasOwnCount(plan, env);
}

/**
 * True where /proc does not tell which boards are meant: several runs are made at a time, a Slurm job goes by numbers of
 * device files or counts its own boards, or the list is hidden and the environment names some.
 */
function hasOwnCount({ execution }: Executed, env: Env): boolean {
  const { SLURM_STEP_GPUS, SLURM_JOB_GPUS, SLURM_JOB_ID, CUDA_VISIBLE_DEVICES } = env;
  if (execution.parallel !== "off" || (SLURM_STEP_GPUS ?? SLURM_JOB_GPUS) !== undefined) return true;
  const isNamed = execution.devices.length > 0;
  return isNamed && SLURM_JOB_ID !== undefined ||
    (isNamed || CUDA_VISIBLE_DEVICES !== undefined) && readGpus().length === 0;
}

/** The boards by which devices are locked: what /proc lists, or what the driver says where that is not enough. */
export async function boardsToLock(plan: Plan, env: Env, signal: AbortSignal): Promise<Boards> {
  if (!hasOwnCount(plan, env) || !likelyMeters(env).includes("nvml")) return machineBoards(null);
  const mig_devices = migDevices(plan.execution.devices, env);
  const client = await startMeter({ env, period_ms: plan.metering.period_ms, mig_devices, signal });
  if (!("reason" in client)) await client[Symbol.asyncDispose]();
  return machineBoards(toldBy(client));
}

/** What a meter tells of boards, also one that did not start. */
export function toldBy(client: MeterClient | NoMeter): ToldBoards {
  return "reason" in client ? { devices: [], left_out: client.left_out ?? [] } : client.hello;
}

/** Throws CommandError where the study names a device that is not here; where nothing tells what is, any is taken. */
export function refuseUnknown({ execution }: Executed, machine: Boards): void {
  const problems = unknownDevices(execution.devices, machine);
  if (problems.length > 0) throw new CommandError(EXIT.usage, problems.join("\nllem: "));
}

/** Throws CommandError where a study cannot do without a board that does not open. */
export function refuseDead(plan: Executed, machine: Boards, env: Env): void {
  const error = deadBoard(plan, machine, env);
  if (error !== null) throw error;
}

/** The error where a board that the study needs does not open; null where none is such. A pool goes on with the others. */
export function deadBoard({ execution }: Executed, machine: Boards, env: Env): CommandError | null {
  const { devices, parallel } = execution;
  if (parallel !== "off") {
    const { boards, left_out } = boardsOf(devices, machine, env);
    if (boards.length > 0 || left_out.length === 0) return null;
    return new CommandError(EXIT.preflight, noBoardOpens(left_out));
  }
  const problems = deadBoards(devices, machine, env);
  return problems.length === 0 ? null : new CommandError(EXIT.preflight, problems.join("\nllem: "));
}

/** A sentence for each board that a study goes on without, since it does not open. */
export function boardsLeftOut({ execution }: Executed, machine: Boards, env: Env): readonly string[] {
  const { devices, parallel } = execution;
  if (parallel === "off" && !devices.includes(ALL_DEVICES)) return [];
  return boardsOf(devices, machine, env).left_out.map(boardLeftOut);
}
