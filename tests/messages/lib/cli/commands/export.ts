import * as messages from "../../../../../lib/cli/commands/export/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  unknownFormat: [["xlsx", ["parquet", "csv"]]],
  unknownTable: [["run", ["runs", "metrics"]]],
  noTables: [["bmf"]],
  severalFiles: [["csv", true], ["action-benchmark", false]],
  folderInPlaceOfFile: [["results", "bmf"]],
  folderNotOurs: [["results"]],
  noStudiesIn: [["results"]],
  unfinishedStudy: [["results/s", "interrupted", 3, 10]],
  nothingCompleted: [[]],
  olderLeftOut: [["results/s_1", "s", 0], ["results/s_1", "s", 3]],
  unreadable: [["results/s/runs/r/requests.jsonl", 1], ["results/s/runs/r/power.parquet", null]],
  exported: [
    [1, "llem.prom", []],
    [2, "out", ["runs.csv", "metrics.csv"]],
    [1, "out", ["a.json", "b.json", "c.json", "d.json", "e.json", "f.json", "g.json"]],
  ],
  detailsMissing: [["results/s/runs/0001_m/requests.jsonl", 0], ["results/s/runs/0001_m/power.parquet", 11]],
});
export default SAMPLES;
