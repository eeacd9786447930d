import type { MeterDevice } from "../meter/meter.ts";
import { boardsFile, findBoard, loadBoards } from "../storage/boards.ts";

/** The update periods of those boards that doctor has calibrated, in ms by uuid, from the user's cache. */
export function calibratedPeriods(
  devices: readonly MeterDevice[],
  cache: string | null,
): ReadonlyMap<string, number> {
  const boards = cache === null ? [] : loadBoards(boardsFile(cache));
  return new Map(devices.flatMap((device) => {
    const board = findBoard(boards, { uuid: device.uuid, driver: driverOf(device) });
    return board === null ? [] : [[device.uuid, board.period_ms] as const];
  }));
}

/** The driver as the meter's facts name it; empty where they do not. */
export function driverOf({ facts }: Pick<MeterDevice, "facts">): string {
  const key = ["driver_version", "driver"].find((name) => typeof facts[name] === "string");
  return key === undefined ? "" : String(facts[key]);
}
