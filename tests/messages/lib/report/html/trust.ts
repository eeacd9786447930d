import * as messages from "../../../../../lib/report/html/trust/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const COUNTS = { total: 10, completed: 10, failed: 0, missing: 0, left: 0, retried: 0 };

const SAMPLES: SampledMessages = samplesOf(messages, {
  runsCounted: [
    [COUNTS],
    [{ total: 1, completed: 1, failed: 0, missing: 0, left: 0, retried: 1 }],
    [{ total: 20, completed: 10, failed: 2, missing: 1, left: 7, retried: 3 }],
  ],
  energyCounts: [
    [{ resolved: 10, marginal: 0, unattributable: 0 }, 0, null],
    [{ resolved: 7, marginal: 2, unattributable: 1 }, 3, "the window of 2 s is short"],
  ],
  noEnergy: [[null], ["the server runs on another machine"]],
  hashesUntold: [[]],
  throttlingUnseen: [[]],
  noRunCompleted: [[]],
  noneOf: [[10]],
  runsDisturbed: [[2, 10]],
  driftSeen: [[1, 10]],
  cyclesInOrder: [[["interleaved"], true], [["sequential"], false]],
  noneKnown: [[]],
  allTheSame: [[[], 0], [["NVIDIA H100"], 0], [["560.1", "550.2"], 2]],
  notTheSame: [[]],
  resultsDrift: [["output tok/s", 0.7333, 0.0056]],
  undeclared: [[[], 0], [["driver"], 0], [["driver", "kernel"], 2]],
  notKnownApart: [[]],
});

export default SAMPLES;
