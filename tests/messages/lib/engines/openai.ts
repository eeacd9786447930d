import * as messages from "../../../../lib/engines/openai/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const URL = "http://127.0.0.1:8000/v1";

const SAMPLES: SampledMessages = samplesOf(messages, {
  clientFloor: [[
    { p50_ms: 0.264, p99_ms: 0.61, late_ms: 0.89, cpu_us: 48.8, rate: 199.97, asked: 200 },
    8.9,
  ]],
  clientIsSlow: [[]],
  quietMachineAdvice: [[]],
  clientNotTried: [["Connection refused (os error 111)"], [""]],
  trialFailed: [[2]],
  inBackend: [["The trace /srv/azure.csv holds no requests. Give openai.load.file another one."]],
  programOfServer: [["Cannot find the program llama-server in PATH (/usr/bin:/bin)."]],
  modelOfServerMissing: [["/srv/models/qwen.gguf", false], ["/srv/studies/~/qwen.gguf", true]],
  certificatesTrouble: [["/etc/ssl/own.pem", "No such file or directory (os error 2)"], [
    "/etc/ssl/own.pem",
    null,
  ]],
  serverSilent: [[URL, "Connection refused (os error 111)"], [URL, messages.noAnswerWithin(2)], [
    "https://h",
    "UnknownIssuer",
  ], ["https://h", "tls handshake eof"]],
  keyEmpty: [["OPENAI_API_KEY"]],
  fewerThanConcurrency: [[8, "4 prompts"], [2, "1 conversation"]],
  noAnswerWithin: [[2]],
  noApiThere: [[URL]],
  keyRefused: [[URL, 401, null], [URL, 403, "OPENAI_API_KEY"]],
  serverNotReady: [[URL, 503]],
  noListOfModels: [[URL]],
  modelNotServed: [[URL, "Qwen/Qwen3-8B", ["meta-llama/Llama-3.1-8B"]], [URL, "x", [
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
  ]]],
  servedUnclear: [[URL, []], [URL, ["a", "b"]]],
});

export default SAMPLES;
