import * as messages from "../../../../lib/report/search/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const RATE = { over: "openai.load.rate", experiment: "" };
const OF_SEVERAL = { over: "openai.concurrency", experiment: "api=chat" };

const SAMPLES: SampledMessages = samplesOf(messages, {
  searchGoesOn: [
    [RATE, { kept: "4", missed: null, next: "8" }],
    [OF_SEVERAL, { kept: "4", missed: "8", next: "6" }],
    [RATE, { kept: null, missed: null, next: "1" }],
  ],
  loadFound: [
    [RATE, {
      highest: "5.66",
      above: { load: "5.93", verdict: "missed" },
      below: "5.18",
      facts: ["goodput 5.6 req/s", "180 tok/s", "0.42 J/token resolved"],
    }],
    [OF_SEVERAL, { highest: "1", above: { load: "2", verdict: "failed" }, below: null, facts: [] }],
    [RATE, { highest: "4", above: { load: "8", verdict: "unjudged" }, below: "2", facts: [] }],
    [RATE, { highest: "4", above: { load: "8", verdict: "overloaded" }, below: null, facts: [] }],
    [RATE, { highest: "4", above: { load: "8", verdict: "not_sent" }, below: null, facts: [] }],
    [RATE, { highest: "64", above: null, below: "32", facts: [] }],
  ],
  noLoadFound: [[RATE, { load: "1", verdict: "missed" }], [OF_SEVERAL, { load: "1", verdict: "failed" }]],
  goodputFact: [["5.6"]],
  searchAdds: [[33]],
  tokensFact: [["180"]],
  energyFact: [["0.42", "resolved"]],
  searchEffort: [[{ probes: 1, cycles: 1 }, null], [{ probes: 9, cycles: 3 }, { missed: "5.66", met: "8" }]],
  searchPlanned: [
    [{ over: "openai.load.rate", from: "1", to: "64", resolution: "5" }, {
      probes: 11,
      experiments: 1,
      runs: 33,
    }],
    [{ over: "openai.load.rate", from: "1", to: "64", resolution: "5" }, {
      probes: 11,
      experiments: 2,
      runs: 66,
    }],
  ],
});

export default SAMPLES;
