/** What both clients are told to do: the same requests, as far as two programs that draw them for themselves can agree. */

/** How the requests come: so many in flight all the time, or so many a second whatever becomes of them. */
export type LoadShape =
  | { readonly kind: "closed"; readonly concurrency: number }
  | { readonly kind: "open"; readonly rate: number };

/** One load. Lengths of prompts and answers are drawn evenly from half of their most to their most. */
export interface Load {
  readonly shape: LoadShape;
  readonly requests: number;
  /** Requests before those, of which nothing counts. */
  readonly warmup: number;
  readonly input_most: number;
  readonly output_most: number;
}
