import { compileCaches, type EngineSlot, meetingPort, type SlotVariables } from "../slot_variables.ts";

/**
 * Open MPI binds the processes of a model to cores that it counts from the first of the machine, whatever its caller is kept to:
 * those of two slots would share them. By the names of release 5 (PRRTE) and of those before.
 */
export const MPI_UNBOUND = {
  PRTE_MCA_hwloc_default_binding_policy: "none",
  OMPI_MCA_hwloc_base_binding_policy: "none",
};

/**
 * Of TensorRT-LLM, as a worker and as a server. tensorrt_llm/llmapi/utils.py, configure_cpu_affinity(): where
 * TLLM_NUMA_AWARE_WORKER_AFFINITY is not set, a process that is kept to some CPUs frees itself; anything but 1 leaves them.
 */
export function tensorrtSlot(slot: EngineSlot): SlotVariables {
  const kept = slot.cores === null ? {} : { TLLM_NUMA_AWARE_WORKER_AFFINITY: "0" };
  return { ours: meetingPort(slot), defaults: { ...compileCaches(slot), ...MPI_UNBOUND, ...kept } };
}
