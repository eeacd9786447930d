/**
 * lib/process owns the life and death of child processes: spawn, pipes, groups, sweep, guard, signals.
 * It knows no study, no plan and no protocol.
 */
import { type Affinity, spawnWithin } from "./affinity.ts";
import { notPinned } from "./messages.ts";
import { ownChild } from "../base/own_children.ts";
import { readProcStat } from "./proc_stat.ts";
import { explainSpawnError } from "./spawn_error.ts";

/** What to start. */
export interface ProcessSpec {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** What it and all that it starts are kept to; left out for the whole machine. */
  readonly affinity?: Affinity;
}

/** How a process ended. Exactly one field is not null, unless the kernel named a signal Deno does not know. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A child in a session and process group of its own. */
export interface ChildProcess {
  /** Also its process group and session. */
  readonly pid: number;
  /** Clock ticks since boot; 0 where it was gone before we could look. */
  readonly start_ticks: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Never rejects. */
  readonly exited: Promise<ProcessExit>;
}

/** Why a program could not be started. */
export interface SpawnFailure {
  readonly errno: string;
  readonly message: string;
}

/** A program that was started, or why it was not. */
export type Spawned =
  | {
    readonly child: ChildProcess;
    /** Why it is not kept to its CPUs or memory, in words for people; null where it is, or where nothing was asked. */
    readonly unpinned: string | null;
  }
  | { readonly failure: SpawnFailure };

/** Starts a program detached, with three pipes. */
export function spawnDetached(spec: ProcessSpec): Spawned {
  try {
    const options: Deno.CommandOptions = {
      args: [...spec.args],
      cwd: spec.cwd,
      env: { ...spec.env },
      clearEnv: true,
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    };
    const start = (): Deno.ChildProcess => ownChild(new Deno.Command(spec.program, options).spawn());
    const { started: child, trouble } = spawnWithin(spec.affinity, start);
    // In the same tick as the spawn: a death by a real-time signal rejects, which would end us if unhandled.
    const exited = child.status.then(toExit, () => ({ code: null, signal: "SIGRT" }));
    const startTicks = readProcStat(child.pid)?.start_ticks ?? 0;
    const { pid, stdin, stdout, stderr } = child;
    const unpinned = trouble === null ? null : notPinned(trouble);
    return { child: { pid, start_ticks: startTicks, stdin, stdout, stderr, exited }, unpinned };
  } catch (error) {
    return { failure: explainSpawnError(error, spec) };
  }
}

function toExit(status: Deno.CommandStatus): ProcessExit {
  return status.signal === null ? { code: status.code, signal: null } : { code: null, signal: status.signal };
}
