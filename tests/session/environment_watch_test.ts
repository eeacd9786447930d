import { gpuDevice } from "../support/meter_devices.ts";
import assert from "node:assert/strict";
import { EnvironmentWatch, watchEnvironment } from "../../lib/session/environment_watch.ts";
import { type Environment, readEnvironment } from "../../lib/host/environment.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import { TempFolder } from "../support/temp_folder.ts";

const GPU = gpuDevice({ facts: { driver_version: "580.1", power_limit_enforced_w: 400 } });

/** A machine whose only GPU has that limit now. */
function metered(limitW: number, device = GPU) {
  const hello = {
    type: "hello",
    schema: "llem.meter/1",
    pid: 1,
    devices: [device],
    absent: [],
    period_ms: 50,
  } as const;
  return { hello, powerLimitsW: () => new Map([["GPU-a", limitW]]) };
}

function folderWith(environment: Partial<Environment> = {}): TempFolder {
  const folder = new TempFolder();
  folder.write("environment.json", JSON.stringify({ ...readEnvironment(), ...environment }));
  return folder;
}

function stored(folder: TempFolder): Environment {
  return JSON.parse(folder.read("environment.json"));
}

Deno.test("a study that is new to its meter gets the devices into environment.json, once", () => {
  using folder = folderWith();
  assert.equal(stored(folder).devices, null);
  assert.deepEqual(new EnvironmentWatch(folder.path, metered(400)).changes(), []);
  assert.deepEqual(stored(folder).devices?.map(({ uuid, facts }) => [uuid, facts["driver_version"]]), [
    ["GPU-a", "580.1"],
  ]);
  const newer = { ...GPU, facts: { ...GPU.facts, driver_version: "590.1" } };
  assert.deepEqual(new EnvironmentWatch(folder.path, metered(400, newer)).changes(), [
    { path: "devices.GPU-a.driver_version", before: "580.1", after: "590.1" },
  ]);
  assert.equal(stored(folder).devices?.[0]?.facts["driver_version"], "580.1", "the first look stands");
});

Deno.test("a limit that somebody changed is a change, against the start of the study", () => {
  using folder = folderWith();
  new EnvironmentWatch(folder.path, metered(400));
  assert.deepEqual(new EnvironmentWatch(folder.path, metered(300)).changes(), [
    { path: "devices.GPU-a.power_limit_enforced_w", before: 400, after: 300 },
  ]);
});

Deno.test("without a meter the machine itself is held against the study's start, and a change is told", () => {
  using folder = folderWith({ kernel: "5.0.0-other" });
  const events: RunnerEvent[] = [];
  const watch = watchEnvironment(folder.path, null, (event) => events.push(event));
  const changed = watch?.changes().map(({ path, before }) => [path, before]);
  assert.deepEqual(changed, [["kernel", "5.0.0-other"]]);
  const [event] = events;
  assert.ok(
    event?.type === "warning" && event.text.includes("kernel was 5.0.0-other"),
    JSON.stringify(events),
  );
});

Deno.test("a missing or damaged environment.json is no change", () => {
  using folder = new TempFolder();
  assert.deepEqual(new EnvironmentWatch(folder.path, null).changes(), []);
  folder.write("environment.json", "{");
  assert.deepEqual(new EnvironmentWatch(folder.path, null).changes(), []);
});
