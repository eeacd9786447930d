import { Problem } from "../base/problem.ts";
import { cachedDataset } from "./cached_dataset.ts";
import { CONVERSION, type DatasetRequest, type FoundDataset, type HubWork } from "./dataset_request.ts";
import { AbsentFromCache } from "./hub_problem.ts";
import { publishedDataset } from "./published_dataset.ts";
import { NoReadableFiles } from "./split_files.ts";
import { cachedPartUnusable } from "./messages.ts";

/**
 * Finds a split: in the cache, else on the hub. What the cache holds for a branch counts, be the hub ahead of it:
 * the same study gives the same prompts tomorrow, and without a network. Throws Problem.
 */
export async function findDataset(request: DatasetRequest, work: HubWork): Promise<FoundDataset> {
  const { revision } = request;
  const own = cachedDataset(request, revision, work);
  if (own !== null && !(own instanceof Problem)) return own;
  const converted = revision === null ? cachedDataset(request, CONVERSION, work) : null;
  if (converted !== null && !(converted instanceof Problem)) return converted;
  try {
    return await publishedDataset(request, revision, work);
  } catch (error) {
    if (own !== null && error instanceof AbsentFromCache) {
      throw new Problem(cachedPartUnusable(own.message, error.message));
    }
    if (revision !== null || !(error instanceof NoReadableFiles)) throw error;
    return await publishedDataset(request, CONVERSION, work).catch((second) => {
      throw work.signal.aborted ? second : error;
    });
  }
}
