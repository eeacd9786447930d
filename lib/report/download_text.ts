import type { DownloadState } from "../hub/download_work.ts";
import { downloadProgress } from "./messages.ts";

/** How far a download is: its bytes, its rate and its end, as far as they are known. */
export function downloadText({ done_bytes, total_bytes, bytes_per_s }: DownloadState): string {
  const left_s = bytes_per_s === null || bytes_per_s <= 0
    ? null
    : Math.ceil((total_bytes - done_bytes) / bytes_per_s);
  return downloadProgress({ done_bytes, total_bytes }, bytes_per_s, left_s);
}
