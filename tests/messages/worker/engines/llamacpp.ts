import * as messages from "../../../../worker/engines/llamacpp/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const FOLDER = "/opt/llamacpp";
const MODEL = "/home/me/model.gguf";

const SAMPLES: SampledMessages = samplesOf(messages, {
  contextTooLarge: [[8192, 4, "failed to allocate compute buffers"]],
  contextRefused: [["V cache quantization requires flash_attn"]],
  contextKeepsNothing: [[]],
  contextNeedsMemory: [[131072, 17179869184, 8589934592]],
  contextFull: [[1, 256]],
  contextBelowWorkload: [[{ n_ctx: 512, sequences: 4, perSequence: 256, needed: 300, enough: 2048 }]],
  settingAboveLimit: [["n_threads", 600, 512]],
  settingBelowParallel: [["n_batch", 2, 4]],
  decodeFailed: [[-3, 512]],
  noGpuLibraries: [[FOLDER, "libggml-cuda.so, libggml-vulkan.so"]],
  noDeviceStarted: [["ggml_cuda_init: failed to initialize CUDA: no CUDA-capable device is detected"]],
  layersNotOnGpu: [[messages.noGpuLibraries(FOLDER, "libggml-cuda.so")]],
  noLayerOnGpu: [[MODEL]],
  modelNotLoaded: [[MODEL, "unknown model architecture: 'new'", messages.MODEL_REMEDY.unsupported]],
  modelGeneratesNoText: [[MODEL, messages.NOT_CAUSAL.encoder]],
  fieldNotSupported: [["lora"]],
  assignmentNotResolved: [[]],
  fileChanged: [[`${FOLDER}/libllama.so`]],
  fileReplaced: [[`${FOLDER}/libllama.so`]],
  fileOfOtherUser: [[`${FOLDER}/libllama.so`, 1001]],
  fileWritableForOthers: [[`${FOLDER}/libllama.so`]],
  noCpuLibraryRuns: [[FOLDER, 3]],
  idleForBaseline: [[]],
  noPromptsGiven: [[]],
  promptsChanged: [["/srv/results/x/prompts/0123.jsonl"]],
  promptsUnreadable: [["/srv/results/x/prompts/0123.jsonl", "No such file or directory (os error 2)"]],
  lineWithoutPrompt: [['{"text": "a"}']],
  promptWithoutTokens: [[3, "prompts.jsonl"]],
  sourceUnknown: [[]],
  libraryOfOtherBuild: [[FOLDER, "undefined symbol: llama_get_memory"]],
  libraryMismatch: [[FOLDER, "llama.cpp v0.4.0", "llama.cpp v0.5.0"]],
  structsDiffer: [["n_ctx, n_batch"]],
  versionUnknown: [["failed to register symbol llama_version"]],
  libraryNotLoadable: [["v0.5.0", FOLDER, "version `GLIBC_2.34' not found"]],
  libraryFilesMissing: [["v0.5.0", FOLDER, "libggml.so, libllama.so"]],
  libraryFolderUnreadable: [["v0.5.0", FOLDER, "No such file or directory (os error 2)"]],
  libraryFileDefective: [[`${FOLDER}/libllama.so`, messages.ELF_DEFECT.cut(1024, 2048)]],
  libraryOfOtherRelease: [[`${FOLDER}/libllama.so.9`, "v0.5.0"]],
  engineThreadFailed: [["Uncaught RangeError"]],
});

export default SAMPLES;
