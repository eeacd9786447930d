import { removeIfThere } from "../base/files.ts";
import { HubRefusal, HubUnreachable } from "./hub_fetch.ts";
import type { HubFile } from "./hub_repository.ts";
import { type KnownPart, PartialFile } from "./partial_file.ts";
import { downloadCutShort } from "./messages.ts";

/** What came is not the file. */
export class DamagedDownload extends HubUnreachable {
  constructor(url: string, readonly was_resumed: boolean) {
    super(`${url} came damaged`);
  }
}

/** Where a file's bytes come from, and what earlier tries have learned. */
export interface PartSource {
  readonly url: string;
  readonly file: HubFile;
  readonly cache: string;
  readonly fetch: typeof fetch;
  known: KnownPart | null;
  /** The ETag of the answer that the bytes so far came with; null where that is not known. */
  etag: string | null;
}

const PARTIAL = 206;
const RANGE_NOT_SATISFIABLE = 416;

/**
 * Gets what is missing of a file, and makes sure that all of it is right. `at` hears how much is there. Throws
 * DamagedDownload, after which nothing of it is left, what hubFetch() throws, Problem, and the signal's reason.
 */
export async function fillPart(
  path: string,
  source: PartSource,
  signal: AbortSignal,
  at: (bytes: number, isGain: boolean) => void,
): Promise<void> {
  const { file, cache, url } = source;
  using part = await PartialFile.open(path, { cache, expected: file, known: source.known, signal });
  at(part.size, false);
  const found = part.size;
  try {
    if (!part.isWhole) await receive(part, source, signal, at);
  } finally {
    source.known = part.known();
  }
  if (!part.isWhole && part.size < file.size_bytes) {
    throw new HubUnreachable(downloadCutShort(url, part.size, file.size_bytes));
  }
  if (!part.isWhole || !part.isRight) {
    removeIfThere(path);
    source.known = null;
    source.etag = null;
    throw new DamagedDownload(url, found > 0);
  }
  await part.sync();
}

async function receive(
  part: PartialFile,
  source: PartSource,
  signal: AbortSignal,
  at: (bytes: number, isGain: boolean) => void,
): Promise<void> {
  const response = await ask(part, source, signal);
  if (part.size > 0 && !continues(response, part.size, source)) {
    part.restart();
    at(0, false);
  }
  source.etag = strongEtag(response);
  for await (const chunk of response.body ?? []) {
    part.append(chunk);
    at(part.size, true);
    // More than there is cannot be right.
    if (part.size > source.file.size_bytes) return;
  }
}

async function ask(part: PartialFile, source: PartSource, signal: AbortSignal): Promise<Response> {
  const { url, fetch, etag } = source;
  // The bytes themselves: a part of something packed is of no use.
  const plain = { "Accept-Encoding": "identity" };
  if (part.size === 0) return await fetch(url, { headers: plain, signal });
  const range = { ...plain, Range: `bytes=${part.size}-`, ...etag === null ? {} : { "If-Range": etag } };
  try {
    return await fetch(url, { headers: range, signal });
  } catch (error) {
    if (!(error instanceof HubRefusal) || error.status !== RANGE_NOT_SATISFIABLE) throw error;
    return await fetch(url, { headers: plain, signal });
  }
}

/** True where the answer goes on at the end of what is there. */
function continues(response: Response, size: number, { file, etag }: PartSource): boolean {
  if (response.status !== PARTIAL) return false;
  const range = /^bytes (\d+)-\d*\/(\d+|\*)$/.exec(response.headers.get("Content-Range") ?? "");
  if (range === null || Number(range[1]) !== size) return false;
  if (range[2] !== "*" && Number(range[2]) !== file.size_bytes) return false;
  const now = strongEtag(response);
  return etag === null || now === null || now === etag;
}

/** Null for one that is weak: it promises no bytes. */
function strongEtag(response: Response): string | null {
  const etag = response.headers.get("ETag");
  return etag === null || etag.startsWith("W/") ? null : etag;
}
