import { join } from "node:path";
import { readRegularText } from "../base/files.ts";
import { type Environment, readEnvironment } from "../host/environment.ts";
import { studiesIn } from "./studies_in.ts";

const MOST_ENVIRONMENT_BYTES = 1_000_000;

/** What an environment.json tells of a machine that decides about speed. */
export type MachineFacts = Pick<Environment, "cpu_model" | "cpus" | "memory_bytes" | "gpus">;

/**
 * What the newest study directories of a folder tell that were made on a machine like this one, newest first; `read` gives null
 * where a directory has nothing to tell. Never throws: a directory that cannot be read counts for nothing.
 */
export function tellEarlier<Told>(folder: string, most: number, read: (dir: string) => Told | null): Told[] {
  const all: Told[] = [];
  let here: string | null = null;
  for (const dir of newestStudies(folder, most)) {
    try {
      const told = read(dir);
      if (told === null) continue;
      here ??= machineOf(readEnvironment());
      if (machineOf(storedEnvironment(dir)) === here) all.push(told);
    } catch {
      // Not finished writing, of another version, or not ours to read.
    }
  }
  return all;
}

/** Empty where the folder cannot be read. */
function newestStudies(folder: string, count: number): string[] {
  try {
    return studiesIn(folder).slice(0, count);
  } catch {
    return [];
  }
}

function storedEnvironment(dir: string): MachineFacts {
  return JSON.parse(readRegularText(join(dir, "environment.json"), MOST_ENVIRONMENT_BYTES));
}

/** The same text for machines that are equally fast: a container has another name every time. */
export function machineOf({ cpu_model, cpus, memory_bytes, gpus }: MachineFacts): string {
  const models = gpus.map((gpu) => gpu.replace(/(?: GPU-\S+)? \S+$/, "")).sort();
  return JSON.stringify([cpu_model, cpus, memory_bytes, models]);
}
