import { formatNumber } from "../../base/text.ts";
import type { Summary, SummaryRow } from "../../results/summary.ts";
import { variedText } from "../run_name.ts";
import { foundLine } from "../search/search_line.ts";
import { sloText } from "../served/messages.ts";
import { promiseKept, someOf } from "./messages.ts";

/** More searches of a study than these are in its table. */
const MOST_SEARCHES = 3;
const MOST_NAMES = 4;

/** What the search of a study found, one sentence for each; empty where it made none. */
export function searchSentences({ search }: Summary): string[] {
  if (search === undefined) return [];
  return search.found.slice(0, MOST_SEARCHES).map((found) => `${capital(foundLine(search.over, found))}.`);
}

/** Which experiments keep the promise of the study (`slo`); null where it makes none. */
export function promiseSentence({ slo, rows }: Summary): string | null {
  if (slo === undefined) return null;
  const judged = rows.filter((row) => row.slo !== undefined && row.completed > 0);
  if (judged.length === 0) return null;
  const kept = judged.filter(keepsPromise);
  const [best] = kept.toSorted((a, b) => goodput(b) - goodput(a));
  const names = kept.map(nameOf);
  return promiseKept({
    slo: sloText(slo),
    kept: kept.length === 0 ? null : someOf(names, MOST_NAMES),
    count: kept.length,
    of: judged.length,
    best: best === undefined || goodput(best) < 0
      ? null
      : { name: nameOf(best), goodput: formatNumber(Number(goodput(best).toPrecision(4))) },
  });
}

/** Every completed run of it did. */
export function keepsPromise({ slo }: Pick<SummaryRow, "slo">): boolean {
  return slo !== undefined && slo.met > 0 && slo.missed === 0 && slo.unknown === 0;
}

function nameOf({ varied, model }: SummaryRow): string {
  return variedText(varied) || model;
}

/** Good requests a second; below 0 where it is not known. */
function goodput({ metrics }: SummaryRow): number {
  const spread = metrics["goodput_per_s"];
  return spread === null || spread === undefined ? -1 : spread.geomean ?? spread.mean;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
