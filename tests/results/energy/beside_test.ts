/** Runs of one study beside each other: what of the energy stays a run's own, what is told of none, and what is a finding. */
import assert from "node:assert/strict";
import type { DeviceRecording, SeenProcess } from "../../../lib/meter/recording.ts";
import { energyOf } from "../../../lib/results/energy/energy.ts";
import type { EnergyFacts, RunBeside } from "../../../lib/results/energy/facts.ts";
import type { EnergyRecord } from "../../../lib/results/energy/record.ts";
import { makeRecord, type RecordParallel } from "../../../lib/results/record.ts";
import { factsOf } from "../../support/records.ts";
import { deviceOf, energyFactsOf, NS, phaseOf, processOf } from "../../support/recordings.ts";

const WINDOW = [phaseOf("measure", 5, 35)];
const UUIDS = Array.from({ length: 8 }, (_, index) => `GPU-${index}`);

/** Board n draws 100 + 50 n watts. */
const BOARDS = UUIDS.map((uuid, index): DeviceRecording =>
  deviceOf({ curve: () => 100 + 50 * index, edges: [5, 35], device: { uuid } })
);
const CPU = deviceOf({
  curve: () => 80,
  edges: [5, 35],
  period: 0.001,
  device: { uuid: "package-0", kind: "cpu", meter: "rapl", power: null },
});

function beside(run_id: string, uuid: string, begin = 0, end = 40): RunBeside {
  return { run_id, devices: [uuid], begin_ns: begin * NS, end_ns: end * NS };
}

const SEVEN = UUIDS.slice(1).map((uuid, index) => beside(`run-${index + 1}`, uuid));
/** What the runs beside the one on the first board do on their own. */
const THEIRS = UUIDS.slice(1).map((device, index) =>
  processOf({ pid: 100 + index, own: false, device, run_id: `run-${index + 1}` })
);
const OWN = processOf({ device: "GPU-0" });

function facts(
  change: Partial<EnergyFacts> = {},
  processes: readonly SeenProcess[] = [OWN, ...THEIRS],
): EnergyFacts {
  const given = { run_devices: ["GPU-0"], beside: SEVEN, ...change };
  return energyFactsOf([...BOARDS, CPU], given, { processes });
}

function energy(of: EnergyFacts, hello: readonly string[] = ["cuda:0"]): EnergyRecord {
  const found = energyOf(of, WINDOW, null, hello);
  return "reason" in found ? assert.fail(found.reason) : found.energy;
}

Deno.test("beside seven runs a run has the joules of its own board, and nobody on other boards is a stranger", () => {
  const found = energy(facts());
  assert.deepEqual([found.verdict, found.verdict_reasons, found.neighbours], ["resolved", [], []]);
  assert.ok(Math.abs((found.headline_j ?? 0) - 3000) < 30, `${found.headline_j} J`);
  assert.deepEqual([found.devices.map(({ uuid }) => uuid), found.idle_peers], [["GPU-0"], []]);
});

Deno.test("energy of the host is told of none of several runs, by name why, and of a run that was alone in its window", () => {
  const { host } = energy(facts());
  assert.deepEqual([host?.package_j, host?.dram_j, host?.devices], [null, null, []]);
  assert.match(host?.reason ?? "", /other runs of this study were on it: run-1, run-2, run-3 and 4 more$/);
  // One had ended before the window began, one came after its end.
  const alone = energy(
    facts({ beside: [beside("run-1", "GPU-1", 0, 4.9), beside("run-2", "GPU-2", 35.1, 40)] }),
  );
  assert.deepEqual([Math.round(alone.host?.package_j ?? 0), alone.host?.reason], [2400, undefined]);
  const server = energy(facts({ beside: [beside("", "GPU-1", 0, 6)] }));
  assert.match(server.host?.reason ?? "", /: a server$/);
  const both = energy(facts({ beside: [beside("", "GPU-1", 0, 40), beside("run-1", "GPU-1", 0, 6)] }));
  assert.match(both.host?.reason ?? "", /: run-1$/);
});

Deno.test("a headline of the host beside another run is nobody's", () => {
  const onCpu = (change: Partial<EnergyFacts>): EnergyRecord =>
    energy(facts({ holds_gpu: false, ...change }, THEIRS), ["CPU: Intel Xeon"]);
  const found = onCpu({});
  assert.deepEqual([found.verdict, found.headline_j], ["unattributable", null]);
  assert.match(found.verdict_reasons.join(), /other runs of this study were on it: run-1/);
  assert.equal(onCpu({ beside: [] }).verdict, "resolved");
});

