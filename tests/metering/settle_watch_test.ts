/** Whether power and temperature have settled, told from readings whose truth is known, without waiting for any. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { NO_STATE } from "../../lib/meter/meter.ts";
import { SettleWatch } from "../../lib/metering/settle_watch.ts";
import { parseSettled, type Settled, SETTLED_FILE } from "../../lib/protocol/settled.ts";
import { TempFolder } from "../support/temp_folder.ts";

const NS = 1e9;

/** What is told after so many seconds of ten readings each. */
async function toldAfter(
  seconds: number,
  watts: (s: number) => number | null,
  celsius: ((s: number) => number) | null,
): Promise<Settled> {
  await using folder = new TempFolder();
  const path = join(folder.path, SETTLED_FILE);
  using watch = new SettleWatch(folder.path);
  for (let step = 0; step <= seconds * 10; step++) {
    const s = step / 10;
    if (celsius !== null) {
      watch.take({ ...NO_STATE, type: "state", device: 0, t_ns: s * NS, temperature_c: celsius(s) });
    }
    watch.take({ type: "power", t_ns: [(1 + s) * NS], power_w: [watts(s)] });
  }
  return parseSettled(readIfThere(path));
}

function readIfThere(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}

Deno.test("power has settled where ten seconds of it show no rise, and not before there are so many", async () => {
  const noise = (s: number): number => 300 + 5 * Math.sin(7 * s);
  assert.deepEqual(await toldAfter(20, noise, null), { power: true, temperature: null });
  assert.deepEqual(await toldAfter(8, noise, null), { power: false, temperature: null });
  assert.deepEqual(await toldAfter(20, (s) => 100 + 5 * s, null), { power: false, temperature: null });
  // A step is a rise as long as it lies within the ten seconds.
  const step = (s: number): number => s < 12 ? 100 : 300;
  assert.equal((await toldAfter(18, step, null)).power, false);
  assert.equal((await toldAfter(24, step, null)).power, true);
});

Deno.test("temperature is told by sensors of whole degrees, and not where there is none", async () => {
  const flat = (): number => 300;
  assert.equal((await toldAfter(20, flat, (s) => s % 2 < 1 ? 60 : 61)).temperature, true);
  assert.equal((await toldAfter(20, flat, (s) => 40 + Math.floor(s / 2))).temperature, false);
  assert.deepEqual(await toldAfter(20, () => null, null), { power: null, temperature: null });
});

Deno.test("what the boards of other runs do is no matter", async () => {
  await using folder = new TempFolder();
  using watch = new SettleWatch(folder.path, [1]);
  for (let s = 0; s <= 20; s += 0.1) {
    watch.take({ ...NO_STATE, type: "state", device: 0, t_ns: s * NS, temperature_c: 60 });
    watch.take({ ...NO_STATE, type: "state", device: 1, t_ns: s * NS, temperature_c: 40 + s });
    watch.take({ type: "power", t_ns: [(1 + s) * NS, (1 + s) * NS], power_w: [300, 100 + 20 * s] });
  }
  assert.deepEqual(parseSettled(readIfThere(join(folder.path, SETTLED_FILE))), {
    power: true,
    temperature: true,
  });
});

Deno.test("the file goes with the watch", async () => {
  await using folder = new TempFolder();
  const watch = new SettleWatch(folder.path);
  for (let s = 0; s < 3; s++) watch.take({ type: "power", t_ns: [(1 + s) * NS], power_w: [100] });
  const path = join(folder.path, SETTLED_FILE);
  assert.notEqual(readIfThere(path), null);
  watch[Symbol.dispose]();
  assert.equal(readIfThere(path), null);
});
