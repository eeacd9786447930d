import assert from "node:assert/strict";
import { windowCounts } from "../../../lib/results/run_numbers.ts";
import { energyOf } from "../../../lib/results/energy/energy.ts";
import type { EnergyFacts } from "../../../lib/results/energy/facts.ts";
import type { EnergyRecord } from "../../../lib/results/energy/record.ts";
import type { Phase } from "../../../lib/results/phases.ts";
import type { Outcome } from "../../../lib/experiment/outcome.ts";
import { makeRecord } from "../../../lib/results/record.ts";
import { COMPLETED, factsOf, measurementOf } from "../../support/records.ts";
import {
  type Curve,
  deviceOf,
  energyFactsOf,
  GPU,
  joulesOf,
  NS,
  phaseOf,
  processOf,
} from "../../support/recordings.ts";

const WINDOW = [phaseOf("measure", 5.003, 35.007)];
const EDGES = [5.006, 35.009];
const steady: Curve = () => 300;

const measurement = measurementOf({ input_tokens: 100, output_tokens: 50, requests: 10 });

function energy(facts: EnergyFacts, phases: readonly Phase[] = WINDOW): EnergyRecord {
  const found = energyOf(facts, phases, measurement);
  if ("reason" in found) assert.fail(found.reason);
  assert.deepEqual(JSON.parse(JSON.stringify(found.energy)), found.energy);
  return found.energy;
}

const codes = (facts: EnergyFacts): string[] => {
  const found = energyOf(facts, WINDOW, measurement);
  return "reason" in found ? [found.reason] : found.warnings.map(({ code }) => code);
};

const CURVES: readonly (readonly [name: string, curve: Curve])[] = [
  ["constant", steady],
  ["step at the edges", (t) => t >= 5.003 && t < 35.007 ? 500 : 50],
  ["step inside", (t) => t < 20 ? 100 : 400],
  ["ramp", (t) => 100 + 10 * t],
  ["square", (t) => t % 2 < 1 ? 500 : 100],
];

for (const [name, curve] of CURVES) {
  for (const [meter, counter] of [["counter", true], ["integral", false]] as const) {
    Deno.test(`energyOf() by ${meter}: ${name} is the analytic energy within its budget`, () => {
      const expected = joulesOf(curve, 5.003, 35.007);
      for (const phase of [0, 0.02, 0.05, 0.08, 0.099]) {
        const found = energy(energyFactsOf([deviceOf({ curve, phase, edges: EDGES, device: { counter } })]));
        assert.equal(found.method, `nvml_${meter}`);
        const off = Math.abs((found.headline_j ?? NaN) - expected);
        assert.ok(
          off <= (found.uncertainty_j ?? NaN),
          `phase ${phase}: ${off} J off, +- ${found.uncertainty_j}`,
        );
        assert.ok((found.uncertainty_j ?? NaN) < 0.1 * expected, "the budget is no excuse");
      }
    });
  }
}

Deno.test("energyOf() gives both meters, units of work and words of what is covered", () => {
  const found = energy(energyFactsOf([deviceOf({ curve: steady, edges: EDGES })]));
  assert.equal(found.verdict, "resolved");
  assert.deepEqual(found.verdict_reasons, []);
  const joules = found.headline_j ?? NaN;
  assert.equal(found.j_per_output_token, joules / 50);
  assert.equal(found.j_per_total_token, joules / 150);
  assert.equal(found.wh_per_1000_requests, joules / 10 * 1000 / 3600);
  const [row] = found.devices;
  assert.ok(row !== undefined && row.counter_j !== null && row.integral_j !== null);
  assert.ok(Math.abs((row.ratio ?? 0) - 1) < 0.01);
  assert.match(found.covers, /whole GPU board/);
  assert.equal(found.host, null);
});

Deno.test("energyOf() adds up the windows of a union, each with its own edges", () => {
  const curve: Curve = (t) => t < 20 ? 100 : 400;
  const phases = [phaseOf("measure", 5, 12), phaseOf("measure", 10, 15), phaseOf("measure", 25, 35)];
  const found = energy(energyFactsOf([deviceOf({ curve })]), phases);
  assert.equal(found.window_s, 20);
  const off = Math.abs((found.headline_j ?? NaN) - (1000 + 4000));
  assert.ok(off <= (found.uncertainty_j ?? NaN));
});

