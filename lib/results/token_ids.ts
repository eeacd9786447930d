import { isJsonObject } from "../base/json.ts";
import type { Measurement } from "../experiment/outcome.ts";

/** The measurement with the sample of its output as text alone: ids of tokens say nothing to who reads a record. */
export function withoutTokenIds(measurement: Measurement): Measurement {
  const sample = measurement.metrics["sample_output"];
  if (!isJsonObject(sample) || !Object.hasOwn(sample, "token_ids")) return measurement;
  const { token_ids: _, ...rest } = sample;
  return { ...measurement, metrics: { ...measurement.metrics, sample_output: rest } };
}
