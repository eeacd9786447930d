import { readGpuMemory } from "../../host/gpu_memory.ts";
import type { Emit } from "../../journal/runner_event.ts";
import { MemoryGate, type MemoryLevels } from "../../metering/memory_gate.ts";
import type { BoardSet } from "../../plan/pool/pool.ts";
import type { Slot } from "../../runner/lifetimes.ts";
import { ServerLeases } from "../../servers/leases.ts";
import { boardKey, cudaNames } from "../boards/run_boards.ts";
import { notQuarantined } from "../messages.ts";
import type { OpenMetering } from "../open_metering.ts";
import type { OpenStudy } from "../open_study.ts";
import { inSlot } from "./in_slot.ts";

/** The boards of one slot. */
export interface SlotBoards {
  /** As locks, meters and records know them; null for all that the study may use. */
  readonly keys: BoardSet | null;
  /** As its workers are told them; null as without a pool. */
  readonly cuda: readonly string[] | null;
  /** The place of the first of them in the pool; null without one. */
  readonly slot: number | null;
}

/** The slot of a study without a pool. */
export const ALL_BOARDS: SlotBoards = { keys: null, cuda: null, slot: null };

/** What the slots of a study are made of. */
export interface SlotParts {
  readonly study: Pick<OpenStudy, "plan" | "devices">;
  readonly env: Readonly<Record<string, string>>;
  readonly energy: Pick<OpenMetering, "meter" | "slot">;
  readonly emit: Emit;
  /** Ends their servers with the session. */
  readonly held: AsyncDisposableStack;
}

/** Makes slots, each for a set of boards. What is a board's own, whichever slot it is in by now, they share. */
export function slotMaker({ study, env, energy, emit, held }: SlotParts): (boards: SlotBoards) => Slot {
  const { plan: { execution }, devices } = study;
  const { meter } = energy;
  const told = meter?.hello ?? { devices: [] };
  const quarantine = quarantineDevices(devices, emit);
  const levels: MemoryLevels = new Map();
  const readMemory = async (): ReturnType<typeof readGpuMemory> =>
    await meter?.readMemory() ?? await readGpuMemory();
  return ({ keys, cuda, slot }) => ({
    devices: cuda ?? cudaNames(execution.devices, told, env),
    metering: energy.slot(keys ?? execution.devices, slot),
    memory: new MemoryGate(
      // Where /proc does not tell of the boards, a number is still one.
      keys ?? devices.keys.map((key) => boardKey(key, told)),
      readMemory,
      undefined,
      undefined,
      (text, seconds) => inSlot(emit, slot)({ type: "waiting", what: "memory", seconds, text }),
      levels,
    ),
    quarantine: (by) => quarantine(by, keys ?? undefined),
    servers: held.use(new ServerLeases((code, text) => emit({ type: "warning", code, text }))),
  });
}

/** The study ends anyway: a quarantine that cannot be written costs the next one a surprise, not this one its result. */
function quarantineDevices(devices: OpenStudy["devices"], emit: Emit): OpenStudy["devices"]["quarantine"] {
  return (by, keys) => {
    try {
      devices.quarantine(by, keys);
    } catch (error) {
      const text = notQuarantined((error as Error).message);
      emit({ type: "warning", code: "quarantine", text });
    }
  };
}
