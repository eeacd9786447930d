import { metricHeading } from "../../../results/metric_declarations.ts";
import { studyCircumstances } from "../../../results/circumstances.ts";
import { clip } from "../../../base/text.ts";
import { ENERGY_VERDICTS, type EnergyVerdict } from "../../../results/energy/record.ts";
import { OTHERS_USED } from "../../../results/energy/messages.ts";
import type { TableRun, TableStanding } from "../../../results/study_table.ts";
import type { PageContent } from "../content.ts";
import {
  allTheSame,
  cyclesInOrder,
  driftSeen,
  energyCounts,
  hashesUntold,
  noEnergy,
  noneKnown,
  noneOf,
  noRunCompleted,
  notKnownApart,
  notTheSame,
  resultsDrift,
  runsCounted,
  runsDisturbed,
  throttlingUnseen,
  TRUST_ITEMS,
  undeclared,
} from "./messages.ts";

/** How far one fact lets the numbers of a page be trusted. */
export interface TrustItem {
  readonly id: keyof typeof TRUST_ITEMS;
  readonly state: "ok" | "doubt" | "unknown";
  /** What was found. */
  readonly text: string;
}

/** What a reader asks before the numbers are believed: each with a word, whatever the answer. */
export function trustItems(content: PageContent): TrustItem[] {
  const runs = content.studies.flatMap(({ table }) => table.runs);
  const completed = runs.filter(({ standing }) => standing === "completed");
  return [
    runsItem(runs),
    energyItem(completed, content),
    throttlingItem(content),
    othersItem(completed),
    driftItem(completed, content),
    ...MACHINE_ITEMS.map(({ id, names }) => machineItem(id, names, content)),
    sameItem(content),
    equalItem("inputs", content),
    equalItem("outputs", content),
  ];
}

/** Names under which circumstances tell what the page calls so, the one that says most to people first. */
const MACHINE_ITEMS = [
  { id: "board", names: ["GPU model", "GPU", "device"] },
  { id: "driver", names: ["driver"] },
  { id: "engine", names: ["engine"] },
] as const;

function runsItem(runs: readonly TableRun[]): TrustItem {
  const of = (...standings: readonly TableStanding[]): number =>
    runs.filter(({ standing }) => standings.includes(standing)).length;
  const counts = {
    total: runs.length,
    completed: of("completed"),
    failed: of("failed", "lost"),
    missing: of("missing"),
    left: of("pending", "running", "interrupted"),
    retried: runs.filter(({ standing, attempt }) => standing === "completed" && attempt > 1).length,
  };
  const isWhole = counts.total > 0 && counts.completed === counts.total;
  return { id: "runs", state: isWhole ? "ok" : "doubt", text: runsCounted(counts) };
}

function energyItem(completed: readonly TableRun[], { studies }: PageContent): TrustItem {
  const verdicts = completed.flatMap(({ summary }) => summary?.energy?.verdict ?? []);
  if (verdicts.length === 0) {
    const rows = studies.flatMap(({ table }) => table.summary.rows);
    return {
      id: "energy",
      state: "unknown",
      text: noEnergy(rows.flatMap((row) => row.energy_reason ?? []).at(0) ?? null),
    };
  }
  const counts = Object.fromEntries(
    ENERGY_VERDICTS.map((verdict) => [verdict, verdicts.filter((each) => each === verdict).length]),
  ) as Record<EnergyVerdict, number>;
  const isWhole = counts.resolved === completed.length;
  const without = completed.length - verdicts.length;
  return {
    id: "energy",
    state: isWhole ? "ok" : "doubt",
    text: energyCounts(counts, without, mostDoubted(completed)),
  };
}

/** Why the energy of most of the runs that are not resolved is in doubt; null where nothing is. */
function mostDoubted(completed: readonly TableRun[]): string | null {
  const reasons = completed.flatMap(({ summary }) => summary?.energy?.verdict_reasons ?? []);
  const [most] = [...Map.groupBy(reasons, (reason) => reason)].toSorted(([, a], [, b]) =>
    b.length - a.length
  );
  return most === undefined ? null : clip(most[0], MOST_LETTERS);
}

const MOST_LETTERS = 90;

