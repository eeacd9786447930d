/** Texts about energy: what a number covers, reasons of a verdict, warnings. The console shows 120 characters of the first reason. */

/** A number with three significant digits. */
function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${digits(share * 100)} %`;
}

// What a number covers.

export function hostCovers(hasDram: boolean, parts: readonly string[] | null): string {
  const all = `the CPU packages ${hasDram ? "and memory" : "(not the memory)"} of the whole machine`;
  return `${parts === null ? all : `only ${parts.join(", ")}`}, all processes included; ` +
    "excludes GPUs, fans, disks and power supply losses";
}

export function coversNothing(): string {
  return "nothing: the run used no GPU, and the host is not metered";
}

export function gpuCovers(boards: number, more: string | null): string {
  return `${boards === 1 ? "the whole GPU board" : `the whole of ${boards} GPU boards`}` +
    " (chip, memory, regulators), idle power included; excludes CPU, fans, disks and power supply losses" +
    (more === null ? "" : `; ${more}`);
}

export function allWorkIncluded(): string {
  return "includes all work done on the boards meanwhile";
}

export function sliceOfBoard(): string {
  return "the run used a slice of the board";
}

export function clientIncluded(): string {
  return "includes the client that sends the load";
}

// Why there is no energy.

/** A clause that names who listens on a port of this machine. */
export function portHolder(
  port: number,
  holders: readonly { readonly pid: number; readonly name: string | null }[],
): string {
  const [first] = holders;
  if (first === undefined) return `the server on port ${port} (its processes are hidden)`;
  const { pid, name } = first;
  const more = holders.length > 1 ? ` and ${holders.length - 1} more` : "";
  return `the server on port ${port} (${pid}${name === null ? "" : ` ${name}`}${more})`;
}

/** Of the joules of a server's start. */
export function startToldBefore(): string {
  return "told with the first run of this instance of the server";
}

export function serverBehindTunnel(server: string): string {
  return `${server} is a tunnel: what it leads to is not metered here`;
}

export function serverUnseen(server: string): string {
  return `${server} was seen on no GPU: name its boards in execution.devices, or let llem start it`;
}

export function noMeasurePhase(): string {
  return "the worker completed no measure phase, so there is no window to meter";
}

export function nothingMetered(): string {
  return "no device with a usable energy meter was found";
}

/** A clause in brackets. */
export function noGpuByEngine(): string {
  return "its engine computes on the CPU";
}

/** A clause in brackets: by the worker's hello. */
export function noGpuByHello(): string {
  return "its worker computes on the CPU";
}

/** A clause in brackets: by the memory of all boards, from before its start on. */
export function noGpuByServer(): string {
  return "its server took no GPU memory";
}

export function noEnergyOfTheRun(why: string): string {
  return `no GPU used (${why}), and no CPU energy counter (RAPL) can be read`;
}

export function absentMeter(meter: string, reason: string): string {
  return `${meter === "rapl" ? "RAPL" : meter}: ${reason}`;
}

export function noGpuOfTheRun(reasons: readonly string[]): string {
  return `none of the run's GPUs is metered: ${reasons.join("; ")}`;
}

export function assignedNotMetered(board: string, reason: string | null): string {
  return `${board} is assigned to the run but not metered${reason === null ? "" : `: ${reason}`}`;
}

export function migBoardUnknown(name: string, reason: string): string {
  return `${name} is assigned to the run but its board is unknown: no process of the run was seen on exactly one ` +
    `board in MIG mode, and the driver does not name the board (${reason})`;
}

export function driverNotAsked(): string {
  return "it was not asked";
}

// Why a number is not the run's, or is doubtful.

export function unreadPart(uuid: string, reason: string): string {
  return `${uuid} could not be read, so the sum does not cover the whole machine: ${reason}`;
}

export function notSeen(): string {
  return "no process of this run was seen on its boards; the energy is all that they used meanwhile";
}

export function serverNotSeen(): string {
  return "no process of the run's server was seen on its boards; the energy is all that they used meanwhile";
}

