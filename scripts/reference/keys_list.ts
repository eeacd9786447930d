import type { Json } from "../../lib/base/json.ts";
import type { MapShape, Slot } from "../../lib/experiment/shape.ts";
import { expected } from "../../lib/study/wording.ts";

/** The keys of a mapping as a Markdown list: type and range, default, meaning. */
export function keysList(keys: MapShape["keys"]): string {
  return [...keys].map(([key, slot]) => {
    const facts = [typeOf(slot), defaultOf(slot)].filter((fact) => fact !== "").join("; ");
    return `- \`${key}\` (${escaped(facts)}): ${escaped(slot.about ?? "")}`;
  }).join("\n");
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
  if (notes.libraryDefault !== undefined) {
    return `default ${code(fallback)}, the engine's own ${code(notes.libraryDefault)}`;
  }
  return `default ${code(fallback)}`;
}

function code(value: Json): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

/** Text without HTML in it. */
function escaped(text: string): string {
  return text.replaceAll(/<(?=\w)/g, "\\<");
}
