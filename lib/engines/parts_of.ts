import type { JsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { readPath } from "../experiment/read_path.ts";

/**
 * Into how many parts settings divide the work: the product of those that are given, be it in the section or as arguments that
 * are passed unchanged.
 */
export function partsOf(config: ExperimentConfig, section: string, sizes: readonly string[]): number {
  return sizes.reduce((product, size) => {
    const given = readPath(config as JsonObject, `${section}.${size}`) ?? config.passthrough_kwargs?.[size];
    return product * (typeof given === "number" && given >= 1 ? Math.trunc(given) : 1);
  }, 1);
}
