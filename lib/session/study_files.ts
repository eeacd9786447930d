import { readFile, type ReadTrouble } from "./read_file.ts";

/** What a study is read from: its file, those that it builds on, and the user's configuration. */
export interface StudyFiles {
  /** Absolute folder in which the paths of a study without a file start. */
  folder(): string;
  /** A study file or one that it builds on, by its absolute path. */
  read(path: string): Uint8Array<ArrayBuffer> | ReadTrouble;
  /** The user's configuration at that path; null where there is no place for one. */
  readUserConfig(path: string | null): Uint8Array<ArrayBuffer> | ReadTrouble | null;
}

/** Those that are there. */
export const REAL_FILES: StudyFiles = {
  folder: () => Deno.cwd(),
  read: readFile,
  readUserConfig: (path) => path === null ? null : readFile(path),
};
