import { type DownloadWork, type LockTry, USUAL_PACE } from "../hub/download_work.ts";
import { freeSpace } from "../storage/free_space.ts";
import { trySharedLock } from "../storage/lock.ts";
import type { InputsContext } from "./inputs_context.ts";
import { anotherProgram } from "./messages.ts";

/** What surrounds downloads for the inputs of a study. */
export function downloadWork({ signal, say, progress, pace = USUAL_PACE }: InputsContext): DownloadWork {
  const freeBytes = (folder: string): number | null => freeSpace(folder)?.bytes ?? null;
  return { signal, say, pace, tryLock, freeBytes, ...progress === undefined ? {} : { progress } };
}

function tryLock(path: string): LockTry {
  const attempt = trySharedLock(path, `process ${Deno.pid} of llem`);
  switch (attempt.kind) {
    case "held":
      return attempt;
    case "busy":
      // The hub's own tools leave it empty.
      return { kind: "busy", owner: /^process \d+ of llem$/.exec(attempt.owner)?.[0] ?? anotherProgram() };
    case "refused":
      return { kind: "refused" };
  }
}
