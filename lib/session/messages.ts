/** What lib/session says to people. */
import type { Assumed } from "../study/complete_flags.ts";

/** What a command line without a study file left open; null where it left nothing open. */
export function assumedSettings({ backend, synthetic, n, input_len, output_len }: Assumed): string | null {
  const parts = backend === null ? [] : [`backend ${backend.name} (from the name ${backend.model})`];
  if (synthetic) {
    const prompts = n === null ? "synthetic prompts" : `${n} synthetic prompts`;
    if (input_len !== null && output_len !== null) {
      parts.push(`${prompts} ${input_len} -> ${output_len} tokens`);
    } else if (input_len !== null) parts.push(`${prompts} of ${input_len} tokens`);
    else if (output_len !== null) parts.push(`${prompts} -> ${output_len} tokens`);
    else if (n !== null) parts.push(prompts);
  }
  return parts.length === 0 ? null : parts.join(", ");
}
