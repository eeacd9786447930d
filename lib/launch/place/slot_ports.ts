import { SLOT_PORTS } from "../../engines/slot_variables.ts";
import { isPortFree, SLOT_PORTS_RANGE } from "../../host/free_ports.ts";

/**
 * The first ports of so many blocks that do not overlap, on which nobody listens now. They are drawn by chance: another llem of this
 * machine draws others, most likely, and what looks for ports from the first of them upwards finds a free one in any case.
 */
export function drawPortBlocks(count: number, isFree = isPortFree): number[] {
  const { first, last } = SLOT_PORTS_RANGE;
  const blocks = Array.from(
    { length: Math.floor((last - first + 1) / SLOT_PORTS) },
    (_, at) => first + at * SLOT_PORTS,
  );
  const drawn = shuffled(blocks);
  const free = (block: number): boolean =>
    Array.from({ length: SLOT_PORTS }, (_, at) => block + at).every((port) => isFree(port));
  const found: number[] = [];
  const taken: number[] = [];
  for (const block of drawn) {
    if (found.length === count) return found;
    (free(block) ? found : taken).push(block);
  }
  // More slots than free blocks: some begin to look where somebody listens.
  return Array.from({ length: count }, (_, at) => [...found, ...taken][at % drawn.length] ?? first);
}

function shuffled(blocks: readonly number[]): number[] {
  return blocks.map((block) => [Math.random(), block] as const).sort(([one], [other]) => one - other)
    .map(([, block]) => block);
}
