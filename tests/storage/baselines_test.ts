import assert from "node:assert/strict";
import {
  baselinesFile,
  loadBaselines,
  saveBaselines,
  type StoredBaseline,
} from "../../lib/storage/baselines.ts";
import { TempFolder } from "../support/temp_folder.ts";

const NOW = Date.parse("2026-01-02T03:04:05Z");

function taken(minutesAgo: number, draft: Partial<StoredBaseline> = {}): StoredBaseline {
  return {
    power_w: 60,
    sd_w: 0.5,
    seconds: 30,
    taken_at: new Date(NOW - minutesAgo * 60_000).toISOString(),
    temperature_c: 35,
    conditions: "here",
    ...draft,
  };
}

Deno.test("what is saved is loaded again, with what was there of other devices, for its owner alone to read", () => {
  using folder = new TempFolder();
  const path = baselinesFile(folder.at("cache", "llem"));
  const now = { ...taken(0), taken_at: new Date().toISOString() };
  saveBaselines(path, { A: now, B: now });
  saveBaselines(path, { B: { ...now, power_w: 70, sd_w: null, temperature_c: null } });
  const all = loadBaselines(path);
  assert.deepEqual(all, { A: now, B: { ...now, power_w: 70, sd_w: null, temperature_c: null } });
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  assert.equal((Deno.statSync(folder.at("cache", "llem")).mode ?? 0) & 0o777, 0o700);
});

Deno.test("what is older than an hour, or from the future, is left out", () => {
  using folder = new TempFolder();
  const devices = {
    fresh: taken(59),
    old: taken(61),
    future: taken(-5),
    never: taken(0, { taken_at: "soon" }),
  };
  const path = folder.write("baselines.json", JSON.stringify({ schema: "llem.baselines/1", devices }));
  assert.deepEqual(Object.keys(loadBaselines(path, NOW)), ["fresh"]);
});

Deno.test("a device that is damaged is left out; a file that is damaged holds nothing", () => {
  using folder = new TempFolder();
  const devices = { good: taken(1), bad: { ...taken(1), power_w: "60" }, none: null };
  const path = folder.write("one.json", JSON.stringify({ schema: "llem.baselines/1", devices }));
  assert.deepEqual(Object.keys(loadBaselines(path, NOW)), ["good"]);
  for (
    const text of [
      "",
      "{",
      "[]",
      '{"schema":"llem.baselines/2","devices":{}}',
      '{"schema":"llem.baselines/1"}',
    ]
  ) {
    assert.deepEqual(loadBaselines(folder.write("two.json", text), NOW), {});
  }
  assert.deepEqual(loadBaselines(folder.at("missing.json")), {});
});
