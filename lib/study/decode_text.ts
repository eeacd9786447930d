import type { Issue } from "../base/issue.ts";
import { fileTooLarge, isBinary, type IssueText, isUtf16, notUtf8 } from "./messages.ts";
import { fileText, issueAt, type SourceText } from "./source_text.ts";

/** Larger files are refused: reading one takes a hundred times its size in memory, and nobody writes one by hand. */
const LARGEST_MIB = 10;
const LARGEST_BYTES = LARGEST_MIB * 1024 * 1024;

/** The text of a file, or why it is none. A byte order mark is dropped. */
export function decodeText(name: string, content: string | Uint8Array): SourceText | Issue {
  const bytes = typeof content === "string" ? null : content;
  if (content.length > LARGEST_BYTES) {
    const size = (Math.ceil(content.length / 1024 / 102.4) / 10).toFixed(1);
    return refusal(name, "", fileTooLarge(size, LARGEST_MIB));
  }
  if (bytes !== null && looksUtf16(bytes)) return refusal(name, "", isUtf16());
  if (typeof content === "string" ? content.includes("\0") : content.includes(0)) {
    return refusal(name, "", isBinary());
  }
  const text = bytes === null ? String(content) : decodeUtf8(bytes, false);
  if (text !== null) return fileText(name, text.replace(/^\uFEFF/, ""));
  return refuseEncoding(name, bytes ?? new Uint8Array());
}

/** Says where the first byte is that is not UTF-8. */
function refuseEncoding(name: string, bytes: Uint8Array): Issue {
  const before = validStart(bytes);
  const byte = bytes[new TextEncoder().encode(before).length] ?? 0;
  const found = `0x${byte.toString(16).padStart(2, "0")}`;
  return refusal(name, before, notUtf8(found));
}

function refusal(name: string, before: string, text: string | IssueText): Issue {
  return issueAt({ source: fileText(name, before), offset: before.length }, "", text);
}

/** The text before the first byte that is not UTF-8, found by bisection. */
function validStart(bytes: Uint8Array): string {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (decodeUtf8(bytes.subarray(0, middle), true) !== null) low = middle;
    else high = middle - 1;
  }
  return decodeUtf8(bytes.subarray(0, low), true) ?? "";
}

/** Null where the bytes are not UTF-8; `partial` text may end inside a character. */
function decodeUtf8(bytes: Uint8Array, partial: boolean): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: partial });
  } catch {
    return null;
  }
}

function looksUtf16(bytes: Uint8Array): boolean {
  const [first, second, third, fourth] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  // Without a mark: every other byte of plain letters is 0.
  const isLittle = first !== 0 && second === 0 && third !== 0 && fourth === 0;
  return isLittle || (first === 0 && second !== 0 && third === 0 && fourth !== 0);
}