function throttlingItem({ runs }: PageContent): TrustItem {
  const watched = runs.flatMap(({ heat }) => heat ?? []);
  if (watched.length === 0) return { id: "throttling", state: "unknown", text: throttlingUnseen() };
  const throttled = watched.filter(({ disqualifying }) => disqualifying.length > 0);
  return counted("throttling", throttled.length, watched.length);
}

function othersItem(completed: readonly TableRun[]): TrustItem {
  if (completed.length === 0) return { id: "others", state: "unknown", text: noRunCompleted() };
  const disturbed = completed.filter(({ summary }) => {
    const { flags = [], warnings = [] } = summary?.marks ?? {};
    return flags.includes("contended") || warnings.some((code) => OTHERS.includes(code)) ||
      summary?.energy?.verdict_reasons.some((reason) => reason.startsWith(OTHERS_USED)) === true;
  });
  return counted("others", disturbed.length, completed.length);
}

/** Codes of warnings that tell of other processes. */
const OTHERS: readonly string[] = ["contended", "gpu_held", "energy_other_gpu"];
/** Codes of warnings that tell of a machine that changed meanwhile. */
const DRIFTS: readonly string[] = ["energy_drift", "energy_temperature", "baseline_drift"];

function counted(id: TrustItem["id"], count: number, total: number): TrustItem {
  return count === 0
    ? { id, state: "ok", text: noneOf(total) }
    : { id, state: "doubt", text: runsDisturbed(count, total) };
}

function driftItem(completed: readonly TableRun[], { studies, comparison }: PageContent): TrustItem {
  if (completed.length === 0) return { id: "drift", state: "unknown", text: noRunCompleted() };
  const order = comparison?.order ?? null;
  if (order !== null && order.p < SIGNIFICANT) {
    return {
      id: "drift",
      state: "doubt",
      text: resultsDrift(metricHeading(order.metric), order.tau, order.p),
    };
  }
  const drifted = completed.filter(({ summary }) =>
    (summary?.marks?.warnings ?? []).some((code) => DRIFTS.includes(code))
  );
  if (drifted.length > 0) {
    return { id: "drift", state: "doubt", text: driftSeen(drifted.length, completed.length) };
  }
  const orders = [...new Set(studies.map(({ table }) => table.order.cycle_order))];
  const isSpread = orders.every((order) => order !== "sequential") &&
    studies.every(({ table }) => table.order.n_cycles > 1);
  return { id: "drift", state: isSpread ? "ok" : "unknown", text: cyclesInOrder(orders, isSpread) };
}

const SIGNIFICANT = 0.05;
/** More different ones than this are counted. */
const MOST_NAMED = 3;

function machineItem(
  id: TrustItem["id"],
  names: readonly string[],
  { studies, comparison }: PageContent,
): TrustItem {
  const values = new Set<string>();
  for (const { table: { runs, environment } } of studies) {
    const ofStudy = studyCircumstances(environment);
    for (const { standing, circumstances } of runs) {
      if (standing !== "completed") continue;
      const name = names.find((each) => (circumstances?.[each] ?? ofStudy[each]) !== undefined);
      if (name !== undefined) values.add(circumstances?.[name] ?? ofStudy[name] ?? "");
    }
  }
  if (values.size === 0) return { id, state: "unknown", text: noneKnown() };
  const isDifferent = (comparison?.differences.undeclared ?? []).some(({ what }) => names.includes(what));
  const named = [...values].slice(0, MOST_NAMED);
  return { id, state: isDifferent ? "doubt" : "ok", text: allTheSame(named, values.size - named.length) };
}

/** What differs between the sides, and nobody set it. */
function sameItem({ comparison }: PageContent): TrustItem {
  if (comparison === null) return { id: "same", state: "unknown", text: notKnownApart() };
  const names = [...new Set(comparison.differences.undeclared.map(({ what }) => what))];
  const named = names.slice(0, MOST_NAMED);
  return {
    id: "same",
    state: names.length === 0 ? "ok" : "doubt",
    text: undeclared(named, names.length - named.length),
  };
}

function equalItem(id: "inputs" | "outputs", { comparison }: PageContent): TrustItem {
  if (comparison === null) return { id, state: "unknown", text: notKnownApart() };
  const equal = id === "inputs" ? comparison.inputs_equal : comparison.outputs_equal;
  if (equal === null) return { id, state: "unknown", text: hashesUntold() };
  return equal ? { id, state: "ok", text: allTheSame([], 0) } : { id, state: "doubt", text: notTheSame() };
}
