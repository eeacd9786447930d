import * as messages from "../../../lib/launch/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  studyFolderGone: [["/home/me/study"]],
  temporaryFolderNotMade: [["/tmp", "No space left on device (os error 28)"]],
  temporaryFolderElsewhere: [["/full", "No space left on device (os error 28)", "/tmp"]],
  temporaryFolderNotRemoved: [["/tmp/llem-0a1b2c3d", "Permission denied (os error 13)"]],
  placeNotPlain: [[]],
  placeTooLong: [[56]],
  variableMissing: [["API_TOKEN", "command.env_from"]],
});

export default SAMPLES;
