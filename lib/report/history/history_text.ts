import { metricHeading, metricPhrase } from "../../results/metric_declarations.ts";
import { basename, resolve } from "node:path";
import { minuteText } from "../../base/text.ts";
import { shellWord } from "../../base/shell_word.ts";
import type {
  ConfigurationHistory,
  History,
  HistoryPoint,
  MetricHistory,
} from "../../results/history/history.ts";
import { FEWEST_STUDIES } from "../../results/history/metric_history.ts";
import { textTable } from "../table.ts";
import { configurationName } from "./configuration_name.ts";
import * as messages from "./messages.ts";

/** Of a machine that is mended every night nobody reads more. */
const MOST_CHANGES = 10;

/** A history as people read it: a sentence for each configuration and metric, then the tables. Ends with a newline. */
export function historyText(history: History): string {
  const tables = history.configurations.flatMap((configuration) =>
    configuration.metrics.filter(({ points }) => points.length > 0)
      .map((metric) => tableOf(configuration, metric))
  );
  return [lines(historySentences(history)), ...tables, lines(historyNotes(history))]
    .filter((part) => part !== "").join("\n");
}

/** What each configuration and metric comes to. */
export function historySentences({ configurations }: History): string[] {
  return configurations.flatMap(sentencesOf);
}

/** What changed beside the configuration, and what was left out. */
export function historyNotes(history: History): string[] {
  return [...new Set([...history.configurations.flatMap(notesOf), ...folderNotes(history)])];
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}

function sentencesOf(configuration: ConfigurationHistory): string[] {
  const name = configurationName(configuration);
  if (configuration.metrics.length === 0) return [messages.noValueLine(name)];
  return configuration.metrics.map((metric) => sentenceOf(name, metric));
}

function sentenceOf(configuration: string, { metric, verdict, points }: MetricHistory): string {
  const last = points.at(-1);
  const called = metricPhrase(metric);
  if (last === undefined || last.expected === null) {
    return messages.tooFewLine(configuration, called, points.length, FEWEST_STUDIES);
  }
  const { value, expected } = last;
  const facts = { configuration, metric: called, value, expected };
  switch (verdict) {
    case "alarm":
      return messages.alarmLine(facts);
    case "improved":
      return messages.improvedLine(facts);
    case "changed":
      return messages.changedLine(facts);
    case "once":
      return messages.onceLine(facts);
    case "steady":
      return messages.steadyLine(configuration, called, expected.n);
    case "too_few":
      return messages.tooFewLine(configuration, called, points.length, FEWEST_STUDIES);
  }
}

function tableOf(
  configuration: ConfigurationHistory,
  { metric, unit, better, points }: MetricHistory,
): string {
  const { config_hash, machine } = configuration;
  const of = `${configurationName(configuration)} [${config_hash.slice(0, 8)}]`;
  const head = [of, ...machine === null ? [] : [messages.onMachine(machine)]].join(" ");
  const columns = [
    messages.HISTORY_COLUMNS.started,
    messages.HISTORY_COLUMNS.study,
    messages.HISTORY_COLUMNS.runs,
    metricHeading(metric),
    messages.HISTORY_COLUMNS.expected,
    messages.HISTORY_COLUMNS.standing,
  ];
  return `${head}\n${messages.metricFacts(metric, unit, better)}\n${textTable(columns, points.map(rowOf))}`;
}

/** The cells of a study. */
export function rowOf(
  { study_dir, started_at, n, value, low95, high95, expected, standing }: HistoryPoint,
): string[] {
  return [
    started_at === null ? "-" : minuteText(started_at),
    nameOf(study_dir),
    String(n),
    messages.valueWithInterval(value, low95, high95),
    expected === null ? "-" : messages.expectedRange(expected.low, expected.high),
    messages.STANDINGS[standing],
  ];
}

function nameOf(study_dir: string): string {
  return shellWord(basename(resolve(study_dir)));
}

function notesOf({ metrics, skipped }: ConfigurationHistory): string[] {
  const changes = (metrics[0]?.points ?? []).flatMap(({ study_dir, changes: found }) =>
    found.map(({ what, before, after }) => messages.changeNote(nameOf(study_dir), what, before, after))
  );
  // The newest matter most.
  const shown = changes.slice(-MOST_CHANGES);
  const left = changes.length - shown.length;
  const counted: readonly (readonly [number, (count: number) => string])[] = [
    [skipped.other_machine, messages.skippedMachine],
    [skipped.other_content, messages.skippedContent],
    [skipped.no_runs, messages.skippedNoRuns],
    [skipped.missing_results, messages.missingResults],
    [skipped.older, messages.skippedOlder],
    ...metrics.map(({ metric, without_value }) =>
      [without_value, (count: number) => messages.skippedNoValue(count, metric)] as const
    ),
  ];
  return [
    ...metrics.flatMap(({ metric, two_groups }) =>
      two_groups === null
        ? []
        : [messages.twoGroupsNote(metricPhrase(metric), two_groups.sizes, two_groups.between)]
    ),
    ...shown,
    ...left > 0 ? [messages.moreChanges(left)] : [],
    ...counted.filter(([count]) => count > 0).map(([count, text]) => text(count)),
  ];
}

function folderNotes({ damaged, truncated, studies, others }: History): string[] {
  const [first] = damaged;
  return [
    ...first === undefined ? [] : [messages.skippedDamaged(damaged.length, first.problem)],
    ...truncated ? [messages.onlyNewest(studies)] : [],
    ...others > 0 ? [messages.otherConfigurations(others)] : [],
  ];
}
