import type { Json } from "../base/json.ts";
import { optionText } from "./source_text.ts";
import type { Override } from "./study.ts";
import { jsonOfTree } from "./tree.ts";
import { parseValue } from "./yaml/parse_value.ts";

/** The value of an option, as far as it can be read; mistakes in it are told where the study is read. */
export function readableValue(override: Override): Json {
  if ("value" in override) return override.value;
  const { tree } = parseValue({ ...optionText(override.source), text: override.text });
  return tree === null ? null : jsonOfTree(tree);
}
