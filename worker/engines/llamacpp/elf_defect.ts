import { ELF_DEFECT } from "./messages.ts";

const HEADER_BYTES = 64;
/** Offsets in a 64-bit ELF header: where the section table lies, the size of an entry, and their number. */
const SECTION_TABLE_AT = 40;
const ENTRY_BYTES_AT = 58;
const ENTRY_COUNT_AT = 60;

/**
 * Why a file cannot be a whole shared library, or null. The section table is the last thing in such a file, so one
 * that ends before it was cut short; the loader would map what is not there and end the process with SIGBUS.
 */
export function findElfDefect(path: string): string | null {
  using file = Deno.openSync(path);
  const header = new Uint8Array(HEADER_BYTES);
  if ((file.readSync(header) ?? 0) < HEADER_BYTES) return ELF_DEFECT.short;
  const view = new DataView(header.buffer);
  if (view.getUint32(0) !== 0x7f454c46) return ELF_DEFECT.other; // 0x7f "ELF"
  const tableEnd = Number(view.getBigUint64(SECTION_TABLE_AT, true)) +
    view.getUint16(ENTRY_BYTES_AT, true) * view.getUint16(ENTRY_COUNT_AT, true);
  const { size } = file.statSync();
  return size < tableEnd ? ELF_DEFECT.cut(size, tableEnd) : null;
}
