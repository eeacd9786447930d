import process from "node:process";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import type { Run } from "../../lib/experiment/run.ts";
import { boardSets } from "../../lib/plan/pool/board_sets.ts";
import { chainsOf } from "../../lib/plan/pool/chains.ts";
import { createPool } from "../../lib/plan/pool/create_pool.ts";
import type { Figure } from "./figure.ts";

const BOARDS = 64;
const RUNS = 100_000;
const SIZES = [1, 2, 4, 8];

/** What the scheduler of a pool costs for each run: begin, gate, end. */
export function measurePoolDecisions(): Figure[] {
  // Once to warm up.
  playedUs(100);
  return [
    {
      name: "pool_decision_us",
      value: playedUs(100),
      aim: "<= 20",
      remark: `CPU time for each of ${RUNS} runs in 1000 cycles on ${BOARDS} boards, four sizes of runs`,
    },
    {
      name: "pool_decision_many_chains_us",
      value: playedUs(1),
      aim: "<= 20",
      remark: `the same in ${RUNS} cycles of one run`,
    },
  ];
}

/** CPU microseconds for each run of so many in a cycle. */
function playedUs(perCycle: number): number {
  const runs = Array.from({ length: RUNS }, (_, at): Run => ({
    index: at + 1,
    config_hash: `e${at % perCycle}`,
    cycle: Math.floor(at / perCycle) + 1,
    config: {} as ExperimentConfig,
    gap_before: null,
  }));
  const boardsOf = ({ index }: Run): number => SIZES[index % SIZES.length] ?? 1;
  const chains = chainsOf(runs, (run) => ({ boards: boardsOf(run), exclusive: false }), []);
  const boards = Array.from({ length: BOARDS }, (_, index) => ({ key: `GPU-${index}`, index, path: null }));
  const before = process.cpuUsage();
  const pool = createPool({
    mode: "staged",
    quiet: false,
    boards: boards.map(({ key }) => key),
    sets: boardSets(boards),
    chains,
    earlier: new Map(),
  });
  const active: Run[] = [];
  for (let nowMs = 0;; nowMs++) {
    for (const { run } of pool.decide(nowMs)) active.push(run);
    const run = active.splice((nowMs * 7919) % Math.max(1, active.length), 1)[0];
    if (run === undefined) break;
    pool.ready(run);
    pool.measured(run);
    pool.ended(run, "over", nowMs, 0);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / RUNS;
}
