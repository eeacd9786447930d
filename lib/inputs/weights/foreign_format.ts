/** What a file is that is not what its name says, told by its first bytes. */
export type ForeignFormat =
  | "empty"
  | "lfs_pointer"
  | "web_page"
  | "safetensors"
  | "zip"
  | "pickle"
  | "old_ggml"
  | "gzip"
  | "xz"
  | "zstd"
  | "json";

/** As many bytes of a file as {@link foreignFormat} looks at. */
export const HEAD_BYTES = 512;

const STARTS: readonly (readonly [format: ForeignFormat, isOne: (text: string) => boolean])[] = [
  ["lfs_pointer", (text) => text.startsWith("version https://git-lfs")],
  ["web_page", (text) => /^(\xef\xbb\xbf)?\s*<(!doctype|html|head|\?xml|!--)/i.test(text)],
  ["zip", (text) => text.startsWith("PK\x03\x04")],
  ["pickle", (text) => text.startsWith("\x80") && ["\x02", "\x03", "\x04", "\x05"].includes(text[1] ?? "")],
  ["old_ggml", (text) => /^(lmgg|tjgg|fmgg|algg|ggml|ggjt|ggmf|ggla)/.test(text)],
  ["gzip", (text) => text.startsWith("\x1f\x8b")],
  ["xz", (text) => text.startsWith("\xfd7zXZ")],
  ["zstd", (text) => text.startsWith("\x28\xb5\x2f\xfd")],
  // The length of its JSON header as 64 bits, and its beginning.
  ["safetensors", (text) => text.slice(5, 9) === "\0\0\0{"],
  ["json", (text) => /^\s*[{[]/.test(text)],
];

/** Null where the bytes are of none of these formats. */
export function foreignFormat(head: Uint8Array): ForeignFormat | null {
  if (head.length === 0) return "empty";
  const text = Array.from(head, (byte) => String.fromCharCode(byte)).join("");
  return STARTS.find(([, isOne]) => isOne(text))?.[0] ?? null;
}
