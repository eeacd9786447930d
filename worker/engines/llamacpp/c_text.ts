/** Bytes that C may read: the memory must not be shared or resizable. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A C string: UTF-8 and a final zero. */
export function toCString(text: string): Bytes {
  return new TextEncoder().encode(text + "\0");
}

/** The text at a `const char *`; empty for NULL. */
export function fromCString(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

/** The same memory as bytes, for a call that takes a buffer. */
export function asBytes(view: ArrayBufferView<ArrayBuffer>): Bytes {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
