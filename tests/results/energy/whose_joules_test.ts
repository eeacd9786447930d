/** Whose joules they are, and meters that cannot be believed: decisions as tables. */
import assert from "node:assert/strict";
import type { DeviceRecording, SeenProcess } from "../../../lib/meter/recording.ts";
import { energyOf, type EnergyOutcome } from "../../../lib/results/energy/energy.ts";
import type { EnergyFacts } from "../../../lib/results/energy/facts.ts";
import type { EnergyRecord } from "../../../lib/results/energy/record.ts";
import {
  type Curve,
  deviceOf,
  energyFactsOf,
  GPU,
  phaseOf,
  processOf,
  type Sensor,
} from "../../support/recordings.ts";

const WINDOW = [phaseOf("measure", 5, 35)];
const MIB = 2 ** 20;
const steady: Curve = () => 300;

/** Memory in use rises by so many MiB at second 3, before the window. */
function board(uuid: string, riseMib = 0, more: Partial<Sensor> = {}): DeviceRecording {
  return deviceOf({
    curve: steady,
    edges: [5, 35],
    device: { uuid },
    state: (t) => ({ memory_used_bytes: (500 + (t >= 3 ? riseMib : 0)) * MIB }),
    ...more,
  });
}

function part(uuid: string, kind: "cpu" | "dram", watts: number): DeviceRecording {
  const device = { uuid, kind, meter: "rapl", power: null } as const;
  return deviceOf({ curve: () => watts, edges: [5, 35], period: 0.001, device });
}

const CPU = part("package-0", "cpu", 80);
const stranger = (device: string): SeenProcess => processOf({ own: false, pid: 8, name: "other", device });
const unseen = (device: string): SeenProcess => processOf({ own: "assumed", pid: 9, name: null, device });
const energyIn = (found: EnergyOutcome): EnergyRecord =>
  "reason" in found ? assert.fail(found.reason) : found.energy;

interface Case {
  readonly what: string;
  readonly boards?: readonly DeviceRecording[];
  readonly hello?: readonly string[];
  readonly processes?: readonly SeenProcess[];
  readonly facts?: Partial<EnergyFacts>;
  readonly verdict: EnergyRecord["verdict"];
  /** Those of the headline. */
  readonly devices: readonly string[];
  readonly reason: RegExp;
}

const CPU_HELLO = ["CPU: Intel Xeon", "BLAS: OpenBLAS"];
const GPU_HELLO = ["cuda:0: NVIDIA H100"];
const noRapl = { meter: "rapl", reason: "only root may read it", remedy: null } as const;

