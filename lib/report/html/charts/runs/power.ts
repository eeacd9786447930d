import { areaY, rect, ruleY, text } from "@observablehq/plot";
import { largest, smallest } from "../../../../base/numbers.ts";
import type { PhaseSpan, PowerBand, RunDetails } from "../../../../archive/report/run_details.ts";
import type { Chart, PowerTraces } from "../chart.ts";
import { svgOf } from "../drawing.ts";
import { barEntry } from "../lanes.ts";
import { boardText, POWER, powerText, runNameText } from "./messages.ts";
import { numberText } from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import { COLORS, INK } from "../palette.ts";
import { packTraces } from "./packed_traces.ts";

const PANEL_HEIGHT = 110;

interface Panel {
  readonly run: RunDetails;
  readonly label: string;
}

/** The power of some runs over their time, smallest to largest reading of each column, with their phases and idle level. */
export async function power({ data, rowOf }: PageContext): Promise<Chart | null> {
  const withTraces = data.runs.filter(({ power }) => power.length > 0);
  const labelOf = (run: RunDetails): string => runNameText(rowOf(run)?.name ?? "", run.cycle);
  const drawn = withTraces.filter((run) => data.drawn.has(run)).map((run): Panel => ({
    run,
    label: labelOf(run),
  }));
  if (drawn.length === 0) return null;
  const traced = withTraces.filter((run) => data.traced.has(run));
  const devices = [...new Set(drawn.flatMap(({ run }) => run.power.map(({ device }) => device)))];
  const head = {
    id: "power",
    title: POWER.title,
    description: powerText({
      runs: drawn.length,
      devices: devices.length,
      traced: traced.length,
      choice: data.traces,
    }),
  };
  const keys = drawn.map((_, index) => String(index));
  const measured = drawn.flatMap(({ run }, index) =>
    run.phases.filter(isMeasure).map(({ begin_s, end_s }) => ({ key: String(index), begin_s, end_s }))
  );
  const idle = drawn.flatMap(({ run: { energy } }, index) => {
    const bare_w = energy?.bare_w ?? null;
    // Of no board at all it is 0.
    return bare_w === null || bare_w <= 0 ? [] : [{ key: String(index), bare_w }];
  });
  const svg = svgOf({
    ...head,
    options: {
      height: drawn.length * PANEL_HEIGHT + 70,
      // The first panel has a name above it, too.
      marginTop: 44,
      x: { label: POWER.time, grid: true },
      y: { label: POWER.watts, grid: true, ticks: 4, zero: true, nice: true },
      fy: { domain: keys, axis: null, padding: 0.22 },
    },
    legend: [
      ...devices.slice(0, COLORS.length).map((device, index) =>
        barEntry(boardText(index, device), COLORS[index] ?? INK.plain)
      ),
      ...measured.length === 0 ? [] : [barEntry(POWER.measured, INK.band)],
      ...idle.length === 0 ? [] : [{ label: POWER.idle, color: INK.plain, symbol: null, dash: "4 3" }],
    ],
    marks: [
      rect(measured, { fy: "key", x1: "begin_s", x2: "end_s", fill: INK.band }),
      ...drawn.flatMap(({ run }, panel) =>
        run.power.map((band) =>
          areaY(columnsOf(band), {
            fy: () => String(panel),
            x: "at",
            y1: "low",
            y2: "high",
            fill: COLORS[devices.indexOf(band.device)] ?? INK.plain,
            stroke: COLORS[devices.indexOf(band.device)] ?? INK.plain,
            strokeWidth: 0.75,
          })
        )
      ),
      ruleY(idle, { fy: "key", y: "bare_w", stroke: INK.plain, strokeDasharray: "4 3" }),
      text(drawn, {
        fy: (_: Panel, index: number) => String(index),
        frameAnchor: "top-left",
        dy: -12,
        text: "label",
      }),
    ],
  });
  const isMetered = drawn.some(({ run: { energy } }) =>
    Object.values(energy?.meters ?? {}).some(({ counter_j, integral_j }) =>
      counter_j !== null && integral_j !== null
    )
  );
  const interaction: PowerTraces | null = traced.length === 0
    ? null
    : await packTraces(traced.map((run) => ({ run, label: labelOf(run) })));
  return {
    ...head,
    svg,
    absent: null,
    table: {
      head: [
        POWER.name,
        POWER.deviceName,
        POWER.least,
        POWER.most,
        POWER.seconds,
        ...isMetered ? [POWER.counter, POWER.integral, POWER.ratio] : [],
      ],
      rows: drawn.flatMap(({ run, label }) =>
        run.power.map((band) => {
          const [low, high] = [band.low_w, band.high_w].map((side) => side.filter((value) => value !== null));
          return [
            label,
            band.device,
            numberText(smallest(low ?? [])),
            numberText(largest(high ?? [])),
            numberText(band.column_s * band.low_w.length),
            ...isMetered ? metersOf(run, band.device) : [],
          ];
        })
      ),
      left_out: 0,
    },
    ...interaction === null ? {} : { interaction },
  };
}

/** Of the measured window by both ways of metering, and the first over the second. */
function metersOf({ energy }: RunDetails, device: string): string[] {
  const { counter_j = null, integral_j = null } = energy?.meters[device] ?? {};
  const ratio = counter_j === null || integral_j === null || integral_j === 0 ? null : counter_j / integral_j;
  return [counter_j, integral_j, ratio].map(numberText);
}

function isMeasure({ name, end_s }: PhaseSpan): boolean {
  return name === "measure" && end_s !== null;
}

/** Without the columns that have no reading: at the edges of a slow sensor. */
function columnsOf(
  { from_s, column_s, low_w, high_w }: PowerBand,
): { readonly at: number; readonly low: number; readonly high: number }[] {
  return low_w.flatMap((low, column) => {
    const high = high_w[column] ?? null;
    return low === null || high === null ? [] : [{ at: from_s + (column + 0.5) * column_s, low, high }];
  });
}
