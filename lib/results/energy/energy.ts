import type { UnreadPart } from "../../meter/meter.ts";
import { stateWindow } from "../../meter/state_window.ts";
import { hullOf, secondsOf, type Stretch } from "../../meter/stretch.ts";
import { throttleOf } from "../../meter/throttle.ts";
import { bareLevel, idleLevel, type Level } from "./baseline.ts";
import { namesOfRuns, runsBeside } from "./beside.ts";
import { type Boards, chooseBoards, type NoBoards } from "./boards.ts";
import { COVERAGE, energyBudget } from "./budget.ts";
import { type MeasuredDevice, measureDevice, methodOf, sumJ, sumOf } from "./device.ts";
import type { EnergyFacts, RunBeside } from "./facts.ts";
import { phaseEnergies } from "./phases.ts";
import type { ClockRow, EnergyRecord, HostRow, NetEnergy, TemperatureRow, ThrottleRow } from "./record.ts";
import { hostBeside, noMeasurePhase } from "./messages.ts";
import { neighboursOf } from "./neighbours.ts";
import { decideOwners } from "./owners.ts";
import { idleShare, perUnit } from "./per_unit.ts";
import { boardTroubles, type Evidence, judge } from "./verdict.ts";
import { energyWarnings } from "./warnings.ts";
import { stretchesOf } from "./window.ts";
import type { Phase } from "../phases.ts";
import type { WindowCounts } from "../run_numbers.ts";
import type { RecordWarning } from "../warning.ts";

/** The energy of an attempt with remarks on it, or why there is none. */
export type EnergyOutcome =
  | { readonly energy: EnergyRecord; readonly warnings: readonly RecordWarning[] }
  | NoBoards;

/**
 * What a run drew, over the union of its closed `measure` phases, how well that is known and what it is worth. Pure. Rules
 * and words: docs/energy.md. `workerDevices`: what the worker says in its hello that it computes on; empty where it says nothing.
 */
export function energyOf(
  given: EnergyFacts,
  phases: readonly Phase[],
  counts: WindowCounts | null,
  workerDevices: readonly string[] = [],
): EnergyOutcome {
  const stretches = stretchesOf(phases, "measure");
  const hull = hullOf(stretches);
  if (hull === null) return { reason: noMeasurePhase() };
  const processes = decideOwners(given.recording.processes);
  const facts = { ...given, recording: { ...given.recording, processes } };
  const boards = chooseBoards(facts, stretches, workerDevices);
  if ("reason" in boards) return { ...boards, reason: withTroubles(boards.reason, facts) };
  const measure = (list: Boards["headline"]): MeasuredDevice[] =>
    list.map((recording) => measureDevice(recording, stretches, facts));
  const scene: Scene = {
    facts,
    phases,
    stretches,
    hull,
    window_s: secondsOf(stretches),
    boards,
    devices: measure(boards.headline),
    peers: measure(boards.peers),
    host: measure(boards.host),
    beside: runsBeside(facts, stretches),
  };
  return recordOf(scene, counts);
}

interface Scene {
  readonly facts: EnergyFacts;
  readonly phases: readonly Phase[];
  readonly stretches: readonly Stretch[];
  readonly hull: Stretch;
  readonly window_s: number;
  readonly boards: Boards;
  readonly devices: readonly MeasuredDevice[];
  readonly peers: readonly MeasuredDevice[];
  readonly host: readonly MeasuredDevice[];
  readonly beside: readonly RunBeside[];
}

function recordOf(scene: Scene, counts: WindowCounts | null): EnergyOutcome {
  const { facts, stretches, window_s, boards, devices } = scene;
  const gross = sumJ(devices);
  const levels = levelsOf(scene);
  const baselineSd = levels.bare.sd_w === null ? null : levels.bare.sd_w * window_s;
  const budget = energyBudget(devices, gross, baselineSd);
  const { neighbours, more } = neighboursOf(facts, stretches, boards);
  const throttle = throttleRow(scene);
  const evidence: Evidence = {
    facts,
    boards,
    devices,
    neighbours,
    beside: scene.beside,
    window_s,
    hull: scene.hull,
    headline_j: gross,
    total_j: budget.total_j,
    disqualifying: throttle.devices.flatMap(({ uuid, disqualifying }) =>
      disqualifying.length > 0 ? [{ uuid, causes: disqualifying }] : []
    ),
    drifted: [levels.context, levels.loaded].flatMap((level, index) =>
      level.drifted ? [index === 0 ? "context" : "loaded"] : []
    ),
  };
  const { verdict, reasons } = judge(evidence);
  const headline_j = verdict === "unattributable" ? null : gross;
  const net = netOf(headline_j, budget.total_j, window_s, levels);
  const clocks = clockRows(scene);
  const energy: EnergyRecord = {
    headline_j,
    method: methodOf(devices),
    verdict,
    verdict_reasons: reasons,
    covers: boards.covers,
    window_s,
    uncertainty_j: headline_j === null ? null : budget.total_j,
    relative: headline_j === null || budget.total_j === null ? null : budget.total_j / headline_j,
    avg_power_w: headline_j === null || window_s <= 0 ? null : headline_j / window_s,
    ...perUnit(headline_j, net.loaded, counts),
    idle_share: idleShare(headline_j, net.loaded),
    budget,
    devices: devices.map(({ row }) => row),
    idle_peers: scene.peers.map(({ row }) => row),
    host: hostRow(scene, boards.unread),
    baseline: { bare: levels.bare.row, context: levels.context.row, loaded: levels.loaded.row },
    net_j: net,
    phases: phaseEnergies(
      scene.phases,
      devices,
      facts,
      blockedBy(evidence),
    ),
    throttle,
    clocks,
    temperature: temperatureRow(scene),
    neighbours,
    more_neighbours: more,
    meter_cpu_share: facts.recording.meter_cpu_share,
  };
  const warnings = [...boards.warnings, ...energyWarnings(energy, facts)];
  return { energy, warnings };
}

