import * as messages from "../../../../lib/experiment/engines/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  programNeeded: [[]],
  serverNeeded: [[]],
  alreadySet: [
    [["API_TOKEN"], "command.env"],
    [["API_TOKEN", "OMP_NUM_THREADS"], "openai.server.env"],
  ],
  flashAttentionNeeded: [["q8_0"]],
  ubatchTooLarge: [[64, 128]],
  bothQuantised: [[]],
  beamsAboveLimit: [["tensorrt.max_beam_width"]],
  graphsOff: [[]],
  cacheNeeded: [[]],
  serverMeant: [[{ kind: "sglang", argv: 'python3, -m, sglang.launch_server, --port, "{port}"' }]],
  addressMeant: [["http://127.0.0.1:11434/v1"]],
  engineMeant: [["tensorrt"]],
  cacheFormat: [["fp8_e5m2"]],
  speculativeTokensNeeded: [["vllm.engine.num_speculative_tokens"]],
  addressNeeded: [[]],
  twoServers: [[]],
  programOfServerNeeded: [[]],
  portNeeded: [[]],
  variableNameNeeded: [[]],
  wordsTogether: [["llama-server -m {model}"]],
  unknownPlaceholder: [["modell"]],
  slashNeeded: [["health"]],
  partsOfLlem: [[["model", "stream"]]],
  keyTwice: [["Authorization"]],
  loadFieldUnused: [["rate", "closed", ["poisson", "constant"]]],
  loadFieldNeeded: [["rate", "poisson"]],
  shortFormUnused: [["poisson"]],
  concurrencyDiffers: [[4, 8]],
  noServerUrl: [["127.0.0.1:8000"], ["ftp://h"]],
  credentialsInUrl: [[]],
});

export default SAMPLES;
