import { ownChild } from "../../base/own_children.ts";
import { ownVariable } from "../../base/own_environment.ts";
import { userCacheFolder } from "../../base/user_cache_folder.ts";
import { constants } from "node:os";
import { monotonicNs } from "../../base/clock.ts";
import { METERS } from "../../meter/meter.ts";
import type { MeterClient } from "../../meter/meter_client.ts";
import { Recorder } from "../../meter/recorder.ts";
import { groupCage } from "../../process/cage.ts";
import { ignoredAtStart } from "../../process/inherited.ts";
import { holdTree } from "../../process/ownership.ts";
import { readProcStat } from "../../process/proc_stat.ts";
import { resolveProgram } from "../../process/resolve_program.ts";
import { meteredProgramText } from "../../report/metered/metered_program.ts";
import { KEEPS_ENVIRONMENT } from "../../process/tagged.ts";
import { jsonText } from "../../base/text.ts";
import { energyOf, type EnergyOutcome } from "../../results/energy/energy.ts";
import type { EnergyFacts } from "../../results/energy/facts.ts";
import { identifier } from "../../metering/identify_process.ts";
import { ATTEMPT_TAG } from "../../runner/supervise.ts";
import { cannotStart } from "../../process/messages.ts";
import { noSuchProgram } from "../messages.ts";
import type { Command } from "../arguments.ts";
import type { Ending } from "../../base/refusal.ts";
import { calibratedPeriods } from "../../metering/calibrated_periods.ts";
import type { Streams } from "../terminal/streams.ts";

/** What a shell says of a program that it cannot start. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
/** How a shell passes on a signal: this and its number. */
const SHELL_KILLED = 128;

/** What is passed on to the program. TSTP and CONT are not: Ctrl-Z and `fg` reach both of us. */
const FORWARDED = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
const FROM_TERMINAL: readonly string[] = ["SIGINT", "SIGQUIT"];

/**
 * Runs a program with our own stdin, stdout and stderr and tells what was drawn meanwhile. Ends as the program did. Waits
 * for it however it takes signals; where we are killed, it lives on.
 */
export async function meterProgram(
  { argv, json }: Command & { kind: "meter" },
  meter: MeterClient,
  streams: Streams,
): Promise<Ending> {
  const [name = "", ...args] = argv;
  const searchPath = ownVariable("PATH") ?? "/usr/bin:/bin";
  const program = resolveProgram(name, { baseDir: Deno.cwd(), searchPath });
  if (program.path === null) {
    return refuse(
      streams,
      program.errno === "ENOENT" ? noSuchProgram(name) : program.message,
      program.errno,
    );
  }
  const tags = { [ATTEMPT_TAG]: crypto.randomUUID() };
  let hasStarted = false;
  const recorder = new Recorder(meter.hello.devices, identifier({ tags, hasSpawned: () => hasStarted }));
  using _ = meter.listen((message) => recorder.take(message));
  await meter.edge();
  hasStarted = true;
  const begin_ns = monotonicNs();
  const child = spawn(program.path, args, tags);
  if ("reason" in child) return refuse(streams, child.reason, "EACCES");
  const { start_ticks = 0 } = readProcStat(child.pid) ?? {};
  using _held = holdTree({ pgid: child.pid, start_ticks, cage: groupCage, tags });
  const exit = await waitForwarding(child);
  const end_ns = monotonicNs();
  await meter.edge();
  const facts: EnergyFacts = {
    attribution: "machine",
    recording: recorder.recording(),
    meters: METERS,
    run_devices: null,
    left_out: meter.hello.left_out ?? [],
    unread_parts: meter.hello.unread_parts ?? [],
    holds_gpu: true,
    baseline: null,
    update_period_ms: calibratedPeriods(meter.hello.devices, userCacheFolder(Deno.env.toObject())),
    gate: null,
  };
  const outcome = energyOf(facts, [{ name: "measure", begin_ns, end_ns }], null);
  const window_s = Number(end_ns - begin_ns) / 1e9;
  if (json) streams.out.write(`${jsonText(record(argv, exit, window_s, outcome))}\n`);
  else streams.err.write(meteredProgramText(window_s, outcome));
  if (exit.signal === null) return { passedOn: exit.code };
  return SHELL_KILLED + signalNumber(exit.signal);
}

function refuse(streams: Streams, reason: string, errno: string): Ending {
  streams.err.write(`llem: ${reason}\n`);
  return errno === "ENOENT" ? NOT_FOUND : NOT_EXECUTABLE;
}

function signalNumber(signal: Deno.Signal): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return numbers[signal] ?? 0;
}

function record(
  argv: readonly string[],
  { code, signal }: Deno.CommandStatus,
  window_s: number,
  outcome: EnergyOutcome,
): Record<string, unknown> {
  const energy = "reason" in outcome ? null : outcome.energy;
  const energy_reason = "reason" in outcome ? outcome.reason : null;
  const warnings = "reason" in outcome ? [] : outcome.warnings;
  const exit_code = signal === null ? code : null;
  return { schema: "llem.metered/1", argv, exit_code, signal, window_s, energy, energy_reason, warnings };
}

/** The reason is the system's: an interpreter that is not there, arguments that are too long. */
function spawn(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess | { readonly reason: string } {
  try {
    return ownChild(new Deno.Command(program, {
      args: [...args],
      env: { ...KEEPS_ENVIRONMENT, ...Deno.env.toObject(), ...env },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn());
  } catch (error) {
    return { reason: cannotStart(program, (error as Error).message) };
  }
}

/**
 * Listens only once the program is there: what was ignored when we started (nohup) is to be ignored by it as well, and a
 * listener would end that for what is started after it.
 */
async function waitForwarding(child: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  const ignored: ReadonlySet<string> = ignoredAtStart();
  const listeners = FORWARDED.map((signal) => {
    const forward = (): void => {
      if (ignored.has(signal) || FROM_TERMINAL.includes(signal) && isInForeground()) return;
      try {
        child.kill(signal);
      } catch {
        // It has ended already.
      }
    };
    Deno.addSignalListener(signal, forward);
    return [signal, forward] as const;
  });
  try {
    return await child.status;
  } finally {
    for (const [signal, forward] of listeners) Deno.removeSignalListener(signal, forward);
  }
}

/** Then a terminal has sent to the program, too, what it sent to us: to hear it twice is more than was meant. */
function isInForeground(): boolean {
  const stat = readProcStat(Deno.pid);
  return stat !== null && stat.tpgid === stat.pgrp;
}