Deno.test("energyOf() knows the energy of many short windows that no reading of the counter fits", () => {
  const curve: Curve = (t) => 300 + 100 * Math.sin(t);
  const windows = Array.from({ length: 40 }, (_, i) => [5 + i * 0.7, 5.5 + i * 0.7] as const);
  const expected = windows.reduce((sum, [begin, end]) => sum + joulesOf(curve, begin, end), 0);
  const found = energy(
    energyFactsOf([deviceOf({ curve })]),
    windows.map(([begin, end]) => phaseOf("measure", begin, end)),
  );
  const off = Math.abs((found.headline_j ?? NaN) - expected);
  assert.equal(found.verdict, "resolved", found.verdict_reasons.join());
  assert.ok(off <= (found.uncertainty_j ?? NaN), `${off} J off, +- ${found.uncertainty_j}`);
});

Deno.test("energyOf() gives a reason where there is no window or no device", () => {
  const reason = (facts: EnergyFacts, phases: readonly Phase[]): string => {
    const found = energyOf(facts, phases, null);
    return "reason" in found ? found.reason : "";
  };
  const facts = energyFactsOf([deviceOf({ curve: steady })]);
  assert.match(reason(facts, []), /no measure phase/);
  assert.match(reason(facts, [phaseOf("measure", 5, null)]), /no measure phase/);
  assert.match(reason(energyFactsOf([]), WINDOW), /no device/);
  assert.match(reason({ ...facts, meters: ["amd"] }, WINDOW), /no device/);
  const elsewhere = energyFactsOf([deviceOf({ curve: steady })], { run_devices: ["GPU-z"] }, {
    processes: [],
  });
  assert.match(reason(elsewhere, WINDOW), /GPU-z/);
});

Deno.test("rule R1: a counter that is implausible gives way to the integral; one that stands still spoils both", () => {
  const stuck = energyFactsOf([deviceOf({ curve: steady, gain: 0, edges: EDGES })]);
  assert.deepEqual([energy(stuck).verdict, energy(stuck).headline_j], ["unattributable", null]);
  assert.match(
    energy(stuck).verdict_reasons.join(),
    /^the energy counter of GPU-a did not advance for 30 s at 300 W/,
  );
  assert.ok(codes(stuck).includes("energy_counter"));
  for (const gain of [0.5, 3]) {
    const facts = energyFactsOf([deviceOf({ curve: steady, gain, edges: EDGES })]);
    const found = energy(facts);
    assert.equal(found.method, "nvml_integral", `${gain}`);
    assert.ok(Math.abs((found.headline_j ?? NaN) - 300 * found.window_s) < 1);
    assert.ok(codes(facts).includes("energy_counter"));
  }
  const apart = energyFactsOf([deviceOf({ curve: steady, gain: 1.05, edges: EDGES })]);
  assert.equal(energy(apart).verdict, "marginal");
  assert.equal(energy(apart).method, "nvml_counter");
  assert.ok(codes(apart).includes("energy_apart"));
});

Deno.test("rule R2: power that is an average loses a second at both edges and says so", () => {
  const facts = energyFactsOf([deviceOf({ curve: steady, device: { counter: false, power: "average_1s" } })]);
  assert.equal(energy(facts).devices[0]?.trimmed, true);
  assert.ok(Math.abs((energy(facts).headline_j ?? NaN) - 300 * energy(facts).window_s) < 1);
  assert.ok(codes(facts).includes("energy_average"));
});

