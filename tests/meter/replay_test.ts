/** Recorded traces played again; see tests/support/traces.ts for what is in them. */
import assert from "node:assert/strict";
import { isAbsent, type MeterSource, type MeterTrouble } from "../../lib/meter/meter.ts";
import { openReplay } from "../../lib/meter/replay.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { makeTrace, traceFile, TRACES } from "../support/traces.ts";

/** A trace played with a clock that the test sets, in seconds after opening. */
function playing(path: string): { source: MeterSource; troubles: MeterTrouble[]; at: (s: number) => void } {
  const opening = 77e12;
  let nowNs = opening;
  const troubles: MeterTrouble[] = [];
  const source = openReplay((trouble) => troubles.push(trouble), path, () => nowNs);
  assert.ok(!isAbsent(source), JSON.stringify(source));
  return { source, troubles, at: (seconds) => nowNs = opening + seconds * 1e9 };
}

Deno.test("the traces are those of their generator", () => {
  for (const kind of TRACES) assert.equal(Deno.readTextFileSync(traceFile(kind)), makeTrace(kind));
});

Deno.test("a trace tells the last sample at or before now, from its opening to its end", () => {
  const { source, troubles, at } = playing(traceFile("plain"));
  assert.deepEqual(source.devices.map(({ uuid, meter }) => [uuid, meter]), [[
    "GPU-00000000-made-up",
    "replay",
  ]]);
  assert.equal(source.powerW(0), 100);
  // The look that is missing: the value stays.
  at(1.35);
  assert.equal(source.powerW(0), 100);
  at(1.999);
  assert.deepEqual([source.powerW(0), source.counters(0).energy_j], [100, 100]);
  at(2);
  assert.deepEqual([source.powerW(0), source.counters(0).energy_j], [300, 200]);
  assert.deepEqual(source.counters(0).throttle_ns, { sw_power_cap: 20e6 });
  assert.equal(source.state(0).temperature_c, 60);
  assert.equal("t_ns" in source.state(0), false);
  at(4.05);
  assert.deepEqual([source.powerW(0), source.counters(0).energy_j], [300, 800]);
  at(4.2);
  assert.deepEqual([source.powerW(0), source.counters(0).energy_j, source.state(0).temperature_c], [
    null,
    null,
    null,
  ]);
  assert.equal(source.powerW(1), null);
  assert.deepEqual(troubles, []);
});

Deno.test("a reset and a lost board are told when their time comes, once", () => {
  const reset = playing(traceFile("counter_reset"));
  reset.at(1.9);
  assert.equal(reset.source.counters(0).energy_j, 100);
  assert.deepEqual(reset.troubles, []);
  reset.at(2);
  assert.equal(reset.source.counters(0).energy_j, null);
  reset.at(3);
  assert.equal(reset.source.counters(0).energy_j, 300);
  assert.deepEqual(reset.troubles.map(({ code }) => code), ["reset"]);

  const lost = playing(traceFile("lost_board"));
  lost.at(2.6);
  assert.equal(lost.source.powerW(0), null);
  assert.equal(lost.source.powerW(0), null);
  assert.deepEqual(lost.troubles.map(({ code, device }) => [code, device]), [[
    "lost",
    "GPU-00000000-made-up",
  ]]);
});

Deno.test("a damaged line is told by its number", () => {
  using folder = new TempFolder();
  const lines = makeTrace("plain").split("\n");
  const cases: readonly (readonly [lines: readonly string[], reason: RegExp])[] = [
    [lines.with(4, (lines[4] ?? "").slice(0, 12)), /:5: not JSON/],
    [lines.with(2, '{"type":"power","t_ns":[1],"power_w":["x"]}'), /:3: power_w\.0: /],
    [
      lines.with(2, '{"type":"power","t_ns":[1,2],"power_w":[1,2]}'),
      /:3: .*, the power readings another number/,
    ],
    [lines.with(6, lines[0] ?? ""), /:7: a second hello/],
    [lines.slice(1), /:1: the first line is not a hello/],
    [[], /:1: the trace is empty/],
  ];
  for (const [text, reason] of cases) {
    const absent = openReplay(() => {}, folder.write("trace.ndjson", text.join("\n")));
    assert.ok(isAbsent(absent), String(reason));
    assert.match(absent.reason, reason);
  }
  assert.ok(isAbsent(openReplay(() => {}, folder.at("none"))));
});

Deno.test("times after months of uptime are taken", () => {
  using folder = new TempFolder();
  const late = makeTrace("plain").replaceAll(/(?<="t_ns":\[?)1(?=\d{12})/g, "90000");
  assert.match(late, /"t_ns":90000000000000000/);
  const { source } = playing(folder.write("late.ndjson", late));
  assert.equal(source.powerW(0), 100);
});
