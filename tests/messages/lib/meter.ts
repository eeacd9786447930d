import * as messages from "../../../lib/meter/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const UUID = "GPU-5a0c1234";

const SAMPLES: SampledMessages = samplesOf(messages, {
  impossiblePower: [[UUID, 0]],
  counterAboveRange: [[
    "/sys/class/powercap/intel-rapl:1/energy_uj",
    "18446744073709551615",
    262_143_328_850,
  ]],
  namelessZone: [["/sys/class/powercap/intel-rapl:1"]],
  impossibleReadings: [[UUID, 0, 221, 221]],
  someImpossibleReadings: [[UUID, 4_294_967.295, 4, 601]],
  counterWentBack: [[UUID]],
  counterAboveAnyBoard: [[UUID, 6000]],
  counterStoodStill: [[UUID, { seconds: 12, watts: 300 }]],
  unreadCounter: [[UUID, "the counter was not read near an edge of the window"]],
  powerNotRead: [[UUID, "no reading of power in the window"]],
});

export default SAMPLES;
