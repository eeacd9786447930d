/** What surrounds downloads: who stops them, hears of them, and keeps two programs from the same file. */

/** An exclusive lock on a file as its taker sees it; the text of `busy` says who has it, as far as that is known. */
export type LockTry =
  | { readonly kind: "held"; readonly lock: Disposable }
  | { readonly kind: "busy"; readonly owner: string }
  | { readonly kind: "refused" };

/** How far downloads have come. */
export interface DownloadState {
  readonly done_bytes: number;
  readonly total_bytes: number;
  /** Null in the first moments. */
  readonly bytes_per_s: number | null;
}

/** How patient requests and downloads are. */
export interface Pace {
  /** A hub that says nothing for so long, in the middle of a file too, is taken for unreachable. */
  readonly silence_ms: number;
  /** How often something is tried again that has brought nothing new. */
  readonly retries: number;
  /** The pause before the first of these; it doubles from one to the next, with up to as much again at random. */
  readonly first_pause_ms: number;
  readonly longest_pause_ms: number;
  /** Whoever asks for a longer pause (Retry-After) is not waited for. */
  readonly longest_retry_after_ms: number;
  /** How often a file that another program downloads is looked at. */
  readonly look_ms: number;
  /** Another program's download that does not grow for so long is not waited for. */
  readonly idle_ms: number;
}

export const USUAL_PACE: Pace = {
  silence_ms: 30_000,
  retries: 6,
  first_pause_ms: 1_000,
  longest_pause_ms: 30_000,
  longest_retry_after_ms: 600_000,
  look_ms: 500,
  idle_ms: 60_000,
};

/** How to look for something at the hub. */
export interface DownloadWork {
  /** Ends requests and downloads. What has come of a file stays, and is gone on with. */
  readonly signal: AbortSignal;
  /** Tells people what takes long. */
  readonly say: (line: string) => void;
  /** Hears how far downloads are, several times a second; null when they have ended. */
  readonly progress?: (state: DownloadState | null) => void;
  /** Takes a lock file, or says at once that it cannot be had. Without it nothing is locked. */
  readonly tryLock?: (path: string) => LockTry;
  /** Bytes that the file system of a folder has left; null where it does not tell. Without it any file is begun. */
  readonly freeBytes?: (folder: string) => number | null;
  /** The usual one where it is left out. */
  readonly pace?: Pace;
}
