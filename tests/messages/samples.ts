/** The functions among what a `messages.ts` exports. */
type MessageNames<M> = {
  [K in keyof M]: M[K] extends (...values: never[]) => unknown ? K : never;
}[keyof M];

type ValuesOf<F> = F extends (...values: infer V) => unknown ? Readonly<V> : never;

/** For every function of a `messages.ts` the arguments of one or more calls. */
export type Samples<M> = { readonly [K in MessageNames<M>]: readonly ValuesOf<M[K]>[] };

/** A `messages.ts` with sample arguments, without the types of its functions. */
export interface SampledMessages {
  readonly messages: Readonly<Record<string, unknown>>;
  readonly samples: Readonly<Record<string, readonly (readonly unknown[])[]>>;
}

/** Joins a `messages.ts` and its samples; a function without samples does not compile. */
export function samplesOf<M extends object>(messages: M, samples: Samples<M>): SampledMessages {
  return {
    messages: Object.fromEntries(Object.entries(messages)),
    samples: Object.fromEntries(Object.entries<readonly (readonly unknown[])[]>(samples)),
  };
}
