import type { NullAlarms } from "../../results/compare/null_alarms.ts";
import * as messages from "./messages.ts";

/** The false alarms of a machine: a sentence, then a line for each metric. Ends with a newline. */
export function nullText({ comparisons, alarms, unit, metrics }: NullAlarms): string {
  if (comparisons === 0) return `${messages.nullTooFew()}\n`;
  const lines = metrics.map(({ metric, alarms, largest }) =>
    messages.nullMetric(metric, alarms, largest === null ? "-" : messages.changeText(largest))
  );
  return [messages.nullSentence({ alarms, comparisons, unit }), ...lines].map((line) => `${line}\n`).join("");
}
