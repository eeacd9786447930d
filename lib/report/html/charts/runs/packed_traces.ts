import { largest } from "../../../../base/numbers.ts";
import type { PowerBand, RunDetails } from "../../../../archive/report/run_details.ts";
import type { PowerTraces } from "../chart.ts";
import { packed } from "../packed.ts";
import { TRACE_WORDS } from "./messages.ts";

/** A run with its name for people. */
export interface TraceToPack {
  readonly run: RunDetails;
  readonly label: string;
}

/** The sum of a run's devices is what a person asks for; its steps are a tenth of a watt, more where it needs more than 16 bits. */
const STEP_W = 0.1;
const MOST_STEPS = 32_000;

/**
 * The power of runs for the page's script: of every column the smallest reading, as the difference to the column before it, and how
 * far the largest lies above it; 16 bits each, little-endian, deflated, in base64. A column without readings repeats the one before it.
 */
export async function packTraces(traces: readonly TraceToPack[]): Promise<PowerTraces> {
  const runs: PowerTraces["runs"][number][] = [];
  const numbers: number[] = [];
  for (const { run, label } of traces) {
    for (const [device, band] of run.power.entries()) {
      const { low, high } = filled(band);
      const most = largest(high, 1);
      const step_w = most / MOST_STEPS > STEP_W ? most / MOST_STEPS : STEP_W;
      let before = 0;
      low.forEach((value, column) => {
        const steps = Math.round(value / step_w);
        numbers.push(steps - before, Math.round((high[column] ?? value) / step_w) - steps);
        before = steps;
      });
      runs.push({
        run_id: run.run_id,
        label: run.power.length === 1 ? label : `${label} (${device + 1})`,
        from_s: round(band.from_s),
        seconds: round(band.column_s * low.length),
        columns: low.length,
        step_w,
        measured: run.phases.flatMap(({ name, begin_s, end_s }) =>
          name === "measure" && end_s !== null ? [[round(begin_s), round(end_s)] as const] : []
        ),
      });
    }
  }
  const bytes = new Uint8Array(Int16Array.from(numbers).buffer);
  return { kind: "power_traces", runs, words: TRACE_WORDS, packed: await packed(bytes) };
}

function filled({ low_w, high_w }: PowerBand): { readonly low: number[]; readonly high: number[] } {
  let [low, high] = [0, 0];
  const all = low_w.map((value, column) => {
    [low, high] = [value ?? low, high_w[column] ?? high];
    return { low, high };
  });
  return { low: all.map((each) => each.low), high: all.map((each) => each.high) };
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
