import { SaveError } from "../../storage/save_error.ts";
import { SAVED_SUBMISSION } from "./messages.ts";

/** Does what writes a submission into its directory. Throws SaveError where the system does not let it. */
export function saving<T>(dir: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new SaveError(SAVED_SUBMISSION, dir, error);
  }
}
