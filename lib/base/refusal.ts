import { EXIT_DEFECT } from "./defect.ts";

/** The exit codes of llem; docs/command-line.md documents them. Signals end with 129, 130 or 143. */
export const EXIT = {
  ok: 0,
  /** The study finished and at least one run did not complete. */
  runsFailed: 1,
  /** Wrong arguments or study file. */
  usage: 2,
  /** This machine cannot run it. */
  preflight: 3,
  /**
   * A result, the journal or the study directory could not be saved; or what a command prints and does not keep could
   * not be written to stdout.
   */
  notSaved: 4,
  /** A worker lives on in spite of SIGKILL; the study ended with it. */
  unkillable: 5,
  /** `compare` and `history`: something that is gated is worse. */
  worse: 1,
  /** `compare` and `history`: not comparable, or too few runs. */
  notComparable: 3,
  /** Not known yet: `compare --strict` is undecided. */
  undecided: 6,
  /** `run --join`: nothing is left to take, and other agents are still at work. */
  othersAtWork: 6,
  /** A defect of llem itself. */
  defect: EXIT_DEFECT,
  /** Another process holds the study (EX_TEMPFAIL of sysexits.h). */
  locked: 75,
  /** SIGUSR2 asked for the end before the last run (128 and its number). */
  drained: 140,
} as const;

/**
 * How a command ends: by an exit code of ours, where that of a signal stands for death by it; or by the code that a program left,
 * whatever it means.
 */
export type Ending = number | { readonly passedOn: number };

/** Ends a command with a message for people and an exit code for scripts. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
