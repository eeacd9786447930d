import * as messages from "../../../../../lib/cli/commands/export/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  detailsMissing: [["results/s/runs/0001_m/requests.jsonl", 0], ["results/s/runs/0001_m/power.parquet", 11]],
});
export default SAMPLES;
