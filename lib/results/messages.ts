/** What of a run is saved: each reads after "Cannot save" and before its path. */
export const SAVED = {
  folder: "the run folder",
  requests: "the requests",
  record: "the result",
  trace: "the power trace",
} as const;
