import { closest, distance } from "fastest-levenshtein";
import { meantName } from "./messages.ts";

/** The known name that a mistyped one most likely means, or null where none is near. */
export function nearestName(name: string, known: readonly string[], slipsIn = slips): string | null {
  if (known.length === 0) return null;
  const lower = name.toLowerCase();
  const nearest = closest(lower, known.map((other) => other.toLowerCase()));
  if (distance(lower, nearest) > slipsIn(nearest)) return null;
  return known.find((other) => other.toLowerCase() === nearest) ?? null;
}

/** How many slips a name may hold and still be recognised; letters that swapped places count as two. */
function slips(name: string): number {
  if (name.length < 3) return name.length - 1;
  return name.length < 8 ? 2 : 3;
}

/** Fewer slips, where taking a name for another one would refuse what may be right. */
export function fewSlips(name: string): number {
  return Math.min(2, Math.floor(name.length / 4));
}

/** A hint that offers a name, or null where there is none to offer. */
export function didYouMean(name: string | null): string | null {
  return name === null ? null : meantName(name);
}
