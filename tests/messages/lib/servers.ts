import * as messages from "../../../lib/servers/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const LOG = "/home/me/results/load/runs/0001/server.log";
const SAID = { words: ["ERROR: CUDA out of memory"], remedy: messages.gpuMemoryRemedy(), log: LOG };
const SILENT = { words: [], remedy: null, log: LOG };

const SAMPLES: SampledMessages = samplesOf(messages, {
  serverExited: [
    [{ code: 1, signal: null }, 0.17, SAID],
    [{ code: null, signal: "SIGILL" }, 0.5, { ...SILENT, remedy: messages.cpuRemedy() }],
    [{ code: null, signal: null }, 3, SILENT],
  ],
  serverDied: [[{ code: null, signal: "SIGKILL" }, 61.2, SILENT]],
  serverNotReady: [[900, messages.stageHealth("/health", 503), { ...SILENT, words: ["Loading model"] }]],
  serverReplaced: [[]],
  serverDiedIdle: [[LOG]],
  startStopped: [[]],
  serverRefusedProof: [["/v1/completions", 404, "no model x"], ["/v1/completions", 500, ""]],
  portTaken: [[18_123, 4711, SILENT], [18_123, null, SAID], [18_123, null, null]],
  otherPortTaken: [[18_123, SAID]],
  serverNotStarted: [["vllm is not in PATH (/usr/bin:/bin)."]],
  containerStays: [["the daemon does not answer"]],
  serverSurvives: [[[4711, 4712]]],
  serverLogNotWritten: [["No space left on device (os error 28)"]],
  stageNoAnswer: [["/health"]],
  stageElsewhere: [[18_123, [8000, 8001]]],
  foregroundRemedy: [[]],
  killedRemedy: [[]],
  stageHealth: [["/health", 503]],
  stageNobodyListens: [[18_123]],
  stageProof: [["/v1/completions"]],
  portRemedy: [[]],
  kvRemedy: [[]],
  gpuMemoryRemedy: [[]],
  gpuTakenRemedy: [[]],
  libraryRemedy: [[]],
  argumentRemedy: [[]],
  modelRemedy: [[]],
  cpuRemedy: [[]],
});

export default SAMPLES;
