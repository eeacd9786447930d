import { join } from "node:path";

/** What a run has of a machine on which several are made at a time, as far as its engine reads it from variables. */
export interface EngineSlot {
  /** Cores to reckon with, at least 1; null for all of the machine. */
  readonly cores: number | null;
  /** The first of {@link SLOT_PORTS} ports that no other slot is given. */
  readonly port: number;
  /** Absolute folder for what is compiled, kept from run to run of the slot. */
  readonly caches: string;
}

/** TCP ports of a slot, one after the other. */
export const SLOT_PORTS = 40;

/** Variables of the worker, or the server, of a run in a slot. */
export interface SlotVariables {
  /** These go over llem's own environment: a port in there would be that of every slot. */
  readonly ours: Readonly<Record<string, string>>;
  /** A value of llem's own environment goes before; null takes away what every slot is given. */
  readonly defaults: Readonly<Record<string, string | null>>;
}

export const NO_VARIABLES: SlotVariables = { ours: {}, defaults: {} };

/**
 * Where torch and Triton put what they compile (torch/_inductor/runtime/cache_dir_utils.py, triton/knobs.py), and where FlashInfer
 * does (flashinfer/jit/env.py). The Python worker's caches have the same names.
 */
export function compileCaches({ caches }: EngineSlot): Record<string, string> {
  return {
    TORCHINDUCTOR_CACHE_DIR: join(caches, "inductor"),
    TRITON_CACHE_DIR: join(caches, "triton"),
    FLASHINFER_WORKSPACE_BASE: join(caches, "flashinfer"),
  };
}

/**
 * The port at which PyTorch's processes meet (torch/distributed/rendezvous.py, env://), the last of the slot: others count
 * upwards from the first.
 */
export function meetingPort({ port }: EngineSlot): Record<string, string> {
  return { MASTER_PORT: String(port + SLOT_PORTS - 1) };
}
