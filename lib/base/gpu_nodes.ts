/** True where an NVIDIA compute device is visible, by the names of its device files. */
export function hasNvidiaNode(dev = "/dev"): boolean {
  return hasNode(dev, /^nvidia\d+$/);
}

/** True where an NVIDIA or AMD compute device is visible, by the names of its device files. Answers on any machine. */
export function hasGpuNode(dev = "/dev"): boolean {
  return hasNode(dev, /^(nvidia\d+|kfd)$/);
}

function hasNode(dev: string, pattern: RegExp): boolean {
  try {
    return [...Deno.readDirSync(dev)].some(({ name }) => pattern.test(name));
  } catch {
    return false;
  }
}
