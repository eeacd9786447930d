import * as messages from "../../../../lib/meter/amd/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  noAmdGpu: [["/sys/class/drm"]],
  noAmdgpuSensors: [[["card0", "card1"]]],
  loadAmdgpu: [[]],
  sensorsMissing: [["card1"]],
  sensorsMissingRemedy: [[]],
  amdGpuLeftOut: [[0, messages.sensorsMissing("card1")]],
  noPowerFile: [[]],
  readsZero: [[]],
  counterNotChecked: [[]],
  noProcessList: [[]],
  noThrottleCauses: [[]],
  metricsTooShort: [[2]],
  metricsSize: [["1.3", { expected: 120, stated: 96, actual: 100 }]],
  metricsNoCounter: [["1.3"]],
  metricsNarrowCounter: [[]],
  metricsOfApu: [["2.3"]],
  metricsUnknown: [["9.1"]],
  cardTrouble: [["card0", "AMD GPU 0x740f", messages.gpuGone()]],
  readingFailed: [["power", "Permission denied (os error 13)"], ["energy", messages.metricsUnknown("9.1")]],
  notANumber: [["power1_average", "-"]],
  permissionRemedy: [["/sys/class/drm/card0/device/hwmon/hwmon3"]],
  gpuGone: [[]],
  counterWentBack: [[]],
  counterRejected: [[messages.counterStuck(5.04, 212.4)]],
  counterStuck: [[5.04, 212.4]],
  counterDiffers: [[5, 0.451]],
});

export default SAMPLES;