/** `server` is a clause of {@link portHolder}, as in the next two. */
export function serverOfOthers(server: string): string {
  return `${server} was not started by llem; what it did for other clients is included`;
}

export function namedBoards(server: string): string {
  return `${server} was not seen on the boards that execution.devices names; the energy is all that they used meanwhile`;
}

export function serverOnHost(server: string): string {
  return `${server} was not started by llem, and no GPU is metered here: the energy covers CPU and memory only`;
}

/** A board is known only by processes that may be anybody's. */
export function cameWithTheRun(): string {
  return "a process that cannot be seen from here came with the run";
}

export function helloNamedNothing(): string {
  return "its worker did not say which devices it used";
}

export function boardByMemory(uuid: string, mib: number): string {
  return `no process of this run was seen; ${uuid} is taken as its board because memory use rose by ${mib} MiB`;
}

export function boardNotMetered(index: number, reason: string): string {
  return `GPU ${index} is not metered: ${reason}`;
}

export function hostOnly(): string {
  return "no GPU is metered here: the energy covers CPU and memory only";
}

/** By these words alone a digest of a run tells that others were on its boards. */
export const OTHERS_USED = "other processes used ";

export function othersOnBoard(uuid: string, isInMigMode: boolean, processes: string): string {
  return `${OTHERS_USED}${uuid}${isInMigMode ? ", which is in MIG mode" : ""}: ${processes}`;
}

/** Never without holders; the largest come first. */
export function othersHeldMemory(
  uuid: string,
  holders: readonly {
    readonly pid: number;
    readonly name: string | null;
    readonly memory_bytes: number | null;
    readonly run_id?: string;
  }[],
): string {
  const who = holders.toSorted((one, other) => (other.memory_bytes ?? 0) - (one.memory_bytes ?? 0))
    .slice(0, 3)
    .map(({ pid, name, memory_bytes, run_id }) => {
      const process = `${name ?? "a process"} (pid ${pid})`;
      const whose = run_id === undefined ? process : processOfRun(process, run_id);
      return `${whose} ${((memory_bytes ?? 0) / 2 ** 30).toFixed(1)} GiB`;
    });
  return `Other programs held memory of ${uuid} during this run: ${who.join(", ")}${
    holders.length > 3 ? " ..." : ""
  }. Stop them before you run it again.`;
}

export function boardLost(uuid: string, reason: string): string {
  return `${uuid} was lost: ${reason}`;
}

export function windowBelowSensor(windowS: number, shortestS: number): string {
  return `the window of ${
    digits(windowS)
  } s is shorter than the sensor's update period, rise and fall together (${digits(shortestS)} s)`;
}

export function noEnergyOfDevice(uuid: string, notes: readonly string[]): string {
  return `the energy of ${uuid} could not be determined (${notes.join("; ")})`;
}

export function powerGapOfWindow(uuid: string, seconds: number): string {
  return `the power of ${uuid} was not read for ${digits(seconds)} s of the window`;
}

export function meterEndedEarly(reason: string): string {
  return `the meter ended before the window did: ${reason}`;
}

export function uncertaintyTooLarge(limit: number): string {
  return `the uncertainty is more than ${percent(limit)} of the energy`;
}

export function windowShort(windowS: number, limitS: number): string {
  return `the window of ${digits(windowS)} s is shorter than ${limitS} s`;
}

export function uncertaintyLarge(share: number, limit: number): string {
  return `the uncertainty is ${percent(share)} of the energy, more than ${percent(limit)}`;
}

export function boardThrottled(uuid: string, causes: readonly string[]): string {
  return `${uuid} was throttled (${causes.join(", ")})`;
}

export function idlePowerDiffers(level: string): string {
  return `idle power (${level}) differed before and after the window`;
}

export function graphicsOnBoard(uuid: string, processes: string): string {
  return `${uuid} also rendered graphics for ${processes}; their energy is included`;
}

export function powerGap(uuid: string, milliseconds: number): string {
  return `the power readings of ${uuid} have a gap of ${digits(milliseconds)} ms`;
}

export function metersDiffer(uuid: string, share: number): string {
  return `the energy counter and the integrated power of ${uuid} differ by ${percent(share)}`;
}

