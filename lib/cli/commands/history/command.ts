import { indexStudies } from "../../../archive/history/history_index.ts";
import { type ConfigurationRuns, readConfiguration } from "../../../archive/history/read_history.ts";
import type { IndexedConfiguration } from "../../../archive/history/history_index.ts";
import { CommandError, EXIT } from "../../../base/refusal.ts";
import { jsonText, printable, printableLines } from "../../../base/text.ts";
import { LLEM_VERSION } from "../../../base/version.ts";
import { historyCsv } from "../../../report/history/history_csv.ts";
import { historyText } from "../../../report/history/history_text.ts";
import type { ConfigurationHistory, History } from "../../../results/history/history.ts";
import { usualHistoryMetrics } from "../../../results/history/history_metrics.ts";
import {
  HISTORY_CONFIDENCE,
  type HistoryMetric,
  metricHistory,
} from "../../../results/history/metric_history.ts";
import { metricDeclaration } from "../../../results/metric_declarations.ts";
import { pageWritten } from "../../messages.ts";
import type { Streams } from "../../terminal/streams.ts";
import { checkPageName, savePage } from "../output_file.ts";
import { resultsFolder } from "../studies_to_read.ts";
import { chosenConfigurations } from "./chosen.ts";
import { gateNeedsDirection, noStudyIn, noSuchMetric, nothingCompleted } from "./messages.ts";
import type { HistoryCommand } from "./options.ts";

/** Studies of a configuration that are read where nobody asks for more: ample for an interval. */
const USUAL_LAST = 50;

/** `llem history`: reads manifests, then the results of the configurations that are shown. */
export async function historyCommand(command: HistoryCommand, streams: Streams): Promise<number> {
  const { out, err } = streams;
  if (command.html !== null) checkPageName(command.html);
  const history = historyOf(command);
  if (command.gate) checkDirections(history);
  if (command.html !== null) err.write(`llem: ${printable(await writePage(history, command.html))}\n`);
  switch (command.format) {
    case "json":
      out.write(`${jsonText(history)}\n`);
      break;
    case "csv":
      // A file gets every byte as it is.
      out.write(streams.outIsTerminal ? printableLines(historyCsv(history)) : historyCsv(history));
      break;
    case "text":
      out.write(printableLines(historyText(history)));
  }
  return command.gate ? gateCode(history) : EXIT.ok;
}

/** Says where the page is. The library that draws is loaded for this only. */
async function writePage(history: History, path: string): Promise<string> {
  const { historyPage } = await import("../../../report/history/history_page.ts");
  const bytes = new TextEncoder().encode(historyPage(history));
  return pageWritten(savePage(bytes, [path]), bytes.length);
}

/** Throws CommandError where there is nothing to follow. */
function historyOf({ root, config, metrics, last }: HistoryCommand): History {
  const index = indexStudies(root ?? resultsFolder());
  if (index.studies === 0) throw new CommandError(EXIT.usage, noStudyIn(index.root));
  if (index.configurations.length === 0) {
    throw new CommandError(EXIT.notComparable, nothingCompleted(index.root));
  }
  const chosen = chosenConfigurations(index.configurations, config);
  const read = chosen.map((one) => ({ one, runs: readConfiguration(one, last ?? USUAL_LAST) }));
  checkMetrics(metrics, read.map(({ runs }) => runs));
  return {
    schema: "llem.history/1",
    llem_version: LLEM_VERSION,
    root: index.root,
    studies: index.studies,
    damaged: index.damaged,
    truncated: index.truncated,
    confidence: HISTORY_CONFIDENCE,
    configurations: read.map(({ one, runs }) => configurationHistory(one, runs, metrics)),
    others: index.configurations.length - chosen.length,
  };
}

function configurationHistory(
  { studies: _, ...configuration }: IndexedConfiguration,
  { studies, machine, skipped }: ConfigurationRuns,
  asked: readonly HistoryMetric[],
): ConfigurationHistory {
  const metrics = asked.length === 0 ? usualHistoryMetrics(studies) : asked.map(({ name, better }) => ({
    name,
    better: better ?? metricDeclaration(name)?.better ?? null,
  }));
  return {
    ...configuration,
    machine,
    skipped,
    metrics: metrics.map((metric) => metricHistory(studies, metric)),
  };
}

function checkMetrics(asked: readonly HistoryMetric[], found: readonly ConfigurationRuns[]): void {
  const names = new Set<string>();
  for (const run of found.flatMap(({ studies }) => studies.flatMap(({ runs }) => runs))) {
    for (const name of Object.keys(run)) if (run[name] !== null) names.add(name);
  }
  const unknown = asked.find(({ name }) => !names.has(name));
  if (unknown !== undefined) {
    throw new CommandError(EXIT.usage, noSuchMetric(unknown.name, [...names].sort()));
  }
}

/** A gate that does not know which way is good would never close. */
function checkDirections({ configurations }: History): void {
  const unknown = configurations.flatMap(({ metrics }) => metrics).find(({ better }) => better === null);
  if (unknown !== undefined) throw new CommandError(EXIT.usage, gateNeedsDirection(unknown.metric));
}

/** 1 where one is worse, else 3 where one cannot be judged. */
function gateCode({ configurations }: History): number {
  const verdicts = configurations.flatMap(({ metrics }) =>
    metrics.length === 0 ? ["too_few"] : metrics.map(({ verdict }) => verdict)
  );
  if (verdicts.includes("alarm")) return EXIT.worse;
  return verdicts.includes("too_few") ? EXIT.notComparable : EXIT.ok;
}
