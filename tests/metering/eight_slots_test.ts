/** Eight boards of distinct powers and one meter, real workers on all of them at once: whose joules a record tells. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { MeterClient } from "../../lib/meter/meter_client.ts";
import type { Sharing } from "../../lib/metering/metering.ts";
import { SharedMetering } from "../../lib/metering/shared_metering.ts";
import { SlotMeter } from "../../lib/metering/slot_meter.ts";
import { StudyMeter } from "../../lib/metering/study_meter.ts";
import type { Launcher } from "../../lib/launch/attempt_request.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { launch, type MadeStudy, makeStudy } from "../support/attempts.ts";
import { meterProgram, OPTIONS } from "../support/meters.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import { configOf, planOf, WORKERS } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** The boards of a pool in tests are `b0`, `b1` ...; board n draws so much. */
const wattsOf = (board: number): number => 100 + 37 * board;
const BOARDS = 8;

/** One gated run on each of the boards; the worker of slot n is seen on board `seenOn(n)`. */
async function study(
  { mode, is_audited }: Sharing & { readonly mode: "staged" | "shared" },
  measure_s: number,
  seenOn: (slot: number) => number,
): Promise<MadeStudy> {
  using processes = new TempFolder();
  const fileOf = (board: number): string => processes.at(`board-${board}`);
  const boards = Array.from({ length: BOARDS }, (_, board) => {
    Deno.writeTextFileSync(fileOf(board), "");
    const power = { kind: "constant", value: wattsOf(board) } as const;
    // The edges of a window of a second are not to hide what a wrong board would show.
    const sensor = { publish_ms: 2, counter_period_ms: 2, counter_lag_ms: 0 };
    return { uuid: `b${board}`, power, processes_file: fileOf(board), ...sensor };
  });
  const start = (): ReturnType<typeof MeterClient.start> =>
    MeterClient.start(meterProgram({ boards }), { ...OPTIONS, period_ms: 50 });
  const client = await start();
  assert.ok(!("reason" in client), JSON.stringify(client));
  const emit = (): void => {};
  await using meter = new StudyMeter({ client, restart: start, emit });
  const baselines = { load: () => ({}), save: () => {} };
  const sharing = (): Sharing => ({ mode, is_audited });
  const shared = new SharedMetering({ meter, baselines, devices: null, sharing, emit });
  const argv = [join(WORKERS, "gate.sh"), "0.1", String(measure_s), "cuda:0"];
  const config = configOf({ command: { argv } });
  // It is on its board before anything else is done.
  const onBoard: Launcher = (request) => {
    const plain = launch(request);
    if ("failure" in plain) return plain;
    const { program, args } = plain.spec;
    const script = `echo "$$ compute 2000000000" >>"$BOARD_FILE"; exec "$0" "$@"`;
    const env = { ...plain.spec.env, BOARD_FILE: fileOf(seenOn(request.place?.slot ?? 0)) };
    return { spec: { ...plain.spec, program: "/bin/sh", args: ["-c", script, program, ...args], env } };
  };
  return await makeStudy(planOf([config], { n_cycles: BOARDS }), {
    launch: onBoard,
    pool: {
      boards: BOARDS,
      mode,
      meteringOf: (set) =>
        new SlotMeter({
          shared,
          run_devices: set,
          backendOf: () => "auto",
          holdsGpu: () => true,
          names_devices: true,
          update_period_ms: new Map(boards.map(({ uuid, counter_period_ms }) => [uuid, counter_period_ms])),
          emit,
        }),
    },
  });
}

function recordsOf(made: MadeStudy): ResultRecord[] {
  assert.equal(made.error, null);
  const records = made.events.flatMap((event) => event.type === "run_finished" ? [event.record] : []);
  assert.deepEqual(records.map(({ outcome }) => outcome.kind), Array(BOARDS).fill("completed"));
  return records;
}

function boardOf({ run }: ResultRecord): number {
  return Number(run.devices[0]?.slice(1));
}

/** What all boards draw but that one. */
function othersW(board: number): number {
  return Array.from({ length: BOARDS }, (_, other) => wattsOf(other)).reduce((sum, watts) => sum + watts, 0) -
    wattsOf(board);
}

/** Readings of a device per second of the trace, by what they tell. */
async function ratesOf(
  made: MadeStudy,
  { run }: ResultRecord,
): Promise<(name: string, device: string) => number> {
  const path = made.folder.at(`runs/${run.run_id}/power.parquet`);
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  const times = rows.map((row) => Number(row["t_ns"]));
  const seconds = (Math.max(...times) - Math.min(...times)) / 1e9;
  return (name, device) =>
    rows.filter((row) => row["device"] === device && row[name] !== null).length / seconds;
}

