/** `trouble` says why the hub does not provide it, and ends the sentence. */
export function notInCache(kind: string, id: string, folder: string, trouble: string): string {
  return `${kind} ${id} is not, or not completely, in the hub cache (${folder}), and ${trouble}`;
}

/** What can be done without a network; `instead` ends a sentence that begins with `or`. */
export function withoutNetwork(
  { kind, id, revision, instead }: {
    readonly kind: string;
    readonly id: string;
    readonly revision: string | null;
    readonly instead: string;
  },
  cache: string,
): string {
  const type = kind === "model" ? "" : `--repo-type ${kind} `;
  const at = revision === null ? "" : ` --revision ${revision}`;
  return `run \`hf download ${type}${id}${at}\` on a machine with network and copy its cache to ${cache}, or ` +
    `${instead}.`;
}

export function answersWith(url: string, detail: string): string {
  return `${url} answers with ${detail}`;
}

export function offlineForbids(variable: string, endpoint: string): string {
  return `${variable} forbids asking ${endpoint}`;
}

export function unsetOffline(message: string, alternative: string): string {
  return `${message}. Unset it, or ${alternative}`;
}

export function fixConnection(message: string, alternative: string): string {
  return `${message}. Fix the connection, or ${alternative}`;
}

export function noSuchRepository(endpoint: string, kind: string, detail: string, hasToken: boolean): string {
  return `${endpoint} has no such ${kind} (${detail}). Correct the name` +
    (hasToken ? "; or HF_TOKEN has no access to it." : "; for a private one set HF_TOKEN.");
}

export function noSuchRevision(page: string, detail: string): string {
  return `${page} has no such branch, tag or commit (${detail}). Correct the revision.`;
}

export function gatedRepository(page: string, detail: string, hasToken: boolean): string {
  return `${page} is gated or private (${detail}). Accept its terms at ${page} and set HF_TOKEN to a token of ` +
    `the account that did${hasToken ? "; the current one has no access" : ""}.`;
}

export function tokenRefused(endpoint: string, detail: string): string {
  return `${endpoint} refuses the token (${detail}). Set HF_TOKEN to a valid one.`;
}

export function hubAnswers(endpoint: string, detail: string, alternative: string): string {
  return `${endpoint} answers with ${detail}. Try again later, or ${alternative}`;
}

export function hubRetry(endpoint: string, detail: string, pauseMs: number): string {
  return `${endpoint} answers with ${detail}; trying again in ${(pauseMs / 1000).toFixed(1)} s`;
}

export function hubUnreachable(endpoint: string, reason: string, isCertificate: boolean): string {
  const hint = isCertificate ? "; SSL_CERT_FILE names a file with more certificates to trust" : "";
  return `${endpoint} cannot be reached (${reason}${hint})`;
}

export function redirectNotHttp(): string {
  return "it redirects to an address that is not http(s)";
}

export function notAHub(endpoint: string, fault: string): string {
  return `${endpoint} does not answer like a hub (${fault})`;
}

/** What is wrong with an answer of the hub; `found` is what stands there. */
export const ANSWER_FAULT = {
  commit: (found: string): string => `its commit is ${found}`,
  kind: (found: string): string => `it is ${found}`,
  listing: (found: string): string => `its list of files is ${found}`,
  entry: (found: string): string => `a file of its list is ${found}`,
  name: (found: string): string => `a file of its list is named ${found}`,
  size: (file: string, found: string): string => `it gives the size of ${file} as ${found}`,
  hash: (file: string, found: string): string => `it gives the hash of ${file} as ${found}`,
  storage: (file: string, found: string): string => `it gives the storage of ${file} as ${found}`,
} as const;

export function answerTooLong(mostMiB: number): string {
  return `it is longer than ${mostMiB} MiB`;
}

export function pagesInCircle(): string {
  return "its pages form a circle";
}

export function tooManyPages(most: number): string {
  return `it has more than ${most} pages`;
}

export function pageWithoutAddress(): string {
  return "its next page has no valid address";
}

export function pageOnOtherHost(host: string): string {
  return `its next page is on another host, ${host}`;
}

export function smallFileTooLarge(path: string, size: string, mostMiB: number): string {
  return `${path} has ${size}; cards and indexes are read up to ${mostMiB} MiB.`;
}

export function tooLittleSpace(cache: string, names: string, needed: string, free: string): string {
  return `too little space in ${cache} to download ${names}: ${needed} needed, ${free} free. ` +
    "Free some, or set HF_HUB_CACHE to a folder on another disk.";
}

export function cachedPartUnusable(cached: string, published: string): string {
  return `In the cache, ${cached} If the cache is incomplete: ${published}`;
}

export function cardHeadTooLong(mostMiB: number): string {
  return `The metadata of the dataset's card (README.md) is longer than ${mostMiB} MiB. ` +
    "Name another dataset, or a file (dataset: { jsonl: FILE }).";
}

export function cardTooLarge(dataset: string, card: string, size: string, mostMiB: number): string {
  return `dataset ${dataset}: the size of its card ${card} is ${size} according to the hub; ` +
    `cards are read up to ${mostMiB} MiB. Name another dataset.`;
}

export function cacheUnreadable(path: string, reason: string): string {
  return `Cannot read ${path}: ${reason}. Make it readable for you, or name another cache with HF_HUB_CACHE.`;
}

export function cacheUnwritable(cache: string, reason: string): string {
  return `Cannot write to the hub cache ${cache}: ${reason}. ` +
    "Make it writable, or name another folder with HF_HUB_CACHE.";
}

export function fileNameRefused(name: string): string {
  return `The hub names a file ${JSON.stringify(name)}, which is not a valid file name.`;
}

export function downloadCutShort(url: string, received: number, expected: number): string {
  return `${url} ended after ${received} of ${expected} bytes`;
}

export function downloadRetry(file: string, reason: string, pauseMs: number): string {
  return `${file}: ${reason}; trying again in ${(pauseMs / 1000).toFixed(1)} s`;
}

export function waitingForDownload(file: string, owner: string): string {
  return `${file}: waiting for ${owner} to download it`;
}

export function takingOverDownload(file: string): string {
  return `${file}: the other download makes no progress; starting our own`;
}

export function noSuchSplit(dataset: string, split: string, available: string): string {
  return `${dataset} has no split "${split}". It has: ${available}.`;
}

export function noSuchSubset(dataset: string, subset: string, available: string): string {
  return `${dataset} has no subset "${subset}". It has: ${available}.`;
}

export function noSuchSubsetFolder(dataset: string, subset: string, folders: string): string {
  return `${dataset} has no subset "${subset}": no card declares it, and there is no folder of that name ` +
    `(folders: ${folders}).`;
}

export function severalSubsets(dataset: string, available: string): string {
  return `${dataset} has several subsets: ${available}. Name one: dataset: { hub: ..., subset: NAME }.`;
}

export function noReadableFiles(dataset: string, files: string): string {
  return `${dataset} has no file for this split that llem can read (.parquet, .jsonl, .json); there are: ` +
    `${files}. Convert it to lines of {"prompt": "..."} and use dataset: { jsonl: FILE }.`;
}
