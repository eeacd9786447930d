import { join } from "node:path";
import { isJsonObject } from "../base/json.ts";
import { readCacheFile, writeCacheFile } from "./cache_file.ts";

/** What a machine learned about one board's sensor of power. */
export interface Board {
  readonly uuid: string;
  /** Of the driver that was in use: another one may publish at another pace. */
  readonly driver: string;
  /** Milliseconds after which the sensor publishes a new value. */
  readonly period_ms: number;
  /** UTC, ISO 8601. */
  readonly taken_at: string;
}

const SCHEMA = "llem.boards/1";

/** The file that keeps what is known of boards, in the user's cache folder. */
export function boardsFile(folder: string): string {
  return join(folder, "boards.json");
}

/** The boards that are known; empty where the file is missing or damaged. What no longer reads is left out. */
export function loadBoards(path: string): Board[] {
  const boards = readCacheFile(path, SCHEMA)?.boards;
  return Array.isArray(boards) ? boards.filter(isBoard) : [];
}

/** Puts what was learned over what is known of the same boards and drivers. Throws what the system threw. */
export function saveBoards(path: string, learned: readonly Board[]): void {
  const boards = new Map([...loadBoards(path), ...learned].map((board) => [keyOf(board), board]));
  writeCacheFile(path, SCHEMA, { boards: [...boards.values()] });
}

/** What is known of a board under the driver that runs now; null for nothing. */
export function findBoard(boards: readonly Board[], wanted: Pick<Board, "uuid" | "driver">): Board | null {
  return boards.find((board) => keyOf(board) === keyOf(wanted)) ?? null;
}

function keyOf({ uuid, driver }: Pick<Board, "uuid" | "driver">): string {
  return `${uuid} ${driver}`;
}

function isBoard(value: unknown): value is Board {
  return isJsonObject(value) && typeof value.uuid === "string" && typeof value.driver === "string" &&
    typeof value.period_ms === "number" && Number.isFinite(value.period_ms) && value.period_ms > 0 &&
    typeof value.taken_at === "string";
}
