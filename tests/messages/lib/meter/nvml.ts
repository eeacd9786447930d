import * as messages from "../../../../lib/meter/nvml/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const UUID = "GPU-5a0c1234";

const SAMPLES: SampledMessages = samplesOf(messages, {
  unknownReturnCode: [[41]],
  noDriver: [["libnvidia-ml.so.1: cannot open shared object file"]],
  libraryNotLoaded: [["libnvidia-ml.so.1: cannot open shared object file"]],
  libraryRemedy: [[]],
  noLibraryPath: [[]],
  nvmlNotStarted: [["the NVIDIA driver is not loaded"]],
  boardsNotCounted: [["no permission"]],
  noBoards: [[]],
  noReadableBoard: [[1], [8]],
  boardLeftOut: [[3, null, "no permission"], [3, UUID, "the GPU is lost (fallen off the bus)"]],
  readingsFailed: [[["name", "vbios_version"], UUID, "unknown error in the driver"]],
  counterReset: [[UUID, 1200n]],
  unknownBoard: [[]],
  wholeBoard: [["NVIDIA H100"]],
  notReportedInMigMode: [[]],
  notReadAtStart: [[]],
});

export default SAMPLES;
