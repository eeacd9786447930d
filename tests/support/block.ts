/** Keeps the event loop of this process from turning for so long, as a long computation or a slow disk does. */
export function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}
