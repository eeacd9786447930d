import { barX, dot } from "@observablehq/plot";
import { largest, smallest } from "../../../../base/numbers.ts";
import type { Circumstances, StudyTable, TableAttempt } from "../../../../results/study_table.ts";
import type { PhaseSpan } from "../../../../archive/report/run_details.ts";
import type { Chart } from "../chart.ts";
import { MANY, onePath, svgOf, tagged } from "../drawing.ts";
import {
  attemptText,
  beginHead,
  cycleText,
  outcomeWord,
  slotText,
  TIMELINE,
  timelineAxis,
  timelineText,
} from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import { numberText } from "../metric.ts";
import { barEntry, laneAxis, lanesHeight } from "../lanes.ts";
import type { PageContext } from "../page_context.ts";
import { COLORS, INK } from "../palette.ts";
import { MOST_TABLE_ROWS, runKey } from "../rows.ts";

const MOST_LANES = 100;
const MOST_BARS = 1000;

/** Seconds since the study began. */
interface Span {
  readonly lane: string;
  readonly from_s: number;
  readonly to_s: number;
}

interface Bar extends Span {
  readonly outcome: TableAttempt["outcome"];
  readonly hash: string;
  readonly run: string;
  readonly attempt: TableAttempt;
  readonly label: string;
  /** The slot and boards of its run, where several were made at a time; null else. */
  readonly place: string | null;
}

interface Part extends Span {
  readonly kind: Kind;
}

const KINDS = ["load", "warmup", "measure", "idle", "other"] as const;
type Kind = typeof KINDS[number];

const LOOKS: Readonly<Record<Kind, { readonly color: string; readonly height: number }>> = {
  load: { color: COLORS[4], height: 0.35 },
  warmup: { color: COLORS[5], height: 0.55 },
  measure: { color: COLORS[0], height: 0.95 },
  idle: { color: COLORS[7], height: 0.2 },
  other: { color: COLORS[3], height: 0.2 },
};

/** Every attempt over the time of its study, with the phases that its worker told. What is empty is a gap, or a wait. */
export function timeline({ data, rows, rowOf }: PageContext): Chart | null {
  const lanes = laneNames(data.tables, rows.length);
  const names = new Map(rows.map(({ study, hash, name }) => [`${study} ${hash}`, name]));
  const bars = data.tables.flatMap((table, study) => {
    const start = Date.parse(table.started_at ?? "");
    return table.runs.flatMap(({ attempts, config_hash, cycle, index, circumstances }) =>
      attempts.flatMap((attempt): Bar[] => {
        const [from, to] = [attempt.started_at, attempt.ended_at].map((at) =>
          (Date.parse(at ?? "") - start) / 1e3
        );
        if (from === undefined || to === undefined || Number.isNaN(from + to)) return [];
        const label = names.get(`${study} ${config_hash}`) ?? config_hash;
        const lane = lanes.of({ study, config_hash, cycle, name: label });
        return [{
          lane,
          from_s: from,
          to_s: to,
          outcome: attempt.outcome,
          hash: config_hash,
          run: runKey({ study, index }),
          attempt,
          label,
          place: placeOf(circumstances),
        }];
      })
    );
  });
  if (bars.length === 0) return null;
  const shown = bars.slice(0, MOST_BARS);
  const parts = partsOf(data.runs.flatMap((run) => {
    const row = rowOf(run);
    const start = Date.parse(data.tables[run.study]?.started_at ?? "");
    if (row === undefined || run.phases_from_ms === null || Number.isNaN(start)) return [];
    const lane = lanes.of({
      study: run.study,
      config_hash: run.config_hash,
      cycle: run.cycle,
      name: row.name,
    });
    return [{ lane, from_s: (run.phases_from_ms - start) / 1e3, phases: run.phases }];
  }));
  const failures = shown.filter(({ outcome }) => outcome !== "completed" && outcome !== "running");
  const unit = unitOf(largest(shown.map(({ to_s }) => to_s)));
  const laneList = [...new Set(shown.map(({ lane }) => lane))];
  const busy_s = bars.reduce((sum, { from_s, to_s }) => sum + to_s - from_s, 0);
  const whole_s = largest(bars.map(({ to_s }) => to_s)) - smallest(bars.map(({ from_s }) => from_s));
  const head = {
    id: "timeline",
    title: TIMELINE.title,
    description: timelineText({
      attempts: bars.length,
      failed: bars.filter(({ outcome }) => outcome !== "completed" && outcome !== "running").length,
      time: numberText(whole_s / unit.seconds),
      unit: unit.name,
      busy: numberText(Math.min(100 * busy_s / Math.max(whole_s, 1e-9), 100)),
    }) + moreLeftOut(bars.length - shown.length, "attempt"),
  };
  const kinds = KINDS.filter((kind) => parts.some((part) => part.kind === kind));
  const { marginLeft, y } = laneAxis(laneList);
  const laneAt = new Map(laneList.map((lane, index) => [lane, String(index)]));
  const place = {
    y: ({ lane }: Span) => laneAt.get(lane),
    x1: ({ from_s }: Span) => from_s / unit.seconds,
    x2: ({ to_s }: Span) => to_s / unit.seconds,
  };
  const tags = (own: readonly Bar[]): ReturnType<typeof tagged> =>
    tagged((index) => {
      const bar = own[index];
      return {
        config: bar?.hash ?? null,
        run: bar?.run ?? null,
        title: bar === undefined ? null : titleOf(bar),
      };
    });
  const svg = svgOf({
    ...head,
    options: {
      height: lanesHeight(laneList.length),
      marginLeft,
      x: { label: timelineAxis(unit.name), grid: true },
      y,
    },
    legend: [
      ...kinds.map((kind) => barEntry(TIMELINE.kinds[kind], LOOKS[kind].color, LOOKS[kind].height)),
      barEntry(TIMELINE.rest, INK.band),
      ...failures.length === 0 ? [] : [{ label: TIMELINE.failure, color: INK.worse, symbol: CROSS }],
    ],
    marks: [
      barX(shown, {
        ...place,
        fill: INK.band,
        ...shown.length > MANY ? onePath("bars", { attributes: { fill: INK.band } }) : tags(shown),
      }),
      ...kinds.map((kind) => {
        const { color, height } = LOOKS[kind];
        const attributes = { fill: color, "pointer-events": "none" };
        return barX(parts.filter((part) => part.kind === kind), {
          ...place,
          ...onePath("bars", { height, attributes }),
        });
      }),
      dot(failures, {
        y: place.y,
        x: place.x2,
        symbol: "times",
        stroke: INK.worse,
        strokeWidth: 2,
        r: 4,
        ...tags(failures),
      }),
    ],
  });
  const told = [...failures, ...shown.filter((bar) => !failures.includes(bar))].slice(0, MOST_TABLE_ROWS);
  return {
    ...head,
    svg,
    absent: null,
    table: {
      head: [
        TIMELINE.run,
        TIMELINE.setting,
        TIMELINE.attempt,
        TIMELINE.outcome,
        beginHead(unit.name),
        TIMELINE.length,
      ],
      rows: told.map(({ run, label, attempt, outcome, from_s, to_s }) => [
        run,
        label,
        String(attempt.attempt),
        outcomeWord(outcome),
        numberText(from_s / unit.seconds),
        numberText(to_s - from_s),
      ]),
      left_out: bars.length - told.length,
    },
  };
}

