import { CommandError, EXIT } from "../../base/refusal.ts";
import { configDemands } from "../../engines/config_demand.ts";
import type { Run } from "../../experiment/run.ts";
import type { Boards } from "../../host/boards.ts";
import { hasGpu } from "../../host/environment.ts";
import { boardsOf, type PoolBoard } from "../../host/pool_boards.ts";
import type { Plan } from "../../plan/plan.ts";
import type { RunDemand } from "../../plan/pool/chain.ts";
import { runDemand } from "../../plan/pool/demand.ts";
import type { PoolMode } from "../../plan/pool/pool.ts";
import { type OffReason, resolveMode } from "../../plan/pool/resolve_mode.ts";
import { distinctConfigs } from "../../results/varied.ts";
import { unplaceable } from "../parallel/demands.ts";
import { cannotPlace } from "../parallel/messages.ts";
import { noBoards } from "./messages.ts";

/** What decides whether runs are made at a time. */
export interface GroundParts {
  readonly plan: Pick<Plan, "execution">;
  readonly todo: readonly Run[];
  readonly base_dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly machine: Boards;
  /** A study that has begun goes on with what boards are left; what they are too few for stays pending. */
  readonly hasBegun: boolean;
  /** Hears why `auto` makes one run at a time; left out where nobody wants to know. */
  readonly onOff?: (why: OffReason) => void;
}

export type NamedBoard = Pick<PoolBoard, "key" | "cuda" | "bus" | "index">;

/** On what runs are made at a time, and what each of them asks for. */
export interface PoolGround {
  readonly mode: PoolMode;
  readonly boards: readonly NamedBoard[];
  readonly ofRun: (run: Run) => RunDemand;
}

/**
 * Null where runs are made one after the other. Throws CommandError where they cannot be made as the study asks: on boards that
 * are too few, or with nobody knowing how many they take.
 */
export function poolGround(parts: GroundParts): PoolGround | null {
  const { plan: { execution }, todo, base_dir, env, machine, hasBegun, onOff } = parts;
  if (execution.parallel === "off" || todo.length === 0) return null;
  const boards = namedBoards(execution.devices, machine, env);
  const has_gpu = boards.length > 0 || hasGpu();
  const demandOf = configDemands({ host: { env, base_dir, has_gpu }, execution });
  const n_boards = boards.length === 0 || hasBegun ? null : boards.length;
  const trouble = unplaceable({ execution, runs: todo }, demandOf, n_boards);
  if (trouble !== null) {
    const code = trouble.key === "devices" ? EXIT.preflight : EXIT.usage;
    throw new CommandError(code, cannotPlace(trouble));
  }
  const { mode, why } = resolveMode(execution.parallel, distinctConfigs(todo).map(demandOf), boards.length);
  if (why !== null) onOff?.(why);
  if (mode === "off") return null;
  const ofRun = ({ config }: Run): RunDemand => runDemand(demandOf(config));
  if (boards.length === 0 && todo.some((run) => ofRun(run).boards > 0)) {
    throw new CommandError(EXIT.preflight, noBoards(mode));
  }
  return { mode, boards, ofRun };
}

/** Where no driver tells of boards, they are what the study names. */
function namedBoards(
  devices: readonly string[],
  machine: Boards,
  env: GroundParts["env"],
): readonly NamedBoard[] {
  const { boards, unknown } = boardsOf(devices, machine, env);
  return boards.length > 0 ? boards : unknown.map((key, index) => ({ key, cuda: key, bus: "", index }));
}
