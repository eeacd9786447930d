import * as messages from "../../../../lib/study/repeats/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  cyclesAndUntil: [["study.yaml:3:15"], ["--cycles"]],
  needsUntil: [[]],
  untilIsEmpty: [[]],
  tooManyWidths: [[8]],
  metricTooLong: [[300, 100]],
  aWidth: [[]],
  cyclesTooFew: [
    [{ least: 6, most: 6, key: "max_cycles" }],
    [{ least: 20, most: 20, key: "min_cycles" }],
  ],
  sequentialUntil: [[]],
  untilAndSearch: [[]],
});

export default SAMPLES;
