import * as messages from "../../../../lib/report/endings/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const EXPLANATION = { cause: "Native code divided an integer by zero.", remedy: messages.SEE_LOG };

const SAMPLES: SampledMessages = samplesOf(messages, {
  shellProgramNotExecutable: [[]],
  shellProgramNotFound: [[]],
  childKilled: [["SIGFPE", 8, EXPLANATION]],
  otherErrno: [["ELOOP"]],
  ownWorkerNotExecutable: [[]],
  containerRefused: [[]],
  imageInterpreter: [["not_executable", "pytorch.python"], ["not_found", "pytorch.python"]],
  stoppedByRequest: [[]],
  resultGone: [[]],
  runnerGone: [[]],
  containerNotEnded: [[]],
  processNotEnded: [[]],
  workerDefect: [[]],
  logEndsWith: [["RuntimeError: shape mismatch"]],
  logIsEmpty: [[]],
  printedNothing: [[]],
  startByHand: [[]],
  raiseLimit: [["timeout_total"], ["timeout_startup"], ["timeout_silence"], ["timeout_study"], ["timeout_x"]],
  resultButNoEnd: [[]],
  duringPhase: [["measure"]],
  afterPhase: [["load"]],
  beforeAnyPhase: [[true], [false]],
  noFrameAtAll: [[]],
  leftEarly: [[]],
  resultFrameNeeded: [[]],
  frameTooLarge: [[]],
  frameCutOff: [[]],
  numberNotFinite: [[]],
  frameInvalid: [[]],
  failedWhileClosing: [[EXPLANATION]],
});

export default SAMPLES;
