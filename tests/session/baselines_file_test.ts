import assert from "node:assert/strict";
import { addBaselines } from "../../lib/session/baselines_file.ts";
import type { TakenBaseline } from "../../lib/metering/metering.ts";
import { TempFolder } from "../support/temp_folder.ts";

function taken(when: TakenBaseline["when"], power_w: number): TakenBaseline {
  const reading = { power_w, sd_w: 1, seconds: 30, taken_at: "2026-11-24T12:00:00.000Z", temperature_c: 40 };
  return { when, source: "fresh", devices: { A: reading }, drifts: [] };
}

Deno.test("the baselines of a session come after those of earlier ones; a damaged file costs the earlier ones only", () => {
  using folder = new TempFolder();
  const powers = (): number[] =>
    JSON.parse(folder.read("baselines.json")).baselines.map(({ devices }: TakenBaseline) =>
      devices.A?.power_w
    );
  addBaselines(folder.path, [taken("before", 50), taken("after", 51)]);
  addBaselines(folder.path, [taken("before", 52)]);
  assert.deepEqual(powers(), [50, 51, 52]);
  folder.write("baselines.json", '{"baselines": 7');
  addBaselines(folder.path, [taken("before", 53)]);
  assert.deepEqual(powers(), [53]);
  Deno.removeSync(folder.at("baselines.json"));
  assert.ok(new Deno.Command("mkfifo", { args: [folder.at("baselines.json")] }).outputSync().success);
  addBaselines(folder.path, [taken("before", 54)]);
  assert.deepEqual(powers(), [54]);
});
