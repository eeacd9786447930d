import { append } from "../../base/numbers.ts";
import type { Boards } from "./boards.ts";
import type { MeasuredDevice } from "./device.ts";
import type { EnergyVerdict, Neighbour } from "./record.ts";
import {
  APART,
  longestGapMs,
  LOST_SHARE,
  MARGINAL_SHARE,
  SHORTEST_PERIODS,
  SOLID_WINDOW_S,
  SWALLOWED,
} from "./rules.ts";
import { namesOfRuns } from "./beside.ts";
import type { EnergyFacts, RunBeside } from "./facts.ts";
import * as messages from "./messages.ts";
import type { Stretch } from "../../meter/stretch.ts";

/** What a verdict is made from. */
export interface Evidence {
  readonly facts: EnergyFacts;
  readonly boards: Boards;
  readonly devices: readonly MeasuredDevice[];
  readonly neighbours: readonly Neighbour[];
  /** Runs of the study that were there during the window. */
  readonly beside: readonly RunBeside[];
  readonly window_s: number;
  readonly hull: Stretch;
  readonly headline_j: number | null;
  readonly total_j: number | null;
  /** Causes by device. */
  readonly disqualifying: readonly { readonly uuid: string; readonly causes: readonly string[] }[];
  readonly drifted: readonly string[];
}

export interface Judgement {
  readonly verdict: EnergyVerdict;
  readonly reasons: readonly string[];
}

export function judge(evidence: Evidence): Judgement {
  const fatal = [...boardTroubles(evidence), ...windowTroubles(evidence)];
  if (fatal.length > 0) return { verdict: "unattributable", reasons: fatal };
  const doubts = [...evidence.boards.doubts, ...doubtsOf(evidence)];
  return { verdict: doubts.length > 0 ? "marginal" : "resolved", reasons: doubts };
}

/** Why what the devices drew is not the run's, however long it was measured. */
export function boardTroubles(evidence: Evidence): string[] {
  const { boards, devices, facts } = evidence;
  const troubles = [...boards.missing];
  for (const { recording: { device }, energy: { fault } } of devices) {
    if (fault !== null) troubles.push(fault);
    const others = strangersOn(device.uuid, evidence).filter(({ kind }) => kind !== "graphics");
    if (others.length > 0) {
      troubles.push(messages.othersOnBoard(device.uuid, device.mig?.enabled === true, namesOf(others)));
    }
    const lost = facts.recording.troubles.find((trouble) =>
      trouble.code === "lost" && trouble.device === device.uuid
    );
    if (lost !== undefined) troubles.push(messages.boardLost(device.uuid, lost.text));
  }
  return troubles;
}

/** Whoever else was on a board. Nobody is a stranger to a number that is the machine's. */
function strangersOn(uuid: string, { facts, neighbours }: Evidence): Neighbour[] {
  return facts.attribution === "machine" ? [] : neighbours.filter(({ device }) => device === uuid);
}

function namesOf(processes: readonly Neighbour[]): string {
  const who = processes.slice(0, 3).map(({ pid, name, run_id }) => {
    const process = name === null ? `${pid}` : `${pid} ${name}`;
    return run_id === undefined ? process : messages.processOfRun(process, run_id);
  });
  return `${who.join(", ")}${processes.length > 3 ? " ..." : ""}`;
}

function windowTroubles(evidence: Evidence): string[] {
  const { devices, window_s, hull, headline_j, total_j, facts } = evidence;
  const troubles: string[] = [];
  const periodMs = devices.reduce((most, { period_ms }) => Math.max(most, period_ms), 0);
  const shortestS = SHORTEST_PERIODS * periodMs / 1e3;
  if (window_s < shortestS) troubles.push(messages.windowBelowSensor(window_s, shortestS));
  for (const { recording: { device }, energy, row } of devices) {
    if (energy.joules === null) {
      troubles.push(messages.noEnergyOfDevice(device.uuid, row.notes));
    }
    const gapS = (energy.longest_gap_ms ?? 0) / 1e3;
    if (energy.source === "integral" && gapS > SWALLOWED * window_s) {
      troubles.push(messages.powerGapOfWindow(device.uuid, gapS));
    }
  }
  const ended = facts.recording.troubles.find(({ code }) => code === "ended");
  if (ended !== undefined && devices.some(({ recording }) => lastSightNs(recording) < hull.end_ns)) {
    troubles.push(messages.meterEndedEarly(ended.text));
  }
  if (headline_j !== null && total_j !== null && total_j > LOST_SHARE * headline_j) {
    troubles.push(messages.uncertaintyTooLarge(LOST_SHARE));
  }
  return troubles;
}

function lastSightNs({ power, counters }: MeasuredDevice["recording"]): number {
  return Math.max(power.lastNs ?? -Infinity, counters.at(-1)?.t_ns ?? -Infinity);
}

function doubtsOf(evidence: Evidence): string[] {
  const { devices, window_s, headline_j, total_j } = evidence;
  const doubts: string[] = [];
  if (window_s < SOLID_WINDOW_S) {
    doubts.push(messages.windowShort(window_s, SOLID_WINDOW_S));
  }
  if (headline_j !== null && total_j !== null && total_j > MARGINAL_SHARE * headline_j) {
    doubts.push(messages.uncertaintyLarge(total_j / headline_j, MARGINAL_SHARE));
  }
  for (const device of devices) append(doubts, deviceDoubts(device, evidence));
  for (const { uuid, causes } of evidence.disqualifying) {
    doubts.push(messages.boardThrottled(uuid, causes));
  }
  append(doubts, evidence.drifted.map(messages.idlePowerDiffers));
  const { facts: { shared_unaudited }, beside } = evidence;
  if (shared_unaudited === true && beside.length > 0) {
    doubts.push(messages.besideUnaudited(namesOfRuns(beside)));
  }
  const others = beside.filter(({ agent }) => agent !== undefined);
  if (others.length > 0) doubts.push(messages.besideOtherAgents(namesOfRuns(others)));
  return doubts;
}

function deviceDoubts(
  { recording: { device }, energy, period_ms }: MeasuredDevice,
  evidence: Evidence,
): string[] {
  const doubts = [...energy.doubts];
  const drawing = strangersOn(device.uuid, evidence).filter(({ kind }) => kind === "graphics");
  if (drawing.length > 0) {
    doubts.push(messages.graphicsOnBoard(device.uuid, namesOf(drawing)));
  }
  const gapMs = energy.longest_gap_ms ?? 0;
  if (gapMs > longestGapMs(period_ms)) {
    doubts.push(messages.powerGap(device.uuid, gapMs));
  }
  if (isApart(energy.ratio, evidence.window_s)) {
    doubts.push(messages.metersDiffer(device.uuid, Math.abs((energy.ratio ?? 1) - 1)));
  }
  if (device.mig?.enabled === true && evidence.facts.attribution === "run") {
    doubts.push(messages.boardInMigMode(device.uuid));
  }
  return doubts;
}

/** Rule R1. */
export function isApart(ratio: number | null, windowS: number): boolean {
  return ratio !== null && windowS >= SOLID_WINDOW_S && Math.abs(ratio - 1) > APART;
}
