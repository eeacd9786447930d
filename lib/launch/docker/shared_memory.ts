import { badSharedMemory } from "./messages.ts";

/**
 * Processes of an engine talk through shared memory, of which a container has 64 MB unless it is told: too little for any
 * model on two GPUs. It is a limit and takes no memory before it is used.
 */
const USUAL = "8g";
const HOST = "host";

/** What LLEM_DOCKER_SHM_SIZE says, else the usual size. */
export function readSharedMemory(
  { LLEM_DOCKER_SHM_SIZE: value = "" }: Readonly<Record<string, string | undefined>>,
): { readonly size: string } | { readonly problem: string } {
  if (value === "") return { size: USUAL };
  return value === HOST || /^[1-9]\d*[bkmg]?$/i.test(value)
    ? { size: value }
    : { problem: badSharedMemory(value) };
}

/** The options of `docker run` for it. */
export function sharedMemoryArguments(size: string): string[] {
  return size === HOST ? ["--ipc", HOST] : ["--shm-size", size];
}
