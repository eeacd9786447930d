/** Why an attribute of sysfs gave nothing. */
export interface SysfsFailure {
  /** `permission`: its mode keeps us out. `gone`: no such attribute or device. `other`: the driver refused. */
  readonly why: "permission" | "gone" | "other";
  /** The system's own words, with the path. */
  readonly text: string;
}

/** An attribute's text without the white space around it, or why there is none. Never throws. */
export function readAttribute(path: string): string | SysfsFailure {
  const bytes = readBinary(path);
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes).trim() : bytes;
}

/** A binary attribute, or why there is none. Never throws. */
export function readBinary(path: string): Uint8Array<ArrayBuffer> | SysfsFailure {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    return { why: kindOf(error), text: error instanceof Error ? error.message : String(error) };
  }
}

/** The attribute's text; null where it cannot be read or is empty. */
export function textOf(path: string): string | null {
  const text = readAttribute(path);
  return typeof text === "string" && text !== "" ? text : null;
}

/** A whole number that an attribute holds; null where it cannot be read or holds something else. */
export function numberOf(path: string): number | null {
  const text = textOf(path);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}

/** Names in a folder, sorted, numbers in them by their size; empty where it cannot be read. */
export function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  } catch {
    return [];
  }
}

function kindOf(error: unknown): SysfsFailure["why"] {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  // EPERM is no matter of rights here: amdgpu answers it while a GPU sleeps or is being reset.
  if (code === "EACCES") return "permission";
  return code === "ENOENT" || code === "ENODEV" || code === "ENXIO" || code === "ENOTDIR" ? "gone" : "other";
}
