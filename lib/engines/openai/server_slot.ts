import { compileCaches, type EngineSlot, meetingPort, type SlotVariables } from "../slot_variables.ts";
import { tensorrtSlot } from "../tensorrt/slot.ts";
import { vllmSlot } from "../vllm/slot.ts";
import type { ServerKind } from "../../experiment/engines/openai/server.ts";

/** What keeps a server of a kind apart from those of other slots; a kind that is left out needs no more than its own port. */
export const SERVER_SLOTS: Readonly<Partial<Record<ServerKind, (slot: EngineSlot) => SlotVariables>>> = {
  "vllm": vllmSlot,
  // sglang/srt/server_args.py: further ports are looked for from that of its requests upwards, and only free ones are taken.
  "sglang": (slot) => ({ ours: {}, defaults: compileCaches(slot) }),
  "trtllm": tensorrtSlot,
  // common/arg.cpp: LLAMA_ARG_THREADS. Unasked it takes every core of the machine, also those that it may not run on: common.cpp,
  // common_cpu_get_num_physical_cores().
  "llama-server": ({ cores }) => ({
    ours: {},
    defaults: cores === null ? {} : { LLAMA_ARG_THREADS: String(cores) },
  }),
  // launcher/src/main.rs: its shards meet at MASTER_PORT and at sockets whose names begin with SHARD_UDS_PATH, each the same for
  // every server of a machine.
  "tgi": (slot) => ({
    ours: { ...meetingPort(slot), SHARD_UDS_PATH: `/tmp/text-generation-server-${slot.port}` },
    defaults: compileCaches(slot),
  }),
};
