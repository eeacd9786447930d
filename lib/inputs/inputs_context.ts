/** Where inputs are looked for. */
export interface InputsContext {
  /** Absolute folder of the study file: relative paths start here. */
  readonly base_dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends downloads. */
  readonly signal: AbortSignal;
  /** Tells people what takes long. */
  readonly say: (line: string) => void;
}
