/** Runs whose work a server does: elsewhere, on this machine, and llem's own, over boards whose joules are known. */
import assert from "node:assert/strict";
import { monotonicNs } from "../../lib/base/clock.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { selfProgram } from "../../lib/host/self_program.ts";
import { makeLaunch } from "../../lib/launch/launch.ts";
import { makeServerLaunch } from "../../lib/launch/server_launch.ts";
import { MeterClient } from "../../lib/meter/meter_client.ts";
import { SharedMetering } from "../../lib/metering/shared_metering.ts";
import { SlotMeter, type SlotMeterParts } from "../../lib/metering/slot_meter.ts";
import { StudyMeter } from "../../lib/metering/study_meter.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { makeStudy } from "../support/attempts.ts";
import { meterProgram, OPTIONS } from "../support/meters.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import { energyJ, type StubBoard, type StubConfig } from "../support/nvml_stub.ts";
import { configOf, planOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

interface Scene extends AsyncDisposable {
  readonly shared: SharedMetering;
  readonly meter: SlotMeter;
  /** The meter process. */
  readonly pid: number;
  readonly events: readonly RunnerEvent[];
  readonly folder: TempFolder;
}

/** The metering of a slot over these boards. */
async function scene(boards: StubConfig, draft: Partial<SlotMeterParts>): Promise<Scene> {
  const start = (): ReturnType<typeof MeterClient.start> => MeterClient.start(meterProgram(boards), OPTIONS);
  const client = await start();
  assert.ok(!("reason" in client), JSON.stringify(client));
  const events: RunnerEvent[] = [];
  const emit = (event: RunnerEvent): void => void events.push(event);
  const folder = new TempFolder();
  Deno.mkdirSync(folder.at("runs"));
  const study = new StudyMeter({ client, restart: start, emit });
  const shared = new SharedMetering({
    meter: study,
    baselines: { load: () => ({}), save: () => {} },
    devices: null,
    settling_look_ms: 100,
    emit,
  });
  const meter = new SlotMeter({
    shared,
    run_devices: null,
    backendOf: () => "auto",
    holdsGpu: () => true,
    update_period_ms: new Map(),
    emit,
    ...draft,
  });
  return {
    shared,
    meter,
    pid: client.pid,
    events,
    folder,
    [Symbol.asyncDispose]: async () => {
      await study[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** With a baseline and a wait for a temperature, both as short as no study may ask for. */
function waiting(config = configOf()): ExperimentConfig {
  return {
    ...config,
    baseline: { ...config.baseline, enabled: true, duration_seconds: 0.2 },
    warmup: { ...config.warmup, enabled: true, thermal_floor_seconds: 0.2 },
  };
}

testWith([C_COMPILER], "a server elsewhere: no energy and why, nothing is waited for", async () => {
  const hot = { kind: "step", from: 40, to: 90, at_s: 0.1 } as const;
  await using at = await scene({ boards: [{ uuid: "A", temperature: hot }] }, {
    serverOf: () => ({ kind: "elsewhere", hostname: "gpu7.example" }),
  });
  await at.meter.prepare(waiting());
  await at.meter.prepare(waiting());
  assert.deepEqual(at.events, []);
  assert.equal(at.shared.taken, null);
  const folder = new RunFolder(realDisk, at.folder.path, "run-1");
  const attempt = await at.meter.begin({ config: waiting(), folder, tags: {} });
  assert.equal(attempt.meters_gpu, false);
  assert.deepEqual(await attempt.end(), {
    code: "server_elsewhere",
    reason: "the server at gpu7.example runs on another machine, whose energy cannot be metered from here",
  });
});

testWith(
  [C_COMPILER],
  "a server beside the study: who listens on its port, and what descends from that",
  async () => {
    using files = new TempFolder();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const engine = new Deno.Command("sleep", { args: ["100"], stdin: "null" }).spawn();
    const unseen = 4_194_304;
    const processes_file = files.write("processes", `${engine.pid} compute 5\n1 compute 5\n`);
    try {
      await using at = await scene({ boards: [{ uuid: "A", processes_file }] }, {
        // What this program may see is no limit of a server that it did not start.
        run_devices: ["B"],
        serverOf: () => ({ kind: "beside", port: (listener.addr as Deno.NetAddr).port }),
      });
      await at.meter.prepare({ ...waiting(), warmup: configOf().warmup });
      assert.deepEqual(at.events.filter(({ type }) => type === "waiting"), []);
      const folder = new RunFolder(realDisk, at.folder.path, "run-1");
      const attempt = await at.meter.begin({ config: waiting(), folder, tags: {} });
      // What a client computes on says nothing of its server.
      attempt.hello(["cpu"]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      files.write("processes", `${engine.pid} compute 5\n1 compute 5\n${unseen} compute 5\n`);
      attempt.edge();
      const facts = await attempt.end();
      assert.ok("recording" in facts);
      const { recording: { processes }, server, run_devices, baseline } = facts;
      assert.deepEqual(processes.map(({ pid, own }) => [pid, own]), [
        [engine.pid, true],
        [1, "assumed"],
        [unseen, false],
      ]);
      assert.ok(server?.kind === "beside" && !server.named);
      assert.deepEqual(server.holders.map(({ pid }) => pid), [Deno.pid]);
      assert.deepEqual([run_devices, baseline?.devices], [null, {}]);
      assert.match(baseline?.reason ?? "", /server was running before/);
    } finally {
      engine.kill("SIGKILL");
      await engine.status;
    }
  },
);

testWith(
  [C_COMPILER],
  "a managed server over two runs: its board is theirs, its idle theirs to take off, its start told once",
  async () => {
    using files = new TempFolder();
    const processes_file = files.write("processes", "");
    const t0_ns = monotonicNs();
    const power = { kind: "ramp", from: 100, to: 700, begin_s: 0, end_s: 60 } as const;
    const board: StubBoard = { uuid: "A", power, processes_file };
    await using at = await scene({ t0_ns, boards: [board, { uuid: "B" }] }, {});
    const self = selfProgram();
    const env = Deno.env.toObject();
    const server = [self.program, ...self.args, "mock-server", "--port", "{port}", "--tick-ms", "5"];
    const script = `echo "$$ compute 4000000000" >${processes_file}; exec "$@"`;
    const config = (concurrency: number): ExperimentConfig => {
      const argv = ["sh", "-c", script, "sh", ...server];
      const resolved = configOf({
        backend: "openai",
        model: "mock",
        dataset: { n: 8, input_len: 8, output_len: 100 },
        warmup: { enabled: false },
        openai: { concurrency, server: { kind: "vllm", argv, lifetime: "group" } },
      });
      return { ...resolved, baseline: { ...resolved.baseline, enabled: true, duration_seconds: 0.7 } };
    };
    const launching = { self, python_main: null, study_dir: files.path, docker: null, env };
    using study = await makeStudy(planOf([config(4), config(8)]), {
      metering: at.meter,
      launch: makeLaunch(launching),
      serverLaunch: makeServerLaunch(launching),
    });
    assert.deepEqual([study.error, study.left], [null, [at.pid]]);
    const records = study.events.filter((event) => event.type === "run_finished").map(({ record }) => record);
    for (const record of records) {
      assert.equal(record.outcome.kind, "completed", JSON.stringify(record.outcome.error));
      isTrue(record, board, t0_ns);
    }
    const [first, second] = records.map(({ server }) => server);
    assert.equal(first?.instance, second?.instance);
    assert.deepEqual([second?.startup_energy_j, second?.startup_energy], [null, null]);
    assert.match(second?.startup_energy_reason ?? "", /first run of this instance/);
    assert.ok(first?.startup_energy_j !== null && first?.startup_energy_j !== undefined);
    // It was ready before the first phase began, and has needed so long for that.
    const loading = records[0]?.phases.find(({ name }) => name === "load");
    const ready_s = Number(BigInt(loading?.begin_ns ?? 0) - t0_ns) / 1e9;
    const most_j = energyJ(board, ready_s - first.startup_s, ready_s);
    const least_j = energyJ(board, 0, first.startup_s);
    const { uncertainty_j, verdict_reasons = [], covers } = first.startup_energy ?? {};
    const error_j = 2 * (uncertainty_j ?? NaN);
    assert.ok(first.startup_energy_j <= most_j + error_j, `${first.startup_energy_j} J, at most ${most_j}`);
    assert.ok(
      first.startup_energy_j >= least_j - error_j,
      `${first.startup_energy_j} J, at least ${least_j}`,
    );
    assert.deepEqual(verdict_reasons.filter((reason) => /seen|other/.test(reason)), []);
    assert.match(covers ?? "", /^the whole GPU board /);
  },
);

/** Its numbers are those that the board really drew, by the phases that its worker marked. */
function isTrue({ energy, phases }: ResultRecord, board: StubBoard, t0_ns: bigint): void {
  assert.ok(energy !== null);
  assert.deepEqual(energy.devices.map(({ uuid }) => uuid), ["A"]);
  assert.deepEqual(energy.neighbours, []);
  assert.equal(energy.verdict_reasons.filter((reason) => /seen|server/.test(reason)).length, 0);
  const drawn = (wanted: string): { joules: number; seconds: number } =>
    phases.filter(({ name }) => name === wanted).map(({ begin_ns, end_ns }) => {
      const [begin, end] = [begin_ns, end_ns].map((ns) => Number(BigInt(ns ?? 0) - t0_ns) / 1e9);
      return { joules: energyJ(board, begin ?? 0, end ?? 0), seconds: (end ?? 0) - (begin ?? 0) };
    }).reduce((sum, one) => ({ joules: sum.joules + one.joules, seconds: sum.seconds + one.seconds }));
  const measured = drawn("measure");
  const { headline_j, uncertainty_j, net_j, baseline: { loaded } } = energy;
  assert.ok(
    headline_j !== null && uncertainty_j !== null && loaded.power_w !== null && net_j.loaded !== null,
  );
  assert.ok(
    Math.abs(headline_j - measured.joules) <= 2 * uncertainty_j,
    `${headline_j}, truly ${measured.joules}`,
  );
  const idle = drawn("loaded_idle");
  const idle_w = idle.joules / idle.seconds;
  // Of so short a phase the level is no better known than the counter's steps of 100 ms let it be.
  assert.ok(Math.abs(loaded.power_w - idle_w) <= 0.25 * idle_w, `${loaded.power_w} W, truly ${idle_w} W`);
  const error_j = net_j.uncertainty_j.loaded;
  const net_truth_j = measured.joules - idle_w * measured.seconds;
  assert.ok(
    error_j !== null && Math.abs(net_j.loaded - net_truth_j) <= 2 * error_j,
    `${net_j.loaded} +- ${error_j}, truly ${net_truth_j}`,
  );
}
