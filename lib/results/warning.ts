/** A remark on one attempt; the code is for scripts. */
export interface RecordWarning {
  readonly code: string;
  readonly text: string;
}
