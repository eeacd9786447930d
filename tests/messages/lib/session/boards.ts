import * as messages from "../../../../lib/session/boards/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const BOARDS = [
  { index: 0, uuid: "GPU-4d3a91c2-0000-0000-0000-000000000000" },
  { index: 1, uuid: "GPU-4d3a77e0-0000-0000-0000-000000000000" },
];
const [BOARD] = BOARDS;
const DEAD = { index: 3, uuid: null, reason: "the GPU is lost", remedy: "Reset it.", isGuess: false };

const SAMPLES: SampledMessages = samplesOf(messages, {
  boardNotOpen: [
    ["3", DEAD],
    ["3", { ...DEAD, uuid: "GPU-4d3a91c2-0000-0000-0000-000000000000", remedy: null }],
    ["GPU-77e0", { ...DEAD, isGuess: true }],
  ],
  boardLeftOut: [
    [{ index: 3, uuid: null, closed: { reason: "the GPU is lost", remedy: "Reset it." } }],
    [{ index: 0, uuid: "GPU-4d3a", closed: { reason: "unknown error", remedy: null } }],
  ],
  warnOfBoard: [["GPU 3 is left out"]],
  noBoardOpens: [[[{ index: 3, uuid: null, closed: { reason: "the GPU is lost", remedy: "Reset it." } }]]],
  deviceUnknown: [["7", BOARDS], ["7", BOARDS.slice(0, 1)]],
  deviceFitsSeveral: [["GPU-4d3a", BOARDS]],
  sameBoard: BOARD === undefined ? [] : [["0", BOARD.uuid, BOARD]],
  noMigMode: [["MIG-1", BOARDS]],
  noMigDevice: [["MIG-2", BOARDS]],
  boardAndSlice: BOARD === undefined ? [] : [["0", "MIG-1", BOARD]],
  devicesUnchecked: [[["0", "1"]]],
});

export default SAMPLES;
