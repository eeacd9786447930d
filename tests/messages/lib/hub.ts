import * as messages from "../../../lib/hub/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const HUB = "https://hub.example";
const CACHE = "~/.cache/huggingface/hub";
const MODEL = { kind: "model", id: "owner/name", revision: null, instead: "name a folder" };
const DATASET = { kind: "dataset", id: "owner/set", revision: "v1", instead: "use synthetic prompts" };
const ELSEWHERE = messages.withoutNetwork(MODEL, CACHE);

const SAMPLES: SampledMessages = samplesOf(messages, {
  notInCache: [["model", "owner/name", `${CACHE}/models--owner--name`, messages.fixConnection("...", "...")]],
  withoutNetwork: [[MODEL, CACHE], [DATASET, CACHE]],
  answersWith: [[HUB, "status 404"]],
  offlineForbids: [["HF_HUB_OFFLINE", HUB]],
  unsetOffline: [["HF_HUB_OFFLINE forbids asking it", ELSEWHERE]],
  fixConnection: [[messages.hubUnreachable(HUB, "connection refused", false), ELSEWHERE]],
  noSuchRepository: [[HUB, "model", "status 404", false], [HUB, "dataset", "status 404", true]],
  noSuchRevision: [[`${HUB}/owner/name`, "status 404, RevisionNotFound"]],
  gatedRepository: [[`${HUB}/owner/name`, "status 403", false], [`${HUB}/owner/name`, "status 403", true]],
  tokenRefused: [[HUB, "status 401"]],
  hubAnswers: [[HUB, "status 500", ELSEWHERE]],
  hubRetry: [[HUB, "status 503", 2150]],
  hubUnreachable: [[HUB, "connection refused", false], [HUB, "invalid peer certificate", true]],
  redirectNotHttp: [[]],
  notAHub: [
    [HUB, messages.ANSWER_FAULT.kind("a list")],
    [HUB, messages.ANSWER_FAULT.commit("missing")],
    [HUB, messages.ANSWER_FAULT.listing("an object")],
    [HUB, messages.ANSWER_FAULT.entry("7")],
    [HUB, messages.ANSWER_FAULT.name('""')],
    [HUB, messages.ANSWER_FAULT.size('"a.json"', "-5")],
    [HUB, messages.ANSWER_FAULT.hash('"a.json"', "missing")],
    [HUB, messages.ANSWER_FAULT.storage('"a.json"', "7")],
  ],
  answerTooLong: [[64]],
  pagesInCircle: [[]],
  tooManyPages: [[1000]],
  pageWithoutAddress: [[]],
  pageOnOtherHost: [["elsewhere.example"]],
  smallFileTooLarge: [["README.md", "1.1 GB", 64]],
  tooLittleSpace: [[CACHE, "owner/name", "16.1 GB", "2.0 GB"]],
  cachedPartUnusable: [['owner/set has no split "test".', "..."]],
  cardHeadTooLong: [[4]],
  cardTooLarge: [["owner/set", "README.md", "4503.6 TB", 64]],
  cacheUnreadable: [[CACHE, "permission denied"]],
  cacheUnwritable: [[CACHE, "permission denied"]],
  fileNameRefused: [["../a.json"]],
  downloadCutShort: [[`${HUB}/a.bin`, 100, 2000]],
  downloadRetry: [["owner/name model.safetensors", "connection reset", 1000]],
  waitingForDownload: [["owner/name model.safetensors", "llem, pid 4711"]],
  takingOverDownload: [["owner/name model.safetensors"]],
  noSuchSplit: [["dataset owner/set", "test", "train, validation"]],
  noSuchSubset: [["dataset owner/set", "fr", "de, en"]],
  noSuchSubsetFolder: [["dataset owner/set", "fr", "none"]],
  severalSubsets: [["dataset owner/set", "de, en"]],
  noReadableFiles: [["dataset owner/set", "data.tar, data.zip"]],
});

export default SAMPLES;
