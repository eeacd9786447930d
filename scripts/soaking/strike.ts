import type { ProcessIdentity, RunStarted } from "../../lib/journal/event.ts";
import { allProcesses, readProcStat } from "../../lib/process/proc_stat.ts";
import { readEvents } from "./study_files.ts";

/** What may happen to a study. */
export const STRIKES = [
  "runner killed",
  "worker killed",
  "guard killed",
  "INT",
  "TERM",
  "HUP",
  "QUIT",
  "INT twice",
] as const;
export type Strike = typeof STRIKES[number];

/** Strikes; nothing happens where the victim is not there (yet, or any more). Only processes of this study are hit. */
export function strike(kind: Strike, runner: Deno.ChildProcess, studyDir: string | null): void {
  switch (kind) {
    case "runner killed":
      return send(runner.pid, "SIGKILL");
    case "INT":
    case "TERM":
    case "HUP":
    case "QUIT":
      return send(runner.pid, `SIG${kind}`);
    case "INT twice":
      send(runner.pid, "SIGINT");
      return send(runner.pid, "SIGINT");
    case "worker killed": {
      const worker = studyDir === null ? null : livingWorker(studyDir);
      return worker === null ? undefined : send(worker.pid, "SIGKILL");
    }
    case "guard killed": {
      const guard = guardOf(runner.pid);
      return guard === null ? undefined : send(guard, "SIGKILL");
    }
  }
}

function send(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has just ended.
  }
}

/** The worker of the moment, by the journal; null where there is none, or its pid is somebody else's. */
function livingWorker(studyDir: string): ProcessIdentity | null {
  const events = readEvents(studyDir);
  const started = events.findLast((event): event is typeof event & RunStarted =>
    event.type === "run_started"
  );
  const worker = started?.worker ?? null;
  if (worker === null) return null;
  return readProcStat(worker.pid)?.start_ticks === worker.start_ticks ? worker : null;
}

function guardOf(runner: number): number | null {
  for (const { pid, ppid } of allProcesses()) {
    if (ppid !== runner) continue;
    try {
      if (Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("llem-guard")) return pid;
    } catch {
      // It has just ended.
    }
  }
  return null;
}
