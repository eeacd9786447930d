/** A child as far as it matters here. */
interface Started {
  readonly pid: number;
  readonly status: Promise<unknown>;
}

const started = new Set<number>();

/**
 * Notes that this program started that child itself; call it in the tick of the spawn. Every other child of ours came to
 * us as an orphan: of some held process, which is what the sweep goes by.
 */
export function ownChild<T extends Started>(child: T): T {
  started.add(child.pid);
  const forget = (): void => void started.delete(child.pid);
  child.status.then(forget, forget);
  return child;
}

/** True for a child that this program started itself, until its end has been collected. */
export function isOwnChild(pid: number): boolean {
  return started.has(pid);
}
