export function fewerCoresThanBoards(cores: number, boards: number): string {
  const have = cores === 1 ? "There is 1 CPU core" : `There are ${cores} CPU cores`;
  return `${have} for ${boards} GPUs, so runs side by side share cores: work on the CPU is slower, and varies with the ` +
    "other runs. Use fewer GPUs at a time: execution.devices.";
}

export function cpusNotKept(): string {
  return "The system does not let llem bind runs to CPUs of their own (sched_setaffinity is refused, as in a container with a " +
    "strict filter): runs side by side may share cores. In a container: --security-opt seccomp=unconfined; " +
    "to do without: execution: { pin: none }.";
}

export function memoryNotPreferred(): string {
  return "The system does not let llem prefer memory near the GPUs of a run (set_mempolicy is refused; a container needs " +
    "--cap-add SYS_NICE). Runs are bound to CPUs near their GPUs, so most of their memory is there all the same.";
}
