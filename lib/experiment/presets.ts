import { isJsonObject, type JsonObject } from "../base/json.ts";

/** Decoder settings to start from, by name. */
export const DECODER_PRESETS = {
  deterministic: { temperature: 0, do_sample: false },
  standard: { temperature: 1, top_p: 0.95 },
  creative: { temperature: 0.8, top_p: 0.9, repetition_penalty: 1.1 },
  factual: { temperature: 0.3 },
} as const;

export type DecoderPreset = keyof typeof DECODER_PRESETS;

export const DECODER_PRESET_NAMES = [
  "deterministic",
  "standard",
  "creative",
  "factual",
] as const satisfies readonly DecoderPreset[];

/** Fills a decoder's preset in below the keys that are given beside it; must come before defaults are filled in. */
export function expandPreset(decoder: JsonObject): JsonObject {
  const { preset } = decoder;
  if (typeof preset !== "string" || !isPreset(preset)) return decoder;
  return { ...DECODER_PRESETS[preset], ...decoder };
}

/** The draft of a configuration with its decoder's preset filled in. */
export function withPreset(draft: JsonObject): JsonObject {
  return isJsonObject(draft.decoder) ? { ...draft, decoder: expandPreset(draft.decoder) } : draft;
}

function isPreset(name: string): name is DecoderPreset {
  return Object.hasOwn(DECODER_PRESETS, name);
}
