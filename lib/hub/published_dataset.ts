import { bytesText } from "../base/bytes.ts";
import { isFile } from "../base/files.ts";
import { Problem } from "../base/problem.ts";
import { inside } from "./cache_files.ts";
import { cachedCommit, snapshotFolder } from "./cached_repository.ts";
import { type CardConfig, readCard } from "./dataset_card.ts";
import {
  chooseFiles,
  type DatasetRequest,
  type FoundDataset,
  type HubWork,
  nameAt,
  README,
} from "./dataset_request.ts";
import { bytesToCome, downloadFiles, rememberCommit } from "./download.ts";
import type { DownloadWork } from "./download_work.ts";
import { hubProblem } from "./hub_problem.ts";
import { hubCommit, type HubFile, hubFiles, type HubRepository } from "./hub_repository.ts";
import { patientFetch } from "./patient_fetch.ts";
import { roomProblem } from "./room.ts";
import { MOST_TEXT_BYTES, readSmallText } from "./small_text.ts";
import { isNumbered } from "./usual_splits.ts";
import { cardTooLarge } from "./messages.ts";

/** A split on the hub, at the commit that the cache knows, else at the hub's newest. Throws Problem. */
export async function publishedDataset(
  request: DatasetRequest,
  revision: string | null,
  work: HubWork,
): Promise<FoundDataset> {
  const { kind, id } = request;
  const { hub } = work;
  const repository: HubRepository = { kind, id, hub, fetch: patientFetch(hub, work) };
  const reference = revision ?? "main";
  try {
    const known = cachedCommit(hub.cache, kind, id, revision)?.commit;
    const commit = known ?? await hubCommit(repository, reference);
    const listed = await hubFiles(repository, commit);
    const card = await fetchCard(repository, commit, listed, work);
    const paths = chooseFiles(listed.map(({ path }) => path), card, request, revision);
    const files = paths.flatMap((path) => listed.find((file) => file.path === path) ?? []);
    const fetched = fetchInTurn(repository, { reference, commit, files }, work);
    return { name: nameAt(request, commit, revision), files: reworded(fetched, request, repository) };
  } catch (error) {
    throw hubProblem(error, request, hub);
  }
}

/** Files of a commit that a branch, a tag or a commit is. */
interface Chosen {
  readonly reference: string;
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** One by one where a missing one would be noticed later; else together, so that the cache never holds a part. */
async function* fetchInTurn(
  repository: HubRepository,
  { reference, commit, files }: Chosen,
  work: DownloadWork,
): AsyncGenerator<string> {
  const { hub, kind, id } = repository;
  const snapshot = snapshotFolder(hub.cache, kind, id, commit);
  const batches = isNumbered(files.map(({ path }) => path)) ? files.map((file) => [file]) : [files];
  for (const batch of batches) {
    const missing = batch.filter(({ path }) => !isFile(inside(snapshot, path)));
    const need = bytesToCome(repository, commit, batch);
    const full = roomProblem(hub.cache, need, work.freeBytes?.(hub.cache) ?? null, `dataset ${id}`);
    if (full !== null) throw new Problem(full);
    if (missing.length > 0) work.say(`fetching ${id}: ${describe(missing)}`);
    const paths = await downloadFiles(repository, commit, batch, work);
    rememberCommit(repository, reference, commit);
    yield* paths;
  }
}

async function* reworded(
  files: AsyncIterable<string>,
  request: DatasetRequest,
  { hub }: HubRepository,
): AsyncGenerator<string> {
  try {
    yield* files;
  } catch (error) {
    throw hubProblem(error, request, hub);
  }
}

async function fetchCard(
  repository: HubRepository,
  commit: string,
  files: readonly HubFile[],
  work: DownloadWork,
): Promise<readonly CardConfig[]> {
  const readme = files.filter((file) => file.path === README);
  const large = readme.find(({ size_bytes }) => size_bytes > MOST_TEXT_BYTES);
  if (large !== undefined) {
    const size = bytesText(large.size_bytes);
    throw new Problem(cardTooLarge(repository.id, README, size, MOST_TEXT_BYTES / 2 ** 20));
  }
  const [path] = await downloadFiles(repository, commit, readme, { ...work, progress: () => {} });
  return path === undefined ? [] : readCard(readSmallText(path));
}

function describe(files: readonly HubFile[]): string {
  const bytes = files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const what = files.length === 1 ? files[0]?.path : `${files.length} files`;
  return `${what} (${(bytes / 1e6).toFixed(1)} MB)`;
}
