import { bytesText } from "../base/bytes.ts";
import { formatDuration } from "../base/duration.ts";
import type { DownloadState } from "../hub/download_work.ts";

/** `1.2 GB of 3.4 GB (35 %), 45.3 MB/s, 48s left`. */
export function downloadText({ done_bytes, total_bytes, bytes_per_s }: DownloadState): string {
  const share = total_bytes === 0 ? 100 : Math.floor(100 * done_bytes / total_bytes);
  const soFar = `${bytesText(done_bytes)} of ${bytesText(total_bytes)} (${share} %)`;
  if (bytes_per_s === null) return soFar;
  const rate = `${bytesText(Math.round(bytes_per_s))}/s`;
  if (bytes_per_s <= 0) return `${soFar}, ${rate}`;
  const leftS = Math.ceil((total_bytes - done_bytes) / bytes_per_s);
  return `${soFar}, ${rate}, ${formatDuration(leftS)} left`;
}
