import { basename, dirname, join } from "node:path";
import { pause } from "../base/abort.ts";
import { monotonicMs } from "../base/clock.ts";
import { isFile } from "../base/files.ts";
import { type DownloadWork, USUAL_PACE } from "./download_work.ts";

/** Where a file of the cache goes, and what keeps two programs from it. */
export interface BlobPlace {
  readonly blob: string;
  /** What has come so far. Older huggingface_hub uses the same name, newer one of its own for each try. */
  readonly part: string;
  /** The same where it cannot be had alone: a name that nobody else uses. */
  readonly own: string;
  /** The same that huggingface_hub takes. */
  readonly lock: string;
}

/** The bytes are there by now; or they are ours to get, into `part`, until the turn is disposed. */
export type Turn = { readonly kind: "done" } | { readonly kind: "ours"; readonly part: string } & Disposable;

/** What happens while somebody else has the turn. */
export interface TurnListener {
  /** Somebody else downloads it, as far as known who. */
  readonly onWait: (owner: string) => void;
  /** Their part has so many bytes now. */
  readonly onGrowth: (bytes: number) => void;
  /** They get no further: it is downloaded beside them. */
  readonly onGiveUp: () => void;
}

/**
 * Waits until nobody else downloads the same file. Nobody is waited for who gets no further: a part of one's own is begun
 * beside theirs then, as where locks cannot be had. Throws the signal's reason.
 */
export async function takeTurn(place: BlobPlace, work: DownloadWork, listener: TurnListener): Promise<Turn> {
  const { signal, tryLock, pace = USUAL_PACE } = work;
  const own: Turn = { kind: "ours", part: place.own, [Symbol.dispose]: () => {} };
  let before = -1;
  let sinceMs = monotonicMs();
  for (let looks = 0;; looks++) {
    signal.throwIfAborted();
    if (isFile(place.blob)) return { kind: "done" };
    const attempt = tryLock === undefined ? { kind: "refused" } as const : lockAt(place.lock, tryLock);
    if (attempt.kind === "refused") return own;
    if (attempt.kind === "held") {
      // It may have been done between the two looks.
      if (!isFile(place.blob)) {
        return {
          kind: "ours",
          part: place.part,
          [Symbol.dispose]: () => attempt.lock[Symbol.dispose](),
        };
      }
      attempt.lock[Symbol.dispose]();
      return { kind: "done" };
    }
    if (looks === 0) listener.onWait(attempt.owner);
    const size = bytesOfParts(place.blob);
    if (size !== before) {
      before = size;
      sinceMs = monotonicMs();
      listener.onGrowth(size);
    } else if (monotonicMs() - sinceMs >= pace.idle_ms) {
      listener.onGiveUp();
      return own;
    }
    await pause(pace.look_ms, signal);
  }
}

function lockAt(path: string, tryLock: NonNullable<DownloadWork["tryLock"]>): ReturnType<typeof tryLock> {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
  } catch {
    return { kind: "refused" };
  }
  return tryLock(path);
}

/** Whatever others call their parts. */
function bytesOfParts(blob: string): number {
  try {
    const names = [...Deno.readDirSync(dirname(blob))].map(({ name }) => name);
    const parts = names.filter((name) =>
      name.startsWith(`${basename(blob)}.`) && name.endsWith(".incomplete")
    );
    return parts.reduce((sum, name) => sum + Deno.statSync(join(dirname(blob), name)).size, 0);
  } catch {
    // One of them is whole by now.
    return 0;
  }
}
