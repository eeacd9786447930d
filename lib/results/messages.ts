/** What of a run is saved: each reads after "Cannot save" and before its path. */
export const SAVED = {
  folder: "the run folder",
  requests: "the requests",
  record: "the result",
  trace: "the power trace",
  gate: "the file that lets a run be measured",
} as const;

export function serverFactsDiffer(place: string, name: string, before: string, after: string): string {
  return `The server says other things of itself than at another point of the study: ${place} ${name} was ` +
    `${before}, now ${after}.`;
}

export function moreFactsDiffer(more: number): string {
  return `${more} more values differ.`;
}
