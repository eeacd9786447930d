import * as messages from "../../../lib/host/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  notMounted: [[]],
  notReadable: [[]],
  tooFewOpenFiles: [[18, 12, 16]],
  startedFromCache: [[
    "results/a-20260102-030405",
    "/home/me/.cache/llem/workers/a-20260102-030405-1f2e3d4c",
  ]],
  startedFromProgram: [["results/a-20260102-030405", "/usr/local/bin/llem"]],
});

export default SAMPLES;
