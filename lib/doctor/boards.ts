import type { MeterDevice } from "../meter/meter.ts";
import { type PowerReading, updatePeriodMs } from "../meter/update_period.ts";
import { type Board, boardsFile, findBoard, loadBoards, saveBoards } from "../storage/boards.ts";
import { driverOf } from "../metering/calibrated_periods.ts";
import type { BoardPace } from "./energy.ts";

/** Reads the power of one device about every 2 ms for 1.2 s. Throws, or gives nothing, where that cannot be done. */
export type ReadPowerFast = (uuid: string) => Promise<readonly PowerReading[]>;

/**
 * Learns how often the boards' sensors publish a new value, one board after the other, and keeps it. A board that
 * cannot be told now keeps what an earlier look found under the same driver.
 */
export async function lookAtBoards(
  devices: readonly MeterDevice[],
  read: ReadPowerFast,
  cache: string | null,
): Promise<BoardPace[]> {
  const known = cache === null ? [] : loadBoards(boardsFile(cache));
  const paces: BoardPace[] = [];
  const learned: Board[] = [];
  for (const device of devices.filter(({ kind, power }) => kind === "gpu" && power !== null)) {
    const about = { uuid: device.uuid, driver: driverOf(device) };
    const seen = updatePeriodMs(await read(device.uuid).catch(() => []));
    if ("reason" in seen) {
      paces.push({ uuid: device.uuid, pace: findBoard(known, about) ?? seen });
      continue;
    }
    const board = { ...about, ...seen, taken_at: new Date().toISOString() };
    learned.push(board);
    paces.push({ uuid: device.uuid, pace: board });
  }
  if (cache !== null && learned.length > 0) keep(cache, learned);
  return paces;
}

function keep(cache: string, learned: readonly Board[]): void {
  try {
    saveBoards(boardsFile(cache), learned);
  } catch {
    // A cache that cannot be written is told by its own check, and costs a second look.
  }
}
