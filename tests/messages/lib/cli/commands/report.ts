import * as messages from "../../../../../lib/cli/commands/report/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  reportWritten: [["results/x_2026/report.html", 40_123], ["report.html", 1_234_567]],
  openNeedsFile: [[]],
  outputIsFolder: [["results"]],
  notOpened: [["no display, or no xdg-open"]],
  noBrowser: [[]],
});
export default SAMPLES;
