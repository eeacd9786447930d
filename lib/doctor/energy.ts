import type { Json } from "../base/json.ts";
import type { LeftOutBoard, MeterDevice, MeterTrouble } from "../meter/meter.ts";
import type { HelloMessage } from "../meter/sample.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";
import type { Board } from "../storage/boards.ts";
import * as messages from "./messages.ts";

/** What the meter said when it came up, or why it did not. */
export type MeterAnswer =
  | HelloMessage & {
    /** What went wrong while it came up. */
    readonly troubles?: readonly MeterTrouble[];
  }
  | { readonly reason: string };

/** A board whose sensor was looked at: what is known of its pace, or why it could not be told. */
export interface BoardPace {
  readonly uuid: string;
  readonly pace: Board | { readonly reason: string };
}

/** What can be metered here. A machine without any meter can still run studies. */
export function energyChecks(answer: MeterAnswer, boards: readonly BoardPace[]): DoctorCheck[] {
  if ("reason" in answer) {
    return [energy("meter", "missing", messages.meterNotStarted(answer.reason), null)];
  }
  return [
    ...(answer.left_out ?? []).map(leftOutCheck),
    ...answer.devices.flatMap((device) => [
      ...deviceChecks(device, boards),
      ...failedReadings(device, answer.troubles ?? []),
    ]),
    ...answer.absent.map(({ meter, reason, remedy }) =>
      energy(meter, remedy === null ? "unavailable" : "missing", reason, remedy)
    ),
  ];
}

/** A board that its driver counts and that does not open keeps studies that name it from being run. */
function leftOutCheck({ meter, index, uuid, reason, remedy }: LeftOutBoard): DoctorCheck {
  const detail = messages.boardDoesNotOpen(uuid, reason);
  return { ...energy(`${meter} GPU ${index}`, "broken", detail, remedy), board: uuid ?? String(index) };
}

/** A driver that fails to tell what its board can tell: something is wrong with either. */
function failedReadings(device: MeterDevice, troubles: readonly MeterTrouble[]): DoctorCheck[] {
  const own = troubles.filter(({ code, device: uuid }) => code === "read" && uuid === device.uuid);
  return own.map(({ text, remedy }) => ({
    ...energy(`${device.meter} ${device.name} readings`, "broken", text, remedy),
    board: device.uuid,
  }));
}

function deviceChecks(device: MeterDevice, boards: readonly BoardPace[]): DoctorCheck[] {
  const name = `${device.meter} ${device.name}`;
  const told = energy(name, "ok", messages.boardReadings(device.uuid, device), null);
  const canTell = device.counter || device.power !== null;
  return [
    canTell ? told : { ...told, status: "missing" },
    ...persistenceCheck(device, name),
    ...device.mig?.enabled === true ? [migCheck(name)] : [],
    ...virtualCheck(device, name),
    ...boards.filter(({ uuid }) => uuid === device.uuid).map(({ pace }) => paceCheck(name, pace)),
  ];
}

/** Without it the driver unloads, and the counter begins anew, when the last program leaves the GPU. */
function persistenceCheck({ facts }: MeterDevice, name: string): DoctorCheck[] {
  const mode = factLike(facts, /^persistence/i);
  if (mode === undefined || mode === null || !isOff(mode)) return [];
  return [energy(`${name} persistence`, "warning", messages.persistenceOff(), "sudo nvidia-smi -pm 1")];
}

function migCheck(name: string): DoctorCheck {
  return energy(`${name} MIG`, "warning", messages.migIsOn(), messages.migAdvice());
}

function virtualCheck({ facts }: MeterDevice, name: string): DoctorCheck[] {
  const mode = factLike(facts, /^virtuali[sz]ation/i);
  if (mode === undefined || mode === null || isOff(mode)) return [];
  const detail = messages.gpuIsVirtual(String(mode));
  return [energy(`${name} virtual`, "warning", detail, messages.virtualAdvice())];
}

function paceCheck(name: string, pace: BoardPace["pace"]): DoctorCheck {
  if ("reason" in pace) {
    const detail = messages.sensorPeriodUnknown(pace.reason);
    return energy(`${name} pace`, "missing", detail, messages.sensorPeriodAdvice());
  }
  const { period_ms, taken_at } = pace;
  return energy(`${name} pace`, "ok", messages.sensorPeriod(period_ms, taken_at), null);
}

function factLike(facts: MeterDevice["facts"], like: RegExp): Json | undefined {
  const key = Object.keys(facts).find((name) => like.test(name));
  return key === undefined ? undefined : facts[key];
}

function isOff(value: Json): boolean {
  return value === false || value === 0 || /^(off|disabled|none|no)$/i.test(String(value));
}

function energy(
  name: string,
  status: DoctorCheck["status"],
  detail: string,
  remedy: string | null,
): DoctorCheck {
  return { group: "Energy", name, status, detail, remedy };
}
