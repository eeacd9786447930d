import * as messages from "../../../lib/meter/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const UUID = "GPU-5a0c1234";
const BOARD = `NVIDIA H100 (${UUID})`;

const SAMPLES: SampledMessages = samplesOf(messages, {
  meterNotStarted: [["Permission denied"]],
  meterEndedEarly: [[messages.meterExit({ code: 70, signal: null })]],
  meterExit: [[null], [{ code: 70, signal: null }], [{ code: 139, signal: "SIGSEGV" }]],
  meterNoAnswer: [[]],
  meterWaitCancelled: [[]],
  meterEnded: [[]],
  meterDefect: [["RangeError: Maximum call stack size exceeded"]],
  meterOptionsInvalid: [["{}"]],
  callHangs: [["open", "nvml"], ["power", BOARD], ["counters", BOARD], ["state", messages.someDevice()]],
  hangRemedy: [[]],
  someDevice: [[]],
  traceUnreadable: [["No such file or directory"]],
  traceRemedy: [[]],
  traceEmpty: [[]],
  notJson: [[]],
  notMeterMessage: [[]],
  secondHello: [[]],
  helloMissing: [[]],
  readingsForOtherDevices: [[1], [2]],
  deviceNotInHello: [[2]],
  powerUnreadable: [[]],
  powerChangedRarely: [[0], [1], [5]],
  noEnergyCounter: [[]],
  counterNotReadAtEdge: [[]],
  counterResetInWindow: [[]],
  counterResetDuringRun: [[]],
  counterDidNotAdvance: [[]],
  counterImplausible: [[0.4512]],
  emptyWindow: [[]],
  noPowerReadings: [[]],
  windowTooShortForAverage: [[]],
  noPowerInWindow: [[]],
  impossiblePower: [[UUID, 0]],
  impossibleReadings: [[UUID, 0, 221, 221]],
  someImpossibleReadings: [[UUID, 4_294_967.295, 4, 601]],
  counterWentBack: [[UUID]],
  counterAboveAnyBoard: [[UUID, 6000]],
  counterStoodStill: [[UUID, { seconds: 12, watts: 300 }]],
  counterNotUsable: [[UUID, messages.counterNotReadAtEdge()]],
  powerNotUsable: [[UUID, messages.noPowerInWindow()]],
});

export default SAMPLES;