/** Troubles of the boards spoil every phase, those of the window only the window. */
function blockedBy(evidence: Evidence): string | null {
  return boardTroubles(evidence)[0] ?? null;
}

interface Levels {
  readonly bare: Level;
  readonly context: Level;
  readonly loaded: Level;
}

function levelsOf({ facts, phases, hull, devices }: Scene): Levels {
  const idle = (name: string): Level => idleLevel(name, stretchesOf(phases, name), hull, devices, facts);
  return {
    bare: bareLevel(devices, facts),
    context: idle("context_idle"),
    loaded: idle("loaded_idle"),
  };
}

/** Not floored at 0: a negative difference says that it is within the errors. */
function netOf(
  headlineJ: number | null,
  totalJ: number | null,
  windowS: number,
  levels: Levels,
): NetEnergy {
  const net = ({ row: { power_w } }: Level): number | null =>
    headlineJ === null || power_w === null ? null : headlineJ - power_w * windowS;
  const error = ({ sd_w }: Level): number | null =>
    headlineJ === null || totalJ === null || sd_w === null
      ? null
      : Math.hypot(totalJ, COVERAGE * sd_w * windowS);
  const { bare, context, loaded } = levels;
  return {
    bare: net(bare),
    context: net(context),
    loaded: net(loaded),
    uncertainty_j: { bare: error(bare), context: error(context), loaded: error(loaded) },
  };
}

/**
 * A sum is that of all packages, or of all memory, of the machine: null where one of them could not be read. Beside other runs
 * nothing is told of it, since nobody can divide it.
 */
function hostRow({ host, beside }: Scene, unread: readonly UnreadPart[]): HostRow | null {
  if (host.length === 0) return null;
  if (beside.length > 0) {
    return {
      package_j: null,
      dram_j: null,
      unread: [],
      reason: hostBeside(namesOfRuns(beside)),
      devices: [],
    };
  }
  const sum = (kind: "cpu" | "dram"): number | null =>
    unread.some((part) => part.kind === kind) ? null : sumOf(
      host.filter(({ recording: { device } }) => device.kind === kind).map(({ energy }) => energy.joules),
    );
  return {
    package_j: sum("cpu"),
    dram_j: sum("dram"),
    unread: unread.map(({ uuid, reason }) => ({ uuid, reason })),
    devices: host.map(({ row }) => row),
  };
}

function throttleRow({ devices, stretches }: Scene): ThrottleRow {
  const rows = devices
    .filter(({ recording: { device } }) => device.kind === "gpu")
    .map(({ recording }) => ({ uuid: recording.device.uuid, ...throttleOf(recording, stretches) }));
  return { disqualifying: [...new Set(rows.flatMap(({ disqualifying }) => disqualifying))], devices: rows };
}

function clockRows({ devices, stretches }: Scene): ClockRow[] {
  return devices
    .filter(({ recording: { device } }) => device.kind === "gpu")
    .map(({ recording }) => {
      const state = stateWindow(recording.states, stretches);
      return {
        uuid: recording.device.uuid,
        sm_mhz: state.sm_clock_mhz,
        memory_mhz: state.memory_clock_mhz,
        power_limits_w: state.power_limits_w,
      };
    });
}

function temperatureRow({ devices, stretches, facts }: Scene): TemperatureRow {
  const rows = devices.map(({ recording: { device, states } }) => {
    const { start_c, end_c, max_c } = stateWindow(states, stretches);
    return { uuid: device.uuid, start_c, end_c, max_c };
  });
  const hottest = rows.reduce<typeof rows[number] | null>(
    (hot, row) => hot === null || (row.max_c ?? -Infinity) > (hot.max_c ?? -Infinity) ? row : hot,
    null,
  );
  return {
    start_c: hottest?.start_c ?? null,
    end_c: hottest?.end_c ?? null,
    max_c: hottest?.max_c ?? null,
    reference_c: facts.gate?.reference_c ?? null,
    gate_wait_s: facts.gate?.waited_s ?? null,
    gate_reached: facts.gate?.reached ?? null,
    ...facts.gate?.by === undefined ? {} : { gate_by: facts.gate.by },
    devices: rows,
  };
}

function withTroubles(reason: string, { recording: { troubles } }: EnergyFacts): string {
  const texts = [...new Set(troubles.map(({ text }) => text))].slice(0, 3);
  return texts.length === 0 ? reason : `${reason} (${texts.join("; ")})`;
}
