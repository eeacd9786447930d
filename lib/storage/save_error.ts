import { cannotSave, type SaveFailure, saveReason } from "./messages.ts";

/**
 * Something that is the product (a result, the journal, the study directory) could not be saved. It stops the
 * study with an exit code of its own.
 */
export class SaveError extends Error {
  override readonly name = "SaveError";
  readonly path: string;

  constructor(what: string, path: string, cause: unknown) {
    super(cannotSave(what, path, reason(cause)), { cause });
    this.path = path;
  }
}

/** What the system said, with a remedy where there is a usual one. */
function reason(cause: unknown): string {
  const failure = failureOf(cause);
  return failure === null ? (cause as Error).message : saveReason(failure);
}

function failureOf(cause: unknown): SaveFailure | null {
  const { message } = cause as Error;
  const code = (cause as { code?: string }).code ?? "";
  if (code === "ENOSPC" || message.includes("os error 28")) return "ENOSPC";
  if (code === "EDQUOT" || message.includes("os error 122")) return "EDQUOT";
  if (code === "EROFS" || message.includes("os error 30")) return "EROFS";
  if (code === "EIO" || message.includes("os error 5)")) return "EIO";
  if (cause instanceof Deno.errors.PermissionDenied) return "EACCES";
  if (cause instanceof Deno.errors.NotADirectory) return "ENOTDIR";
  return null;
}