function placeOf(circumstances: Circumstances | null): string | null {
  const { slot, GPU } = circumstances ?? {};
  return slot === undefined ? null : slotText(slot, GPU);
}

interface LaneOf {
  readonly of: (
    run: {
      readonly study: number;
      readonly config_hash: string;
      readonly cycle: number;
      readonly name: string;
    },
  ) => string;
}

/** A line for each experiment; where there are too many of them, for each cycle; else one for each study. */
function laneNames(tables: readonly StudyTable[], count: number): LaneOf {
  if (count <= MOST_LANES) return { of: ({ name }) => name };
  const named = (study: number, text: string): string => tables.length === 1 ? text : `${study + 1}: ${text}`;
  const cycles = largest(tables.map(({ order }) => order.n_cycles));
  return cycles <= MOST_LANES
    ? { of: ({ study, cycle }) => named(study, cycleText(cycle)) }
    : { of: ({ study }) => named(study, TIMELINE.all) };
}

function partsOf(
  runs: readonly { readonly lane: string; readonly from_s: number; readonly phases: readonly PhaseSpan[] }[],
): Part[] {
  return runs.flatMap(({ lane, from_s, phases }) =>
    phases.flatMap(({ name, begin_s, end_s }): Part[] => {
      const kind = kindOf(name);
      return end_s === null || kind === null
        ? []
        : [{ lane, kind, from_s: from_s + begin_s, to_s: from_s + end_s }];
    })
  );
}

/** Null for what lies within a measured window. */
function kindOf(name: string): Kind | null {
  if (name === "prefill" || name === "decode") return null;
  if (name === "load" || name === "warmup" || name === "measure") return name;
  return name.endsWith("_idle") ? "idle" : "other";
}

function unitOf(seconds: number): { readonly name: string; readonly seconds: number } {
  if (seconds < 300) return { name: "s", seconds: 1 };
  return seconds < 3 * 3600 ? { name: "min", seconds: 60 } : { name: "h", seconds: 3600 };
}

function titleOf({ label, attempt, outcome, from_s, to_s, place }: Bar): string {
  return attemptText(label, attempt.attempt, outcomeWord(outcome), numberText(to_s - from_s), place);
}

const CROSS = "M-4,-4L4,4M4,-4L-4,4";
