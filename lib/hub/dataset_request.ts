import type { CardConfig } from "./dataset_card.ts";
import type { DownloadWork } from "./download_work.ts";
import type { HubEnvironment } from "./hub_environment.ts";
import type { Asked } from "./hub_problem.ts";
import { convertedFiles, type Part, splitFiles } from "./split_files.ts";

/** What a study wants of a dataset. */
export interface DatasetRequest extends Part, Asked {
  readonly kind: "dataset";
}

/** How to look for it. */
export interface HubWork extends DownloadWork {
  readonly hub: HubEnvironment;
}

/** A split at a commit. */
export interface FoundDataset {
  /** `owner/name@<commit>`. */
  readonly name: string;
  /**
   * Absolute paths of its files in the order of their rows. What is not in the cache is fetched when it is taken, so
   * that a few rows of a large dataset take no more than its first file. Throws Problem.
   */
  readonly files: AsyncIterable<string>;
}

/** The branch with the hub's own conversion of datasets in other formats. */
export const CONVERSION = "refs/convert/parquet";
export const README = "README.md";

/** The files of the wanted split among all of a commit. Throws Problem. */
export function chooseFiles(
  paths: readonly string[],
  card: readonly CardConfig[],
  request: DatasetRequest,
  revision: string | null,
): readonly string[] {
  const name = `dataset ${request.id}`;
  return revision === CONVERSION
    ? convertedFiles(paths, request, name)
    : splitFiles(paths, card, request, name);
}

export function nameAt({ id }: DatasetRequest, commit: string, revision: string | null): string {
  return `${id}@${commit}${revision === CONVERSION ? ` (${CONVERSION})` : ""}`;
}
