import type { RequestFrame } from "../../../lib/protocol/frame.ts";
import type { Sequence } from "./sequence.ts";

const NS_PER_MS = 1e6;

/**
 * The record of one request. It starts with the prefill of its batch; its first token is there when its own prompt
 * has been computed and sampled. A request that gave no token has no time to first token. `firstIndex` is the index
 * of the pass's first request.
 */
export function requestFrame(
  { prompt, tokens, timesNs, endNs }: Sequence,
  beginNs: bigint,
  firstIndex: number,
): RequestFrame {
  const [firstNs] = timesNs;
  const lastNs = timesNs.at(-1);
  // What ended the text is none of its tokens: the time until then is not to be divided by them.
  const endedLater = lastNs !== firstNs && lastNs !== undefined && endNs !== null && endNs > lastNs;
  return {
    type: "request",
    index: firstIndex + prompt.index,
    input_tokens: prompt.tokens.length,
    output_tokens: tokens.length,
    t_start_ns: beginNs,
    ttft_ms: firstNs === undefined ? null : milliseconds(beginNs, firstNs),
    e2e_ms: endNs === null ? null : milliseconds(beginNs, endNs),
    itl_ms: timesNs.slice(1).map((timeNs, index) => milliseconds(timesNs[index] ?? timeNs, timeNs)),
    ...endedLater && firstNs !== undefined
      ? { tpot_ms: milliseconds(firstNs, lastNs) / (timesNs.length - 1) }
      : {},
  };
}

function milliseconds(fromNs: bigint, toNs: bigint): number {
  return Number(toNs - fromNs) / NS_PER_MS;
}
