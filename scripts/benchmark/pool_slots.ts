import type { JournalEvent } from "../../lib/journal/event.ts";
import { C_COMPILER } from "../../tests/support/needs.ts";
import { buildNvmlStub } from "../../tests/support/nvml_stub.ts";
import { cpuBetween } from "./cpu_per_run.ts";
import type { Figure } from "./figure.ts";
import { median } from "./median.ts";
import { BENCH, ROOT } from "./places.ts";
import { startStudy, type StudyFile } from "./study.ts";
import { type ProcessSample, watchProcess } from "./watch_process.ts";

const SLOTS = 8;
/** Of each slot, one after the other. */
const RUNS = 3;
const LOAD_S = 2;
const MEASURE_S = 3;

/**
 * What runs of a pool cost each other where their workers only sleep, on eight boards that are not there: the time from start
 * to start in a slot with all slots at work over that of one slot alone, and the CPU time of the runner meanwhile. Windows
 * overlap, so that no run waits for another one's.
 */
export async function measurePoolSlots(hasCompiler: () => boolean = C_COMPILER.isMet): Promise<Figure[]> {
  if (!hasCompiler()) return [NOT_MEASURED];
  const boards = Array.from({ length: SLOTS }, (_, index) => ({ uuid: `GPU-bench-${index}` }));
  // Boards of another measuring on this machine have the same names.
  const env = { ...buildNvmlStub().env({ boards }), LLEM_LOCK_DIR: BENCH };
  const alone = await watchPool(1, env);
  const beside = await watchPool(SLOTS, env);
  const [aloneMs, besideMs] = [median(spacingsMs(alone)), median(spacingsMs(beside))];
  const remark = `workers that sleep for ${LOAD_S + MEASURE_S} s, ${RUNS} runs in each slot`;
  return [
    {
      name: "pool_spacing_ratio",
      value: besideMs / aloneMs,
      aim: "<= 1.1",
      remark: `start to start in a slot, ${SLOTS} slots (${besideMs.toFixed(0)} ms) over one alone (${
        aloneMs.toFixed(0)
      } ms), ${remark}`,
    },
    {
      name: "pool_spacing_ratio_worst",
      value: Math.max(...spacingsMs(beside)) / aloneMs,
      aim: null,
      remark: "the same, the longest one",
    },
    {
      name: "pool_runner_cpu_pct",
      value: cpuPercent(beside, whileAllAreMeasured(beside)),
      aim: "<= 5",
      remark: `of one core, the runner alone while ${SLOTS} workers are measured`,
    },
    {
      name: "pool_runner_cpu_pct_with_turns",
      value: cpuPercent(beside, [fromFirstToLast(beside)]),
      aim: null,
      remark:
        "the same from the first start to the last end: starts, ends and results of such short runs with it",
    },
  ];
}

const NOT_MEASURED: Figure = {
  name: "pool_spacing_ratio",
  value: null,
  aim: "<= 1.1",
  remark: `not measured: the boards that stand in for real ones need ${C_COMPILER.what}`,
};

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface SlotRun extends Span {
  /** When its worker had been spawned. */
  readonly spawnedMs: number;
}

interface WatchedPool {
  /** When the runs of each slot began and ended, in order. */
  readonly runs: readonly (readonly SlotRun[])[];
  readonly samples: readonly ProcessSample[];
}

async function watchPool(slots: number, env: Readonly<Record<string, string>>): Promise<WatchedPool> {
  const { pid, finished } = startStudy(study(slots), { env });
  using watch = watchProcess(pid);
  const dir = await finished;
  const events = Deno.readTextFileSync(`${dir}/journal.jsonl`).trimEnd().split("\n")
    .map((line) => JSON.parse(line) as JournalEvent & { readonly at: string });
  const runs: SlotRun[][] = Array.from({ length: slots }, () => []);
  const slotOf = new Map<string, number>();
  const startingMs = new Map<string, number>();
  const startedMs = new Map<string, number>();
  for (const event of events) {
    const atMs = Date.parse(event.at);
    if (event.type === "run_starting") {
      slotOf.set(event.run_id, event.placed?.slot ?? -1);
      startingMs.set(event.run_id, atMs);
    } else if (event.type === "run_started") startedMs.set(event.run_id, atMs);
    else if (event.type === "run_finished") {
      const { run_id } = event;
      runs[slotOf.get(run_id) ?? -1]?.push({
        fromMs: startingMs.get(run_id) ?? NaN,
        spawnedMs: startedMs.get(run_id) ?? NaN,
        toMs: atMs,
      });
    }
  }
  if (!runs.every(({ length }) => length === RUNS)) {
    throw new Error(`${dir}: ${slots} slots did not make ${RUNS} runs each`);
  }
  return { runs, samples: watch.samples };
}

function study(slots: number): StudyFile {
  const gate = `${ROOT}tests/fixtures/workers/gate.sh`;
  return {
    name: `pool-${slots}`,
    backend: "command",
    model: "none",
    command: { argv: [gate, String(LOAD_S), String(MEASURE_S)], waits_for_gate: true },
    sweep: { n: Array.from({ length: RUNS }, (_, index) => index + 1) },
    baseline: { enabled: false },
    warmup: { enabled: false },
    execution: {
      n_cycles: slots,
      cycle_order: "interleaved",
      parallel: "shared",
      devices: Array.from({ length: slots }, (_, index) => index),
      devices_per_run: 1,
    },
  };
}

/** From each start to the next of the same slot. */
function spacingsMs({ runs }: WatchedPool): number[] {
  return runs.flatMap((own) => own.slice(1).map(({ fromMs }, index) => fromMs - (own[index]?.fromMs ?? NaN)));
}

/** The times at which every slot is in its measured window, a second after the last of them was opened. */
function whileAllAreMeasured({ runs }: WatchedPool): Span[] {
  return Array.from({ length: RUNS }, (_, nth) => ({
    fromMs: Math.max(...runs.map((own) => own[nth]?.spawnedMs ?? NaN)) + (LOAD_S + 1) * 1000,
    toMs: Math.min(...runs.map((own) => own[nth]?.toMs ?? NaN)),
  }));
}

function fromFirstToLast({ runs }: WatchedPool): Span {
  const all = runs.flat();
  return {
    fromMs: Math.min(...all.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...all.map(({ toMs }) => toMs)),
  };
}

function cpuPercent({ samples }: WatchedPool, spans: readonly Span[]): number {
  const sum = (of: (span: Span) => number): number => spans.reduce((total, span) => total + of(span), 0);
  const cpuMs = sum(({ fromMs, toMs }) => cpuBetween(fromMs, toMs, samples, ({ ownCpuMs }) => ownCpuMs));
  return cpuMs / sum(({ fromMs, toMs }) => toMs - fromMs) * 100;
}
