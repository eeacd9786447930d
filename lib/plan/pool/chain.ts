import type { Run } from "../../experiment/run.ts";

/**
 * The unit of placement: the runs of one cycle that need as many boards and share their values of `pair_by`, in the order of
 * the plan. All of them are made on one set of boards, so that the boards' differences cancel in every comparison within the
 * chain.
 */
export interface Chain {
  /**
   * The same in every process that plans the study, and the name of a file: `c2`, `c2-k4`, `c2-3f9a0c12`, `c2-alone`,
   * `c2-alone-k1`.
   */
  readonly id: string;
  readonly cycle: number;
  /** Boards that each of its runs gets; 0 is none. */
  readonly boards: number;
  /** Nothing else runs beside any of its runs. */
  readonly exclusive: boolean;
  /** In plan order; at least one. */
  readonly runs: readonly Run[];
}

/** What a run asks of the machine. */
export interface RunDemand {
  readonly boards: number;
  readonly exclusive: boolean;
}
