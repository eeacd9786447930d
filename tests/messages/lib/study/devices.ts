import * as messages from "../../../../lib/study/devices/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  selectsGpus: [[]],
  badVariableName: [[]],
  reservedVariable: [[]],
  variableWithNul: [[]],
  otherDevices: [
    [{ value: "1", devices: "0,1", place: "study.yaml:3:5" }],
    [{ value: null, devices: "0", place: "" }],
  ],
  devicesOfSlot: [[]],
  gpusOfContainer: [[]],
  notOneDevice: [["any"]],
  allAndOthers: [[["0", "1"]]],
  wrongForm: [["0-"], ['["0"]']],
  noDevice: [["cpu"]],
  rangeBackwards: [["3-0", "0-3"]],
  rangeTooLong: [["0-99", 64]],
  deviceTwice: [["0"]],
});

export default SAMPLES;
