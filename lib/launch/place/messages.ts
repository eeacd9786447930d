export function fewerCoresThanBoards(cores: number, boards: number): string {
  const have = cores === 1 ? "There is 1 CPU core" : `There are ${cores} CPU cores`;
  return `${have} for ${boards} GPUs, so that runs beside each other share cores: what the CPU has a part in is slower, ` +
    "and varies with what the others do. Use fewer GPUs at a time: execution.devices.";
}

export function cpusNotKept(): string {
  return "The system does not let runs be kept to CPUs of their own (sched_setaffinity is refused, as in a container with a " +
    "strict filter): runs beside each other may share cores. In a container: --security-opt seccomp=unconfined, " +
    "or execution: { pin: none } to do without.";
}

export function memoryNotPreferred(): string {
  return "The system does not let runs prefer the memory near their GPUs (set_mempolicy is refused; a container needs " +
    "--cap-add SYS_NICE): they are kept to CPUs near them all the same, from which memory is mostly taken there, too.";
}
