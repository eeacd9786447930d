import type { LeftOutBoard, UnreadPart } from "../../meter/meter.ts";
import type { DeviceRecording, SeenProcess } from "../../meter/recording.ts";
import { type Stretch, touches } from "../../meter/stretch.ts";
import { namesOfRuns, runsBeside } from "./beside.ts";
import type { EnergyFacts, NoEnergyCode, RunBeside, ServerWork } from "./facts.ts";
import * as messages from "./messages.ts";
import { type UsedBoards, usedBoards } from "./used_boards.ts";
import type { RecordWarning } from "../warning.ts";

/** Which devices a run's energy is that of. */
export interface Boards {
  readonly kind: "gpu" | "host";
  readonly headline: readonly DeviceRecording[];
  /** GPUs that the run might have used and did not. */
  readonly peers: readonly DeviceRecording[];
  /** CPU packages and memory, whatever the headline is. */
  readonly host: readonly DeviceRecording[];
  /** CPU packages and memory that could not be read. */
  readonly unread: readonly UnreadPart[];
  readonly covers: string;
  /** Why the verdict is at best marginal. */
  readonly doubts: readonly string[];
  /** Why there is no verdict but unattributable. */
  readonly missing: readonly string[];
  readonly warnings: readonly RecordWarning[];
}

/** Why a run has no boards, and so no energy. */
export interface NoBoards {
  readonly reason: string;
  /** The same for programs; left out where the sentence has none. */
  readonly code?: NoEnergyCode;
}

/** How a run's energy is that of which devices: see docs/energy.md, "Which board". */
export function chooseBoards(
  facts: EnergyFacts,
  stretches: readonly Stretch[],
  workerDevices: readonly string[] = [],
): Boards | NoBoards {
  const found = devicesOfRun(facts, stretches, workerDevices);
  const boards = "reason" in found ? found : undivided(found, runsBeside(facts, stretches));
  if ("reason" in boards || facts.server === undefined) return boards;
  if (boards.kind !== "host" || boards.headline.length === 0) return boards;
  // The worker sends the load from the same CPUs.
  return { ...boards, covers: `${boards.covers}; ${messages.clientIncluded()}` };
}

/** What the host draws is that of all runs that are on it. */
function undivided(boards: Boards, beside: readonly RunBeside[]): Boards {
  if (boards.kind !== "host" || boards.headline.length === 0 || beside.length === 0) return boards;
  return { ...boards, missing: [...boards.missing, messages.hostBeside(namesOfRuns(beside))] };
}

function devicesOfRun(
  facts: EnergyFacts,
  stretches: readonly Stretch[],
  workerDevices: readonly string[],
): Boards | NoBoards {
  const devices = facts.recording.devices.filter(({ device }) => facts.meters.includes(device.meter));
  const gpus = devices.filter(({ device }) => device.kind === "gpu");
  const host = devices.filter(({ device }) => device.kind !== "gpu");
  if (facts.attribution === "machine") return machineBoards(gpus, host, facts);
  const own = facts.recording.processes.filter(({ own, first_ns, last_ns }) =>
    own !== false && touches(stretches, first_ns, last_ns)
  );
  const allowed = gpus.filter(({ device }) => facts.run_devices?.includes(device.uuid) ?? true);
  if (facts.server?.kind === "beside") {
    return boardsBeside(facts.server, { gpus, allowed, host, own, facts });
  }
  const used = usedBoards({ facts, allowed, own, stretches, worker_devices: workerDevices });
  if (used.kind === "none") return cpuBoards(used.why, host, allowed, facts);
  if (host.length > 0 && allowed.length === 0 && (facts.run_devices ?? []).length === 0) {
    return hostBoards(host, { peers: [], doubts: [messages.hostOnly()], facts });
  }
  return gpuBoards({ gpus, allowed, host, own, used, facts });
}

/** What only passes on what it hears, mostly to another machine. */
const TUNNELS: ReadonlySet<string> = new Set(["ssh", "sshd", "sshd-session", "autossh", "kubectl"]);

/** True where who listens on a port is known to compute nothing itself. */
export function isTunnel(holders: readonly { readonly name: string | null }[]): boolean {
  return holders.some(({ name }) => name !== null && TUNNELS.has(name));
}

