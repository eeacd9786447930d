import { wordsOf } from "../../../base/text.ts";
import { formatIssue } from "../../../base/issue.ts";
import { isJsonObject } from "../../../base/json.ts";
import { readRegularFile } from "../../../base/files.ts";
import { CommandError, EXIT } from "../../../base/refusal.ts";
import { decodeText } from "../../../study/decode_text.ts";
import { jsonOfTree } from "../../../study/tree.ts";
import { parseText } from "../../../study/yaml/parse.ts";
import { marginsAreNoMapping, marginsNotRead, notAMargin } from "./messages.ts";
import { shareOf } from "./option_values.ts";

/** Margins by metric, as shares, out of a file with one `METRIC: 5%` a line. Throws CommandError where it is none. */
export function readMargins(path: string): Record<string, number> {
  const refuse = (reason: string): CommandError => new CommandError(EXIT.usage, marginsNotRead(path, reason));
  let bytes: Uint8Array;
  try {
    bytes = readRegularFile(path);
  } catch (error) {
    throw refuse(wordsOf(error));
  }
  const source = decodeText(path, bytes);
  if ("message" in source) throw refuse(formatIssue(source));
  const { tree, issues: [issue] } = parseText(source);
  if (issue !== undefined) throw refuse(formatIssue(issue));
  const margins = tree === null ? null : jsonOfTree(tree);
  if (!isJsonObject(margins)) throw refuse(marginsAreNoMapping());
  return Object.fromEntries(
    Object.entries(margins).map(([metric, text]) => {
      const margin = typeof text === "string" ? shareOf(text) : null;
      if (margin === null) throw refuse(notAMargin(`${metric}: ${JSON.stringify(text)}`));
      return [metric, margin];
    }),
  );
}
