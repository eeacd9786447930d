import { removeLostFolder } from "../launch/temporary_folder.ts";
import { removeSharedMemory } from "../process/shared_memory.ts";

/** What a journal says of a process whose runner died. */
interface LostFiles {
  readonly tag: string;
  readonly temporary?: string | undefined;
  /** When it was about to be started. */
  readonly at: string;
}

/** Removes what the dead have left outside the study directory; `mapped` is shared memory that they had before they died. */
export async function removeLostFiles(
  { tag, temporary, at }: LostFiles,
  mapped: readonly string[],
): Promise<void> {
  removeSharedMemory({ tag, mapped, since_ms: Date.parse(at) });
  if (temporary !== undefined) await removeLostFolder(temporary);
}
