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
  packagesNotFound: [["pytorch", "/usr/bin/python3", ["torch", "transformers"]]],
});

export default SAMPLES;
