/** What an experiment is run on, found and pinned before the study begins, so that every run of it sees the same. */

/** Where a run's model is. */
export interface ResolvedModel {
  /** A folder or a file of this machine, or a repository of the hub that the engine finds in its cache. */
  readonly kind: "folder" | "file" | "hub";
  /** Absolute; null for a repository that is in no cache yet when this is decided. */
  readonly path: string | null;
  /** `owner/name` on the hub; null for one that is local. */
  readonly hub_id: string | null;
  /** The commit (40 hex digits) that is loaded; null for a local one. */
  readonly revision: string | null;
}

/** The prompts of a run as they were written down for the whole study. */
export interface PromptsFile {
  /** Relative to the study directory: `prompts/<hash>.jsonl`, one `{"prompt": "..."}` a line, in the order to run. */
  readonly path: string;
  readonly sha256: string;
  readonly count: number;
  /** Where they came from, for people: `file /srv/p.jsonl`, `AIEnergyScore/text_generation@<commit> train text`. */
  readonly source: string;
}

/** Each is null where the run needs none, or has it by itself (synthetic prompts, models inside the program). */
export interface RunInputs {
  readonly model: ResolvedModel | null;
  /** The low-rank adapter on top of the model. */
  readonly adapter: ResolvedModel | null;
  readonly prompts: PromptsFile | null;
}

export const NO_INPUTS: RunInputs = { model: null, adapter: null, prompts: null };

/** An image that containers of a study are made of. */
export interface Image {
  /** As the study names it. */
  readonly name: string;
  /** `sha256:...`: what a name stands for may change, and a study sees the same in every run. */
  readonly id: string;
  /** By what its registry gives the same once more: `owner/name@sha256:...`. Left out where it came from none. */
  readonly digest?: string;
}
