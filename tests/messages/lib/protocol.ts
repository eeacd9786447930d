import * as messages from "../../../lib/protocol/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  frameTooLargeWhenCut: [[8]],
  frameWithTooManyKeys: [[20_000]],
  frameTooDeep: [[64]],
  frameWithTooManyValues: [[250_000]],
  assignmentOfOtherVersion: [[2, 1], [undefined, 1]],
  assignmentIncomplete: [[]],
  frameNotJson: [[null], ["Unexpected end of JSON input"]],
  frameWithoutType: [[]],
  frameNestedTooDeep: [["result", 64]],
  frameInvalid: [["phase", messages.fieldInvalid("t_ns", messages.MUST_BE.nanoseconds, -1)]],
  fieldNotFinite: [["output_tokens", "NaN"]],
  fieldInvalid: [["metrics", messages.MUST_BE.mapping, null]],
  frameNotAsExpected: [[]],
});

export default SAMPLES;
