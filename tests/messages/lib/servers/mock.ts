import * as messages from "../../../../lib/servers/mock/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  mockOptionUnknown: [["tick"]],
  mockOptionNotOfRequest: [["slots"]],
  mockOptionInvalid: [["tick_ms", "-1"]],
  mockValueInvalid: [["fast", messages.aNumberFrom(0, 3_600_000)]],
  aNumberFrom: [[1, 10]],
  mockNotStarted: [[messages.mockNoAnswer()]],
  mockNoAnswer: [[]],
  mockCannotListen: [["127.0.0.1:8000", "Address already in use (os error 98)"]],
  mockCannotWrite: [["truth.ndjson", "No such file or directory (os error 2)"]],
  keyNotSet: [["MOCK_KEY"]],
  requestNotRead: [[]],
  bodyIsNoObject: [[]],
  noPrompt: [["messages"]],
  keyRefused: [[]],
  loadingModel: [[]],
  statusAsked: [[429]],
  generationFailed: [[]],
  noSuchPath: [["GET", "/v1/nothing"]],
});

export default SAMPLES;
