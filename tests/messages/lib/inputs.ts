import * as messages from "../../../lib/inputs/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const MODEL = "/home/me/models/m.gguf";
const OTHERS = ["/home/me/models/a.gguf", "/home/me/models/b.gguf"];

const SAMPLES: SampledMessages = samplesOf(messages, {
  unknownDataset: [["mine", "aienergyscore"]],
  notGguf: [[MODEL, null], [MODEL, "lfs_pointer"], [MODEL, "web_page"], [MODEL, "pickle"]],
  notWeights: [[MODEL, "empty"]],
  modelCutShort: [[MODEL, { has: 20, needs: null }], [MODEL, { has: 20, needs: 4000 }]],
  ggufVersion: [[MODEL, 1]],
  ggufBigEndian: [[MODEL]],
  laterPart: [
    [MODEL, { number: 2, count: 3, first: "/home/me/models/m-00001-of-00003.gguf", isThere: true }],
    [MODEL, { number: 2, count: 3, first: "/home/me/models/m-00001-of-00003.gguf", isThere: false }],
    [MODEL, { number: 2, count: 3, first: null, isThere: false }],
  ],
  partMisnamed: [[MODEL, { count: 3, example: "m-00001-of-00003.gguf" }]],
  partsMissing: [[MODEL, ["m-00002-of-00003.gguf"]]],
  partOfOther: [[MODEL, "m-00002-of-00003.gguf"]],
  isProjector: [[MODEL, OTHERS]],
  isAdapter: [[MODEL, []]],
  isVocabulary: [[MODEL, []]],
  isFolder: [["/home/me/models", OTHERS], ["/home/me/models", []]],
  folderLacks: [["/home/me/models/m", { missing: ["config.json"], part: "model", models: [] }]],
  modelUnreadable: [[MODEL, "permission denied"]],
  tooFewPrompts: [
    ["prompts.jsonl", { has: 3, needs: 10, isFile: true }],
    ["prompts.jsonl", { has: 0, needs: 1, isFile: true }],
    ["dataset owner/set", { has: 0, needs: 1, isFile: false }],
  ],
});

export default SAMPLES;
