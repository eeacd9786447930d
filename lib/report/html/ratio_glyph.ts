import { html, type Markup } from "./markup.ts";

const [WIDTH, HEIGHT] = [160, 16];
const MIDDLE = HEIGHT / 2;
/** Room at both sides, so that a dot at an end stays whole. */
const EDGE = 5;

/** From the smallest to the largest ratio that is drawn; 1 lies within. */
export interface RatioScale {
  readonly low: number;
  readonly high: number;
}

/** A ratio with the interval that it is known by. */
export interface DrawnRatio {
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** One scale for all ratios of a table. Ends of intervals that lie far out do not squeeze the rest. */
export function ratioScale(ratios: readonly DrawnRatio[]): RatioScale {
  const ends = ratios.flatMap(({ ratio, low, high }) => {
    const far = Math.abs(Math.log(ratio)) + FARTHEST;
    const near = (value: number): boolean => value > 0 && Math.abs(Math.log(value)) <= far;
    return [ratio, low ?? ratio, high ?? ratio].filter(near);
  });
  let [low, high] = [1, 1];
  for (const end of ends) [low, high] = [Math.min(low, end), Math.max(high, end)];
  return low === high ? { low: 0.9, high: 1.1 } : { low, high };
}

/** On logarithms. */
const FARTHEST = Math.log(4);

/** The ratio as a bar from 1 on a logarithmic scale, its interval as a line; it says nothing that no text says. */
export function ratioGlyph({ ratio, low, high }: DrawnRatio, scale: RatioScale): Markup {
  const x = (value: number): string => {
    const share = Math.log(value / scale.low) / Math.log(scale.high / scale.low);
    return String(Number((EDGE + Math.min(1, Math.max(0, share)) * (WIDTH - 2 * EDGE)).toFixed(1)));
  };
  const [one, at] = [x(1), x(ratio)];
  const bar = [Number(one), Number(at)].sort((a, b) => a - b);
  const interval = low === null || high === null || low <= 0 ? null : html`
    <path d="M${x(low)} ${MIDDLE}H${x(high)}" stroke="currentColor" stroke-width="1.5" />
  `;
  return html`
    <svg
      class="glyph"
      width="${WIDTH}"
      height="${HEIGHT}"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      aria-hidden="true"
    >
      <rect x="${bar[0] ?? 0}" y="3" width="${Number(
        ((bar[1] ?? 0) - (bar[0] ?? 0)).toFixed(1),
      )}" height="10" fill="#56b4e9" />
      <path d="M${one} 0V${HEIGHT}" stroke="currentColor" stroke-dasharray="2 2" />${interval}<circle
        cx="${at}"
        cy="${MIDDLE}"
        r="3"
        fill="currentColor"
      />
    </svg>
  `;
}
