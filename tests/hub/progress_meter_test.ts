import assert from "node:assert/strict";
import type { DownloadState } from "../../lib/hub/download_work.ts";
import { ProgressMeter } from "../../lib/hub/progress_meter.ts";
import { downloadText } from "../../lib/report/download_text.ts";

Deno.test("ProgressMeter tells the rate of the last ten seconds, without what was there before or is thrown away", () => {
  let nowMs = 0;
  const states: DownloadState[] = [];
  using meter = new ProgressMeter(1000, (state) => void states.push(state), () => nowMs);
  const rateAfter = (ms: number, bytes: number, isGain = true): number | null => {
    nowMs += ms;
    meter.at("a", bytes, isGain);
    meter.look();
    return states.at(-1)?.bytes_per_s ?? null;
  };
  assert.equal(rateAfter(0, 0), null);
  assert.equal(rateAfter(500, 50), null, "too short to tell");
  assert.equal(rateAfter(500, 100), 100);
  assert.equal(rateAfter(0, 500, false), 100, "found on disk");
  assert.equal(rateAfter(1000, 600), 100);
  assert.equal(rateAfter(0, 0), 100, "thrown away");
  assert.equal(rateAfter(20_000, 0), 0, "it stands still");
  meter.at("b", 300);
  assert.equal(states.at(-1)?.total_bytes, 1000);
  meter.look();
  assert.equal(states.at(-1)?.done_bytes, 300);
});

Deno.test("downloadText() says bytes, share, rate and what is left", () => {
  const cases: readonly (readonly [state: DownloadState, text: string])[] = [
    [{ done_bytes: 0, total_bytes: 5e9, bytes_per_s: null }, "0 bytes of 5.0 GB (0 %)"],
    [
      { done_bytes: 1e9, total_bytes: 5e9, bytes_per_s: 5e7 },
      "1.0 GB of 5.0 GB (20 %), 50.0 MB/s, 1m 20s left",
    ],
    [{ done_bytes: 1e9, total_bytes: 5e9, bytes_per_s: 0 }, "1.0 GB of 5.0 GB (20 %), 0 bytes/s"],
    [{ done_bytes: 0, total_bytes: 0, bytes_per_s: null }, "0 bytes of 0 bytes (100 %)"],
  ];
  for (const [state, text] of cases) assert.equal(downloadText(state), text);
});