Deno.test("a process of another run on this run's board is a finding that names the run", () => {
  const strayed = processOf({ pid: 300, name: "python", own: false, device: "GPU-0", run_id: "run-4" });
  const found = energy(facts({}, [OWN, strayed, ...THEIRS]));
  assert.equal(found.verdict, "unattributable");
  assert.deepEqual(found.verdict_reasons, [
    "other processes used GPU-0: 300 python of run run-4 of this study",
  ]);
  assert.deepEqual(found.neighbours.map(({ pid, run_id }) => [pid, run_id]), [[300, "run-4"]]);
});

Deno.test("windows that overlap are resolved only once an audit has passed; a run without neighbours needs none", () => {
  const unaudited = energy(facts({ shared_unaudited: true }));
  assert.equal(unaudited.verdict, "marginal");
  assert.match(
    unaudited.verdict_reasons.join(),
    /^measured beside other runs \(run-1, run-2, run-3 and 4 more\)/,
  );
  assert.equal(energy(facts()).verdict, "resolved");
  assert.equal(energy(facts({ shared_unaudited: true, beside: [] })).verdict, "resolved");
});

Deno.test("a run that another agent makes on this machine is told by name, and no audit covers it", () => {
  const others = { ...beside("run-9", "GPU-1"), agent: "node1_7_abcdef" };
  const found = energy(facts({ beside: [others] }));
  assert.equal(found.verdict, "marginal");
  assert.match(
    found.verdict_reasons.join(),
    /^measured while another agent made runs on this machine \(run-9\)/,
  );
  assert.deepEqual([found.host?.package_j, /on it: run-9$/.test(found.host?.reason ?? "")], [null, true]);
  const before = { ...others, ...beside("run-9", "GPU-1", 0, 4) };
  assert.equal(energy(facts({ beside: [before] })).verdict, "resolved");
});

Deno.test("a server of the run that took no GPU memory used none, whoever computes on other boards", () => {
  const state = (): { memory_used_bytes: number } => ({ memory_used_bytes: 2 ** 30 });
  const still = UUIDS.map((uuid) => deviceOf({ curve: () => 100, edges: [5, 35], device: { uuid }, state }));
  const server = { kind: "managed", grown: [] } as const;
  const change = { run_devices: ["GPU-0"], server, beside: SEVEN };
  const of = energyFactsOf(still, change, { processes: THEIRS });
  const found = energyOf(of, WINDOW, null);
  assert.ok(!("reason" in found));
  assert.match(found.energy.verdict_reasons.join(), /no GPU used \(its server took no GPU memory\)/);
});

const PARALLEL: RecordParallel = {
  mode: "staged",
  slot: 0,
  cpus: null,
  numa: null,
  beside: [],
  other_boards_w: null,
};

Deno.test("a record tells whether an audit stands behind windows that overlap", () => {
  const { run } = factsOf();
  const told = (mode: RecordParallel["mode"], change: Partial<EnergyFacts>): string | undefined =>
    makeRecord(
      factsOf({ run: { ...run, parallel: { ...PARALLEL, mode } }, energy: facts(change), phases: WINDOW }),
    )
      .run.parallel?.shared_is;
  assert.deepEqual(
    [told("shared", { shared_unaudited: true }), told("shared", {}), told("staged", {})],
    ["unaudited", "audited", undefined],
  );
});

Deno.test("a record tells what the other boards drew while its run was measured, and nothing where that is not known", () => {
  const watts = (of: EnergyFacts, phases = WINDOW): number | null | undefined => {
    const { run } = factsOf();
    const record = makeRecord(factsOf({ run: { ...run, parallel: PARALLEL }, energy: of, phases }));
    return record.run.parallel?.other_boards_w;
  };
  // 150 + 200 + ... + 450
  assert.equal(Math.round(watts(facts()) ?? 0), 2100);
  assert.equal(watts(facts({ meters: ["rapl"] })), null);
  assert.equal(watts(facts({ run_devices: UUIDS })), null);
  assert.equal(watts(facts(), []), null);
  const { run } = factsOf();
  assert.equal(makeRecord(factsOf({ run, energy: facts(), phases: WINDOW })).run.parallel, undefined);
});
