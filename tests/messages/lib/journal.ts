import * as messages from "../../../lib/journal/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  runnerDied: [[]],
  completedResultLost: [["runs/0001_m_llamacpp_0123abcd_c1/result.json", "missing"], ["runs/x", "damaged"]],
  journalOfNewerFormat: [[9, 3]],
  journalDamaged: [[1024]],
});

export default SAMPLES;
