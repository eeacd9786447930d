import * as messages from "../../../lib/doctor/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  othersUse: [[1.6, 2]],
  endOthers: [[]],
  notSupported: [[]],
  useInstead: [["llamacpp, pytorch, or command with a worker of your own"]],
  dockerMissing: [[]],
  dockerSilent: [["/usr/bin/docker"]],
  dockerNeededBy: [[["pytorch"]]],
  systemLibraries: [["2.36", "3.4.30"], [null, null]],
  noexecResults: [["results can be written", "/home/me/.cache/llem"]],
  noexecEverywhere: [["results can be written"]],
  openResults: [["results can be written", "/srv/share"]],
  unusableCache: [["it is writable for others"]],
});

export default SAMPLES;
