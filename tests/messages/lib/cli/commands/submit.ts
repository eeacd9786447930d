import * as messages from "../../../../../lib/cli/commands/submit/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SUBMITTED = {
  dir: "results/study_2026-01-02T03-04-05_a2c4",
  runs: 48,
  left: 48,
  agents: 4,
  asked: 4,
  time_s: 14_400,
  exclusive: true,
  jobs: ["12"],
  finish_job: "13",
  trouble: null,
  cancels_preempted: false,
};

const SAMPLES: SampledMessages = samplesOf(messages, {
  notANumberOfNodes: [["0"]],
  notAJobTime: [["soon"]],
  notAnOption: [["gpu"]],
  optionIsUnusable: [["--wait"]],
  nothingToSubmit: [[]],
  submitNeeds: [[true], [false]],
  submittedText: [
    [SUBMITTED],
    [{ ...SUBMITTED, left: 30, cancels_preempted: true }],
    [{
      ...SUBMITTED,
      asked: 9,
      exclusive: false,
      jobs: ["12", "13"],
      finish_job: null,
      trouble: "sbatch: no",
    }],
  ],
  wouldSubmit: [[4, true], [1, false]],
  markRemoved: [[]],
});
export default SAMPLES;
