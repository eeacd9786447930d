import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { NO_EARLIER_TIMES } from "../../../lib/plan/estimate.ts";
import type { Plan } from "../../../lib/plan/plan.ts";
import { boardSets } from "../../../lib/plan/pool/board_sets.ts";
import type { ConfigDemand } from "../../../lib/plan/pool/demand.ts";
import { type Outlook, type OutlookBoards, outlookOf } from "../../../lib/plan/pool/outlook.ts";
import { outlookLines } from "../../../lib/report/parallel/outlook_text.ts";
import { configOf, planOf } from "../../support/plans.ts";

function boards(count: number): OutlookBoards {
  const placed = Array.from({ length: count }, (_, index) => ({ key: String(index), index, path: null }));
  return { names: placed.map(({ key }) => key), sets: boardSets(placed), from: "named" };
}

/** A study of so many models of four experiments each, each with a load of 90 s and a window of 40 s. */
function study(models: number, cycles: number, execution: Record<string, unknown> = {}): Plan {
  const configs = Array.from({ length: models }, (_, model) => `m${model}`).flatMap((model) =>
    [1, 2, 3, 4].map((batch) => configOf({ model, params: { batch } }))
  );
  const draft = { cycle_order: "interleaved", parallel: "staged", ...execution };
  const plan = planOf(configs, { n_cycles: cycles, execution: draft as never, gap: "experiment" });
  const byCycle = [...plan.runs].sort((a, b) => a.cycle - b.cycle || a.index - b.index);
  const runs = byCycle.map((run, at) => ({ ...run, index: at + 1 }));
  return { ...plan, runs, cycle_order: "interleaved", gaps: { experiment_s: 60, cycle_s: 60 } };
}

function earlierOf({ runs }: Plan): typeof NO_EARLIER_TIMES {
  const of = (seconds: number): Map<string, number> =>
    new Map(runs.map(({ config_hash }) => [config_hash, seconds]));
  return { run_s: of(130), window_s: of(40), studies: 1 };
}

const one = (): ConfigDemand => ({ kind: "known", boards: 1, alone: null });

function lookAt(plan: Plan, count: number, demandOf: (model: string) => ConfigDemand = one): Outlook {
  const outlook = outlookOf(plan, ({ model }) => demandOf(model), boards(count), earlierOf(plan));
  if (outlook === null) throw new Error("no outlook");
  return outlook;
}

Deno.test("outlookOf() tells width and time of the real scheduler, as simulations of the design had them", () => {
  // 24 experiments, 8 boards, load 90, window 40, gap 60: 2.9 times as fast with 3 cycles, 4.7 with 8, 4.3 in four groups.
  const of = (plan: Plan): readonly [number, number, number] => {
    const { width, idle_boards, time } = lookAt(plan, 8);
    return [width, idle_boards, (time?.off_seconds ?? 0) / (time?.seconds ?? 1)];
  };
  const [three, eight, groups] = [study(6, 3), study(6, 8), study(6, 3, { pair_by: ["model"] })].map(of);
  deepStrictEqual(three?.slice(0, 2), [3, 5]);
  deepStrictEqual(eight?.slice(0, 2), [8, 0]);
  deepStrictEqual(groups?.slice(0, 2), [8, 0]);
  ok(Math.abs((three?.[2] ?? 0) - 2.9) < 0.15, `${three}`);
  ok(Math.abs((eight?.[2] ?? 0) - 4.7) < 0.3, `${eight}`);
  ok((groups?.[2] ?? 0) > 3.9, `${groups}`);
});

Deno.test("outlookOf() says how more boards could work, and what is alone", () => {
  const { advice, alone, chains } = lookAt(study(2, 3), 8);
  deepStrictEqual(chains, 3);
  deepStrictEqual(advice.map(({ kind, value, width }) => [kind, value, width]), [
    ["pair_by", ["model"], 6],
    ["cycles", 8, 8],
  ]);
  deepStrictEqual(alone, []);
  const demandOf = (model: string): ConfigDemand =>
    model === "m0"
      ? { kind: "known", boards: 0, alone: "no_gpu" }
      : { kind: "known", boards: 4, alone: null };
  const mixed = lookAt(study(2, 3), 8, demandOf);
  deepStrictEqual([mixed.width, mixed.alone], [8, [{ reason: "no_gpu", experiments: 4 }]]);
  strictEqual(outlookLines(mixed).length, 5);
});

Deno.test("outlookOf() says what auto means", () => {
  const why = (demand: ConfigDemand, count = 8): unknown => {
    const { mode, why } = lookAt(study(1, 3, { parallel: "auto" }), count, () => demand);
    return why ?? mode;
  };
  strictEqual(why(one()), "staged");
  strictEqual(why(one(), 1), "one_board");
  strictEqual(why({ kind: "unknown" }), "unknown_demand");
  strictEqual(why({ kind: "known", boards: 1, alone: "no_gate" }), "no_gate");
  strictEqual(why({ kind: "known", boards: 0, alone: "no_gpu" }), "all_alone");
  strictEqual(outlookOf(study(1, 3, { parallel: "off" }), one, boards(8), NO_EARLIER_TIMES), null);
});
