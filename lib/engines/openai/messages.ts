/** Texts for people about clients of servers and the servers that a study names: one function each, nothing else. */

/** What the client adds to latencies by itself. Milliseconds but for `cpu_us`; rates are requests a second. */
export function clientFloor(
  { p50_ms, p99_ms, late_ms, cpu_us, rate, asked }: {
    readonly p50_ms: number;
    readonly p99_ms: number;
    readonly late_ms: number;
    readonly cpu_us: number;
    readonly rate: number;
    readonly asked: number;
  },
  floor_ms: number,
): string {
  return `latencies from ${Math.ceil(floor_ms)} ms on are told to 10 %: first tokens are stamped ${
    p50_ms.toFixed(2)
  } ms ` +
    `after they were sent (p99 ${p99_ms.toFixed(2)}), requests leave ${late_ms.toFixed(2)} ms late (p99), ` +
    `${rate.toFixed(1)} of ${asked.toFixed(1)} requests/s; ${cpu_us.toFixed(0)} us of CPU a token`;
}

/** Before what was measured. */
export function clientIsSlow(): string {
  return "the client is slow here";
}

/** The remedy. Without a full stop. */
export function quietMachineAdvice(): string {
  return "stop other programs (see top), then run llem doctor again";
}

/** `reason` is a clause. */
export function clientNotTried(reason: string): string {
  return `the client could not be tried against a mock server: ${reason === "" ? "it said nothing" : reason}`;
}
