import * as messages from "../../../lib/engines/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const PLACES = [
  "/home/me/.cache/llem cannot be written: permission denied",
  "/data is writable for everyone",
];

const SAMPLES: SampledMessages = samplesOf(messages, {
  unusableProgram: [["/data/worker.py does not exist. Paths with a slash start at the study file's folder."]],
  scriptTrouble: [["/data/worker.py", "missing"], ["/data/worker.py", "unreadable"]],
  noScriptInterpreter: [
    ["/data/worker.sh", "/bin/sh", "carriage_return"],
    ["/data/worker.sh", "/opt/python", "not_usable"],
    ["/data/worker.py", "python3.14", "not_in_path"],
  ],
  oldSystemLibraries: [[["glibc 2.31", "GLIBCXX_3.4.28"], { glibc: "2.34", glibcxx: "3.4.29" }]],
  newerSystemAdvice: [[]],
  engineProblem: [["this system has glibc 2.31", "use another backend"]],
  noPlaceForLibraries: [[PLACES]],
  noCacheFolder: [[]],
  libraryFolderTrouble: [["/opt/llama", "missing"], ["/opt/llama", "noexec"]],
  libraryRefused: [["Cannot use /opt/llama/libllama.v0.4.0.so: llama.cpp v0.5.0 is needed."]],
  noGpuInEngine: [[20]],
  runsOnCpuOnly: [[]],
  gpuBuildAdvice: [[]],
  unsetLibraryAdvice: [[]],
  otherBuildAdvice: [[]],
  engineLoads: [
    ["v0.5.0", { folder: null, cpu: "haswell", gpus: [] }],
    ["v0.5.0", { folder: "/opt/llama", cpu: null, gpus: ["CUDA0: NVIDIA H200"] }],
  ],
  unpackedForEveryRun: [["/data is writable for everyone"]],
  gpuLibraryTrouble: [["no device came up"]],
  unpackElsewhereAdvice: [[]],
  librariesDoNotLoad: [[]],
  ownProgram: [[]],
  runItselfLocally: [["llamacpp"]],
  startContainerYourself: [[]],
  allOf: [[["llamacpp", "pytorch", "vllm"]], [["pytorch"]]],
  namePythonAdvice: [["pytorch.python"]],
  unusablePython: [["/usr/bin/python3", "it is Python 3.8, older than 3.10"]],
  pythonReady: [
    ["/usr/bin/python3", "3.12.1", {
      packages: ["torch 2.13.0", "transformers 5.24.0"],
      build: { cuda: "13.0", hip: null },
      missing: ["peft", "bitsandbytes"],
    }],
    ["/usr/bin/python3", "3.12.1", {
      packages: ["torch 2.13.0"],
      build: { cuda: null, hip: "6.4" },
      missing: [],
    }],
    ["/usr/bin/python3", "3.12.1", {
      packages: ["torch 2.13.0"],
      build: { cuda: null, hip: null },
      missing: [],
    }],
    ["/usr/bin/python3", "3.12.1", { packages: ["torch 2.13.0"], build: null, missing: [] }],
  ],
  packagesAndHardwareMissing: [
    ["/usr/bin/python3", "3.12.1", "lacks tensorrt_llm", "It needs an NVIDIA GPU, and none is here"],
  ],
  installPackages: [
    ["/usr/bin/python3 -m pip install torch", null],
    ["python3 -m venv ~/.venvs/llem && ~/.venvs/llem/bin/pip install torch", "~/.venvs/llem/bin/python"],
  ],
  lessMemory: [[]],
  llamacppLessMemory: [[]],
  pytorchLessMemory: [[]],
  tensorrtLessMemory: [[]],
  tensorrtNeedsGpu: [[]],
  mpiHangs: [[]],
  mpiRemedy: [[]],
  vllmLessMemory: [[]],
  gpuHeldBy: [["12345", "20.03 GiB"]],
  gpuPartlyFree: [["3.1", "23.6"]],
  endHolder: [[null], ["vllm.engine.gpu_memory_utilization"]],
  noRoomForKvCache: [[]],
  smallerKvCache: [[]],
  packagesNotFound: [["pytorch", "/usr/bin/python3", ["torch", "transformers"]]],
});

export default SAMPLES;
