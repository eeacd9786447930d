import * as messages from "../../../../lib/session/join/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const HELD = ["c1", "c2", "c3", "c4", "c5"].map((chain) => ({ chain, agent: `node7_12_${chain}abcd` }));

const SAMPLES: SampledMessages = samplesOf(messages, {
  joinOfMore: [["execution.until"]],
  notEmpty: [["results/s"]],
  nothingToJoin: [["results/a b"]],
  notShared: [["results/s"]],
  plansOther: [["results/s", ["n_cycles was 3, is 4"]]],
  waitsForMaker: [["node7_12_abcdef"]],
  joined: [["node7_12_abcdef", "shared directory on nfs4: claims by link(2)", { left: 3, total: 12 }]],
  deviceTaken: [["device 0 is held by process 12 on node7 for results/s"]],
  waitsForOthers: [[60]],
  leavesOthers: [["results/s", HELD.slice(0, 1)], ["results/s", HELD]],
  leavesByTime: [[]],
  leavesForBoards: [[]],
  asksToDrain: [[]],
  asksToStop: [[]],
  agentsAtWork: [["results/s", ["node7_12_abcdef"]], ["results/s", HELD.map(({ agent }) => agent)]],
});

export default SAMPLES;
