import type { Json } from "../../lib/base/json.ts";
import type { MapShape, Slot } from "../../lib/experiment/shape.ts";
import { expected } from "../../lib/study/wording.ts";

/** The keys of a mapping as a Markdown table: type and range, default, meaning. */
export function keysTable(keys: MapShape["keys"]): string {
  const rows = [...keys].map(([key, slot]) =>
    `| ${[`\`${key}\``, typeOf(slot), defaultOf(slot), slot.about ?? ""].map(cell).join(" | ")} |`
  );
  return ["| key | type | default | meaning |", "|---|---|---|---|", ...rows].join("\n");
}

function typeOf(slot: Slot): string {
  const { shape } = slot;
  if (shape.kind === "map") return "section";
  const type = expected({ ...slot, nullable: false }).replace(/^an? /, "").replace(" (key: value)", "");
  if (shape.kind !== "list") return type;
  return `${type}, of ${shape.items.shape.kind === "dictionary" ? "mappings" : "text"}`;
}

function defaultOf({ fallback, notes, shape }: Slot): string {
  if (fallback === undefined) return "required";
  if (shape.kind === "map" && fallback !== null) return "";
  if (notes.libraryDefault !== undefined) return `${code(fallback)} (${code(notes.libraryDefault)})`;
  return code(fallback);
}

function code(value: Json): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

/** Text that stays one cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/<(?=\w)/g, "\\<");
}
