/** Files and folders that only their owner can open. */

/** All that others may be allowed. */
const OF_OTHERS = 0o077;

/**
 * Until it is disposed of, whatever this process and the programs that it starts make is for its owner alone: files of
 * mode 600, folders of mode 700, whatever the umask was.
 */
export function onlyForOwner(): Disposable {
  const before = Deno.umask(OF_OTHERS);
  return { [Symbol.dispose]: () => void Deno.umask(before) };
}

/** The same where a folder is for its owner alone; nothing elsewhere, or where that cannot be told. */
export function asPrivateAs(folder: string): Disposable {
  return isPrivate(folder) ? onlyForOwner() : { [Symbol.dispose]: () => {} };
}

function isPrivate(folder: string): boolean {
  try {
    const { mode } = Deno.statSync(folder);
    return mode !== null && (mode & OF_OTHERS) === 0;
  } catch {
    return false;
  }
}
