import type { Json } from "../base/json.ts";
import type { LeftOutBoard, MeterDevice, MeterTrouble } from "../meter/meter.ts";
import type { HelloMessage } from "../meter/sample.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";
import type { Board } from "../storage/boards.ts";

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
    return [energy("meter", "missing", `the meter did not come up: ${answer.reason}`, null)];
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
  const detail = `${uuid === null ? "" : `${uuid}: `}the board does not open: ${reason}`;
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
  const told = energy(name, "ok", `${device.uuid}: ${readable(device)}`, null);
  const canTell = device.counter || device.power !== null;
  return [
    canTell ? told : { ...told, status: "missing" },
    ...persistenceCheck(device, name),
    ...device.mig?.enabled === true ? [migCheck(name)] : [],
    ...virtualCheck(device, name),
    ...boards.filter(({ uuid }) => uuid === device.uuid).map(({ pace }) => paceCheck(name, pace)),
  ];
}

const POWER_WORDS = {
  instant: "power of the moment",
  average_1s: "power as an average over 1 s",
  average: "power as an average over an unknown time",
};

function readable({ counter, power, absent }: MeterDevice): string {
  const can = [counter ? "energy counter" : null, power === null ? null : POWER_WORDS[power]]
    .filter((part) => part !== null).join(", ");
  const cannot = Object.entries(absent).map(([what, why]) => `${what.replaceAll("_", " ")} (${why})`).join(
    ", ",
  );
  return `${can || "neither energy nor power can be read"}${cannot === "" ? "" : `; not: ${cannot}`}`;
}

/** Without it the driver unloads, and the counter begins anew, when the last program leaves the GPU. */
function persistenceCheck({ facts }: MeterDevice, name: string): DoctorCheck[] {
  const mode = factLike(facts, /^persistence/i);
  if (mode === undefined || mode === null || !isOff(mode)) return [];
  const detail = "persistence mode is off: loading the driver takes a second, and idle power is another";
  return [energy(`${name} persistence`, "warning", detail, "sudo nvidia-smi -pm 1")];
}

function migCheck(name: string): DoctorCheck {
  const detail = "MIG is on: energy is that of the whole board, whoever uses its other instances";
  return energy(
    `${name} MIG`,
    "warning",
    detail,
    "have the whole board, or sudo nvidia-smi -mig 0 while nobody uses it",
  );
}

function virtualCheck({ facts }: MeterDevice, name: string): DoctorCheck[] {
  const mode = factLike(facts, /^virtuali[sz]ation/i);
  if (mode === undefined || mode === null || isOff(mode)) return [];
  const detail = `the GPU is virtualised (${String(mode)}): what it tells of power is not to be trusted`;
  return [energy(`${name} virtual`, "warning", detail, "meter on the machine itself")];
}

function paceCheck(name: string, pace: BoardPace["pace"]): DoctorCheck {
  if ("reason" in pace) {
    const remedy = "run llem doctor once more while the board works, for example during a study";
    return energy(
      `${name} pace`,
      "missing",
      `how often its sensor speaks is not known: ${pace.reason}`,
      remedy,
    );
  }
  const { period_ms, taken_at } = pace;
  return energy(`${name} pace`, "ok", `a new value every ${period_ms} ms (seen ${taken_at})`, null);
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
