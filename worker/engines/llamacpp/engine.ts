import type { Batch } from "./batch.ts";
import type { Context } from "./context.ts";
import type { Library } from "./library.ts";
import type { Model } from "./model.ts";
import type { SamplerSettings } from "./sampler.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** All that generating needs, loaded and checked. */
export interface Engine {
  readonly library: Library;
  readonly model: Model;
  readonly vocabulary: Vocabulary;
  readonly context: Context;
  readonly batch: Batch;
  readonly sampling: SamplerSettings;
}
