import { BACKENDS, ENGINE_DECLARATIONS } from "../experiment/engines.ts";

/** Variables that change what is measured and hold no secret. Others are not recorded, whatever they are called. */
const RECORDED: ReadonlySet<string> = new Set([
  "CUDA_VISIBLE_DEVICES",
  "CUDA_DEVICE_ORDER",
  "NVIDIA_VISIBLE_DEVICES",
  "HIP_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
  "OMP_NUM_THREADS",
  "OMP_PROC_BIND",
  "OMP_WAIT_POLICY",
  "GOMP_SPINCOUNT",
  "OMP_PLACES",
  "GOMP_CPU_AFFINITY",
  "MKL_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "HF_HOME",
  "LLEM_CARBON_INTENSITY",
  "LLEM_DATACENTER_PUE",
  "LLEM_LOG_LEVEL",
  "LLEM_NO_PROMPT",
  "SLURM_JOB_ID",
  "SLURM_JOB_PARTITION",
  "SLURM_JOB_NODELIST",
  "SLURM_CPUS_PER_TASK",
  "SLURM_CPUS_ON_NODE",
  "SLURM_MEM_PER_NODE",
  "SLURM_JOB_GPUS",
  "SLURM_RESTART_COUNT",
  ...BACKENDS.map((backend) => `LLEM_RUNNER_${backend.toUpperCase()}`),
  ...BACKENDS.flatMap((backend) => ENGINE_DECLARATIONS[backend].variables),
]);

/** The variables of an environment that may be recorded, in the order of their names. */
export function recordedVariables(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const names = Object.keys(env).filter((name) => RECORDED.has(name)).sort();
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