Deno.test("each verdict has its causes, and unattributable takes the headline away", () => {
  const one = deviceOf({ curve: steady, edges: EDGES });
  const own = processOf();
  const mig = deviceOf({ curve: steady, edges: EDGES, device: { mig: { enabled: true } } });
  const stranger = processOf({ own: false, pid: 8, name: "other" });
  const desktop = processOf({ own: false, pid: 9, name: "Xorg", kind: "graphics" });
  const server = processOf({ own: false, pid: 10, name: "mps-client", kind: "mps" });
  const trouble = (code: "lost" | "ended") => ({
    code,
    device: code === "lost" ? GPU : null,
    text: "x",
    remedy: null,
  });
  const holed = (end: number, counter: boolean) =>
    deviceOf({ curve: steady, edges: EDGES, hole: [10, end], device: { counter } });
  const hot = deviceOf({ curve: steady, edges: EDGES, throttle: (t) => ({ hw_thermal: t > 20 ? 2e9 : 0 }) });
  const sampledHot = deviceOf({ curve: steady, edges: EDGES, state: () => ({ event_reasons: 0x8 }) });
  const capped = deviceOf({ curve: steady, edges: EDGES, state: () => ({ event_reasons: 0x5 }) });
  const short = [phaseOf("measure", 5, 5.2)];
  const cases: readonly (readonly [string, EnergyFacts, EnergyRecord["verdict"], RegExp, Phase[]?])[] = [
    ["plain", energyFactsOf([one]), "resolved", /^$/],
    ["power cap", energyFactsOf([capped]), "resolved", /^$/],
    ["short", energyFactsOf([one]), "marginal", /shorter than 10 s/, [phaseOf("measure", 5, 11)]],
    ["too short", energyFactsOf([one]), "unattributable", /update period/, short],
    ["stranger", energyFactsOf([one], {}, { processes: [own, stranger] }), "unattributable", /8 other/],
    ["desktop", energyFactsOf([one], {}, { processes: [own, desktop] }), "marginal", /^GPU-a also .* 9 Xorg/],
    ["mps", energyFactsOf([one], {}, { processes: [own, server] }), "unattributable", /10 mps-client/],
    [
      "desktop and stranger",
      energyFactsOf([one], {}, { processes: [own, desktop, stranger] }),
      "unattributable",
      /^other processes used GPU-a: 8 other$/,
    ],
    [
      "gone before",
      energyFactsOf([one], {}, { processes: [own, { ...stranger, last_ns: NS }] }),
      "resolved",
      /^$/,
    ],
    ["mig alone", energyFactsOf([mig]), "marginal", /whole board/],
    ["mig shared", energyFactsOf([mig], {}, { processes: [own, stranger] }), "unattributable", /in MIG mode/],
    ["lost", energyFactsOf([one], {}, { troubles: [trouble("lost")] }), "unattributable", /lost/],
    ["not seen", energyFactsOf([one], {}, { processes: [] }), "marginal", /no process of this run was seen/],
    ["missing", energyFactsOf([one], { run_devices: [GPU, "GPU-z"] }), "unattributable", /GPU-z/],
    ["hole", energyFactsOf([holed(11, true)]), "marginal", /have a gap of/],
    ["swallowed", energyFactsOf([holed(32, false)]), "unattributable", /not read/],
    ["hot", energyFactsOf([hot]), "marginal", /hw_thermal/],
    ["slowed", energyFactsOf([sampledHot]), "marginal", /hw_slowdown/],
  ];
  for (const [what, facts, verdict, reason, phases] of cases) {
    const found = energy(facts, phases);
    assert.equal(found.verdict, verdict, `${what}: ${found.verdict_reasons}`);
    assert.match(found.verdict_reasons.join("; "), reason, what);
    const isGone = verdict === "unattributable";
    for (const name of ["headline_j", "j_per_output_token", "j_per_total_token", "uncertainty_j"] as const) {
      assert.equal(found[name] === null, isGone, `${what} ${name}`);
    }
  }
});

Deno.test("a number that is the machine's is lowered by nobody who used it", () => {
  const machine = { attribution: "machine" } as const;
  const mig = deviceOf({ curve: steady, edges: EDGES, device: { mig: { enabled: true } } });
  const stranger = processOf({ own: false, pid: 8, name: "other" });
  for (const processes of [[], [stranger], [processOf(), stranger]]) {
    const found = energy(energyFactsOf([mig], machine, { processes }));
    assert.deepEqual([found.verdict, found.verdict_reasons], ["resolved", []]);
    assert.match(found.covers, /; includes all work done on the boards meanwhile$/);
    assert.equal(found.neighbours.length, processes.includes(stranger) ? 1 : 0);
  }
});

