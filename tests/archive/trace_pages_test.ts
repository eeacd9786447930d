import assert from "node:assert/strict";
import { join } from "node:path";
import { attemptSource } from "../../lib/archive/attempt_source.ts";
import { readPowerBands } from "../../lib/archive/report/power_bands.ts";
import type { StudyAttempt } from "../../lib/results/study_attempt.ts";
import { syntheticStudy } from "../support/synthetic_study.ts";
import "../support/libc.ts";
import { TempFolder } from "../support/temp_folder.ts";

// A decoder that believes a damaged count runs for hours, or rejects a promise that nobody awaits: the end of a process.
Deno.test("whatever byte of a power trace is damaged, it is read or left out, at once", async () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 1, cycles: 1, powerReadings: 40 });
  const [run] = [...Deno.readDirSync(join(dir, "runs"))];
  const path = join(dir, "runs", run?.name ?? "", "power.parquet");
  const whole = Deno.readFileSync(path);
  const readings = async (): Promise<number> => {
    const source = attemptSource([], () => {});
    let count = 0;
    const attempt = { study: { dir }, folder: join("runs", run?.name ?? ""), record: null };
    for await (const rows of source.power(attempt as unknown as StudyAttempt)) count += rows.length;
    return count;
  };
  assert.deepEqual([await readings(), (await readPowerBands(path, null)).length], [40, 1]);
  let read = 0;
  // A column that holds nothing but counts, then every twenty-third byte of the metadata.
  const places = [...range(607, 631, 1), ...range(900, whole.length, 23)];
  for (const at of places) {
    for (const value of [0, 0x7f, 0xa1, 0xff]) {
      const bytes = whole.slice();
      bytes[at] = value;
      Deno.writeFileSync(path, bytes);
      read += (await readings()) + (await readPowerBands(path, null)).length;
    }
    // Where a rejection that nobody awaits would be heard.
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert.ok(read > 0);
});

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
}
