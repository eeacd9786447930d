import * as messages from "../../../../../lib/report/html/charts/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  moreLeftOut: [[0, "run"], [1, "run"], [12, "experiment"]],
  noEnergyText: [[null], ["no meter on this machine"]],
  nothingCompletedText: [[0], [6]],
  listText: [[[]], [["a", "b"]], [["a", "b", "c", "d", "e", "f", "g"]]],
});
export default SAMPLES;
