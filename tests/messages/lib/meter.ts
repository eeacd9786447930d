import * as messages from "../../../lib/meter/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const BOARD = "GPU-5a0c1111-2222-3333-4444-555566667777";

const SAMPLES: SampledMessages = samplesOf(messages, {
  impossiblePower: [[BOARD, 0]],
  counterAboveRange: [["/sys/class/powercap/intel-rapl:0/energy_uj", "18446744073709551615", 262143328850]],
  namelessZone: [["/sys/class/powercap/intel-rapl:0"]],
  impossibleReadings: [[BOARD, 0, 40, 40]],
  someImpossibleReadings: [[BOARD, 65535, 2, 400]],
  counterWentBack: [[BOARD]],
  counterAboveAnyBoard: [[BOARD, 12000]],
  counterStoodStill: [[BOARD, { seconds: 10, watts: 250 }]],
  unreadCounter: [[BOARD, "not supported"]],
  powerNotRead: [[BOARD, "unknown error"]],
});

export default SAMPLES;