/** The boards of a server that is not llem's: those where its processes were seen, else those that the study names. */
function boardsBeside(
  { port, holders, named }: Extract<ServerWork, { kind: "beside" }>,
  found: Found,
): Boards | NoBoards {
  const { gpus, allowed, host, own, facts } = found;
  const seen = new Set(own.filter((process) => process.own === true).map(({ device }) => device));
  const who = messages.portHolder(port, holders);
  if (seen.size > 0) {
    const boards = allowed.filter(({ device }) => seen.has(device.uuid));
    return doubted(gpuBoards({ ...found, used: { kind: "seen", boards } }), messages.serverOfOthers(who));
  }
  if (isTunnel(holders)) {
    return { reason: messages.serverBehindTunnel(who), code: "server_elsewhere" };
  }
  if (named) return gpuBoards({ ...found, used: { kind: "unknown", doubts: [messages.namedBoards(who)] } });
  if (gpus.length === 0 && host.length > 0) {
    return hostBoards(host, { peers: [], doubts: [messages.serverOnHost(who)], facts });
  }
  return { reason: messages.serverUnseen(who), code: "server_unseen" };
}

function doubted(boards: Boards | NoBoards, doubt: string): Boards | NoBoards {
  return "reason" in boards ? boards : { ...boards, doubts: [doubt, ...boards.doubts] };
}

/** What the machine drew: every GPU that opens, and the host where there is none. */
function machineBoards(
  gpus: readonly DeviceRecording[],
  host: readonly DeviceRecording[],
  facts: EnergyFacts,
): Boards | NoBoards {
  if (gpus.length === 0 && host.length === 0) return { reason: messages.nothingMetered() };
  if (gpus.length === 0) {
    const parts = host.map(({ device }) => device.uuid);
    const found = hostBoards(host, { peers: [], doubts: [], facts });
    // Whose joules they are is not asked, so a part of the machine is something: it is called a part.
    return found.missing.length === 0
      ? found
      : { ...found, covers: messages.hostCovers(false, parts), doubts: found.missing, missing: [] };
  }
  return {
    kind: "gpu",
    headline: gpus,
    peers: [],
    host,
    unread: unreadOf(facts),
    covers: messages.gpuCovers(gpus.length, messages.allWorkIncluded()),
    doubts: (facts.left_out ?? []).map(({ index, reason }) => messages.boardNotMetered(index, reason)),
    missing: [],
    warnings: [],
  };
}

/** A run on CPUs has the energy of the host, and of no board, however many are there. */
function cpuBoards(
  why: string,
  host: readonly DeviceRecording[],
  peers: readonly DeviceRecording[],
  facts: EnergyFacts,
): Boards | NoBoards {
  if (host.length > 0) return hostBoards(host, { peers, doubts: [], facts });
  if (peers.length === 0) return { reason: messages.noEnergyOfTheRun(why) };
  const absent = (facts.absent ?? []).filter(({ meter }) => meter === "rapl");
  return {
    kind: "host",
    headline: [],
    peers,
    host,
    unread: unreadOf(facts),
    covers: messages.coversNothing(),
    doubts: [],
    missing: [
      messages.noEnergyOfTheRun(why),
      ...absent.map(({ meter, reason }) => messages.absentMeter(meter, reason)),
    ],
    warnings: [],
  };
}

function hostBoards(
  host: readonly DeviceRecording[],
  { peers, doubts, facts }: Pick<Boards, "peers" | "doubts"> & { readonly facts: EnergyFacts },
): Boards {
  const unread = unreadOf(facts);
  return {
    kind: "host",
    headline: host,
    peers,
    host,
    unread,
    covers: messages.hostCovers(host.some(({ device }) => device.kind === "dram"), null),
    doubts,
    missing: unread.map(({ uuid, reason }) => messages.unreadPart(uuid, reason)),
    warnings: [],
  };
}

/** Parts of the host that the run's meters would have covered. */
function unreadOf({ unread_parts = [], meters }: EnergyFacts): readonly UnreadPart[] {
  return unread_parts.filter(({ meter }) => meters.includes(meter));
}

