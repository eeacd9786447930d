import { isJsonObject, type Json } from "../base/json.ts";
import type { Backend } from "../experiment/engines.ts";
import { syntheticDraft, withOwnCount } from "../experiment/prompt_count.ts";
import { putPath } from "../experiment/put_path.ts";
import { backendOf } from "../experiment/resolve_config.ts";
import { draftFor } from "../experiment/sections.ts";
import type { Dimension, DimensionValue, Draft, Grid } from "../study/study.ts";

/** One combination of a grid's values. */
export interface Point {
  /** Shared fields with the values put in; the backend's own sections only. */
  readonly draft: Draft;
  readonly picks: readonly Pick[];
}

/** A swept path and the value picked for it. */
export interface Pick {
  readonly dimension: Dimension;
  readonly value: DimensionValue;
}

/** How many points a grid has, without making them. */
export function countPoints({ dimensions }: Grid): number {
  const sizeFor = (backend: unknown): number =>
    dimensions.filter(({ path, owner }) => path !== "backend" && (owner === null || owner === backend))
      .reduce((product, { values }) => product * values.length, 1);
  const backends = dimensions.find(({ path }) => path === "backend")?.values ?? [];
  return backends.reduce((total, { value }) => total + sizeFor(value), 0);
}

/**
 * Every point of a grid in nesting order, the last dimension fastest. A point takes part in the dimensions that are
 * every backend's and in those of its own.
 */
export function expandGrid(grid: Grid): Point[] {
  const points: Point[] = [];
  nest(
    grid.dimensions,
    { picks: [], backend: undefined, only: null },
    (picks) => points.push(pointOf(grid, picks)),
  );
  return points;
}

/** What is picked so far on the way into the nest. */
interface Nest {
  readonly picks: readonly Pick[];
  /** The backend picked; undefined where its dimension is still to come. */
  readonly backend: Json | undefined;
  /** The one backend that may still be picked, because a later value of its own dimensions was; null for any. */
  readonly only: Backend | null;
}

function nest(dimensions: readonly Dimension[], state: Nest, found: (picks: readonly Pick[]) => void): void {
  const [dimension, ...inner] = dimensions;
  if (dimension === undefined) return found(state.picks);
  const { path, owner, values } = dimension;
  if (owner !== null && state.backend !== undefined && state.backend !== owner) {
    return nest(inner, state, found);
  }
  for (const [index, value] of values.entries()) {
    const picks = [...state.picks, { dimension, value }];
    if (path === "backend") {
      if (state.only === null || state.only === value.value) {
        nest(inner, { ...state, picks, backend: value.value }, found);
      }
    } else if (owner === null || state.backend !== undefined || index === 0) {
      nest(inner, { ...state, picks }, found);
    } else if (state.only === null || state.only === owner) {
      // Before the backend is picked, the first value stands for "not this backend's" as well; the others do not.
      nest(inner, { ...state, picks, only: owner }, found);
    }
  }
}

function pointOf({ shared }: Grid, picked: readonly Pick[]): Point {
  const backendPick = picked.find(({ dimension }) => dimension.path === "backend");
  const backend = backendOf({ backend: backendPick?.value.value });
  const picks = picked.filter(({ dimension: { owner } }) => owner === null || owner === backend);
  let draft = shared;
  // A whole section first, then the keys inside it.
  for (const { dimension, value } of [...picks].sort(byDepth)) {
    draft = putPath(draft, dimension.path.split("."), value.value);
  }
  draft = withSweptCount(draft, picks);
  return { draft: backend === null ? draft : draftFor(backend, draft), picks };
}

/** `n` and the `n` of a synthetic dataset are one setting: the one that is swept stands over the one that is not. */
function withSweptCount(draft: Draft, picks: readonly Pick[]): Draft {
  const { n, own } = sweptCounts(picks);
  if (n !== null && own === null) return withOwnCount(draft, n);
  return n === null && own !== null && syntheticDraft(draft) !== null && (draft.n ?? null) !== null
    ? { ...draft, n: own }
    : draft;
}

/** The numbers of prompts that a point picks; null where it picks none, or an option stands over the file. */
export function sweptCounts(picks: readonly Pick[]): { readonly n: Json | null; readonly own: Json | null } {
  const pickOf = (path: string): DimensionValue | undefined =>
    picks.find(({ dimension }) => dimension.path === path)?.value;
  const [nPick, ownPick] = [pickOf("n"), pickOf("dataset.n") ?? pickOf("dataset")];
  const dataset = ownPick?.value;
  const n = nPick?.value ?? null;
  const own = (isJsonObject(dataset) ? dataset.n : pickOf("dataset.n")?.value) ?? null;
  if (n === null || own === null) return { n, own };
  const isOption = (pick: DimensionValue | undefined): boolean => pick?.location.line === null;
  if (isOption(nPick) === isOption(ownPick)) return { n, own };
  return isOption(nPick) ? { n, own: null } : { n: null, own };
}

function byDepth(one: Pick, other: Pick): number {
  return one.dimension.path.split(".").length - other.dimension.path.split(".").length;
}
