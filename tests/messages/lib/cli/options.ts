import * as messages from "../../../../lib/cli/options/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  backendHelp: [[["llamacpp", "pytorch"], "pytorch"]],
  orderHelp: [[["sequential", "shuffled"]]],
  parallelHelp: [[["off", "staged"]]],
  emptyPath: [[]],
  notASetting: [["llamacpp.n_threads"]],
  notALimit: [["--max-cycles", "ten"], ["--time-budget", "0"]],
  notAWidth: [["j_per_output_token"]],
  devicesAreEmpty: [[]],
  noDeviceIn: [[",,"]],
  seeHelp: [[""], ["export"], ["submit"]],
  notAPeriod: [["5", { least: 10, most: 10_000 }]],
  notAShard: [["4/3"]],
  notAWait: [["ten"]],
  usageError: [["a study file, --model or --server is needed"]],
  secondStudyFile: [["other.yaml"]],
  nothingToRun: [[]],
  nothingToPlan: [[]],
  fixedByResume: [["--output"]],
  dryRunOfResume: [[]],
  dryRunHasNoReport: [[]],
  reportOverStudy: [["study.yaml"]],
  checkNeedsDryRun: [[]],
  retryNeedsResume: [[]],
  fixedByJoin: [["--model"]],
  needsJoin: [["--for"]],
  notATime: [["soon"]],
  joinAndResume: [[]],
  joinAndShard: [[]],
  joinNamesDirectory: [[]],
  dryRunOfJoin: [[]],
});

export default SAMPLES;
