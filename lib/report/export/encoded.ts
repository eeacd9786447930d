const ENCODER = new TextEncoder();

/** A text as UTF-8. */
export function encoded(text: string): Uint8Array {
  return ENCODER.encode(text);
}
