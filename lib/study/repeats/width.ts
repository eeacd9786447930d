import type { Json } from "../../base/json.ts";

const PERCENT = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*%\s*$/;

/** A half width as a share of the mean: `2%`, `"0.02"` or 0.02; null for anything else, and beyond 0 to 1. */
export function readWidth(value: Json | undefined): number | null {
  const percent = typeof value === "string" ? PERCENT.exec(value)?.[1] : undefined;
  const isNumber = typeof value === "number" || typeof value === "string" && value.trim() !== "";
  const width = percent !== undefined ? Number(percent) / 100 : isNumber ? Number(value) : NaN;
  return width > 0 && width < 1 ? width : null;
}

/** The widths that are such, by metric; null where there is none. */
export function readWidths(widths: Readonly<Record<string, Json>>): Record<string, number> | null {
  const known = Object.entries(widths).flatMap(([metric, value]): (readonly [string, number])[] => {
    const width = readWidth(value);
    return width === null ? [] : [[metric, width]];
  });
  return known.length === 0 ? null : Object.fromEntries(known);
}
