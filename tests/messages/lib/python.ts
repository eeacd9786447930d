import * as messages from "../../../lib/python/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const PYTHON = "/usr/bin/python3";
const OLD = { module: "torch", release: "1.13", oldest: "2.1" };

const SAMPLES: SampledMessages = samplesOf(messages, {
  pythonNotUsable: [["pytorch", PYTHON, "it died of SIGSEGV", "pytorch.python"]],
  pythonLacks: [
    [
      { backend: "pytorch", python: PYTHON, field: "pytorch.python", shortfall: "lacks torch" },
      { command: `${PYTHON} -m pip install torch`, thenPython: null, count: 1, lackingHardware: null },
    ],
    [
      {
        backend: "pytorch",
        python: PYTHON,
        field: "pytorch.python",
        shortfall: "lacks torch and accelerate",
      },
      {
        command: `${PYTHON} -m venv ~/.venvs/llem`,
        thenPython: "~/.venvs/llem/bin/python",
        count: 2,
        lackingHardware: "It needs an NVIDIA GPU, and none is here",
      },
    ],
  ],
  pythonNotThere: [["pytorch", `"python3" is not in PATH (/usr/bin).`, "pytorch.python"]],
  shortfallText: [
    [["torch", "transformers", "accelerate"], []],
    [["accelerate"], [OLD]],
    [[], [OLD]],
    [[], []],
  ],
  probeCancelled: [[]],
  noProbeAnswer: [[30_000]],
  probeDied: [["SIGSEGV", ""]],
  probeFailed: [[1, "SyntaxError: invalid syntax"]],
  probeAnswerNotPython: [["usage: true"]],
  pythonTooOld: [["3.8.10", "3.10"]],
});

export default SAMPLES;