Deno.test("a number that is the machine's is that of all its boards, or of its CPUs where there is none", () => {
  const other = deviceOf({ curve: () => 50, device: { uuid: "GPU-b" } });
  const cpu = deviceOf({ curve: () => 20, device: { uuid: "package-0", kind: "cpu", meter: "rapl" } });
  const machine = { attribution: "machine" } as const;
  const found = energy(energyFactsOf([deviceOf({ curve: steady }), other, cpu], machine));
  assert.deepEqual(found.devices.map(({ uuid }) => uuid), [GPU, "GPU-b"]);
  assert.deepEqual(found.idle_peers, []);
  assert.ok((found.host?.package_j ?? 0) > 0);
  const host = energy(energyFactsOf([cpu], machine, { processes: [] }));
  assert.deepEqual([host.method, host.verdict], ["rapl", "resolved"]);
  assert.ok("reason" in energyOf(energyFactsOf([], machine), WINDOW, null));
});

Deno.test("neighbours that compute are listed before a crowd that draws", () => {
  const crowd = Array.from(
    { length: 60 },
    (_, pid) => processOf({ own: false, pid: pid + 100, kind: "graphics" }),
  );
  const stranger = processOf({ own: false, pid: 8, name: "other" });
  const one = deviceOf({ curve: steady, edges: EDGES });
  const found = energy(energyFactsOf([one], {}, { processes: [processOf(), ...crowd, stranger] }));
  assert.equal(found.verdict, "unattributable");
  assert.deepEqual([found.neighbours[0]?.pid, found.neighbours[0]?.kind], [8, "compute"]);
  assert.equal(found.neighbours.length + found.more_neighbours, 61);
});

Deno.test("boards of the run without a process of it are idle peers, in no sum", () => {
  const boards = [deviceOf({ curve: steady }), deviceOf({ curve: () => 60, device: { uuid: "GPU-b" } })];
  const found = energy(energyFactsOf(boards));
  assert.deepEqual(found.devices.map(({ uuid }) => uuid), [GPU]);
  assert.deepEqual(found.idle_peers.map(({ uuid }) => uuid), ["GPU-b"]);
  assert.ok(Math.abs((found.headline_j ?? NaN) - 300 * found.window_s) < 30);
  const both = energy(
    energyFactsOf(boards, {}, { processes: [processOf(), processOf({ device: "GPU-b" })] }),
  );
  assert.ok(Math.abs((both.headline_j ?? NaN) - 360 * both.window_s) < 36);
  const given = energy(energyFactsOf(boards, { run_devices: [GPU] }));
  assert.deepEqual(given.idle_peers, []);
  const stray = energyFactsOf(boards, { run_devices: ["GPU-b"] });
  assert.deepEqual(energy(stray).devices.map(({ uuid }) => uuid), [GPU]);
  assert.ok(codes(stray).includes("energy_other_gpu"));
});

Deno.test("a slice (MIG) whose board nobody tells is where the run was seen, and else no number, with what was tried", () => {
  const cut = (uuid: string, watts: number) =>
    deviceOf({ curve: () => watts, device: { uuid, mig: { enabled: true } } });
  const boards = [cut(GPU, 300), cut("GPU-b", 60), deviceOf({ curve: steady, device: { uuid: "GPU-c" } })];
  const of = (seen: readonly string[], slices: readonly string[], own: true | "assumed" = true) => {
    const processes = seen.map((device) => processOf({ device, own }));
    const mig_devices = slices.map((name) => ({ name, board: null, reason: "not found" }));
    return energyFactsOf(boards, { run_devices: slices, mig_devices }, { processes });
  };
  const seen = energy(of(["GPU-b"], ["MIG-1"]));
  assert.deepEqual([seen.verdict, seen.devices.map(({ uuid }) => uuid)], ["marginal", ["GPU-b"]]);
  assert.match(seen.verdict_reasons.join(), /^GPU-b is in MIG mode: the energy is that of the whole board$/);
  assert.match(seen.covers, /; the run used a slice of the board$/);
  assert.deepEqual(codes(of(["GPU-b"], ["MIG-1"])), []);
  assert.equal(energy(of([GPU, "GPU-b"], ["MIG-1", "MIG-2"])).verdict, "marginal");
  // Two boards for one slice, or a board that is not cut: it went elsewhere.
  for (const stray of [[GPU, "GPU-b"], ["GPU-c"]]) {
    const facts = of(stray, ["MIG-1"]);
    const { verdict, verdict_reasons } = energy(facts);
    assert.equal(verdict, "unattributable", stray.join());
    assert.match(
      verdict_reasons.join(),
      /MIG-1 .* was seen on exactly one board in MIG mode, and the driver .*\(not found\)/,
    );
    assert.ok(codes(facts).includes("energy_other_gpu"));
  }
  for (const none of [of([], ["MIG-1"]), of(["GPU-b"], ["MIG-1"], "assumed")]) {
    const found = energyOf(none, WINDOW, measurement);
    assert.match(
      "reason" in found ? found.reason : "",
      /^none of the run's GPUs is metered: MIG-1 .*\(not found\)$/,
    );
  }
});

