import * as messages from "../../../../../worker/engines/openai/server/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  answerTooSlow: [[10]],
  answerTooLarge: [[20_000_000]],
  statusInstead: [[404]],
  notJson: [["<!doctype html>"]],
});

export default SAMPLES;