export function boardInMigMode(uuid: string): string {
  return `${uuid} is in MIG mode: the energy is that of the whole board`;
}

// Runs of the same study beside a run.

/** Where a run is to be named; a server between its runs has no id. */
export function runsNamed(run_ids: readonly string[]): string {
  const names = run_ids.slice(0, 3).map((run_id) => run_id === "" ? "a server" : run_id);
  return `${names.join(", ")}${run_ids.length > 3 ? ` and ${run_ids.length - 3} more` : ""}`;
}

export function processOfRun(process: string, run_id: string): string {
  return `${process} of run ${run_id} of this study`;
}

/** `runs` is a clause of {@link runsNamed}, as in the next two. */
export function hostBeside(runs: string): string {
  return `CPU and memory energy is that of the whole machine, and other runs of this study were on it: ${runs}`;
}

export function besideUnaudited(runs: string): string {
  return `measured beside other runs (${runs}), and no audit has shown that this changes nothing (execution.audit)`;
}

export function besideOtherAgents(runs: string): string {
  return `measured while another agent made runs on this machine (${runs}), which no audit covers: give each machine one agent`;
}

// Notes on one device.

export function counterNote(reason: string): string {
  return `counter: ${reason}`;
}

export function counterRejectedNote(reason: string): string {
  return `counter rejected: ${reason}`;
}

export function integralNote(reason: string): string {
  return `integral: ${reason}`;
}

// Warnings of a record.

export function usedUnassignedBoard(uuid: string): string {
  return `The run used ${uuid}, which is not assigned to it; its energy is included`;
}

export function powerLimitChanged(uuid: string, limitsW: readonly number[]): string {
  return `The power limit of ${uuid} changed during the window: ${limitsW.join(", ")} W`;
}

export function counterNotUsed(uuid: string, notes: readonly string[]): string {
  return `The energy counter of ${uuid} was not used (${notes.join("; ")})`;
}

export function counterApart(uuid: string, ratio: number): string {
  return `The energy counter of ${uuid} shows ${ratio.toFixed(3)} times the integrated power`;
}

export function averagedPower(uuid: string, isTrimmed: boolean): string {
  return `The power readings of ${uuid} are averages${
    isTrimmed ? " over 1 s, so one second at either end of the window was left out" : ""
  }`;
}

export function idlePowerDrifted(level: string, watts: number): string {
  return `Idle power (${level}) drifted by ${watts.toFixed(1)} W`;
}

export function temperatureChanged(uuid: string, startC: number, endC: number): string {
  return `${uuid} went from ${startC} C to ${endC} C during the window. Use a longer warm-up`;
}

export function persistenceOff(uuid: string): string {
  return `Persistence mode of ${uuid} is off, so idle power can differ between studies. Run: sudo nvidia-smi -pm 1`;
}

// Why a level of idle power is unknown.

export function noBaseline(): string {
  return "no baseline was taken";
}

export function deviceWithoutBaseline(): string {
  return "a device of the run has no baseline";
}

export function noIdlePhase(phase: string): string {
  return `the worker reported no ${phase} phase`;
}

export function idlePhaseTooShort(): string {
  return "the phase is too short";
}

export function noReading(uuid: string | null): string {
  return uuid === null ? "no readings" : `no readings of ${uuid}`;
}

// Why the energy of a phase is unknown.

export function notResolvable(reason: string): string {
  return `not resolvable: ${reason}`;
}

export function phaseNotEnded(): string {
  return "the phase never ended";
}

export function phaseTooShort(periods: number): string {
  return `the whole phase is shorter than ${periods} update periods of the sensor`;
}

export function phaseWindowTooShort(periodMs: number): string {
  return `some of its windows are shorter than one update period of the sensor (${periodMs} ms)`;
}

export function phaseUncertain(limit: number): string {
  return `the edges of its windows alone add an uncertainty of more than ${percent(limit)}`;
}

export function phaseGap(seconds: number): string {
  return `power was not read for ${seconds.toFixed(1)} s of the phase`;
}