Deno.test("a board that did not open is named with its reason; one that is lost is nobody's where the run was seen", () => {
  const board = deviceOf({ curve: steady, edges: EDGES });
  const left = { meter: "nvml", index: 3, uuid: "GPU-d", reason: "it is gone", remedy: null } as const;
  const facts = (
    code: "lost" | "read",
    processes: readonly ReturnType<typeof processOf>[],
    run_devices: string[] | null,
  ) => energyFactsOf([board], { run_devices, left_out: [{ ...left, code }] }, { processes });
  assert.equal(energy(facts("lost", [processOf()], [GPU, "GPU-d"])).verdict, "resolved");
  for (const one of [facts("read", [processOf()], [GPU, "GPU-d"]), facts("lost", [], [GPU, "GPU-d"])]) {
    const { verdict, verdict_reasons } = energy(one);
    assert.equal(verdict, "unattributable");
    assert.match(verdict_reasons.join(), /^GPU-d is assigned to the run but not metered: it is gone$/);
  }
  const number = energyOf(facts("lost", [], ["3"]), WINDOW, measurement);
  assert.equal(
    "reason" in number ? number.reason : "",
    "none of the run's GPUs is metered: GPU 3 is assigned to the run but not metered: it is gone",
  );
  assert.match(energy(facts("read", [], null)).verdict_reasons.join(), /GPU 3 is not metered: it is gone/);
  assert.equal(energy(facts("read", [processOf()], null)).verdict, "resolved");
});

Deno.test("a backend without a GPU is metered by RAPL where that is there", () => {
  const host = [
    deviceOf({
      curve: () => 80,
      edges: EDGES,
      period: 0.001,
      device: { uuid: "package-0", kind: "cpu", meter: "rapl", power: null },
    }),
    deviceOf({
      curve: () => 8,
      edges: EDGES,
      period: 0.001,
      device: { uuid: "dram-0", kind: "dram", meter: "rapl", power: null },
    }),
  ];
  const devices = [deviceOf({ curve: () => 50 }), ...host];
  const found = energy(energyFactsOf(devices, { holds_gpu: false }, { processes: [] }));
  assert.equal(found.method, "rapl");
  assert.equal(found.verdict, "resolved");
  assert.ok(Math.abs((found.headline_j ?? NaN) - 88 * found.window_s) < 1);
  assert.deepEqual(found.idle_peers.map(({ uuid }) => uuid), [GPU]);
  const onGpu = energy(energyFactsOf(devices));
  assert.ok(Math.abs((onGpu.host?.package_j ?? NaN) - 80 * onGpu.window_s) < 1);
  assert.ok(Math.abs((onGpu.headline_j ?? NaN) - 50 * onGpu.window_s) < 5);
});

Deno.test("net energy takes the baselines off, is not floored, and drift is told", () => {
  const curve: Curve = (t) => t < 5 ? 100 : t < 35 ? 300 : 120;
  const bare = {
    power_w: 400,
    sd_w: 1,
    seconds: 30,
    taken_at: "2026-01-01T00:00:00Z",
    age_s: 5,
    source: "fresh",
    temperature_c: null,
  } as const;
  const phases = [phaseOf("loaded_idle", 1, 4), phaseOf("measure", 5, 35), phaseOf("loaded_idle", 36, 39)];
  const facts = energyFactsOf([deviceOf({ curve })], {
    baseline: { devices: { [GPU]: bare }, reason: null },
  });
  const found = energy(facts, phases);
  assert.equal(found.net_j.bare, (found.headline_j ?? NaN) - 400 * 30);
  assert.ok((found.net_j.bare ?? 0) < 0);
  assert.ok(Math.abs((found.baseline.loaded.power_w ?? NaN) - 110) < 1);
  assert.ok(Math.abs((found.baseline.loaded.drift_w ?? NaN) - 20) < 1);
  assert.equal(found.verdict, "marginal");
  assert.match(found.verdict_reasons.join(), /idle power/);
  assert.equal(found.net_j.context, null);
  assert.match(found.baseline.context.reason ?? "", /context_idle/);
});

