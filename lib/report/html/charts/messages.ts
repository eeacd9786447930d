/** The texts of the plots of a report. */
import { plural } from "../../../base/text.ts";

export const THROUGHPUT_LATENCY = {
  title: "Throughput and latency",
  setting: "experiment",
  x: "output tokens per second",
  y: "TTFT p99 in ms",
};

export function throughputLatencyText(count: number): string {
  return `Output tokens per second against TTFT p99 of ${plural(count, "experiment")}.`;
}
