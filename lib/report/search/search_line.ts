import { formatNumber, printable } from "../../base/text.ts";
import type { RunnerEvent } from "../../journal/runner_event.ts";
import type { FoundLoad, Probe } from "../../results/search_summary.ts";
import type { VariedValues } from "../../results/varied.ts";
import { variedText } from "../run_name.ts";
import {
  energyFact,
  goodputFact,
  loadFound,
  type MissedLoad,
  noLoadFound,
  searchEffort,
  searchGoesOn,
  type SearchTitle,
  tokensFact,
} from "./messages.ts";

/** How far the search of an experiment has come; null before its first probe has ended, and at its end. */
export function stepLine({ over, varied, bracket }: RunnerEvent & { type: "search_step" }): string | null {
  const { kept, missed, next } = bracket;
  if (next === null || kept === null && missed === null) return null;
  const loads = { kept: textOrNull(kept), missed: textOrNull(missed), next: formatNumber(next) };
  return searchGoesOn(titleOf(over, varied), loads);
}

/** What the search of an experiment has found so far, or in the end. */
export function foundLine(over: string, found: FoundLoad): string {
  const { probes, contradictions: [first] } = found;
  const tried = { probes: probes.length, cycles: probes[0]?.cycles.length ?? 1 };
  const contradiction = first === undefined
    ? null
    : { missed: formatNumber(first.missed), met: formatNumber(first.met) };
  return stateText(over, found) + searchEffort(tried, contradiction);
}

function stateText(over: string, { kind, varied, highest, below, above, next, probes }: FoundLoad): string {
  const title = titleOf(over, varied);
  if (kind === "open" || highest === null) {
    const [lowest] = probes;
    if (kind === "none" && lowest !== undefined) return noLoadFound(title, missedLoad(lowest));
    const [kept, missed] = [highest, above].map((probe) => textOrNull(probe?.load ?? null));
    return searchGoesOn(title, {
      kept: kept ?? null,
      missed: missed ?? null,
      next: formatNumber(next ?? lowest?.load ?? 0),
    });
  }
  return loadFound(title, {
    highest: formatNumber(highest.load),
    above: above === null ? null : missedLoad(above),
    below: textOrNull(below?.load ?? null),
    facts: factsOf(highest),
  });
}

function missedLoad({ load, verdict }: Probe): MissedLoad {
  return { load: formatNumber(load), verdict: verdict ?? "missed" };
}

function textOrNull(load: number | null): string | null {
  return load === null ? null : formatNumber(load);
}

function titleOf(over: string, varied: VariedValues): SearchTitle {
  return { over: printable(over), experiment: printable(variedText(varied)) };
}

function factsOf(
  { goodput_per_s, output_tokens_per_s, j_per_output_token: joules, energy_verdict: verdict }: Probe,
): string[] {
  return [
    ...goodput_per_s === null ? [] : [goodputFact(formatNumber(goodput_per_s))],
    ...output_tokens_per_s === null ? [] : [tokensFact(formatNumber(output_tokens_per_s))],
    ...joules === null || verdict === null ? [] : [energyFact(formatNumber(joules), verdict)],
  ];
}