Deno.test("a loaded and idle board has its share of the joules, and the rest for each token of the window", () => {
  const curve: Curve = (t) => t < 5 ? 100 : 300;
  const phases = [phaseOf("loaded_idle", 1, 4), phaseOf("measure", 5, 35)];
  // The worker counts 120 output tokens; by time 60 of them came in the window.
  const counts = windowCounts(
    measurementOf({
      input_tokens: 500,
      output_tokens: 120,
      requests: 12,
      window: { input_tokens: 40, output_tokens: 60 },
    }),
    { total: 12, failed: 2, failed_by: {}, failed_output_tokens: 8, in_window: { succeeded: 9, failed: 1 } },
  );
  const outcome = energyOf(energyFactsOf([deviceOf({ curve })]), phases, counts);
  assert.ok("energy" in outcome);
  const { energy: found } = outcome;
  const near = (value: number | null | undefined, truth: number): void =>
    assert.ok(Math.abs((value ?? NaN) / truth - 1) < 0.01, `${value}, not ${truth}`);
  near(found.headline_j, 300 * 30);
  near(found.idle_share, 100 / 300);
  near(found.j_per_output_token, 9000 / 60);
  near(found.net_j_per_output_token, 6000 / 60);
  near(found.j_per_total_token, 9000 / 100);
  near(found.wh_per_1000_requests, 9000 / 9 / 3.6);
  const without = energyOf(energyFactsOf([deviceOf({ curve })]), phases.slice(1), counts);
  assert.ok("energy" in without);
  assert.deepEqual([without.energy.idle_share, without.energy.net_j_per_output_token], [null, null]);
});

Deno.test("phases have energy where the sensor can see them", () => {
  const curve: Curve = (t) => t % 2 < 1 ? 500 : 100;
  const phases = [
    ...WINDOW,
    ...Array.from({ length: 10 }, (_, i) => phaseOf("prefill", 6 + 2 * i, 7 + 2 * i)),
    ...Array.from({ length: 50 }, (_, i) => phaseOf("step", 6 + i / 10, 6.04 + i / 10)),
    phaseOf("once", 6, 6.1),
    phaseOf("open", 6, null),
  ];
  const byName = new Map(
    energy(energyFactsOf([deviceOf({ curve })]), phases).phases.map((row) => [row.name, row]),
  );
  const prefill = byName.get("prefill");
  assert.ok(
    Math.abs((prefill?.joules ?? NaN) - 5000) <= (prefill?.uncertainty_j ?? NaN),
    JSON.stringify(prefill),
  );
  for (const name of ["step", "once", "open"]) {
    assert.equal(byName.get(name)?.joules, null);
    assert.match(byName.get(name)?.reason ?? "", /^not resolvable: /);
  }
});

Deno.test("throttle is exact by counters; temperature and limits are told", () => {
  const device = deviceOf({
    curve: steady,
    edges: EDGES,
    throttle: (t) => ({ sw_power_cap: t * 5e8, hw_thermal: 0 }),
    state: (t) => ({ temperature_c: 40 + t, sm_clock_mhz: 1000 + t, power_limit_w: t < 20 ? 400 : 350 }),
  });
  const facts = energyFactsOf([device], { gate: { waited_s: 3, reference_c: 41, reached: true } });
  const found = energy(facts);
  const [row] = found.throttle.devices;
  assert.equal(row?.source, "counters");
  assert.ok(Math.abs((row?.seconds["sw_power_cap"] ?? NaN) - found.window_s / 2) < 1e-6);
  assert.deepEqual(found.throttle.disqualifying, []);
  const { start_c, end_c, max_c, reference_c, gate_wait_s } = found.temperature;
  assert.deepEqual([start_c, end_c, max_c, reference_c, gate_wait_s], [45, 75, 75, 41, 3]);
  assert.deepEqual(found.clocks[0]?.power_limits_w, [400, 350]);
  assert.ok(codes(facts).includes("energy_power_limit"));
  assert.ok(codes(facts).includes("energy_temperature"), "30 C warmer at its end");
});

