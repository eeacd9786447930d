/** Texts for people about a search for the highest load. */
import { plural } from "../../base/text.ts";
import type { EnergyVerdict } from "../../results/energy/record.ts";
import type { LoadVerdict } from "../../statistics/load_search.ts";

/** What a text says a search is about: the field that it is over, and what tells its experiment from the others. */
export interface SearchTitle {
  readonly over: string;
  /** Empty where it is the only one. */
  readonly experiment: string;
}

/** A load that did not keep the promise, as a text. */
export interface MissedLoad {
  readonly load: string;
  readonly verdict: LoadVerdict;
}

/** A search that goes on. */
export function searchGoesOn(
  title: SearchTitle,
  { kept, missed, next }: {
    readonly kept: string | null;
    readonly missed: string | null;
    readonly next: string;
  },
): string {
  const known = [
    ...kept === null ? [] : [`${kept} meets the slo`],
    ...missed === null ? [] : [`${missed} does not`],
  ];
  return `search over ${named(title)}: ${
    [known.join(", "), `next ${next}`].filter((part) => part !== "").join("; ")
  }`;
}

/** A search that has found a load, with the numbers of that load. */
export function loadFound(
  title: SearchTitle,
  { highest, above, below, facts }: {
    readonly highest: string;
    /** Null where the search goes no higher. */
    readonly above: MissedLoad | null;
    readonly below: string | null;
    readonly facts: readonly string[];
  },
): string {
  const numbers = facts.length === 0 ? "" : ` (${facts.join(", ")})`;
  const around = [
    above === null
      ? "it is the highest of the search, so the limit lies above"
      : `${above.load} ${didNot(above.verdict)}`,
    ...below === null ? [] : [`${below} does`],
  ];
  return `highest ${named(title)} that meets the slo: ${highest}${numbers}; ${around.join(", ")}`;
}

/** A search whose lowest load does not keep the promise. */
export function noLoadFound(title: SearchTitle, { load, verdict }: MissedLoad): string {
  return `no ${named(title)} meets the slo: ${load}, the lowest of the search, ${didNot(verdict)}`;
}

function didNot(verdict: LoadVerdict): string {
  switch (verdict) {
    case "failed":
      return "failed, which counts as not met";
    case "unjudged":
      return "cannot be judged, which counts as not met";
    case "overloaded":
      return "overloads the server, which counts as not met";
    case "not_sent":
      return "was not sent in full, which counts as not met";
    case "missed":
    case "met":
      return "does not";
  }
}

function named({ over, experiment }: SearchTitle): string {
  return experiment === "" ? over : `${over} (${experiment})`;
}

export function goodputFact(rate: string): string {
  return `goodput ${rate} req/s`;
}

export function tokensFact(rate: string): string {
  return `${rate} tok/s`;
}

/** No joule without its verdict. */
export function energyFact(joules: string, verdict: EnergyVerdict): string {
  return `${joules} J/token ${verdict}`;
}

/** Behind what was found: how much was tried, and where the answers contradict each other. */
export function searchEffort(
  { probes, cycles }: { readonly probes: number; readonly cycles: number },
  contradiction: { readonly missed: string; readonly met: string } | null,
): string {
  const each = cycles === 1 ? "" : `, each in ${cycles} cycles`;
  const odd = contradiction === null
    ? ""
    : `; not monotonic: ${contradiction.missed} does not meet it, ${contradiction.met} does`;
  return ` (${plural(probes, "load")} tried${each}${odd})`;
}

/** The line of a plan that says what its search may add; the plan itself holds the first probe of each experiment. */
export function searchPlanned(
  { over, from, to, resolution }: {
    readonly over: string;
    readonly from: string;
    readonly to: string;
    readonly resolution: string;
  },
  { probes, experiments, runs }: {
    readonly probes: number;
    readonly experiments: number;
    readonly runs: number;
  },
): string {
  const each = experiments === 1 ? "" : ` for each of ${experiments} experiments`;
  return `search: the highest ${over} from ${from} to ${to} that meets the slo, within ${resolution} %; ` +
    `up to ${plural(probes, "probe")}${each}, up to ${plural(runs, "run")} in all`;
}

/** Behind how many runs a study with a search begins with. */
export function searchAdds(most: number): string {
  return `; its search makes up to ${plural(most, "run")} in all`;
}
