/** The texts of lib/session/submit for people. */
import { plural } from "../../base/text.ts";
import { shellWord } from "../../base/shell_word.ts";

export function damagedSubmission(path: string): string {
  return `${path} cannot be understood; was it made by a newer llem?`;
}
