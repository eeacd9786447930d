import { EXIT } from "../../../base/refusal.ts";
import { jsonText } from "../../../base/text.ts";
import { compareText } from "../../../report/compare/compare_text.ts";
import { compareStudies } from "../../../results/compare/compare.ts";
import type { Streams } from "../../terminal/streams.ts";
import { readStudies } from "../read_studies.ts";
import type { CompareCommand } from "./options.ts";

/** `llem compare`. */
export function compareCommand(command: CompareCommand, streams: Streams): number {
  const comparison = compareStudies(readStudies(command, "llem compare", streams));
  streams.out.write(command.json ? `${jsonText(comparison)}\n` : compareText(comparison));
  return EXIT.ok;
}
