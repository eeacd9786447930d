import * as messages from "../../../lib/engines/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  unusableProgram: [["/home/me/worker is not executable. Run: chmod +x /home/me/worker"]],
  scriptTrouble: [["/home/me/worker.py", "missing"], ["/home/me/worker.py", "unreadable"]],
  noScriptInterpreter: [
    ["/home/me/worker.py", "/usr/bin/python3", "carriage_return"],
    ["/home/me/worker.py", "/opt/python", "not_usable"],
    ["/home/me/worker.py", "python4", "not_in_path"],
  ],
  oldSystemLibraries: [[["glibc 2.31"], { glibc: "2.34", glibcxx: "3.4.29" }]],
  newerSystemAdvice: [[]],
  engineProblem: [["the library cannot be loaded", messages.otherBuildAdvice()]],
  noPlaceForLibraries: [[["/home/me/.cache/llem is mounted noexec", "/tmp is mounted noexec"]]],
  noCacheFolder: [[]],
  libraryFolderTrouble: [["/opt/llama", "missing"], ["/opt/llama", "noexec"]],
  libraryRefused: [["Cannot use the library in /opt/llama."]],
  noGpuInEngine: [[20]],
  runsOnCpuOnly: [[]],
  gpuBuildAdvice: [[]],
  unsetLibraryAdvice: [[]],
  otherBuildAdvice: [[]],
  engineLoads: [
    ["v0.5.0", { folder: null, cpu: "haswell", gpus: [] }],
    ["v0.5.0", { folder: "/opt/llama", cpu: null, gpus: ["CUDA0"] }],
  ],
  unpackedForEveryRun: [["the cache is mounted noexec"]],
  gpuLibraryTrouble: [["no CUDA-capable device is detected"]],
  packagesNotFound: [["pytorch", "/usr/bin/python3", ["torch", "transformers"]]],
});

export default SAMPLES;
