import * as messages from "../../../lib/plan/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  shortWindow: [
    [{ short: 1, all: 1 }, { kind: "tokens", count: 256 }],
    [{ short: 2, all: 6 }, { kind: "time", seconds: 1 }],
  ],
  shortWindowHint: [[]],
  sweptCountsDiffer: [[{ n: 2, own: 4 }]],
});

export default SAMPLES;
