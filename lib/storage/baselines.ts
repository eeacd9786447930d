import { join } from "node:path";
import { isJsonObject } from "../base/json.ts";
import { readCacheFile, writeCacheFile } from "./cache_file.ts";

/** What a device drew without work, and under which conditions. */
export interface StoredBaseline {
  readonly power_w: number;
  readonly sd_w: number | null;
  readonly seconds: number;
  /** UTC, ISO 8601. */
  readonly taken_at: string;
  readonly temperature_c: number | null;
  /** All that it depends on, as one text: driver, limits, persistence, this boot. */
  readonly conditions: string;
}

const SCHEMA = "llem.baselines/1";

/** An hour, as llenergymeasure has it. */
const MAX_AGE_MS = 3_600_000;

/** The file that keeps them, in the user's cache folder. */
export function baselinesFile(folder: string): string {
  return join(folder, "baselines.json");
}

/** The baselines by uuid that are no older than an hour; empty where the file is missing or damaged. */
export function loadBaselines(path: string, nowMs: number = Date.now()): Record<string, StoredBaseline> {
  const devices = readCacheFile(path, SCHEMA)?.devices;
  if (!isJsonObject(devices)) return {};
  const whole = Object.entries(devices).filter((entry): entry is [string, never] => isBaseline(entry[1]));
  return Object.fromEntries(whole.filter(([, { taken_at }]) => isRecent(taken_at, nowMs)));
}

/** Puts baselines over those that are kept of the same devices. Throws what the system threw. */
export function saveBaselines(path: string, taken: Readonly<Record<string, StoredBaseline>>): void {
  writeCacheFile(path, SCHEMA, { devices: { ...loadBaselines(path), ...taken } });
}

function isRecent(takenAt: string, nowMs: number): boolean {
  const ageMs = nowMs - Date.parse(takenAt);
  return ageMs >= 0 && ageMs <= MAX_AGE_MS;
}

function isBaseline(value: unknown): value is StoredBaseline {
  return isJsonObject(value) && typeof value.power_w === "number" && typeof value.seconds === "number" &&
    typeof value.taken_at === "string" && typeof value.conditions === "string" &&
    isNumberOrNull(value.sd_w) && isNumberOrNull(value.temperature_c);
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === "number";
}
