import * as messages from "../../../lib/doctor/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const WHERE = "results can be written (ext4)";

const SAMPLES: SampledMessages = samplesOf(messages, {
  othersUse: [[1.6, 2]],
  endOthers: [[]],
  notSupported: [[]],
  useInstead: [["llamacpp, pytorch, or command with a worker of your own"]],
  dockerMissing: [[]],
  dockerSilent: [["/usr/bin/docker"]],
  dockerNeededBy: [[["pytorch"]]],
  systemLibraries: [["2.36", "3.4.30"], ["2.31", null]],
  noexecResults: [[WHERE, "/home/ada/.cache/llem/workers"]],
  noexecEverywhere: [[WHERE]],
  openResults: [[WHERE, "/data"]],
  unusableCache: [["/data is writable for everyone"]],
});

export default SAMPLES;
