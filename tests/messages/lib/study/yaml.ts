import * as messages from "../../../../lib/study/yaml/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  quoteEndsText: [["'"], ['"']],
  notYaml: [["Unresolved tag"]],
  nestedTooDeeply: [[]],
  deeperThan: [[100]],
  olderYaml: [[]],
  secondDocument: [[]],
  unsupportedTag: [["!!binary"]],
  aliasOfItself: [["a"]],
  aliasUndefined: [["a"]],
  tooManyAliased: [[1_000_000]],
  loneSurrogate: [[]],
  keyGivenTwice: [[]],
  notMergeable: [[]],
  invalidKey: [[]],
  yamlMark: [["a comment (#)"]],
  linesWouldJoin: [[]],
  readAsNull: [["Null"]],
  nothingGiven: [[]],
});

export default SAMPLES;
