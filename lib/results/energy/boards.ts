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
  const stray = gpus.filter((gpu) => !allowed.includes(gpu) && certain.has(gpu.device.uuid));
  const active = [...used, ...stray];
  const headline = active.length > 0 ? active : allowed;
  const metered = new Set(gpus.map(({ device }) => device.uuid));
  const notMetered = (facts.run_devices ?? []).filter((uuid) => !metered.has(uuid));
  if (headline.length === 0) {
    return {
      reason: notMetered.length > 0
        ? `none of the run's GPUs is metered: ${notMetered.join(", ")}`
        : NOTHING_TELLS,
    };
  }
  return {
    kind: "gpu",
    headline,
    peers: active.length > 0 ? allowed.filter((gpu) => !active.includes(gpu)) : [],
    host,
    covers: gpuCovers(
      headline,
      headline.some(({ device }) => device.mig?.enabled === true)
        ? "board energy, of which the run had a slice"
        : null,
    ),
    doubts: active.length > 0
      ? []
      : ["no process of this run was seen on its boards; the number is what they drew meanwhile"],
    missing: notMetered.map((uuid) => `${uuid} belongs to the run and is not metered`),
    warnings: stray.map(({ device }) => ({
      code: "energy_other_gpu",
      text: `The run used ${device.uuid}, which it was not given; its energy is counted`,
    })),
  };
}

function gpuCovers({ length }: readonly DeviceRecording[], more: string | null): string {
  return `${length === 1 ? "the whole GPU board" : `the whole of ${length} GPU boards`}` +
    " (chip, memory, regulators), idle draw included; no CPU, no fans, disks or losses of the power supply" +
    (more === null ? "" : `; ${more}`);
}
