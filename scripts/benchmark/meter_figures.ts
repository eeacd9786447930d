import type { MeterMessage, SelfMessage } from "../../lib/meter/sample.ts";
import type { Figure } from "./figure.ts";
import { percentile } from "./percentile.ts";

/** What a meter process costs and how well it keeps its pace, from what it wrote in a stretch of time. */
export function meterFigures(messages: readonly MeterMessage[], periodMs: number): Figure[] {
  const times = messages.flatMap((message) => message.type === "power" ? message.t_ns.slice(0, 1) : []);
  const selves = messages.filter((message) => message.type === "self");
  const devices = messages.find((message) => message.type === "power")?.t_ns.length ?? 0;
  const pace = `${devices} boards every ${periodMs} ms, ${times.length} times`;
  return [
    { name: "meter_cpu_pct", value: cpuPercent(selves), aim: "<= 1", remark: `of one core, ${pace}` },
    {
      name: "meter_jitter_ms_p99",
      value: times.length < 2 ? null : percentile(jitterMs(times, periodMs), 99),
      aim: "<= 5",
      remark: `from a reading to the nearest point of the grid of ${periodMs} ms, ${pace}`,
    },
    {
      name: "meter_rss_mb",
      value: selves.length === 0 ? null : Math.max(...selves.map(({ rss_bytes }) => rss_bytes)) / 1e6,
      aim: null,
      remark: "of the meter process, at most",
    },
  ];
}

/** Null where fewer than two messages tell of it. */
export function cpuPercent(selves: readonly SelfMessage[]): number | null {
  const [first, last] = [selves[0], selves.at(-1)];
  if (first === undefined || last === undefined || last.t_ns <= first.t_ns) return null;
  return (last.cpu_s - first.cpu_s) / ((last.t_ns - first.t_ns) / 1e9) * 100;
}

/** How far each time lies from its grid, whose phase is the median one: an early or late first reading moves nothing. */
export function jitterMs(timesNs: readonly number[], periodMs: number): number[] {
  const periodNs = periodMs * 1e6;
  const first = timesNs[0] ?? 0;
  const near = (ns: number): number => ns - Math.round(ns / periodNs) * periodNs;
  const offsets = timesNs.map((t) => near(t - first));
  const phase = percentile(offsets, 50);
  return offsets.map((offset) => Math.abs(near(offset - phase)) / 1e6);
}
