import type { Json } from "../base/json.ts";
import type { SourceLocation } from "./source_text.ts";
import { issueLocation } from "./source_text.ts";
import type { IssueLocation } from "./study.ts";

/** Which layer of a study gives a value. */
export type OriginKind =
  | "option"
  | "study"
  | "sweep"
  | "experiments"
  | "preset"
  | "base"
  | "user"
  | "default";

/** A value that a configuration path has in some run, and where it comes from. */
export interface Origin {
  readonly value: Json;
  readonly kind: OriginKind;
  /** The decoder preset that holds the value; null for any other kind. */
  readonly preset: string | null;
  /** Null for a default. */
  readonly location: IssueLocation | null;
  /** True where the value does not fit, so that points with it are left out. */
  readonly skipped: boolean;
}

/** Files by which an origin's layer is told. */
export interface OriginFiles {
  readonly study: string | null;
  readonly user: string;
}

/** The layer that a place belongs to: the study's own file is told more finely by the block it stands in. */
export function layerOf({ source }: SourceLocation, files: OriginFiles, block: OriginKind): OriginKind {
  if (source.lineStarts.length === 0) return "option";
  if (source.name === files.study) return block;
  return source.name === files.user ? "user" : "base";
}

/** Each origin once, in the order of first sight. */
export function distinctOrigins(origins: readonly Origin[]): Origin[] {
  return [...new Map(origins.map((origin) => [JSON.stringify(origin), origin])).values()];
}

/** An origin at a place. */
export function originAt(
  location: SourceLocation,
  origin: Omit<Origin, "location" | "preset" | "skipped"> & Partial<Origin>,
): Origin {
  return { preset: null, skipped: false, ...origin, location: issueLocation(location) };
}

/** What holds where nothing is given. */
export function defaultOrigin(value: Json): Origin {
  return { value, kind: "default", preset: null, location: null, skipped: false };
}
