/**
 * Something that is the product (a result, the journal, the study directory) could not be saved. It stops the
 * study with an exit code of its own.
 */
export class SaveError extends Error {
  override readonly name = "SaveError";
  readonly path: string;

  constructor(what: string, path: string, cause: unknown) {
    super(`Cannot save ${what} ${path}: ${reason(cause)}`, { cause });
    this.path = path;
  }
}

/** What the system said, with a remedy where there is a usual one. */
function reason(cause: unknown): string {
  const { message } = cause as Error;
  const code = (cause as { code?: string }).code ?? "";
  if (code === "ENOSPC" || message.includes("os error 28")) {
    return "no space left on the device. Free some, then resume or start again.";
  }
  if (code === "EDQUOT" || message.includes("os error 122")) {
    return "disk quota exceeded. Free some, then resume or start again.";
  }
  if (code === "EROFS" || message.includes("os error 30")) {
    return "the file system is read-only. Make it writable, or choose another folder with -o.";
  }
  if (code === "EIO" || message.includes("os error 5)")) {
    return "the device failed (input/output error). See the system's log, then resume or choose another folder with -o.";
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return "permission denied. Choose a folder you may write with -o.";
  }
  if (cause instanceof Deno.errors.NotADirectory) {
    return "a part of the path is a file, not a folder. Choose another with -o.";
  }
  return message;
}
