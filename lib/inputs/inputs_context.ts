import type { DownloadState, Pace } from "../hub/download_work.ts";

/** Where inputs are looked for. */
export interface InputsContext {
  /** Absolute folder of the study file: relative paths start here. */
  readonly base_dir: string;
  /** Where llem was started; the folder of this process where it is left out. */
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends downloads. */
  readonly signal: AbortSignal;
  /** Tells people what takes long. */
  readonly say: (line: string) => void;
  /** Hears how far downloads are, several times a second; null when they have ended. Nobody where it is left out. */
  readonly progress?: (state: DownloadState | null) => void;
  /** How patient downloads are; the usual where it is left out. */
  readonly pace?: Pace;
}
