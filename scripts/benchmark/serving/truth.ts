import type { TruthRecord } from "../../../lib/servers/mock/truth.ts";

/** What a client says of one request. */
export interface Seen {
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Null where it failed. */
  readonly ttft_ms: number | null;
  /** When it stamped the first token, CLOCK_MONOTONIC; null where it tells no stamps. */
  readonly t_first_token_ns: bigint | null;
}

/** By how much a client's word is later than what the server did, ms. */
export interface TtftErrors {
  /** Of the time to the first token, less the server's from the request's last byte to the first write. */
  readonly reported: readonly number[];
  /** Of the stamp of the first token, less the server's own at its write; empty where a client tells no stamps. */
  readonly stamped: readonly number[];
}

/** The lines of a mock's truth file, in the order in which the requests came. */
export function readTruth(path: string): TruthRecord[] {
  const lines = Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  const records = lines.map((line): TruthRecord =>
    JSON.parse(line, (name, value) => name.endsWith("_ns") && value !== null ? BigInt(value) : value)
  );
  return records.toSorted((a, b) => difference(a.arrived_ns, b.arrived_ns));
}

/**
 * Pairs requests with what the server knows of them by their lengths, which differ almost always; those that are alike in
 * the order in which they were sent and came. A length of which not as many came as were sent is left out.
 */
export function ttftErrors(seen: readonly Seen[], truth: readonly TruthRecord[]): TtftErrors {
  const key = (one: { readonly input_tokens: number; readonly output_tokens: number }): string =>
    `${one.input_tokens} ${one.output_tokens}`;
  const came = Map.groupBy(truth, key);
  const reported: number[] = [];
  const stamped: number[] = [];
  for (const [lengths, sent] of Map.groupBy(seen, key)) {
    const records = came.get(lengths) ?? [];
    if (records.length !== sent.length) continue;
    records.forEach(({ arrived_ns, first_write_ns }, index) => {
      const { ttft_ms = null, t_first_token_ns = null } = sent[index] ?? {};
      if (ttft_ms === null || first_write_ns === null) return;
      reported.push(ttft_ms - difference(first_write_ns, arrived_ns) / 1e6);
      if (t_first_token_ns !== null) stamped.push(difference(t_first_token_ns, first_write_ns) / 1e6);
    });
  }
  return { reported, stamped };
}

/** Nanoseconds between moments that are near to each other. */
function difference(one: bigint, other: bigint): number {
  return Number(one - other);
}
