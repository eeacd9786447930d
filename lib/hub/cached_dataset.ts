import { join } from "node:path";
import { Problem } from "../base/problem.ts";
import { filesBelow } from "./cache_files.ts";
import { cachedCommit } from "./cached_repository.ts";
import { readCard } from "./dataset_card.ts";
import {
  chooseFiles,
  type DatasetRequest,
  type FoundDataset,
  type HubWork,
  nameAt,
  README,
} from "./dataset_request.ts";
import { publishedDataset } from "./published_dataset.ts";
import { readSmallText } from "./small_text.ts";
import { lacksFiles, leadingFiles } from "./usual_splits.ts";
import { cacheUnreadable } from "./messages.ts";

/** A split in the cache; null where no commit is there, Problem where one is without this split. */
export function cachedDataset(
  request: DatasetRequest,
  revision: string | null,
  work: HubWork,
): FoundDataset | Problem | null {
  const cached = cachedCommit(work.hub.cache, "dataset", request.id, revision);
  if (cached === null) return null;
  const { commit, path } = cached;
  try {
    const names = filesBelow(path);
    const card = names.includes(README) ? readCard(readSmallText(join(path, README))) : [];
    const chosen = chooseFiles(names, card, request, revision);
    const there = leadingFiles(chosen).map((name) => join(path, name));
    const files = lacksFiles(chosen)
      ? completed(there, () => publishedDataset(request, commit, work))
      : inTurn(there);
    return { name: nameAt(request, commit, revision), files };
  } catch (error) {
    if (error instanceof Problem) return error;
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    return new Problem(cacheUnreadable(path, error.message));
  }
}

async function* inTurn(files: readonly string[]): AsyncGenerator<string> {
  yield* files;
}

/** What is there, and then, if somebody takes more, what the hub has besides. */
async function* completed(
  there: readonly string[],
  publish: () => Promise<FoundDataset>,
): AsyncGenerator<string> {
  yield* there;
  const { files } = await publish();
  for await (const file of files) if (!there.includes(file)) yield file;
}
