import type { RunDemand } from "./chain.ts";

/** Why nothing runs beside a run, in the order in which it is looked for. */
export const ALONE_REASONS = ["no_gpu", "never", "rapl", "load_time", "no_gate", "mig"] as const;
export type AloneReason = typeof ALONE_REASONS[number];

/** What a configuration asks of the machine where several runs are made at a time. */
export type ConfigDemand =
  | {
    readonly kind: "known";
    /** 0 is none, or for a run that is alone: whatever it takes. */
    readonly boards: number;
    /** Null for one that others may run beside. */
    readonly alone: AloneReason | null;
  }
  /** Nothing says how many boards it takes. */
  | { readonly kind: "unknown" }
  /** `execution.devices_per_run` gives fewer than its own settings ask for. */
  | { readonly kind: "too_few"; readonly asked: number };

/** The demand of a configuration that has been checked. Throws for one that has not. */
export function runDemand(demand: ConfigDemand): RunDemand {
  if (demand.kind !== "known") throw new Error(`Cannot place a run: its demand of boards is ${demand.kind}`);
  return { boards: demand.boards, exclusive: demand.alone !== null };
}
