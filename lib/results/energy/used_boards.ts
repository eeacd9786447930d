import { namesOnlyCpus } from "../../experiment/only_cpus.ts";
import type { DeviceRecording, SeenProcess } from "../../meter/recording.ts";
import { hullOf, type Stretch } from "../../meter/stretch.ts";
import type { EnergyFacts } from "./facts.ts";
import {
  boardByMemory,
  cameWithTheRun,
  helloNamedNothing,
  noGpuByEngine,
  noGpuByHello,
  noGpuByServer,
  notSeen,
  serverNotSeen,
} from "./messages.ts";
import { LEAST_RISE_MIB } from "./rules.ts";

/** Which of the boards that a run may use it used, and how that is known. */
export type UsedBoards =
  /** Processes of the run were seen on them. */
  | { readonly kind: "seen"; readonly boards: readonly DeviceRecording[] }
  /** Processes that cannot be seen from here came to them with the run. */
  | {
    readonly kind: "assumed";
    readonly boards: readonly DeviceRecording[];
    readonly doubts: readonly string[];
  }
  /** The run computed on CPUs. */
  | { readonly kind: "none"; readonly why: string }
  /** No process was seen, and the memory in use on them rose while the run was there. */
  | {
    readonly kind: "grown";
    readonly boards: readonly DeviceRecording[];
    readonly doubts: readonly string[];
  }
  /** Nothing tells: it may have used any. */
  | { readonly kind: "unknown"; readonly doubts: readonly string[] };

/** What the decision is made from. */
export interface UseEvidence {
  readonly facts: Pick<EnergyFacts, "holds_gpu" | "recording" | "server">;
  /** The metered boards that the run may use. */
  readonly allowed: readonly DeviceRecording[];
  /** Processes of the run, or assumed to be, that were on any board during the window. */
  readonly own: readonly SeenProcess[];
  readonly stretches: readonly Stretch[];
  /** What the worker's hello names; empty where it names nothing. Of no account where a server does the work. */
  readonly worker_devices: readonly string[];
}

/**
 * Whose joules they are. First what was seen: a process of the run on a board. Where that fails, as in containers that hide
 * processes: an engine that is known to use no GPU, or a worker that named only CPUs, used none; processes that came with the
 * run, or memory that rose where nobody else was seen, tell the boards. What is left is not known.
 */
export function usedBoards({ facts, allowed, own, stretches, worker_devices }: UseEvidence): UsedBoards {
  const managed = facts.server?.kind === "managed" ? facts.server : null;
  const isByHello = managed === null && namesOnlyCpus(worker_devices);
  const onCpu = !facts.holds_gpu ? noGpuByEngine() : isByHello ? noGpuByHello() : null;
  const on = (certainty: SeenProcess["own"]): readonly DeviceRecording[] => {
    const seen = new Set(own.filter((process) => process.own === certainty).map(({ device }) => device));
    return allowed.filter(({ device }) => seen.has(device.uuid));
  };
  if (own.some((process) => process.own === true)) return { kind: "seen", boards: on(true) };
  if (onCpu !== null) return { kind: "none", why: onCpu };
  const assumed = on("assumed");
  if (assumed.length > 0) return { kind: "assumed", boards: assumed, doubts: [cameWithTheRun()] };
  const atStart = ({ device }: DeviceRecording): number =>
    managed?.grown?.find(({ uuid }) => uuid === device.uuid)?.mib ?? 0;
  const grown = allowed.map((board) => ({ board, mib: Math.max(riseMib(board, stretches), atStart(board)) }))
    .filter(({ mib }) => mib >= LEAST_RISE_MIB);
  const isAllowed = (uuid: string): boolean => allowed.some(({ device }) => device.uuid === uuid);
  // Who is on boards that the run may not use is no matter: mostly runs beside it.
  const foreign = new Set(
    facts.recording.processes.filter(({ own, device }) => own === false && isAllowed(device))
      .map(({ device }) => device),
  );
  // Whose memory it is cannot be told beside others.
  if (grown.length > 0 && grown.every(({ board }) => !foreign.has(board.device.uuid))) {
    const doubts = grown.map(({ board: { device }, mib }) => boardByMemory(device.uuid, Math.round(mib)));
    return { kind: "grown", boards: grown.map(({ board }) => board), doubts };
  }
  if (managed !== null) {
    // A GPU that computes holds memory: where all tell of it, and nobody else is there, none rose because none was used.
    const isTold = managed.grown !== null && grown.length === 0 && foreign.size === 0;
    return isTold ? { kind: "none", why: noGpuByServer() } : { kind: "unknown", doubts: [serverNotSeen()] };
  }
  return {
    kind: "unknown",
    doubts: worker_devices.length > 0 ? [notSeen()] : [notSeen(), helloNamedNothing()],
  };
}

/** MiB by which memory in use was higher all through the window than before the run; 0 where that is not known. */
function riseMib({ states }: DeviceRecording, stretches: readonly Stretch[]): number {
  const hull = hullOf(stretches);
  const known = states.filter(({ memory_used_bytes }) => memory_used_bytes !== null);
  const [first] = known;
  if (hull === null || first === undefined || first.t_ns >= hull.begin_ns) return 0;
  const within = known.filter(({ t_ns }) => t_ns >= hull.begin_ns && t_ns <= hull.end_ns)
    .map(({ memory_used_bytes }) => memory_used_bytes ?? 0);
  if (within.length === 0) return 0;
  const least = within.reduce((min, bytes) => Math.min(min, bytes), Infinity);
  return (least - (first.memory_used_bytes ?? 0)) / 2 ** 20;
}
