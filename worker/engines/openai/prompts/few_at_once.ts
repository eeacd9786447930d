/** A small server (llama-server has a thread for each kept connection) makes a fifth one wait for seconds. */
const AT_ONCE = 4;

/** Does something for 0 ... count - 1, a few at once. */
export async function fewAtOnce(count: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, async () => {
    while (next < count) await act(next++);
  }));
}
