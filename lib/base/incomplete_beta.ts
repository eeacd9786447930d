/** Steps after which a continued fraction that has not settled never will; Student's t takes some dozens. */
const MOST_STEPS = 10_000;
const TINY = 1e-300;

/**
 * The regularised incomplete beta function I_x(a, b) of `x` and `complement`, which is 1 - x: given apart, as one of them
 * may be too close to 0 for a subtraction. Continued fraction of DLMF 8.17.22 by Lentz's method; some 14 digits.
 */
export function incompleteBeta(x: number, complement: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  // On this side of the mean the fraction settles fast.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(complement, x, b, a);
  const front = Math.exp(a * logOf(x, complement) + b * logOf(complement, x) - logBeta(a, b)) / a;
  let [c, d] = [1, 1 / apart(1 - (a + b) * x / (a + 1))];
  let value = d;
  for (let m = 1; m < MOST_STEPS; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / apart(1 + even * d);
    c = apart(1 + even / c);
    value *= c * d;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / apart(1 + odd * d);
    c = apart(1 + odd / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < Number.EPSILON) break;
  }
  return front * value;
}

/** The logarithm of the beta function. Large arguments are subtracted before they lose digits, not after. */
export function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (small > STIRLING) {
    const both = small + large;
    return (small - 0.5) * Math.log(small / both) - large * Math.log1p(small / large) -
      0.5 * Math.log(large) + 0.5 * Math.log(2 * Math.PI) + tail(small) + tail(large) - tail(both);
  }
  if (large <= STIRLING) return logGamma(small) + logGamma(large) - logGamma(small + large);
  return logGamma(small) - (large - 0.5) * Math.log1p(small / large) - small * Math.log(small + large) +
    small + tail(large) - tail(small + large);
}

/** From here on Stirling's series is exact to the last digits. */
const STIRLING = 15;

function logGamma(x: number): number {
  // Gamma(x) = Gamma(x + n) / (x (x + 1) ... (x + n - 1)).
  let [shifted, product] = [x, 1];
  while (shifted < STIRLING) {
    product *= shifted;
    shifted += 1;
  }
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + tail(shifted) -
    Math.log(product);
}

/** What Stirling's formula leaves out of the logarithm (DLMF 5.11.1). */
function tail(x: number): number {
  const inverse = 1 / (x * x);
  return (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x;
}

function logOf(value: number, complement: number): number {
  return value < 0.5 ? Math.log(value) : Math.log1p(-complement);
}

function apart(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
