import type { Shard } from "../plan/plan.ts";
import type { CycleLimits } from "./until/cycle_limits.ts";
import type { Override } from "../study/study.ts";

/** What a study is made from: its file and what is put over it. */
export interface StudyRequest {
  /** Null where overrides alone make the study. */
  readonly file: string | null;
  readonly overrides: readonly Override[];
  /** Where a directory alone names the study: the limits of its cycles that the command line gives. */
  readonly limits?: CycleLimits;
}

/** What an agent of a shared study is told besides the directory. */
export interface AgentWishes {
  /** Seconds after which it has to be gone; null for no limit but that of its job. */
  readonly for_s: number | null;
  /** Leave at once where `llem stop` has stopped the study, rather than go on with it. */
  readonly unlessStopped: boolean;
}

/** What to run, and how. Nothing has been opened yet. */
export interface RunRequest extends StudyRequest {
  /** Null for the folder that the user's configuration names, or the usual one. */
  readonly output: string | null;
  /** The directory whose study is made together with other agents; left out where this process alone makes it. */
  readonly join?: string;
  /** How long this process goes on as one of several agents, and whether a stop of all of them holds for it. */
  readonly agent?: AgentWishes;
  /** The study to go on with: its directory, or null for the newest one of this study file; null for a new study. */
  readonly resume: { readonly dir: string | null } | null;
  readonly retryFailed: boolean;
  /** How long to wait for what others hold; 0 is not at all. */
  readonly waitSeconds: number;
  /** No pauses between the runs of this session, also of a study that was begun with some. */
  readonly noGaps?: boolean;
  /** Go on where the file system refuses to lock. */
  readonly noLock: boolean;
  /** The part of a new study that is made here; left out for all of it. */
  readonly shard?: Shard;
}
