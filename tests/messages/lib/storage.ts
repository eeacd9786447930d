import * as messages from "../../../lib/storage/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  umaskTakesRights: [[0o277]],
  cannotSave: [["the journal", "/srv/results/x/journal.jsonl", "the file system is read-only."]],
  studyDirectoryIn: [[]],
  saveReason: [["ENOSPC"], ["EDQUOT"], ["EROFS"], ["EIO"], ["EACCES"], ["ENOTDIR"]],
});

export default SAMPLES;
