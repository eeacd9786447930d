import { basename } from "node:path";
import { clip, printable } from "../../base/text.ts";
import type { ComparedRow, ComparedSide, StudyComparison } from "../../results/compare/study_comparison.ts";
import { variedText } from "../run_name.ts";

/** A sentence holds two of them. */
const MOST_LETTERS = 60;

/** What a row is called: its settings; between studies by the study, too. */
export function rowName({ design, studies }: StudyComparison, row: ComparedSide): string {
  const settings = variedText(row.varied);
  if (design === "paired") return short(settings || (row.config_hash ?? ""));
  const study = studyName(studies, row.study_dir);
  return settings === "" ? study : short(`${settings} in ${study}`);
}

/** What it is compared with. */
export function baseName(comparison: StudyComparison, row: ComparedRow | null): string {
  const { design, baseline, studies, by } = comparison;
  if (design === "unpaired") return studyName(studies, baseline.study_dir || (studies[0]?.dir ?? ""));
  const varied = row === null ? baseline.varied : row.base_varied;
  const shown = by === null || !(by in varied) ? varied : { [by]: varied[by] ?? null };
  return short(variedText(shown) || (baseline.config_hash ?? ""));
}

/** The name of the folder, or the whole path where two have the same. */
export function studyName(studies: StudyComparison["studies"], dir: string): string {
  const isAmbiguous = studies.filter((study) => basename(study.dir) === basename(dir)).length > 1;
  return short(isAmbiguous ? dir : basename(dir) || dir);
}

function short(text: string): string {
  return clip(printable(text), MOST_LETTERS);
}
