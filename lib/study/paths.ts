/** A dotted path one key deeper. */
export function joinPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** True where one path is the other or lies above or below it. */
export function arePathsRelated(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

/** The path inside a configuration, without the block of the study file that it stands in. */
export function withinConfig(path: string): string {
  return path.replace(/^(experiments\.\d+|sweep)\./, "");
}
