import { CommandError, EXIT } from "../base/refusal.ts";
import { freeSpace } from "../storage/free_space.ts";
import { mebibytes } from "../archive/messages.ts";
import { tooLittleSpace } from "../archive/study_space.ts";
import { littleSpace, notEnoughSpace } from "./messages.ts";
import type { EmitSession } from "./session_event.ts";

/** Below this a user wants to know: logs and requests can take megabytes a run. */
const PLENTY_BYTES = 1024 ** 3;

/**
 * Refuses before the first run what would surely find the disk full later; warns where there is little left. `folder`
 * need not exist yet; a new study may go elsewhere. Throws CommandError.
 */
export function checkSpace(
  folder: string,
  runs: number,
  { isNew, emit }: { readonly isNew: boolean; readonly emit: EmitSession },
): void {
  const free = freeSpace(folder);
  if (free === null) return;
  const state = tooLittleSpace(free, runs);
  if (state !== null) {
    throw new CommandError(EXIT.notSaved, notEnoughSpace(folder, state, isNew));
  }
  if (free.bytes < PLENTY_BYTES) {
    emit({
      type: "notice",
      level: "routine",
      text: littleSpace(folder, mebibytes(free.bytes)),
    });
  }
}
