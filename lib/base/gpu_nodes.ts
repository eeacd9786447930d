/** True where an NVIDIA or AMD compute device is visible, by the names of its device files. Answers on any machine. */
export function hasGpuNode(dev = "/dev"): boolean {
  try {
    return [...Deno.readDirSync(dev)].some(({ name }) => /^(nvidia\d+|kfd)$/.test(name));
  } catch {
    return false;
  }
}
