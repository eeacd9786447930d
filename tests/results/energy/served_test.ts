/** Whose joules they are where a server does the work of a run, and what its start drew. */
import assert from "node:assert/strict";
import type { DeviceRecording, SeenProcess } from "../../../lib/meter/recording.ts";
import { energyOf, type EnergyOutcome } from "../../../lib/results/energy/energy.ts";
import type { EnergyFacts, NoEnergyCode, ServerWork } from "../../../lib/results/energy/facts.ts";
import type { EnergyRecord } from "../../../lib/results/energy/record.ts";
import { cameUnseen, grownBoards, startupEnergy } from "../../../lib/results/energy/server_start.ts";
import {
  type Curve,
  deviceOf,
  energyFactsOf,
  GPU,
  joulesOf,
  NS,
  phaseOf,
  processOf,
  type Sensor,
} from "../../support/recordings.ts";

import { measurementOf } from "../../support/records.ts";

const WINDOW = [phaseOf("measure", 5, 35)];
const MIB = 2 ** 20;

function board(uuid: string, more: Partial<Sensor> = {}): DeviceRecording {
  return deviceOf({ curve: () => 300, edges: [5, 35], device: { uuid }, ...more });
}

const CPU = deviceOf({
  curve: () => 80,
  edges: [5, 35],
  period: 0.001,
  device: { uuid: "package-0", kind: "cpu", meter: "rapl", power: null },
});
/** A process of the server's, one that was there before the run, one that came later. */
const servers = (device: string): SeenProcess => processOf({ pid: 70, name: "vllm", device });
const before = (device: string): SeenProcess =>
  processOf({ own: "assumed", pid: 71, name: "python", device });
const later = (device: string): SeenProcess => processOf({ own: false, pid: 72, name: "python", device });

function beside(named: boolean, name = "vllm"): ServerWork {
  return { kind: "beside", port: 8000, holders: [{ pid: 70, name }], named };
}
const MANAGED: ServerWork = { kind: "managed", grown: null };

interface Case {
  readonly what: string;
  readonly server: ServerWork;
  readonly boards?: readonly DeviceRecording[];
  readonly processes?: readonly SeenProcess[];
  readonly facts?: Partial<EnergyFacts>;
  readonly hello?: readonly string[];
  /** A verdict with the devices of the headline, or why there is no energy. */
  readonly found: readonly [EnergyRecord["verdict"], ...string[]] | NoEnergyCode;
  readonly reason: RegExp;
}

const TWO = [board(GPU), board("GPU-b")];

const CASES: readonly Case[] = [
  {
    what: "beside the study, seen on a board",
    server: beside(false),
    boards: TWO,
    processes: [servers("GPU-b")],
    found: ["marginal", "GPU-b"],
    reason: /^the server on port 8000 \(70 vllm\) was not started by llem; .* other clients/,
  },
  {
    what: "beside the study, seen on a board where somebody else computes",
    server: beside(false),
    processes: [servers(GPU), before(GPU)],
    found: ["unattributable", GPU],
    reason: /^other processes used GPU-a: 71 python$/,
  },
  {
    what: "beside the study, seen on another board than the study names",
    server: beside(true),
    boards: TWO,
    processes: [servers("GPU-b")],
    facts: { run_devices: [GPU] },
    found: ["marginal", "GPU-b"],
    reason: /was not started by llem/,
  },
  {
    what: "in a container beside the study, which names its board: what was there is the server's",
    server: beside(true, "docker-proxy"),
    boards: TWO,
    processes: [before("GPU-b")],
    facts: { run_devices: ["GPU-b"] },
    found: ["marginal", "GPU-b"],
    reason: /\(70 docker-proxy\) was not seen on the boards that execution\.devices names/,
  },
  {
    what: "not seen, and somebody came to the board that the study names",
    server: beside(true),
    processes: [before(GPU), later(GPU)],
    facts: { run_devices: [GPU] },
    found: ["unattributable", GPU],
    reason: /^other processes used GPU-a: 72 python$/,
  },
  {
    what: "not seen, and the study names no board",
    server: beside(false),
    boards: [...TWO, CPU],
    processes: [before(GPU)],
    found: "server_unseen",
    reason: /was seen on no GPU: name its boards in execution\.devices, or let llem start it$/,
  },
  {
    what: "that nobody can see",
    server: { kind: "beside", port: 8000, holders: [], named: false },
    found: "server_unseen",
    reason: /^the server on port 8000 \(its processes are hidden\) was seen on no GPU/,
  },
  {
    what: "a tunnel to another machine, whatever boards the study names",
    server: beside(true, "ssh"),
    processes: [before(GPU)],
    facts: { run_devices: [GPU] },
    found: "server_elsewhere",
    reason: /\(70 ssh\) is a tunnel/,
  },
  {
    what: "beside the study where there is no GPU",
    server: beside(false, "llama-server"),
    boards: [CPU],
    found: ["marginal", "package-0"],
    reason: /\(70 llama-server\) was not started by llem, and no GPU is metered here/,
  },
  {
    what: "managed, seen on its board, whatever its client computes on",
    server: MANAGED,
    boards: TWO,
    processes: [servers("GPU-b")],
    hello: ["cpu"],
    found: ["resolved", "GPU-b"],
    reason: /^$/,
  },
  {
    what: "managed and not seen: its client's CPU is none of its own",
    server: MANAGED,
    boards: [...TWO, CPU],
    hello: ["cpu"],
    found: ["marginal", GPU, "GPU-b"],
    reason: /^no process of the run's server was seen on its boards/,
  },
  {
    what: "managed and not seen: the board whose memory rose while it started, in an earlier run",
    server: { kind: "managed", grown: [{ uuid: "GPU-b", mib: 4000 }] },
    boards: TWO,
    found: ["marginal", "GPU-b"],
    reason: /GPU-b is taken as its board because memory use rose by 4000 MiB$/,
  },
  {
    what: "managed, and no memory rose on any board: it computed on the CPU",
    server: { kind: "managed", grown: [] },
    boards: [...TWO, CPU],
    found: ["resolved", "package-0"],
    reason: /^$/,
  },
  {
    what: "managed, and no memory rose, but somebody else is there: whose it was cannot be told",
    server: { kind: "managed", grown: [] },
    processes: [later(GPU)],
    found: ["unattributable", GPU],
    reason: /^other processes used GPU-a/,
  },
  {
    what: "managed where there is no GPU",
    server: MANAGED,
    boards: [CPU],
    found: ["marginal", "package-0"],
    reason: /^no GPU is metered here/,
  },
];

