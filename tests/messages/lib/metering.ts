import * as messages from "../../../lib/metering/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const UUID = "GPU-5a0c1234";

const SAMPLES: SampledMessages = samplesOf(messages, {
  noMeterHere: [[]],
  nothingOpens: [[]],
  backendIsNull: [[]],
  backendUnreadable: [["nvml"]],
  meterNotRestarted: [["the meter process did not answer"]],
  boardDoesNotOpen: [[UUID, "the GPU is lost (fallen off the bus)"]],
  baselineDisabled: [[]],
  baselineWithoutGpu: [[]],
  baselineBesideServer: [[]],
  serverOnAnotherMachine: [["gpu7.example"]],
  takingBaseline: [[30]],
  takingBaselineAfter: [[30]],
  idlePowerMoved: [[UUID, 72.31, 85]],
  baselineMoved: [[[messages.idlePowerMoved(UUID, 72.31, 85)]]],
  memoryAwaited: [[UUID, { usedMib: 20_480, beforeMib: 312, limitMs: 30_000 }]],
  memoryNotFreed: [[UUID, { usedMib: 20_480, beforeMib: 312, limitMs: 30_000 }]],
  coolingDown: [[71, 45]],
});

export default SAMPLES;
