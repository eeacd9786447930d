import assert from "node:assert/strict";
import { meteredProgramText } from "../../lib/report/metered/metered_program.ts";
import { energyOf, type EnergyOutcome } from "../../lib/results/energy/energy.ts";
import type { DeviceRecording } from "../../lib/meter/recording.ts";
import { deviceOf, energyFactsOf, phaseOf } from "../support/recordings.ts";

const EDGES = [5, 35];
const machine = (devices: readonly DeviceRecording[], end = 35): EnergyOutcome =>
  energyOf(energyFactsOf(devices, { attribution: "machine" }), [phaseOf("measure", 5, end)], null);

Deno.test("the energy of a program is one line for all, one for each device, and the reasons of a doubt", () => {
  const board = deviceOf({ curve: () => 300, edges: EDGES });
  const other = deviceOf({ curve: () => 50, edges: EDGES, device: { uuid: "GPU-b", counter: false } });
  const cpu = deviceOf({
    curve: () => 20,
    edges: EDGES,
    device: { uuid: "package-0", kind: "cpu", meter: "rapl" },
  });
  const lines = meteredProgramText(30, machine([board, other, cpu])).split("\n");
  assert.match(lines[0] ?? "", /^llem: 10500 J \+- [\d.]+ %, 350 W by mixed over 30\.0s \(resolved\)$/);
  assert.match(
    lines[1] ?? "",
    /^ {2}Fake board GPU-a: 9000 J by counter \(counter 9000 J, integral 9000 J, ratio 1\.000\)$/,
  );
  assert.equal(lines[2], "  Fake board GPU-b: 1500 J by integral");
  assert.match(lines[3] ?? "", /^ {2}Fake board package-0: 600 J by/);
  assert.equal(lines.length, 5);
});

Deno.test("CPUs that are the whole stand there once", () => {
  const cpu = deviceOf({
    curve: () => 20,
    edges: EDGES,
    device: { uuid: "package-0", kind: "cpu", meter: "rapl" },
  });
  const text = meteredProgramText(30, machine([cpu]));
  assert.equal(text.match(/package-0/g)?.length, 1);
  assert.match(text, /by rapl/);
});

Deno.test("what cannot be told is said with its reason, without a number", () => {
  const text = meteredProgramText(0.1, machine([deviceOf({ curve: () => 300 })], 5.1));
  assert.match(text, /^llem: energy cannot be determined over 100ms \(unattributable\)\n/);
  assert.match(text, /\n {2}unattributable: the window of 0\.1 s is shorter than/);
  assert.equal(meteredProgramText(2, { reason: "no\x07thing" }), "llem: no energy over 2.0s: no?thing\n");
});
