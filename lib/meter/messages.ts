/** Texts of the meter: what one device or the meter process cannot do, and why. Those of NVML, AMD and RAPL have folders of their own. */
import type { Call } from "./control.ts";

/** A number with three significant digits. */
function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

// The meter process.

export function meterNotStarted(reason: string): string {
  return `the meter process could not be started: ${reason}`;
}

export function meterEndedEarly(end: string): string {
  return `the meter process ended before it answered (${end})`;
}

export function meterExit(status: { readonly code: number; readonly signal: string | null } | null): string {
  if (status === null) return "exit status unknown";
  return status.signal === null ? `exit code ${status.code}` : `signal ${status.signal}`;
}

export function meterNoAnswer(): string {
  return "the meter process does not answer";
}

export function meterWaitCancelled(): string {
  return "waiting for the meter process was cancelled";
}

export function meterEnded(): string {
  return "the meter process has ended; nothing is metered any more";
}

export function meterDefect(error: string): string {
  return `llem __meter: internal error: ${error}`;
}

export function meterOptionsInvalid(line: string): string {
  return `llem __meter: invalid options: ${line}`;
}

const CALL_WORDS: Readonly<Record<Call, string>> = {
  open: "opening",
  power: "reading the power of",
  counters: "reading the counters of",
  state: "reading the state of",
};

/** A call to a driver that hangs. `what`: a kind of meter, or a device. */
export function callHangs(call: Call, what: string): string {
  return `${CALL_WORDS[call]} ${what} hangs: the call to the driver does not return`;
}

export function hangRemedy(): string {
  return "Look for Xid errors (dmesg | grep -i xid), then reset the GPU or reboot.";
}

/** A device whose name is unknown. */
export function someDevice(): string {
  return "a device";
}

// Recorded traces.

export function traceUnreadable(reason: string): string {
  return `the trace cannot be read: ${reason}`;
}

export function traceRemedy(): string {
  return "use an unmodified trace of the meter process";
}

export function traceEmpty(): string {
  return "the trace is empty";
}

export function notJson(): string {
  return "not JSON";
}

export function notMeterMessage(): string {
  return "not a message of the meter";
}

export function secondHello(): string {
  return "a second hello";
}

export function helloMissing(): string {
  return "the first line is not a hello";
}

export function readingsForOtherDevices(devices: number): string {
  return `the hello lists ${devices} ${
    devices === 1 ? "device" : "devices"
  }, the power readings another number`;
}

export function deviceNotInHello(device: number): string {
  return `device ${device} is not in the hello`;
}

// The update period of a sensor.

export function powerUnreadable(): string {
  return "power could not be read";
}

/** `changes`: how often power changed, too seldom to find a period. */
export function powerChangedRarely(changes: number): string {
  if (changes === 0) return "power did not change";
  return `power changed only ${changes === 1 ? "once" : `${changes} times`}`;
}

// One device: why its energy counter or its readings of power give no number.

export function noEnergyCounter(): string {
  return "it has no energy counter";
}

export function counterNotReadAtEdge(): string {
  return "the counter was not read near an edge of the window";
}

export function counterResetInWindow(): string {
  return "the counter was reset during the window";
}

export function counterResetDuringRun(): string {
  return "the counter was reset during the run";
}

export function counterDidNotAdvance(): string {
  return "the counter did not advance";
}

export function counterImplausible(ratio: number): string {
  return `the counter shows ${ratio.toFixed(2)} times the integrated power`;
}

export function emptyWindow(): string {
  return "the window is empty";
}

export function noPowerReadings(): string {
  return "its power cannot be read";
}

export function windowTooShortForAverage(): string {
  return "power is an average over 1 s, and the window is no longer than 2 s";
}

export function noPowerInWindow(): string {
  return "no power reading in the window";
}

// One device: why its numbers are wrong or doubtful.

/** The first impossible reading of a board's power. */
export function impossiblePower(uuid: string, watts: number): string {
  return `${uuid} reports ${digits(watts)} W, which no working board draws; such readings are discarded`;
}

export function impossibleReadings(uuid: string, watts: number, n: number, all: number): string {
  return `${uuid} reported ${digits(watts)} W in ${n} of ${all} readings, which no working board draws`;
}

export function someImpossibleReadings(uuid: string, watts: number, n: number, all: number): string {
  return `${n} of ${all} power readings of ${uuid} were impossible (${digits(watts)} W) and were discarded`;
}

export function counterWentBack(uuid: string): string {
  return `the energy counter of ${uuid} was reset or went backwards during the run`;
}

export function counterAboveAnyBoard(uuid: string, watts: number): string {
  return `the energy counter of ${uuid} shows ${digits(watts)} W, more than any board draws`;
}

export function counterStoodStill(
  uuid: string,
  { seconds, watts }: { readonly seconds: number; readonly watts: number },
): string {
  return `the energy counter of ${uuid} did not advance for ${digits(seconds)} s at ${digits(watts)} W`;
}

export function counterNotUsable(uuid: string, reason: string): string {
  return `the energy counter of ${uuid} could not be used (${reason})`;
}

export function powerNotUsable(uuid: string, reason: string): string {
  return `the power readings of ${uuid} could not be used (${reason})`;
}
