/** Texts of the meter for people. */

/** A number with three digits that count. */
function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** The first impossible reading of a board's power. */
export function impossiblePower(uuid: string, watts: number): string {
  return `${uuid} reports ${digits(watts)} W, which no working board draws; such readings are discarded`;
}

/** A counter of a CPU package or of memory that holds more than its own range. */
export function counterAboveRange(path: string, value: string, rangeUj: number): string {
  return `${path} holds ${value}, more than its range of ${rangeUj} uJ`;
}

/** A zone of powercap whose name cannot be read. */
export function namelessZone(path: string): string {
  return `${path}/name cannot be read`;
}

/** Most readings of a board's power are none. */
export function impossibleReadings(uuid: string, watts: number, n: number, all: number): string {
  return `${uuid} reported ${digits(watts)} W in ${n} of ${all} readings, which no working board draws`;
}

/** A few readings of a board's power are none. */
export function someImpossibleReadings(uuid: string, watts: number, n: number, all: number): string {
  return `${n} of ${all} power readings of ${uuid} were impossible (${digits(watts)} W) and were discarded`;
}

/** The counter of a board cannot be a counter of its energy. */
export function counterWentBack(uuid: string): string {
  return `the energy counter of ${uuid} was reset or went backwards during the run`;
}

/** The counter says more than a board can draw. */
export function counterAboveAnyBoard(uuid: string, watts: number): string {
  return `the energy counter of ${uuid} says ${digits(watts)} W, which no board draws`;
}

/** The counter and the power of a board contradict each other. */
export function counterStoodStill(
  uuid: string,
  { seconds, watts }: { readonly seconds: number; readonly watts: number },
): string {
  return `the energy counter of ${uuid} did not advance for ${digits(seconds)} s at ${
    digits(watts)
  } W of power`;
}

/** A counter that this board has gave no number. */
export function unreadCounter(uuid: string, reason: string): string {
  return `the energy counter of ${uuid} could not be used (${reason})`;
}

/** The power that this board tells gave no number. */
export function powerNotRead(uuid: string, reason: string): string {
  return `the power readings of ${uuid} could not be used (${reason})`;
}
