/** The variables of this process, of which some may hold bytes that are no text. */

/** The value of a variable; undefined where it is not set or not UTF-8, as in Deno.env.toObject(). */
export function ownVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.InvalidData) return undefined;
    throw error;
  }
}

/** Names of the variables that are not UTF-8, in name or value, as this process began; bytes that are no text are U+FFFD. */
export function unreadableVariables(): string[] {
  const strict = new TextDecoder("utf-8", { fatal: true });
  const entries: string[] = [];
  for (const bytes of split(Deno.readFileSync("/proc/self/environ"), 0)) {
    try {
      strict.decode(bytes);
    } catch {
      entries.push(new TextDecoder().decode(bytes));
    }
  }
  return entries.map((entry) => entry.split("=", 1)[0] ?? entry);
}

function* split(bytes: Uint8Array, separator: number): Generator<Uint8Array> {
  let start = 0;
  for (let end = bytes.indexOf(separator); end !== -1; end = bytes.indexOf(separator, start)) {
    yield bytes.subarray(start, end);
    start = end + 1;
  }
  yield bytes.subarray(start);
}
