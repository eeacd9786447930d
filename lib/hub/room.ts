import { bytesText } from "../base/bytes.ts";

/** What keeps a download from its beginning: too little space; null where it fits, or where nobody can tell. */
export function roomProblem(
  cache: string,
  need_bytes: number,
  free_bytes: number | null,
  names: string,
): string | null {
  if (free_bytes === null || free_bytes >= need_bytes) return null;
  return `too little space in ${cache} to download ${names}: ${bytesText(need_bytes)} needed, ` +
    `${bytesText(free_bytes)} free. Free some, or set HF_HUB_CACHE to a folder on another disk.`;
}