/** What there is to choose from. */
interface Found {
  readonly gpus: readonly DeviceRecording[];
  /** Those that the run may use. */
  readonly allowed: readonly DeviceRecording[];
  readonly host: readonly DeviceRecording[];
  readonly own: readonly SeenProcess[];
  readonly facts: EnergyFacts;
}

function gpuBoards(
  { gpus, allowed, host, own, used, facts }: Found & {
    readonly used: Exclude<UsedBoards, { kind: "none" }>;
  },
): Boards | NoBoards {
  const certain = new Set(own.filter((process) => process.own === true).map(({ device }) => device));
  // Elsewhere an assumed process may be that of a run beside this one.
  const elsewhere = gpus.filter((gpu) => !allowed.includes(gpu) && certain.has(gpu.device.uuid));
  const absent = absentBoards(gpus, facts);
  const slices = absent.filter(isMigName);
  // Where the run was seen is its slice's board: no other of its boards was named.
  const sliced = elsewhere.length === slices.length ? elsewhere.filter(isCut) : [];
  const stray = elsewhere.filter((gpu) => !sliced.includes(gpu));
  const active = [...used.kind === "unknown" ? [] : used.boards, ...elsewhere];
  const headline = active.length > 0 ? active : allowed;
  const missing = absent.filter((name) => !isMigName(name) || sliced.length === 0)
    .filter((name) => active.length === 0 || !isDead(name, facts));
  if (headline.length === 0) {
    return {
      reason: missing.length > 0
        ? messages.noGpuOfTheRun(missing.map((name) => absentText(name, facts)))
        : messages.nothingMetered(),
    };
  }
  return {
    kind: "gpu",
    headline,
    peers: active.length > 0 ? allowed.filter((gpu) => !active.includes(gpu)) : [],
    host,
    unread: unreadOf(facts),
    covers: messages.gpuCovers(
      headline.length,
      headline.some(isCut) ? messages.sliceOfBoard() : null,
    ),
    doubts: active.length === 0 ? unseenDoubts(used) : "doubts" in used ? used.doubts : [],
    missing: [
      ...missing.map((name) => absentText(name, facts)),
      ...active.length === 0 ? unmeteredBoards(facts) : [],
    ],
    warnings: stray.map(({ device }) => ({
      code: "energy_other_gpu",
      text: messages.usedUnassignedBoard(device.uuid),
    })),
  };
}

/** What the run may use and nothing meters: uuids, and names that stand for no board. */
function absentBoards(gpus: readonly DeviceRecording[], { run_devices }: EnergyFacts): string[] {
  const metered = new Set(gpus.map(({ device }) => device.uuid));
  return (run_devices ?? []).filter((name) => !metered.has(name));
}

function isMigName(name: string): boolean {
  return name.startsWith("MIG-");
}

function isCut({ device }: DeviceRecording): boolean {
  return device.mig?.enabled === true;
}

/** The board that did not open, by its uuid or by its number; null for any other. */
function leftOut(name: string, { left_out = [] }: EnergyFacts): LeftOutBoard | null {
  return left_out.find(({ uuid, index }) => uuid === name || String(index) === name) ?? null;
}

/** Nobody can have used a board that is lost. */
function isDead(name: string, facts: EnergyFacts): boolean {
  return leftOut(name, facts)?.code === "lost";
}

function absentText(name: string, facts: EnergyFacts): string {
  if (isMigName(name)) {
    const reason = facts.mig_devices?.find((device) => device.name === name)?.reason;
    return messages.migBoardUnknown(name, reason ?? messages.driverNotAsked());
  }
  const board = /^\d+$/.test(name) ? `GPU ${name}` : name;
  return messages.assignedNotMetered(board, leftOut(name, facts)?.reason ?? null);
}

function unseenDoubts(used: UsedBoards): readonly string[] {
  return used.kind === "unknown" ? used.doubts : [messages.notSeen()];
}

/** Boards that do not open and that a run may have used which was seen on none, and was given none by name. */
function unmeteredBoards({ run_devices, left_out = [] }: EnergyFacts): string[] {
  const others = run_devices === null ? left_out.filter(({ code }) => code !== "lost") : [];
  return others.map(({ index, reason }) => messages.boardNotMetered(index, reason));
}
