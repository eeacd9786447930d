const SIZE = 624;
const SHIFT = 397;
const MATRIX = 0x9908b0df;
const UPPER = 0x80000000;
const LOWER = 0x7fffffff;
const WORD = 2 ** 32;

/** Draws whole numbers of 32 random bits. */
export type RandomWords = () => number;

/**
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), seeded as Python's `random.Random(seed)` is: from the
 * 32-bit words of the seed's absolute value. The same seed must give the order that Python programs got from it.
 */
export function mersenneTwister(seed: number): RandomWords {
  const state = seedByArray(wordsOf(seed));
  let next = SIZE;
  return () => {
    if (next === SIZE) {
      twist(state);
      next = 0;
    }
    return temper(state[next++] ?? 0);
  };
}

function wordsOf(seed: number): number[] {
  const words: number[] = [];
  for (let rest = Math.abs(seed); rest > 0; rest = Math.floor(rest / WORD)) words.push(rest % WORD);
  return words.length === 0 ? [0] : words;
}

function seedByNumber(seed: number): Uint32Array {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1812433253, mixed(state, i)) + i;
  return state;
}

function seedByArray(key: readonly number[]): Uint32Array {
  const state = seedByNumber(19650218);
  let i = 1;
  let j = 0;
  const advance = (): void => {
    i++;
    if (i < SIZE) return;
    state[0] = state[SIZE - 1] ?? 0;
    i = 1;
  };
  for (let k = Math.max(SIZE, key.length); k > 0; k--) {
    state[i] = ((state[i] ?? 0) ^ Math.imul(mixed(state, i), 1664525)) + (key[j] ?? 0) + j;
    advance();
    j = (j + 1) % key.length;
  }
  for (let k = SIZE - 1; k > 0; k--) {
    state[i] = ((state[i] ?? 0) ^ Math.imul(mixed(state, i), 1566083941)) - i;
    advance();
  }
  state[0] = UPPER;
  return state;
}

/** The word before `i`, its high bits folded into its low ones. */
function mixed(state: Uint32Array, i: number): number {
  const before = state[i - 1] ?? 0;
  return before ^ (before >>> 30);
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < SIZE; i++) {
    const y = ((state[i] ?? 0) & UPPER) | ((state[(i + 1) % SIZE] ?? 0) & LOWER);
    state[i] = (state[(i + SHIFT) % SIZE] ?? 0) ^ (y >>> 1) ^ (y & 1 ? MATRIX : 0);
  }
}

function temper(word: number): number {
  let y = word;
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return (y ^ (y >>> 18)) >>> 0;
}