testWith(
  [C_COMPILER],
  "windows of eight runs overlap: every J is that of its own board, and a run's trace has the others once a second",
  async () => {
    using made = await study({ mode: "shared", is_audited: true }, 2, (slot) => slot);
    const records = recordsOf(made);
    assert.deepEqual(records.map(boardOf).sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
    for (const record of records) {
      const { energy, run: { parallel } } = record;
      const board = boardOf(record);
      const expected = wattsOf(board) * (energy?.window_s ?? 0);
      const off = Math.abs((energy?.headline_j ?? NaN) / expected - 1);
      assert.ok(off <= 0.01, `board ${board}: ${energy?.headline_j} J, ${expected} J drawn`);
      assert.deepEqual(energy?.devices.map(({ uuid }) => uuid), [`b${board}`]);
      assert.deepEqual([energy?.neighbours, energy?.idle_peers, energy?.verdict], [[], [], "marginal"]);
      // No doubt comes of the neighbours. On a busy machine the readings are fewer, and the edges worth less.
      const doubts = energy?.verdict_reasons.filter((reason) => !reason.startsWith("the uncertainty is"));
      assert.match(doubts?.join() ?? "", /^the window of 2\S* s is shorter than 10 s$/);
      assert.equal(parallel?.beside.filter(({ measure_overlap_s }) => measure_overlap_s > 1).length, 7);
      assert.ok(Math.abs((parallel?.other_boards_w ?? NaN) / othersW(board) - 1) < 0.01);
    }
    const [first] = records;
    assert.ok(first !== undefined);
    const rate = await ratesOf(made, first);
    const own = `b${boardOf(first)}`;
    const other = `b${(boardOf(first) + 1) % BOARDS}`;
    assert.ok(rate("power_w", own) > 12, `${rate("power_w", own)} readings/s of its own board`);
    for (const name of ["power_w", "energy_j", "temperature_c"]) {
      const perSecond = rate(name, other);
      // A stretch of two seconds and a half holds three.
      assert.ok(perSecond > 0 && perSecond < 1.6, `${perSecond} readings/s of ${name} of another board`);
    }
  },
);

testWith(
  [C_COMPILER],
  "one window at a time: every J is that of its own board, beside seven that wait",
  async () => {
    using made = await study({ mode: "staged", is_audited: false }, 0.4, (slot) => slot);
    for (const record of recordsOf(made)) {
      const { energy } = record;
      const expected = wattsOf(boardOf(record)) * (energy?.window_s ?? 0);
      assert.ok(Math.abs((energy?.headline_j ?? NaN) / expected - 1) <= 0.01, `${energy?.headline_j} J`);
      assert.deepEqual(energy?.neighbours, []);
    }
  },
);

testWith([C_COMPILER], "workers that land on each other's boards show, on either side", async () => {
  // The workers of slots 2 and 3 take each other's board, that of slot 4 is beside its owner on board 5.
  const seenOn = (slot: number): number => slot === 2 ? 3 : slot === 3 ? 2 : slot === 4 ? 5 : slot;
  using made = await study({ mode: "shared", is_audited: false }, 1.6, seenOn);
  const records = recordsOf(made);
  const idOf = (board: number): string =>
    records.find((record) => boardOf(record) === board)?.run.run_id ?? "";
  for (const record of records) {
    const { energy, warnings } = record;
    const board = boardOf(record);
    const codes = warnings.map(({ code }) => code);
    assert.equal(codes.includes("energy_other_gpu"), board !== seenOn(board), `board ${board}: ${codes}`);
    assert.deepEqual(energy?.devices.map(({ uuid }) => uuid), [`b${seenOn(board)}`]);
    const intruder = board === 5 ? 4 : board === 4 ? 5 : null;
    const runs = energy?.neighbours.map(({ run_id }) => run_id);
    assert.deepEqual(runs, intruder === null ? [] : [idOf(intruder)], `board ${board}`);
    assert.equal(energy?.verdict, intruder === null ? "marginal" : "unattributable");
    if (intruder !== null) continue;
    const alone = energy?.verdict_reasons.filter((reason) => reason.includes("no audit has shown"));
    assert.equal(alone?.length, 1, "unaudited neighbours are a doubt");
  }
});
