import { bytesText } from "../base/bytes.ts";
import { Problem } from "../base/problem.ts";
import { smallFileTooLarge } from "./messages.ts";

/** The most of an answer of the hub's API, or of a small file, that is read into memory at once. */
export const MOST_TEXT_BYTES = 64 * 2 ** 20;

/** A small file whole. Throws Problem for one that is larger than such files are, and what the disk threw. */
export function readSmallText(path: string): string {
  const { size } = Deno.statSync(path);
  if (size > MOST_TEXT_BYTES) {
    throw new Problem(smallFileTooLarge(path, bytesText(size), MOST_TEXT_BYTES / 2 ** 20));
  }
  return Deno.readTextFileSync(path);
}
