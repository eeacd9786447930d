import { ownChild } from "../base/own_children.ts";

/** nvidia-smi needs most of a second without persistence mode; one that takes longer hangs. */
const LIMIT_MS = 10_000;

const QUERY = ["--query-gpu=uuid,memory.used", "--format=csv,noheader,nounits"];

/**
 * MiB in use on every NVIDIA GPU, by UUID, as nvidia-smi(1) tells; null where there is no such program or it does not
 * answer. A process of its own, so that a driver that hangs holds up nobody.
 */
export async function readGpuMemory(): Promise<ReadonlyMap<string, number> | null> {
  try {
    const child = ownChild(new Deno.Command("nvidia-smi", {
      args: QUERY,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn());
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    const { success, stdout } = await child.output().finally(() => clearTimeout(timer));
    return success ? parseGpuMemory(new TextDecoder().decode(stdout)) : null;
  } catch {
    // Not installed, or it ended in the moment it was to be killed.
    return null;
  }
}

/** Lines such as `GPU-5a0c..., 1204`; a GPU that does not tell (`[N/A]`) is left out. */
export function parseGpuMemory(text: string): ReadonlyMap<string, number> {
  const rows = text.split("\n").map((line) => /^(\S+), (\d+)$/.exec(line.trim())).filter((row) =>
    row !== null
  );
  return new Map(rows.map(([, uuid = "", used]) => [uuid, Number(used)]));
}
