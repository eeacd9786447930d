import * as messages from "../../../../lib/results/contention/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const WINDOWS = { others_cpus: 1.62, usable_cpus: 2, covers: "measured_windows" } as const;
const RUN = { ...WINDOWS, covers: "run" } as const;

const SAMPLES: SampledMessages = samplesOf(messages, {
  waited: [[WINDOWS, 0.37], [RUN, 0.37]],
  oneThreadWaited: [[WINDOWS, 0.19]],
  allBusy: [[WINDOWS]],
  stolen: [[0.126]],
  throttled: [[0.4, 1.5], [0.4, null]],
  tooShort: [[0.104, 0.2]],
  ownNotCounted: [[]],
  machineNotRead: [[]],
  waitsNotReported: [[]],
  noProcess: [[]],
  nothingObserved: [[]],
  contendedRun: [[["other processes used 1.6 of 2 CPUs during the measured windows, and no CPU was idle"]]],
  contendedStudy: [[1, 1], [3, 6]],
});

export default SAMPLES;
