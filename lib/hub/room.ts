import { bytesText } from "../base/bytes.ts";
import { tooLittleSpace } from "./messages.ts";

/** What keeps a download from its beginning: too little space; null where it fits, or where nobody can tell. */
export function roomProblem(
  cache: string,
  need_bytes: number,
  free_bytes: number | null,
  names: string,
): string | null {
  if (free_bytes === null || free_bytes >= need_bytes) return null;
  return tooLittleSpace(cache, names, bytesText(need_bytes), bytesText(free_bytes));
}
