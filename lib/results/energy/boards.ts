import type { LeftOutBoard } from "../../meter/meter.ts";
import type { DeviceRecording, SeenProcess } from "../../meter/recording.ts";
import { type Stretch, touches } from "../../meter/stretch.ts";
import type { EnergyFacts } from "./facts.ts";
import type { RecordWarning } from "../warning.ts";

/** Which devices a run's energy is that of. */
export interface Boards {
  readonly kind: "gpu" | "host";
  readonly headline: readonly DeviceRecording[];
  /** GPUs that the run might have used and did not. */
  readonly peers: readonly DeviceRecording[];
  /** CPU packages and memory, whatever the headline is. */
  readonly host: readonly DeviceRecording[];
  readonly covers: string;
  /** Why the verdict is at best marginal. */
  readonly doubts: readonly string[];
  /** Why there is no verdict but unattributable. */
  readonly missing: readonly string[];
  readonly warnings: readonly RecordWarning[];
}

const NOTHING_TELLS = "no device that could tell is metered here";

/**
 * The GPUs on which processes of the run were seen, of those it may use; all of these where none was seen. The host's
 * CPU and memory where the run uses no GPU, or no GPU is metered here at all. Where the number is the machine's: every
 * GPU, and the host where there is none.
 */
export function chooseBoards(
  facts: EnergyFacts,
  stretches: readonly Stretch[],
): Boards | { readonly reason: string } {
  const devices = facts.recording.devices.filter(({ device }) => facts.meters.includes(device.meter));
  const gpus = devices.filter(({ device }) => device.kind === "gpu");
  const host = devices.filter(({ device }) => device.kind !== "gpu");
  if (facts.attribution === "machine") return machineBoards(gpus, host);
  const own = facts.recording.processes.filter(({ own, first_ns, last_ns }) =>
    own !== false && touches(stretches, first_ns, last_ns)
  );
  const allowed = gpus.filter(({ device }) => facts.run_devices?.includes(device.uuid) ?? true);
  const usesGpu = facts.holds_gpu || own.some((process) => process.own === true);
  if (host.length > 0 && (!usesGpu || allowed.length === 0 && (facts.run_devices ?? []).length === 0)) {
    return hostBoards(host, allowed, usesGpu);
  }
  return gpuBoards({ gpus, allowed, host, own, facts });
}

function machineBoards(
  gpus: readonly DeviceRecording[],
  host: readonly DeviceRecording[],
): Boards | { readonly reason: string } {
  if (gpus.length === 0 && host.length === 0) return { reason: NOTHING_TELLS };
  if (gpus.length === 0) return hostBoards(host, [], false);
  return {
    kind: "gpu",
    headline: gpus,
    peers: [],
    host,
    covers: gpuCovers(gpus, "whatever else the boards did meanwhile included"),
    doubts: [],
    missing: [],
    warnings: [],
  };
}

function hostBoards(
  host: readonly DeviceRecording[],
  peers: readonly DeviceRecording[],
  usesGpu: boolean,
): Boards {
  const hasDram = host.some(({ device }) => device.kind === "dram");
  return {
    kind: "host",
    headline: host,
    peers,
    host,
    covers:
      `the CPU packages${hasDram ? " and the memory" : ", without the memory,"} of the whole machine, ` +
      "whoever used them; no GPU, no fans, disks or losses of the power supply",
    doubts: usesGpu ? ["no GPU is metered here: the number covers CPU and memory only"] : [],
    missing: [],
    warnings: [],
  };
}

function gpuBoards({ gpus, allowed, host, own, facts }: {
  readonly gpus: readonly DeviceRecording[];
  readonly allowed: readonly DeviceRecording[];
  readonly host: readonly DeviceRecording[];
  readonly own: readonly SeenProcess[];
  readonly facts: EnergyFacts;
}): Boards | { readonly reason: string } {
  const certain = new Set(own.filter((process) => process.own === true).map(({ device }) => device));
  const seen = new Set(own.map(({ device }) => device));
  const used = allowed.filter(({ device }) => seen.has(device.uuid));
  // Elsewhere an assumed process may be that of a run beside this one.
  const elsewhere = gpus.filter((gpu) => !allowed.includes(gpu) && certain.has(gpu.device.uuid));
  const absent = absentBoards(gpus, facts);
  const slices = absent.filter(isMigName);
  // Where the run was seen is its slice's board: no other of its boards was named.
  const sliced = elsewhere.length === slices.length ? elsewhere.filter(isCut) : [];
  const stray = elsewhere.filter((gpu) => !sliced.includes(gpu));
  const active = [...used, ...elsewhere];
  const headline = active.length > 0 ? active : allowed;
  const missing = absent.filter((name) => !isMigName(name) || sliced.length === 0)
    .filter((name) => active.length === 0 || !isDead(name, facts));
  if (headline.length === 0) {
    return {
      reason: missing.length > 0
        ? `none of the run's GPUs is metered: ${missing.map((name) => absentText(name, facts)).join("; ")}`
        : NOTHING_TELLS,
    };
  }
  return {
    kind: "gpu",
    headline,
    peers: active.length > 0 ? allowed.filter((gpu) => !active.includes(gpu)) : [],
    host,
    covers: gpuCovers(headline, headline.some(isCut) ? "board energy, of which the run had a slice" : null),
    doubts: active.length > 0 ? [] : unseenDoubts(facts),
    missing: missing.map((name) => absentText(name, facts)),
    warnings: stray.map(({ device }) => ({
      code: "energy_other_gpu",
      text: `The run used ${device.uuid}, which it was not given; its energy is counted`,
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
    const told = facts.mig_devices?.find((device) => device.name === name)?.reason ?? "it was not asked";
    return `${name} belongs to the run and its board is not known: no process of the run was seen on just one board ` +
      `in MIG mode, and the driver does not tell its parent (${told})`;
  }
  const board = leftOut(name, facts);
  const what = /^\d+$/.test(name) ? `GPU ${name}` : name;
  return `${what} belongs to the run and is not metered${board === null ? "" : `: ${board.reason}`}`;
}

function unseenDoubts({ run_devices, left_out = [] }: EnergyFacts): string[] {
  const others = run_devices === null ? left_out.filter(({ code }) => code !== "lost") : [];
  return [
    "no process of this run was seen on its boards; the number is what they drew meanwhile",
    ...others.map(({ index, reason }) => `GPU ${index} is not metered: ${reason}`),
  ];
}

function gpuCovers({ length }: readonly DeviceRecording[], more: string | null): string {
  return `${length === 1 ? "the whole GPU board" : `the whole of ${length} GPU boards`}` +
    " (chip, memory, regulators), idle draw included; no CPU, no fans, disks or losses of the power supply" +
    (more === null ? "" : `; ${more}`);
}
