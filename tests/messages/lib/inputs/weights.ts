import * as messages from "../../../../lib/inputs/weights/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const MODEL = "/home/me/models/m.gguf";

const SAMPLES: SampledMessages = samplesOf(messages, {
  notGguf: [
    [MODEL, null],
    [MODEL, "empty"],
    [MODEL, "lfs_pointer"],
    [MODEL, "web_page"],
    [MODEL, "safetensors"],
    [MODEL, "zip"],
    [MODEL, "pickle"],
    [MODEL, "old_ggml"],
    [MODEL, "gzip"],
    [MODEL, "xz"],
    [MODEL, "zstd"],
    [MODEL, "json"],
  ],
  notWeights: [["/home/me/models/x/model.safetensors", "lfs_pointer"]],
  modelCutShort: [[MODEL, { has: 60, needs: null }], [MODEL, { has: 1000, needs: 4096 }]],
  ggufVersion: [[MODEL, 4]],
  ggufBigEndian: [[MODEL]],
  laterPart: [
    ["/m/m-00003-of-00003.gguf", { number: 3, count: 3, first: "m-00001-of-00003.gguf", isThere: true }],
    ["/m/m-00003-of-00003.gguf", { number: 3, count: 3, first: "m-00001-of-00003.gguf", isThere: false }],
    ["/m/last.gguf", { number: 3, count: 3, first: null, isThere: false }],
  ],
  partMisnamed: [["/m/first.gguf", { count: 3, example: "NAME-00001-of-00003.gguf" }]],
  partsMissing: [["/m/m-00001-of-00003.gguf", ["m-00002-of-00003.gguf", "m-00003-of-00003.gguf"]]],
  partOfOther: [["/m/m-00001-of-00002.gguf", "/m/m-00002-of-00002.gguf"]],
  isProjector: [["/m/mmproj.gguf", ["m.gguf"]], ["/m/mmproj.gguf", []]],
  isAdapter: [["/m/lora.gguf", ["a.gguf", "b.gguf", "c.gguf", "d.gguf", "e.gguf", "f.gguf", "g.gguf"]]],
  isVocabulary: [["/m/ggml-vocab.gguf", []]],
  modelUnreadable: [[MODEL, "Permission denied (os error 13)"]],
  notRegularFile: [[]],
  nameInstead: [[[]], [["m.gguf"]], [["a.gguf", "b.gguf", "c.gguf"]]],
});

export default SAMPLES;
