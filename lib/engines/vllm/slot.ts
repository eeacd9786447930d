import { join } from "node:path";
import { compileCaches, type EngineSlot, type SlotVariables } from "../slot_variables.ts";

/**
 * Of vLLM, as a worker and as a server. vllm/utils/network_utils.py, get_open_port(): ports are looked for from VLLM_PORT upwards.
 * vllm/envs.py: VLLM_CACHE_ROOT. vllm/utils/torch_utils.py, startup_omp_num_threads(): where OMP_NUM_THREADS is not set, vLLM
 * counts the CPUs that it may use, and takes one thread once it serves; set, it would keep many.
 */
export function vllmSlot(slot: EngineSlot): SlotVariables {
  return {
    ours: { VLLM_PORT: String(slot.port) },
    defaults: {
      VLLM_CACHE_ROOT: join(slot.caches, "vllm"),
      ...compileCaches(slot),
      OMP_NUM_THREADS: null,
    },
  };
}
