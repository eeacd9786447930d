import * as messages from "../../../lib/session/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const BOARDS = [
  { index: 0, uuid: "GPU-4d3a91c2-0000-0000-0000-000000000000" },
  { index: 1, uuid: "GPU-4d3a77e0-0000-0000-0000-000000000000" },
];
const [BOARD] = BOARDS;
const FAILED = { index: 2, outcome: "crashed", message: "SIGSEGV" };
const DEAD = { index: 3, uuid: null, reason: "the GPU is lost", remedy: "Reset it.", isGuess: false };
const OPEN = {
  backend: null,
  synthetic: false,
  n: null,
  input_len: null,
  output_len: null,
};

const SAMPLES: SampledMessages = samplesOf(messages, {
  fileNotWritten: [["manifest.json", "No space left on device (os error 28)"]],
  nothingLeft: [
    ["results/s", []],
    ["results/a b", [FAILED]],
    ["results/s", [FAILED, { index: 4, outcome: "timed_out", message: null }]],
    ["results/s", Array.from({ length: 7 }, (_, index) => ({ ...FAILED, index }))],
  ],
  refusedByRun: [["command.argv: /data/worker.py does not exist."]],
  warnOfLoad: [["other processes use 1.6 of 2 CPUs"]],
  assumedSettings: [
    [OPEN],
    [{
      ...OPEN,
      backend: { name: "llamacpp", model: "m.gguf" },
      synthetic: true,
      n: 8,
      input_len: 128,
      output_len: 64,
    }],
    [{ ...OPEN, synthetic: true, input_len: 128 }],
    [{ ...OPEN, synthetic: true, output_len: 64 }],
    [{ ...OPEN, synthetic: true, n: 8 }],
  ],
  studyFileChanged: [["results/s/study.yaml"]],
  studyFileUnreadable: [["results/s/study.yaml", "Permission denied (os error 13)"]],
  studyFileHasErrors: [["study.yaml", "results/s"]],
  otherStudy: [["study.yaml", "results/s", ["n_cycles was 3, is 5", "2 experiments added"]]],
  nameDiffers: [["first", "second"], [null, "second"]],
  settingsKept: [[["execution.retries was 0, is 1"]]],
  notEnoughSpace: [["results", "3.0 MiB free, but 3 runs need at least 4.1 MiB", true], [
    "results/s",
    "3.0 MiB free, but 3 runs need at least 4.1 MiB",
    false,
  ]],
  littleSpace: [["results", "512.0 MiB"]],
  umaskRefused: [["the umask 277 removes your own rights", "set another one, such as umask 022"]],
  containmentUnavailable: [["cgroup", "the control group of this process cannot be divided"]],
  processesNotKilled: [[[1234, 1235], "0003_m", "results/s"]],
  processesKilled: [[[1234, 1235], "0003_m"]],
  containersNotRemoved: [["0003_m", "results/s", "the daemon does not answer"]],
  containersRemoved: [[["4f1d2c3b4a59"], "0003_m"]],
  environmentChanged: [[[
    { path: "cpu.governor", before: "performance", after: "powersave" },
    { path: "devices[0].power_limit_w", before: "700", after: "500" },
  ]]],
  programChanged: [["/home/me/worker", "is another file by now"]],
  promptsChanged: [[["results/s/prompts/a.jsonl"]], [[
    "results/s/prompts/a.jsonl",
    "results/s/prompts/b.jsonl",
  ]]],
  inputsUnreadable: [["results/s/inputs.json", "Unexpected end of JSON input"]],
  stoppedBeforeFirstRun: [["SIGINT"]],
  meteringOff: [[]],
  notMetered: [["energy.backend is null"]],
  meteredBy: [[["NVIDIA H100 PCIe x 2"], "nvml"]],
  metering: [[["NVIDIA H100 PCIe x 2 by nvml", "package-0 by rapl"]]],
  metersMissing: [[["nvml"], "no NVIDIA driver"], [["nvml", "rapl"], ""]],
  energyNotice: [["metering package-0 by rapl"]],
  meterOwnUse: [[0.0042]],
  boardNotOpen: [
    ["3", DEAD],
    ["3", { ...DEAD, uuid: "GPU-4d3a91c2-0000-0000-0000-000000000000", remedy: null }],
    ["GPU-77e0", { ...DEAD, isGuess: true }],
  ],
  noDirectoryOfStudy: [["results"]],
  startingAfterFinished: [["results/s"]],
  pathNotUtf8: [["results"]],
  fileMissing: [[]],
  fileForbidden: [[]],
  fileIsFolder: [[]],
  fileUnreadable: [["Input/output error (os error 5)"]],
  resuming: [[1, "1 lost"], [4, "1 lost, 3 pending"]],
  rerunning: [[3, "Its result runs/0003_m/result.json is missing"]],
  savedBeforeDeath: [[3]],
  journalRepaired: [[1], [112]],
  guardReplaced: [[]],
  notQuarantined: [["Permission denied (os error 13)"]],
  busyNow: [["device 0 is held by process 12 on node7"]],
  waitingFor: [["device 0 is held by process 12 on node7", 600]],
  stoppedWhileWaiting: [["device 0 is held by process 12 on node7", "SIGINT"]],
  deviceUnknown: [["7", BOARDS], ["7", BOARDS.slice(0, 1)]],
  deviceFitsSeveral: [["GPU-4d3a", BOARDS]],
  sameBoard: BOARD === undefined ? [] : [["0", BOARD.uuid, BOARD]],
  noMigMode: [["MIG-1", BOARDS]],
  devicesUnchecked: [[["0", "1"]]],
});

export default SAMPLES;
