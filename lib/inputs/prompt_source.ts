import { pathFrom } from "../base/expand_home.ts";
import { Problem } from "../base/problem.ts";
import { type ExperimentConfig, type HubDataset, isSynthetic } from "../experiment/config.ts";
import { ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import { unknownDataset } from "./messages.ts";

/** Where prompts are read from. */
export type PromptSource = FileSource | HubSource;

export interface FileSource {
  readonly kind: "file";
  /** Absolute. */
  readonly path: string;
}

export interface HubSource extends HubDataset {
  readonly kind: "hub";
}

/** The name that a study has without saying any, and what it stands for. */
const DEFAULT_NAME = "aienergyscore";
const DEFAULT_DATASET: HubSource = {
  kind: "hub",
  hub: "AIEnergyScore/text_generation",
  split: "train",
  column: "text",
  subset: null,
  revision: null,
};

/**
 * Where a configuration's prompts come from; null where its worker makes them, or has not asked for any: a worker of
 * one's own needs no hub because of a default. Throws Problem for a name that is no dataset.
 */
export function promptSource(
  { backend, dataset }: Pick<ExperimentConfig, "backend" | "dataset">,
  baseDir: string,
  env: Readonly<Record<string, string | undefined>>,
): PromptSource | null {
  if (isSynthetic(dataset)) return null;
  if (typeof dataset === "object") {
    return "hub" in dataset
      ? { kind: "hub", ...dataset }
      : { kind: "file", path: pathFrom(baseDir, dataset.jsonl, env) };
  }
  const { workload_known } = ENGINE_DECLARATIONS[backend];
  if (dataset === DEFAULT_NAME) return workload_known ? DEFAULT_DATASET : null;
  if (dataset.endsWith(".jsonl")) return { kind: "file", path: pathFrom(baseDir, dataset, env) };
  if (/^\w[\w.-]*\/\w[\w.-]*$/.test(dataset)) {
    return { kind: "hub", hub: dataset, split: "train", column: null, subset: null, revision: null };
  }
  // For a worker of one's own it may be a name that the worker knows.
  if (!workload_known) return null;
  throw new Problem(unknownDataset(dataset, DEFAULT_NAME));
}
