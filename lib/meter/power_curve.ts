/** Readings of power in bounded memory: the energy between any two moments, and what is known of the readings. */
export class PowerCurve {
  // Knots: time, power, the energy and the number of readings up to there, and the longest time without a reading
  // since the knot before.
  #t = new Float64Array(1024);
  #w = new Float64Array(1024);
  #j = new Float64Array(1024);
  #c = new Float64Array(1024);
  #gap = new Float64Array(1024);
  #n = 0;
  readonly #most: number;
  /** Readings that were added. */
  samples = 0;

  /**
   * Above `most` knots (8 at least) every second one of the older half is dropped: at those left energy and number of
   * readings stay exact, and gaps are remembered.
   */
  constructor(most = 200_000) {
    this.#most = Math.max(8, most);
  }

  /** Adds a reading. One that is not later than the last is dropped. */
  add(tNs: number, powerW: number): void {
    const last = this.#n - 1;
    const lastT = this.#t[last] ?? -Infinity;
    if (tNs <= lastT) return;
    this.samples += 1;
    const joules = last < 0
      ? 0
      : (this.#j[last] ?? 0) + ((this.#w[last] ?? 0) + powerW) / 2 * (tNs - lastT) / 1e9;
    const gap = last < 0 ? 0 : tNs - lastT;
    if (this.#n === this.#most) this.#thin();
    if (this.#n === this.#t.length) this.#grow();
    this.#t[this.#n] = tNs;
    this.#w[this.#n] = powerW;
    this.#j[this.#n] = joules;
    this.#c[this.#n] = this.samples;
    this.#gap[this.#n] = gap;
    this.#n += 1;
  }

  get firstNs(): number | null {
    return this.#n === 0 ? null : this.#t[0] ?? null;
  }

  get lastNs(): number | null {
    return this.#n === 0 ? null : this.#t[this.#n - 1] ?? null;
  }

  /** The last reading in watts. */
  get lastW(): number | null {
    return this.#n === 0 ? null : this.#w[this.#n - 1] ?? null;
  }

  /** The knots in a stretch of time, both ends included, as times (ns) and powers (W). */
  *knots(beginNs: number, endNs: number): Generator<readonly [number, number]> {
    for (let index = this.#firstAtOrAfter(beginNs); index < this.#n; index++) {
      const t = this.#t[index] ?? 0;
      if (t > endNs) return;
      yield [t, this.#w[index] ?? 0];
    }
  }

  /**
   * Joules between two moments by the trapezoid rule, the power at an edge interpolated between its neighbours and held
   * beyond the first and last reading; null where there is no reading or no time.
   */
  energyJ(beginNs: number, endNs: number): number | null {
    if (this.#n === 0 || endNs < beginNs) return null;
    return this.#energyAt(endNs) - this.#energyAt(beginNs);
  }

  /**
   * The integral of the squared power between two moments (W^2 s), as `energyJ` is that of the power; null where there is no
   * reading. It gives the spread of the power; dropped knots make it a little smaller.
   */
  squareW2s(beginNs: number, endNs: number): number | null {
    if (this.#n === 0 || endNs < beginNs) return null;
    let [t, w] = [beginNs, this.powerAt(beginNs) ?? 0];
    let sum = 0;
    const piece = (nextT: number, nextW: number): void => {
      sum += (w * w + w * nextW + nextW * nextW) / 3 * (nextT - t) / 1e9;
      [t, w] = [nextT, nextW];
    };
    for (const [nextT, nextW] of this.knots(beginNs, endNs)) piece(nextT, nextW);
    piece(endNs, this.powerAt(endNs) ?? 0);
    return sum;
  }

  /** How many readings lie in a stretch of time, both ends included; to a knot exact where some were dropped. */
  samplesIn(beginNs: number, endNs: number): number {
    const first = this.#firstAtOrAfter(beginNs);
    const after = this.#firstAtOrAfter(endNs);
    const last = this.#t[after] === endNs && after < this.#n ? after : after - 1;
    if (last < first || last < 0) return 0;
    // A knot counts itself; what was dropped before the first one lay before it or at its side of the edge.
    return (this.#c[last] ?? 0) - (this.#c[first] ?? 0) + 1;
  }

  /** The longest time without a reading in a stretch, its ends counted as the ends of a gap. */
  longestGapNs(beginNs: number, endNs: number): number {
    let longest = 0;
    let before = beginNs;
    let index = this.#firstAtOrAfter(beginNs);
    for (; index < this.#n; index++) {
      const t = this.#t[index] ?? 0;
      if (t > endNs) break;
      // The remembered gap may lie before the stretch: no more of it counts than fits.
      longest = Math.max(longest, index === 0 ? t - before : Math.min(this.#gap[index] ?? 0, t - before));
      before = t;
    }
    const next = index < this.#n ? this.#gap[index] ?? Infinity : Infinity;
    return Math.max(longest, Math.min(next, endNs - before));
  }

  /** Watts at a moment, interpolated; held beyond the ends; null where there is no reading. */
  powerAt(tNs: number): number | null {
    if (this.#n === 0) return null;
    const after = this.#firstAtOrAfter(tNs);
    if (after === 0) return this.#w[0] ?? null;
    if (after === this.#n) return this.#w[this.#n - 1] ?? null;
    return this.#interpolate(after, tNs);
  }

  /** Forgets what is older than that, but for the last reading before it. */
  forgetBefore(tNs: number): void {
    const keep = Math.max(0, this.#firstAtOrAfter(tNs) - 1);
    if (keep === 0) return;
    for (const values of this.#columns) values.copyWithin(0, keep, this.#n);
    this.#n -= keep;
  }

  #energyAt(tNs: number): number {
    const after = this.#firstAtOrAfter(tNs);
    if (after === 0) return (this.#j[0] ?? 0) - (this.#w[0] ?? 0) * ((this.#t[0] ?? 0) - tNs) / 1e9;
    const before = after - 1;
    const [t = 0, w = 0, j = 0] = [this.#t[before], this.#w[before], this.#j[before]];
    if (after === this.#n) return j + w * (tNs - t) / 1e9;
    const seconds = (tNs - t) / 1e9;
    if (tNs === this.#t[after]) return this.#j[after] ?? 0;
    // Scaled, so that a stretch whose inner readings were dropped keeps its energy.
    const whole = (this.#j[after] ?? 0) - j;
    const plain = (w + (this.#w[after] ?? 0)) / 2 * ((this.#t[after] ?? 0) - t) / 1e9;
    const part = (w + this.#interpolate(after, tNs)) / 2 * seconds;
    return j + (plain === 0 ? whole * seconds * 1e9 / ((this.#t[after] ?? 0) - t) : part * whole / plain);
  }

  #interpolate(after: number, tNs: number): number {
    const [t0 = 0, t1 = 0] = [this.#t[after - 1], this.#t[after]];
    const [w0 = 0, w1 = 0] = [this.#w[after - 1], this.#w[after]];
    return w0 + (w1 - w0) * (tNs - t0) / (t1 - t0);
  }

  /** The place of the first knot at or after that moment; the number of knots where there is none. */
  #firstAtOrAfter(tNs: number): number {
    let low = 0;
    let high = this.#n;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#t[middle] ?? 0) < tNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #thin(): void {
    const half = this.#n >> 1;
    let kept = 0;
    for (let index = 0; index < this.#n; index++) {
      if (index < half && index % 2 === 1) {
        this.#gap[index + 1] = Math.max(this.#gap[index] ?? 0, this.#gap[index + 1] ?? 0);
        continue;
      }
      for (const values of this.#columns) values[kept] = values[index] ?? 0;
      kept += 1;
    }
    this.#n = kept;
  }

  #grow(): void {
    const size = Math.min(this.#most, this.#t.length * 2);
    const larger = (values: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(size);
      grown.set(values);
      return grown;
    };
    this.#t = larger(this.#t);
    this.#w = larger(this.#w);
    this.#j = larger(this.#j);
    this.#c = larger(this.#c);
    this.#gap = larger(this.#gap);
  }

  get #columns(): readonly Float64Array[] {
    return [this.#t, this.#w, this.#j, this.#c, this.#gap];
  }
}
