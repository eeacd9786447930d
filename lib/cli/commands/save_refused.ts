import { CommandError, EXIT } from "../../base/refusal.ts";
import { SaveError } from "../../storage/save_error.ts";

/** Does what a command does; what cannot be saved ends it as a refusal. Throws CommandError in place of SaveError. */
export async function refusingUnsaved<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof SaveError)) throw error;
    throw new CommandError(EXIT.notSaved, error.message);
  }
}
