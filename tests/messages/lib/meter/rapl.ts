import * as messages from "../../../../lib/meter/rapl/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const ROOT = "/sys/class/powercap";
const COUNTER = `${ROOT}/intel-rapl:0/energy_uj`;

const SAMPLES: SampledMessages = samplesOf(messages, {
  permissionRemedy: [[false], [true]],
  countersMasked: [[ROOT]],
  maskedRemedy: [[]],
  noPackageZone: [[ROOT]],
  noCountersInVm: [[ROOT]],
  noCounters: [[ROOT, false], [ROOT, true]],
  noCountersRemedy: [[false], [true]],
  countersForRootOnly: [["Permission denied (os error 13)"]],
  countersUnreadable: [["Input/output error (os error 5)"]],
  countersOnly: [[]],
  noState: [[]],
  noRange: [[]],
  overlappingParts: [[["core", "psys"]]],
  zoneUnreadable: [["package-1", "Permission denied (os error 13)"]],
  zoneNameless: [[`${ROOT}/intel-rapl:1`]],
  counterAboveRange: [[COUNTER, "18446744073709551615", 262_143_328_850]],
  counterNotANumber: [[COUNTER, "-"]],
  energyLost: [["package-0", messages.notReadForTooLong(131)]],
  notReadForTooLong: [[131]],
  steppedTooFar: [[2000]],
  duplicateCounter: [["package-0-die-1", "package-0-die-0"]],
});

export default SAMPLES;
