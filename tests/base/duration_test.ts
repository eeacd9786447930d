import assert from "node:assert/strict";
import { formatDuration } from "../../lib/base/duration.ts";

Deno.test("formatDuration() picks the unit a person would", () => {
  const cases: readonly (readonly [seconds: number, text: string])[] = [
    [0, "0ms"],
    [0.0004, "0ms"],
    [0.0006, "1ms"],
    [0.85, "850ms"],
    [0.999, "999ms"],
    [0.9994, "999ms"],
    [0.9996, "1.0s"],
    [1, "1.0s"],
    [4.24, "4.2s"],
    [59.94, "59.9s"],
    [59.96, "1m 00s"],
    [60, "1m 00s"],
    [272, "4m 32s"],
    [3599.4, "59m 59s"],
    [3599.6, "1h 00m"],
    [3600, "1h 00m"],
    [3900, "1h 05m"],
    [7199, "2h 00m"],
    [172_700, "47h 58m"],
    [172_800, "2d 00h"],
    [183_600, "2d 03h"],
    [30 * 86_400, "30d 00h"],
  ];
  for (const [seconds, text] of cases) assert.equal(formatDuration(seconds), text, String(seconds));
});

Deno.test("formatDuration() never carries a part to its full size", () => {
  for (let seconds = 0; seconds < 200_000; seconds += 0.0003 + seconds / 997) {
    const text = formatDuration(seconds);
    assert.doesNotMatch(text, /^1000ms|^60\.0s| 60s| 60m| 24h|NaN/, `${seconds}: ${text}`);
  }
});
