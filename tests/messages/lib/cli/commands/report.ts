import * as messages from "../../../../../lib/cli/commands/report/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  openNeedsFile: [[]],
  notOpened: [["no display, or no xdg-open"]],
  noBrowser: [[]],
});
export default SAMPLES;
