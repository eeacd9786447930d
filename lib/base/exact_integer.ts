/** JSON numbers are exact up to 2^53 only: a non-negative bigint as a number where that is exact, else as a decimal string. */
export function exactInteger(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}

/** `exactInteger` as a replacer of JSON.stringify: every bigint in a value that way. */
export function exactIntegers(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? exactInteger(value) : value;
}
