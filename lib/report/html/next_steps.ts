import { smallest } from "../../base/numbers.ts";
import { FEWEST_REPEATS } from "../../results/comparison.ts";
import { shellWord } from "../../base/shell_word.ts";
import { metricHeading } from "../../results/metric_declarations.ts";
import { MOST_FURTHER } from "../compare/messages.ts";
import { rowName } from "../compare/side_name.ts";
import { moreText } from "../compare/verdict_sentence.ts";
import type { PageContent } from "./content.ts";
import {
  cyclesWouldDecide,
  failedExplained,
  findCause,
  measureAlone,
  missingMadeAgain,
  moreCyclesForIntervals,
  nothingToDo,
  runsLeft,
  seeDoctor,
} from "./messages.ts";
import { trustItems } from "./trust/trust.ts";

/** What to do next. */
export interface NextStep {
  readonly text: string;
  /** A command line to copy; null where there is none. */
  readonly command: string | null;
}

/** More comparisons that wait for cycles than these are not told. */
const MOST_UNDECIDED = 3;

/** In the order of their weight; one at least. */
export function nextSteps(content: PageContent): NextStep[] {
  const steps = [
    ...content.studies.flatMap(({ table }) => standingSteps(table)),
    ...worseSteps(content),
    ...undecidedSteps(content),
    ...disturbedSteps(content),
  ];
  return steps.length > 0 ? steps : [{ text: nothingToDo(), command: null }];
}

function standingSteps({ id, runs, order }: PageContent["studies"][0]["table"]): NextStep[] {
  const of = (...standings: readonly string[]): number =>
    runs.filter(({ standing }) => standings.includes(standing)).length;
  // By its name alone: a page goes to people who have other folders.
  const name = shellWord(id);
  const [failed, missing, left] = [of("failed"), of("missing"), of("pending", "interrupted", "lost")];
  const completed = runs.filter(({ standing }) => standing === "completed");
  const step = (count: number, text: (count: number) => string, command: string): NextStep[] =>
    count === 0 ? [] : [{ text: text(count), command }];
  return [
    ...step(failed, failedExplained, `llem show --failed ${name}`),
    ...step(missing, missingMadeAgain, `llem run --resume ${name}`),
    ...step(left, runsLeft, `llem run --resume ${name}`),
    ...completed.length > 0 && completed.every(({ summary }) => (summary?.energy ?? null) === null)
      ? [{ text: seeDoctor(), command: "llem doctor" }]
      : [],
    ...completed.length > 0 && order.n_cycles < FEWEST_REPEATS
      ? [{ text: moreCyclesForIntervals(order.n_cycles), command: "llem run study.yaml --cycles 5" }]
      : [],
  ];
}

/** Between studies: what got worse has a cause that is to be found. */
function worseSteps({ comparison }: PageContent): NextStep[] {
  if (comparison === null || comparison.design === "paired") return [];
  if (comparison.rows.every(({ verdict }) => verdict !== "worse")) return [];
  const { declared, undeclared } = comparison.differences;
  const names = [...new Set([...undeclared, ...declared].map(({ what }) => what))];
  return [{ text: findCause(names.slice(0, MOST_CAUSES), names.length), command: null }];
}

const MOST_CAUSES = 3;

function disturbedSteps(content: PageContent): NextStep[] {
  const disturbed = trustItems(content).find(({ id }) => id === "others");
  return disturbed?.state === "doubt" ? [{ text: measureAlone(disturbed.text), command: null }] : [];
}

/** The comparisons that the fewest further cycles decide come first. */
function undecidedSteps({ comparison }: PageContent): NextStep[] {
  if (comparison === null) return [];
  const waiting = comparison.rows.filter(({ verdict, n, n_needed }) =>
    verdict === "undecided" && n_needed !== null && n_needed - smallest(n) <= MOST_FURTHER
  )
    .sort((a, b) => (a.n_needed ?? 0) - (b.n_needed ?? 0));
  return waiting.slice(0, MOST_UNDECIDED).map((row) => ({
    text: cyclesWouldDecide(moreText(comparison, row), metricHeading(row.metric), rowName(comparison, row)),
    command: null,
  }));
}