for (const { what, server, boards = [board(GPU)], processes = [], facts, hello, found, reason } of CASES) {
  Deno.test(`whose joules a served run's are: ${what}`, () => {
    const given = energyFactsOf(boards, { server, ...facts }, { processes });
    const outcome = energyOf(given, WINDOW, null, hello);
    if (typeof found === "string") {
      assert.ok("reason" in outcome);
      assert.equal(outcome.code, found);
      assert.match(outcome.reason, reason);
      return;
    }
    const { verdict, verdict_reasons, devices, covers, method } = energyIn(outcome);
    assert.deepEqual([verdict, ...devices.map(({ uuid }) => uuid)], found, verdict_reasons.join("; "));
    assert.match(verdict_reasons.join("; "), reason);
    assert.equal(/includes the client that sends the load$/.test(covers), method === "rapl", covers);
  });
}

function energyIn(outcome: EnergyOutcome): EnergyRecord {
  return "reason" in outcome ? assert.fail(outcome.reason) : outcome.energy;
}

Deno.test("gross, idle and net of a served run are what the board's powers make them", () => {
  // Idle at 100 W before the load and after it, 300 W under it; 40 s of idle, 30 s of load.
  const curve: Curve = (t) => t >= 40 && t < 70 ? 300 : 100;
  const one = board(GPU, { curve, until: 90, edges: [5, 38, 40, 70, 72, 82] });
  const facts = energyFactsOf([one], { server: MANAGED });
  const phases = [phaseOf("loaded_idle", 5, 38), phaseOf("measure", 40, 70), phaseOf("loaded_idle", 72, 82)];
  const measurement = measurementOf({ input_tokens: 1000, output_tokens: 3000, requests: 10 });
  const energy = energyIn(
    energyOf(facts, phases, measurement, ["cpu"]),
  );
  const near = (value: number | null, truth: number): void =>
    assert.ok(value !== null && Math.abs(value - truth) <= 0.005 * truth, `${value}, truly ${truth}`);
  near(energy.headline_j, joulesOf(curve, 40, 70));
  near(energy.headline_j, 9000);
  near(energy.j_per_output_token, 3);
  near(energy.baseline.loaded.power_w, 100);
  near(energy.net_j.loaded, 9000 - 100 * 30);
  near((energy.baseline.loaded.power_w ?? 0) * energy.window_s / (energy.headline_j ?? 0), 1 / 3);
  assert.equal(energy.verdict, "resolved", energy.verdict_reasons.join());
});

Deno.test("what the start of a server drew is told once, with how far it is to be trusted", () => {
  const curve: Curve = (t) => t < 10 ? 60 : 260;
  const starting = deviceOf({
    curve,
    edges: [2, 30],
    state: (t) => ({ memory_used_bytes: (500 + (t >= 10 ? 9000 : 0)) * MIB }),
  });
  const unseen = processOf({ own: "assumed", pid: 9, name: null, device: "GPU-b" });
  const facts = energyFactsOf([starting, board("GPU-b")], { server: MANAGED }, {
    processes: [processOf({ first_ns: 10 * NS })],
  });
  const stretch = { begin_ns: BigInt(2 * NS), end_ns: BigInt(30 * NS) };
  const { startup_energy_j, startup_energy, startup_energy_reason } = startupEnergy(facts, stretch);
  const truth = 8 * 60 + 20 * 260;
  assert.ok(Math.abs((startup_energy_j ?? 0) - truth) < 0.01 * truth, `${startup_energy_j}, ${truth}`);
  assert.deepEqual([startup_energy?.verdict, startup_energy?.method], ["resolved", "nvml_counter"]);
  assert.ok((startup_energy?.uncertainty_j ?? 0) > 0);
  assert.equal(startup_energy_reason, null);
  const second = startupEnergy(null, stretch);
  assert.equal(second.startup_energy_j, null);
  assert.match(second.startup_energy_reason ?? "", /first run of this instance/);
  assert.match(startupEnergy({ reason: "no meter" }, stretch).startup_energy_reason ?? "", /^no meter$/);
  assert.deepEqual(grownBoards(facts.recording), [{ uuid: GPU, mib: 9000 }]);
  assert.equal(grownBoards({ ...facts.recording, devices: [board("GPU-b")] }), null, "it tells no memory");
  assert.deepEqual([...cameUnseen({ ...facts.recording, processes: [unseen, processOf()] })], [9]);
});
