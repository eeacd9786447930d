import { jsonFile, readRegularText } from "../base/files.ts";
import { join } from "node:path";
import { monotonicMs } from "../base/clock.ts";
import { type Environment, readEnvironment, withMeterDevices } from "../host/environment.ts";
import { type EnvironmentChange, environmentChanges } from "../host/environment_changes.ts";
import type { HelloMessage } from "../meter/sample.ts";
import type { Emit } from "../journal/runner_event.ts";
import { environmentChanged, fileNotWritten } from "./messages.ts";
import { realDisk } from "../storage/disk.ts";

/** The fact of a board that its owner can change while a study runs, and that states tell of. */
const LIMIT_FACT = "power_limit_enforced_w";

/** A look costs a millisecond, more on a machine of many cores: runs that follow each other quickly share one. */
const LOOK_MS = 5_000;

/** What of the meter says how the machine stands now; null where nothing is metered. */
export interface MeteredMachine {
  readonly hello: HelloMessage;
  /** The limit in force by uuid, as it was last seen. */
  powerLimitsW(): ReadonlyMap<string, number>;
}

/** Holds the machine against the environment.json of its study: what numbers depend on may change in between. */
export class EnvironmentWatch {
  readonly #meter: MeteredMachine | null;
  readonly #first: Environment;
  #changes: readonly EnvironmentChange[];
  #lookedMs = monotonicMs();

  /**
   * Puts what is metered into the file of a study that is new to it. Not the keeper is who makes part of a study whose file tells
   * of another machine: there the machine as it is now is what the study began with. Throws what the system threw at the writing.
   */
  constructor(dir: string, meter: MeteredMachine | null, isKeeper = true) {
    this.#meter = meter;
    const path = join(dir, "environment.json");
    const now = this.#now();
    const stored = isKeeper ? readStored(path) ?? now : now;
    this.#first = stored.devices === null && now.devices !== null
      ? withMeterDevices(stored, now.devices, now.meters_absent ?? [])
      : stored;
    this.#changes = environmentChanges(this.#first, now);
    if (this.#first === stored || !isKeeper) return;
    realDisk.replace(path, jsonFile(this.#first));
  }

  /** What is not as it was when the study began; without a meter as of the start of this session. */
  changes(): readonly EnvironmentChange[] {
    if (this.#meter === null) return this.#changes;
    const nowMs = monotonicMs();
    if (nowMs - this.#lookedMs < LOOK_MS) return this.#changes;
    this.#lookedMs = nowMs;
    this.#changes = environmentChanges(this.#first, this.#now());
    return this.#changes;
  }

  #now(): Environment {
    const environment = readEnvironment();
    if (this.#meter === null) return environment;
    const { hello } = this.#meter;
    const limits = this.#meter.powerLimitsW();
    const devices = hello.devices.map((device) => {
      const limit = limits.get(device.uuid);
      return limit === undefined ? device : { ...device, facts: { ...device.facts, [LIMIT_FACT]: limit } };
    });
    return withMeterDevices(environment, devices, hello.absent);
  }
}

/** Null where the file is missing or damaged. One of an older llem knows less: what it does not know has not changed. */
function readStored(path: string): Environment | null {
  try {
    const value = JSON.parse(readRegularText(path));
    if (value?.schema !== "llem.environment/1") return null;
    return { ...readEnvironment(), devices: null, meters_absent: null, ...value };
  } catch {
    return null;
  }
}

/** Opens the watch and tells what has changed since the study began; null, with a warning, where the file cannot be written. */
export function watchEnvironment(
  dir: string,
  meter: MeteredMachine | null,
  emit: Emit,
  isKeeper = true,
): EnvironmentWatch | null {
  try {
    const watch = new EnvironmentWatch(dir, meter, isKeeper);
    const changed = watch.changes();
    if (changed.length > 0) {
      emit({ type: "warning", code: "environment_changed", text: environmentChanged(changed) });
    }
    return watch;
  } catch (error) {
    const text = fileNotWritten("environment.json", (error as Error).message);
    emit({ type: "warning", code: "environment", text });
    return null;
  }
}
