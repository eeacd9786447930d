import * as messages from "../../../../lib/results/energy/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const UUID = "GPU-5a0c1234";

const SAMPLES: SampledMessages = samplesOf(messages, {
  nothingTells: [[]],
  noGpuByEngine: [[]],
  noGpuByHello: [[]],
  noEnergyOfTheRun: [["its engine computes on the CPU"]],
  absentMeter: [["rapl", "only root may read the energy counters"]],
  unreadPart: [["package-1", "Permission denied"]],
  notSeen: [[]],
  helloNamedNothing: [[]],
  toldByMemory: [[UUID, 412]],
  boardNotMetered: [[3, "it is lost"]],
  hostOnly: [[]],
  hostCovers: [[true, null], [false, ["package-0"]]],
  coversNothing: [[]],
  gpuCovers: [[1, null], [2, "whatever else the boards did meanwhile included"]],
});

export default SAMPLES;
