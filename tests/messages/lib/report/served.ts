import * as messages from "../../../../lib/report/served/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const open = { seed: 42, max_in_flight: null };
const slo = { ttft_ms: 500, tpot_ms: 50, itl_ms: null, e2e_ms: null, share: 0.99 };

const SAMPLES: SampledMessages = samplesOf(messages, {
  planLoad: [["closed 4"]],
  planServers: [[18, 18], [6, 18], [1, 1]],
  servedLoadText: [
    [{ kind: "closed", concurrency: 4 }],
    [{ kind: "poisson", rate: 2.5, ...open }],
    [{ kind: "gamma", rate: 8, shape: 0.5, ...open }],
    [{ kind: "ramp", rate: 1, to: 8, seconds: 60, ...open }],
    [{ kind: "trace", file: "traces/azure.csv", speed: 2, ...open }],
  ],
  sloText: [[slo], [{ ...slo, tpot_ms: null, e2e_ms: 2000, share: 0.999 }]],
  planSlo: [[slo]],
  runsMet: [
    [{ met: 3, missed: 0, unknown: 0 }],
    [{ met: 0, missed: 3, unknown: 0 }],
    [{ met: 2, missed: 1, unknown: 0 }],
    [{ met: 0, missed: 0, unknown: 1 }],
  ],
  sloFact: [
    [{ met: true, share: 0.995 }],
    [{ met: false, share: 0.98996 }],
    [{ met: null, share: null }],
  ],
  goodputWithVerdict: [["7.9 +-1.2 %", "met"]],
  legendGoodput: [[slo]],
  legendIdleShare: [[]],
  legendOtherSlo: [[1], [4]],
  sloOfStatus: [[slo, { met: 4, missed: 2, unknown: 0 }], [slo, { met: 0, missed: 2, unknown: 1 }]],
});

export default SAMPLES;
