import * as messages from "../../../../lib/report/agents/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  agentsHeading: [[2, 5]],
  agentState: [["working"]],
  heartbeatAge: [[3.2], [null]],
  agentJob: [["12", "11", "3"], ["12", null, null]],
  agentRuns: [[7, 41]],
  moreAgents: [[1], [12]],
});

export default SAMPLES;
