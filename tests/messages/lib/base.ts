import * as messages from "../../../lib/base/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  isFolderNotFile: [[]],
  isNotRegularFile: [[]],
  fileTooLong: [[64_000_000]],
  placeIsNoFolder: [["/srv/results"]],
  placeIsOpen: [["/srv/share"]],
  placeIsNoexec: [["/mnt/share"]],
  placeNotWritable: [["/srv/results", "Permission denied (os error 13)"]],
});

export default SAMPLES;