const CASES: readonly Case[] = [
  {
    what: "seen",
    processes: [processOf()],
    hello: CPU_HELLO,
    verdict: "resolved",
    devices: [GPU],
    reason: /^$/,
  },
  {
    what: "an engine without a GPU",
    facts: { holds_gpu: false },
    verdict: "unattributable",
    devices: [],
    reason:
      /^no GPU used \(its engine computes on the CPU\), and no CPU energy counter \(RAPL\) can be read$/,
  },
  {
    what: "a hello that names only CPUs, in spite of memory",
    hello: CPU_HELLO,
    boards: [board(GPU, 4000)],
    facts: { absent: [noRapl] },
    verdict: "unattributable",
    devices: [],
    reason: /^no GPU used \(its worker computes on the CPU\), .*; RAPL: only root may read it$/,
  },
  {
    what: "a hello that names only CPUs beside somebody's process",
    hello: CPU_HELLO,
    boards: [board(GPU), CPU],
    processes: [stranger(GPU), unseen(GPU)],
    verdict: "resolved",
    devices: ["package-0"],
    reason: /^$/,
  },
  {
    what: "a process that cannot be seen came with the run, which may be anybody's",
    boards: [board(GPU), board("GPU-b", 400)],
    processes: [unseen(GPU)],
    verdict: "marginal",
    devices: [GPU],
    reason: /^a process that cannot be seen from here came with the run$/,
  },
  {
    what: "a process that cannot be seen is another's beside one of the run that was",
    processes: [processOf(), unseen(GPU)],
    verdict: "unattributable",
    devices: [GPU],
    reason: /^other processes used GPU-a: 9$/,
  },
  {
    what: "a process that cannot be seen is another's also on another board",
    boards: [board(GPU), board("GPU-b", 400)],
    processes: [processOf(), unseen("GPU-b")],
    verdict: "resolved",
    devices: [GPU],
    reason: /^$/,
  },
  {
    what: "a process that cannot be seen, on a board that the run may not use",
    boards: [board(GPU), board("GPU-b")],
    processes: [unseen("GPU-b")],
    facts: { run_devices: [GPU] },
    verdict: "marginal",
    devices: [GPU],
    reason: /^no process of this run was seen on its boards/,
  },
  {
    what: "memory that rose",
    hello: GPU_HELLO,
    boards: [board(GPU), board("GPU-b", 400)],
    verdict: "marginal",
    devices: ["GPU-b"],
    reason:
      /^no process of this run was seen; GPU-b is taken as its board because memory use rose by 400 MiB$/,
  },
  {
    what: "memory that rose beside a stranger tells nothing",
    boards: [board(GPU), board("GPU-b", 400)],
    processes: [stranger("GPU-b")],
    verdict: "unattributable",
    devices: [GPU, "GPU-b"],
    reason: /^other processes used GPU-b/,
  },
  {
    what: "memory that rose where nobody else was, a stranger elsewhere",
    boards: [board(GPU), board("GPU-b", 400)],
    processes: [stranger(GPU)],
    verdict: "marginal",
    devices: ["GPU-b"],
    reason: /memory use rose/,
  },
  {
    what: "memory that rose on a board that the run may not use",
    boards: [board(GPU), board("GPU-b", 400)],
    facts: { run_devices: [GPU] },
    verdict: "marginal",
    devices: [GPU],
    reason: /^no process of this run was seen on its boards/,
  },
  {
    what: "a little more memory",
    boards: [board(GPU, 40)],
    hello: GPU_HELLO,
    verdict: "marginal",
    devices: [GPU],
    reason: /^no process of this run was seen on its boards; the energy is all that they used meanwhile$/,
  },
  {
    what: "nothing tells",
    boards: [board(GPU), board("GPU-b"), CPU],
    verdict: "marginal",
    devices: [GPU, "GPU-b"],
    reason: /; its worker did not say which devices it used$/,
  },
  {
    what: "nothing tells, and a board that it may have used does not open",
    facts: {
      left_out: [{ meter: "nvml", index: 3, uuid: null, code: "read", reason: "it is mute", remedy: null }],
    },
    verdict: "unattributable",
    devices: [GPU],
    reason: /^GPU 3 is not metered: it is mute/,
  },
];

for (const { what, boards = [board(GPU)], hello, processes = [], facts, verdict, devices, reason } of CASES) {
  Deno.test(`fault 69: whose joules they are: ${what}`, () => {
    const energy = energyIn(energyOf(energyFactsOf(boards, facts, { processes }), WINDOW, null, hello));
    assert.deepEqual(energy.devices.map(({ uuid }) => uuid), devices);
    assert.equal(energy.verdict, verdict, energy.verdict_reasons.join("; "));
    assert.match(energy.verdict_reasons.join("; "), reason);
    assert.equal(energy.headline_j === null, verdict === "unattributable");
    const others = boards.map(({ device }) => device).filter(({ uuid }) => !devices.includes(uuid));
    // What idles beside a run is told, and in no sum.
    if (devices.length === 0) {
      assert.deepEqual(energy.idle_peers.map(({ uuid }) => uuid), others.map(({ uuid }) => uuid));
      assert.deepEqual([energy.method, energy.uncertainty_j, energy.avg_power_w], [null, null, null]);
    }
  });
}

/** A board whose meters are odd, with the run's process on it. */
function odd(sensor: Partial<Sensor>, troubles: EnergyFacts["recording"]["troubles"] = []): EnergyRecord {
  const one = deviceOf({ curve: steady, edges: [5, 35], ...sensor });
  return energyIn(energyOf(energyFactsOf([one], {}, { troubles }), WINDOW, null));
}

const always = (watts: number): Partial<Sensor> => ({ impossible: { watts, from: 0, to: 100 } });
const noCounter = { device: { counter: false } };

