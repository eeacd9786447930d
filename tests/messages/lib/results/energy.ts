import * as messages from "../../../../lib/results/energy/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const BOARD = "GPU-5a0c1111-2222-3333-4444-555566667777";

const SAMPLES: SampledMessages = samplesOf(messages, {
  nothingTells: [[]],
  noGpuByEngine: [[]],
  noGpuByHello: [[]],
  noEnergyOfTheRun: [[messages.noGpuByEngine()]],
  absentMeter: [["rapl", "permission denied"], ["nvml", "no driver"]],
  unreadPart: [["package-1", "permission denied"]],
  notSeen: [[]],
  cameWithTheRun: [[]],
  helloNamedNothing: [[]],
  toldByMemory: [[BOARD, 812]],
  boardNotMetered: [[3, "it reports 0 W"]],
  hostOnly: [[]],
  hostCovers: [[true, null], [false, null], [false, ["package-0"]]],
  coversNothing: [[]],
  gpuCovers: [[1, null], [2, "a slice of each is used"]],
});

export default SAMPLES;
