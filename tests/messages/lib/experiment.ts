import * as messages from "../../../lib/experiment/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  sectionMissing: [["command", { what: "a program to run", hint: "add command: { argv: [program] }" }]],
  settingNeeded: [["pytorch.torch_compile", true]],
  notCombinable: [["vllm.sampling"]],
  oneAdapterNeeded: [["none"], ["both"]],
  containsFields: [[["model"]], [["model", "n"]]],
  containsRemoteCode: [[["pytorch.trust_remote_code"]], [[
    "pytorch.trust_remote_code",
    "vllm.engine.trust_remote_code",
  ]]],
  loadNeeded: [["pytorch", ["openai"]]],
  prefixTooLong: [[64, 32]],
  turnsNeeded: [[]],
});

export default SAMPLES;