Deno.test("a board that stays as warm as it was is no warning; persistence mode that is off is one", () => {
  const state = (): { temperature_c: number } => ({ temperature_c: 60 });
  const device = deviceOf({ curve: steady, edges: EDGES, state });
  assert.deepEqual(codes(energyFactsOf([device])), []);
  const off = { ...device, device: { ...device.device, facts: { persistence_mode: false } } };
  assert.deepEqual(codes(energyFactsOf([off])), ["energy_persistence"]);
});

Deno.test("troubles of the meter are told, and what they spoil is not believed", () => {
  const trouble = (code: "reset" | "ended" | "read", device: string | null) => ({
    troubles: [{ code, device, text: "it happened", remedy: "Do this." }],
  });
  const device = deviceOf({ curve: steady, edges: EDGES });
  const reset = energyFactsOf([device], {}, trouble("reset", GPU));
  assert.equal(energy(reset).method, "nvml_integral");
  assert.deepEqual(codes(reset), ["meter_reset"]);
  assert.deepEqual(codes(energyFactsOf([device], {}, trouble("read", "GPU-z"))), []);
  assert.equal(energy(energyFactsOf([device], {}, trouble("ended", null))).verdict, "resolved");
  const early = energy(energyFactsOf([deviceOf({ curve: steady, until: 30 })], {}, trouble("ended", null)));
  assert.equal(early.verdict, "unattributable");
  assert.match(early.verdict_reasons.join(), /meter ended before/);
});

Deno.test("a board that tells nothing leaves the run without a number, and says why", () => {
  const mute = deviceOf({ curve: steady, device: { counter: false, power: null } });
  const found = energy(energyFactsOf([mute]));
  assert.deepEqual([found.verdict, found.method, found.headline_j], ["unattributable", null, null]);
  assert.match(found.verdict_reasons.join(), /no energy counter.*power cannot be read/);
  const beside = [deviceOf({ curve: steady, device: { uuid: "GPU-b" } }), mute];
  const both = energy(
    energyFactsOf(beside, {}, { processes: [processOf(), processOf({ device: "GPU-b" })] }),
  );
  assert.equal(both.headline_j, null);
  assert.equal(both.devices.length, 2);
});

Deno.test("the context_idle level is told apart from the loaded one", () => {
  const curve: Curve = (t) => t < 3 ? 70 : t < 6 ? 90 : 300;
  const phases = [
    phaseOf("context_idle", 0.5, 2.8),
    phaseOf("loaded_idle", 3.3, 5.8),
    phaseOf("measure", 7, 37),
  ];
  const { baseline, net_j, headline_j } = energy(energyFactsOf([deviceOf({ curve })]), phases);
  assert.ok(Math.abs((baseline.context.power_w ?? NaN) - 70) < 3);
  assert.ok(Math.abs((baseline.loaded.power_w ?? NaN) - 90) < 3);
  assert.equal(net_j.loaded, (headline_j ?? NaN) - (baseline.loaded.power_w ?? NaN) * 30);
  assert.ok((net_j.uncertainty_j.loaded ?? 0) > 0);
  assert.match(baseline.bare.reason ?? "", /no baseline/);
});

Deno.test("a run that failed says who else held memory of its GPUs", () => {
  const GIB = 2 ** 30;
  const other = (pid: number, gib: number) =>
    processOf({ own: false, pid, name: "trainer", memory_bytes: gib * GIB });
  const held = energyFactsOf([deviceOf({ curve: steady })], {}, {
    processes: [
      processOf({ memory_bytes: 3 * GIB }),
      other(8, 2),
      other(9, 70),
      processOf({ own: false, pid: 10, name: "Xorg", kind: "graphics", memory_bytes: GIB / 4 }),
    ],
  });
  const warnings = (kind: Outcome["kind"], facts: EnergyFacts) =>
    makeRecord(factsOf({ outcome: { ...COMPLETED, kind }, energy: facts, phases: [] })).warnings;
  assert.deepEqual(warnings("failed", held), [{
    code: "gpu_held",
    text:
      "Other programs held memory of GPU-a during this run: trainer (pid 9) 70.0 GiB, trainer (pid 8) 2.0 GiB. " +
      "Stop them before you run it again.",
  }]);
  assert.deepEqual(warnings("completed", held), []);
  assert.deepEqual(warnings("failed", { ...held, run_devices: ["GPU-b"] }), []);
});