const ODD: readonly (readonly [string, () => EnergyRecord, EnergyRecord["verdict"], RegExp])[] = [
  [
    "0 W",
    () => odd({ ...always(0), gain: 0 }),
    "unattributable",
    /^GPU-a reported 0 W in 601 of 601 readings/,
  ],
  ["0 W beside a counter that counts", () => odd(always(0)), "unattributable", /^GPU-a reported 0 W/],
  [
    "0 W without a counter",
    () => odd({ ...always(0), ...noCounter }),
    "unattributable",
    /^GPU-a reported 0 W/,
  ],
  ["all ones", () => odd(always(4294967.295)), "unattributable", /^GPU-a reported 4290000 W/],
  [
    "a few readings of 0 W",
    () => odd({ impossible: { watts: 0, from: 10, to: 10.2 } }),
    "marginal",
    /^4 of 601 power readings of GPU-a were impossible \(0 W\) and were discarded/,
  ],
  ["a counter above any board", () => odd({ gain: 20 }), "unattributable", /counter of GPU-a shows 6000 W/],
  [
    "a counter that stops",
    () => odd({ counterStops: 20 }),
    "unattributable",
    /did not advance for 15 s at 300 W/,
  ],
  [
    "a counter that went back",
    () => odd({}, [{ code: "reset", device: GPU, text: "it began anew", remedy: null }]),
    "unattributable",
    /counter of GPU-a was reset or went backwards/,
  ],
  [
    "a counter that is not read any more",
    () => odd({ device: { counter: true }, counterUntil: 3 }),
    "marginal",
    /counter of GPU-a could not be used/,
  ],
  [
    "power that is not read",
    () => odd({ hole: [0, 100] }),
    "marginal",
    /power readings of GPU-a could not be used \(no power reading/,
  ],
];

for (const [what, of, verdict, reason] of ODD) {
  Deno.test(`fault 70: a meter that says what cannot be: ${what}`, () => {
    const energy = of();
    assert.equal(energy.verdict, verdict, energy.verdict_reasons.join("; "));
    assert.match(energy.verdict_reasons.join("; "), reason);
    assert.equal(energy.headline_j === null, verdict === "unattributable");
    assert.notEqual(energy.headline_j, 0);
  });
}

Deno.test("fault 71: a sum over packages is over all of them: one that cannot be read is named, and there is no sum", () => {
  const unread_parts = [{
    uuid: "package-1",
    kind: "cpu",
    meter: "rapl",
    reason: "Permission denied",
  }] as const;
  const of = (boards: readonly DeviceRecording[], change: Partial<EnergyFacts>) =>
    energyIn(energyOf(energyFactsOf(boards, { unread_parts, ...change }, { processes: [] }), WINDOW, null));
  const dram = part("dram-0", "dram", 8);
  const host = of([CPU, dram], { holds_gpu: false });
  assert.deepEqual([host.verdict, host.headline_j, host.host?.package_j], ["unattributable", null, null]);
  assert.match(host.verdict_reasons.join(), /^package-1 could not be read, .*: Permission denied$/);
  // Of the memory all is there.
  assert.ok(Math.abs((host.host?.dram_j ?? 0) - 240) < 1);
  assert.deepEqual(host.host?.unread, [{ uuid: "package-1", reason: "Permission denied" }]);
  const gpu = of([board(GPU), CPU], {});
  assert.deepEqual([gpu.verdict, gpu.host?.package_j], ["marginal", null]);
  // Of the machine a part is a number, and is called one.
  const machine = of([CPU], { attribution: "machine" });
  assert.equal(machine.verdict, "marginal");
  assert.match(machine.covers, /^only package-0,/);
  assert.match(machine.verdict_reasons.join(), /package-1/);
});

Deno.test("the machine's number says which boards are not in it", () => {
  const left_out = [{
    meter: "nvml",
    index: 1,
    uuid: null,
    code: "lost",
    reason: "it is lost",
    remedy: null,
  }] as const;
  const facts = energyFactsOf([board(GPU)], { attribution: "machine", left_out });
  const { verdict, verdict_reasons } = energyIn(energyOf(facts, WINDOW, null));
  assert.deepEqual([verdict, verdict_reasons], ["marginal", ["GPU 1 is not metered: it is lost"]]);
});
