/**
 * Makes a compiled program look at its arguments before its runtime does: see x86_64.S, whose machine code stands in
 * x86_64.hex. The code goes where the program has nothing but traps (the filling between two of its functions), and the
 * program begins there. Nothing is moved and the file keeps its length.
 *
 * Usage: patch_entry.ts PROGRAM
 */

/** Offsets in the header and in program headers of a 64-bit ELF file, in bytes (`man 5 elf`). */
const E_MACHINE = 18;
const E_ENTRY = 24;
const E_PHOFF = 32;
const E_PHENTSIZE = 54;
const E_PHNUM = 56;
const P_FLAGS = 4;
const P_OFFSET = 8;
const P_VADDR = 16;
const P_FILESZ = 32;

const EM_X86_64 = 62;
const PT_LOAD = 1;
const PF_X = 1;
/** int3, with which linkers and V8 fill the text. */
const TRAP = 0xcc;
/** Traps that stay on both sides of what is put between them. */
const MARGIN = 4;
/** The jump's operand: a signed distance from the byte after it. */
const OPERAND = 4;

/** What a program of that kind cannot have; the program is as it was. */
export class UnpatchableError extends Error {}

/** The machine code, as its last bytes an empty operand of the jump to the program. */
export function entryCode(): Uint8Array {
  const hex = Deno.readTextFileSync(new URL("x86_64.hex", import.meta.url)).replaceAll("\n", "");
  return Uint8Array.fromHex(hex);
}

/** Puts the code in front of the program, in place. Throws UnpatchableError. */
export function patchEntry(program: Uint8Array, code: Uint8Array): void {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  if (view.getUint32(0) !== 0x7f454c46 || view.getUint16(E_MACHINE, true) !== EM_X86_64) {
    throw new UnpatchableError("not a program for x86-64");
  }
  for (const { offset, address, bytes } of executableSegments(view)) {
    const text = program.subarray(offset, offset + bytes);
    const at = findTraps(text, code.length + 2 * MARGIN);
    if (at === null) continue;
    const start = at + MARGIN;
    text.set(code, start);
    const entry = Number(view.getBigUint64(E_ENTRY, true));
    view.setInt32(
      offset + start + code.length - OPERAND,
      entry - (address + start + code.length),
      true,
    );
    view.setBigUint64(E_ENTRY, BigInt(address + start), true);
    return;
  }
  throw new UnpatchableError(`no ${code.length} bytes of filling in its text`);
}

interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

function executableSegments(view: DataView): Segment[] {
  const first = Number(view.getBigUint64(E_PHOFF, true));
  const size = view.getUint16(E_PHENTSIZE, true);
  return Array.from({ length: view.getUint16(E_PHNUM, true) }, (_, i) => first + i * size)
    .filter((at) => view.getUint32(at, true) === PT_LOAD && (view.getUint32(at + P_FLAGS, true) & PF_X) !== 0)
    .map((at) => ({
      offset: Number(view.getBigUint64(at + P_OFFSET, true)),
      address: Number(view.getBigUint64(at + P_VADDR, true)),
      bytes: Number(view.getBigUint64(at + P_FILESZ, true)),
    }));
}

/** Where the first run of at least so many traps begins. */
function findTraps(text: Uint8Array, length: number): number | null {
  for (let at = text.indexOf(TRAP); at !== -1; at = text.indexOf(TRAP, at)) {
    let end = at;
    while (text[end] === TRAP) end++;
    if (end - at >= length) return at;
    at = end;
  }
  return null;
}

if (import.meta.main) {
  const [path = ""] = Deno.args;
  const program = Deno.readFileSync(path);
  patchEntry(program, entryCode());
  Deno.writeFileSync(path, program);
}
