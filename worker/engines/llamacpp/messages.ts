const SMALLER_CONTEXT = "Lower n_parallel, the prompt and output lengths";

export function contextTooLarge(tokens: number, sequences: number, reason: string): string {
  return `Cannot create a context of ${tokens} tokens for ${sequences} sequences: ${reason}. ` +
    `${SMALLER_CONTEXT}, n_ubatch or n_ctx.`;
}

export function contextRefused(reason: string): string {
  return `Cannot create a context with these llamacpp settings: ${reason}.`;
}

export function contextKeepsNothing(): string {
  return "the model keeps no context";
}

export function contextNeedsMemory(tokens: number, neededBytes: number, availableBytes: number): string {
  return `A context of ${tokens} tokens needs ${neededBytes} bytes for its KV cache; ` +
    `${availableBytes} bytes of memory are available. ` +
    `${SMALLER_CONTEXT} or llamacpp.n_ctx, or choose a smaller cache type.`;
}

export function contextFull(moreTokens: number, contextTokens: number): string {
  return `No room for ${moreTokens} more tokens in a context of ${contextTokens}. Raise llamacpp.n_ctx.`;
}

export function contextBelowWorkload(
  { n_ctx, sequences, perSequence, needed, enough }: Readonly<
    Record<"n_ctx" | "sequences" | "perSequence" | "needed" | "enough", number>
  >,
): string {
  return `llamacpp.n_ctx ${n_ctx} gives each of ${sequences} sequences ${perSequence} tokens; the workload ` +
    `needs ${needed}. Set it to ${enough} or leave it out.`;
}

export function settingAboveLimit(name: string, value: number, most: number): string {
  return `llamacpp.${name} is ${value}; the library accepts at most ${most}.`;
}

export function settingBelowParallel(name: string, value: number, parallel: number): string {
  return `llamacpp.${name} is ${value}; it must not be below n_parallel (${parallel}).`;
}

export function decodeFailed(code: number, tokens: number): string {
  return `llama_decode failed with code ${code} on ${tokens} tokens. The reason is in the worker's log.`;
}

export function noGpuLibraries(folder: string, names: string): string {
  return `${folder} contains none of ${names}`;
}

export function noDeviceStarted(reason: string | null): string {
  return `no device could be initialised (${reason})`;
}

export function layersNotOnGpu(reason: string): string {
  return `Cannot put layers on a GPU: ${reason}. ` +
    "Set llamacpp.n_gpu_layers to 0 for the CPU, or make the driver, the CUDA runtime and cuBLAS loadable.";
}

export function noLayerOnGpu(model: string): string {
  return `No layer of ${model} is on the GPU. Set llamacpp.n_gpu_layers to 0 for the CPU.`;
}

export function modelNotLoaded(path: string, reason: string, remedy: string): string {
  return `Cannot load model ${path}: ${reason}. ${remedy}`;
}

/** What to do about a model that the library does not load. */
export const MODEL_REMEDY = {
  unsupported: "This llama.cpp release does not support the model; use another one.",
  memory: "Use a smaller model, one with fewer bits per weight, or fewer layers on the GPU.",
  main_gpu: "Set llamacpp.main_gpu to an existing device.",
  corrupt: "The file is damaged or incomplete: download or copy it again.",
  unknown: "See the worker's log.",
} as const;

export function modelGeneratesNoText(path: string, reason: string): string {
  return `Cannot generate text with model ${path}: ${reason}. Use a causal language model.`;
}

/** Why a model generates no text. */
export const NOT_CAUSAL = {
  vocabulary: "it has no vocabulary",
  encoder: "it has an encoder",
  diffusion: "it is a diffusion model",
} as const;

export function fieldNotSupported(field: string): string {
  return `The embedded engine does not support ${field}: remove it from the study.`;
}

export function assignmentNotResolved(): string {
  return "The assignment has no llamacpp section: it must be resolved.";
}

export function fileChanged(path: string): string {
  return `${path} does not have the content it was written with`;
}

export function fileReplaced(path: string): string {
  return `${path} is not what was written there`;
}

export function fileOfOtherUser(path: string, uid: number): string {
  return `${path} belongs to user ${uid}`;
}

export function fileWritableForOthers(path: string): string {
  return `${path} is writable for others`;
}

export function noCpuLibraryRuns(folder: string, count: number): string {
  return `Cannot use llama.cpp from ${folder}: none of its ${count} CPU libraries runs on this processor. ` +
    "Add libggml-cpu-x64.so of the same release, which runs on every x86-64 processor.";
}

export function idleForBaseline(): string {
  return "idle, to measure the baseline";
}

export function promptWithoutTokens(number: number, source: string): string {
  return `Prompt ${number} of ${source} has no tokens. Leave it out.`;
}

export function sourceUnknown(): string {
  return "its dataset";
}

const OTHER_BUILD = "in llamacpp.library_dir, or leave it out.";
const NAME_FULL_BUILD = `Name a folder with a full build of that release ${OTHER_BUILD}`;

export function libraryOfOtherBuild(folder: string, reason: string): string {
  return `Cannot use the llama.cpp library in ${folder}: ${reason}. ` +
    "It has the right version but is another build; name a full build of that release.";
}

export function libraryMismatch(folder: string, found: string, needed: string): string {
  return `Cannot use the llama.cpp library in ${folder}: ${found}, but ${needed} is needed. ` +
    `Name a build of that release ${OTHER_BUILD}`;
}

export function structsDiffer(fields: string): string {
  return `its parameter structs differ (${fields})`;
}

export function versionUnknown(reason: string): string {
  return `its version cannot be read (${reason})`;
}

export function libraryNotLoadable(release: string, folder: string, reason: string): string {
  return `Cannot load llama.cpp ${release} from ${folder}: ${reason}. ` +
    "Check that the files are complete, that glibc is 2.34 or later, and that libstdc++ and libgcc_s are installed.";
}

export function libraryFilesMissing(release: string, folder: string, files: string): string {
  return `Cannot load llama.cpp ${release} from ${folder}: ${files} not found. ${NAME_FULL_BUILD}`;
}

export function libraryFolderUnreadable(release: string, folder: string, reason: string): string {
  return `Cannot load llama.cpp ${release} from ${folder}: ${reason}. ${NAME_FULL_BUILD}`;
}

export function libraryFileDefective(path: string, defect: string): string {
  return `Cannot load ${path}: ${defect}. ${NAME_FULL_BUILD}`;
}

export function libraryOfOtherRelease(path: string, release: string): string {
  return `Cannot use ${path}: llama.cpp ${release} is needed. ${NAME_FULL_BUILD}`;
}

/** What is wrong with a file that should be a shared library. */
export const ELF_DEFECT = {
  short: "file too short",
  other: "not a shared library",
  cut: (size: number, expected: number): string => `cut short: ${size} bytes, ${expected} expected`,
} as const;

export function engineThreadFailed(reason: string): string {
  return `The engine's thread failed: ${reason}`;
}

export function unpackedForThisRun(excuse: string): string {
  return `The llama.cpp library was unpacked for this run only: ${excuse}.`;
}

export function cpuOnly(): string {
  return "The machine has a GPU, but this build of llama.cpp runs on CPUs only.";
}

export function batchNotFull(parallel: number, prompts: number): string {
  return `llamacpp.n_parallel is ${parallel}, but there are only ${prompts} prompts.`;
}

export function beyondTraining(longest: number, trained: number): string {
  return `A request has up to ${longest} tokens (prompt and output); the model was trained on contexts of ${trained}.`;
}

export function modelNotGguf(path: string, head: string): string {
  return `Cannot load model ${path}: it is not a GGUF file (${head}). Convert it to GGUF first.`;
}

export function modelVersionTooNew(path: string, version: number, newest: number): string {
  return `Cannot load model ${path}: its GGUF version is ${version}; this llama.cpp reads up to version ` +
    `${newest}. Convert the model again with a matching converter.`;
}

export function modelMissing(model: string, path: string): string {
  return `Cannot load model "${model}": ${path} does not exist. ` +
    "Name a GGUF file (relative to the study file) or tiny-random.";
}

export function modelNotRegular(path: string): string {
  return `Cannot load model ${path}: it is not a file. Name the GGUF file itself.`;
}

export function cacheForbidsExecution(): string {
  return "the cache does not allow execution";
}

export function noExecutionAnywhere(): string {
  return "Cannot load llama.cpp: no folder that it could be unpacked into allows execution (mounted noexec). " +
    "Set XDG_CACHE_HOME to a folder on a file system that allows execution.";
}

export function notUnpackedAnywhere(troubles: string): string {
  return `Cannot unpack llama.cpp, neither into the cache nor elsewhere (${troubles}). ` +
    "Set XDG_CACHE_HOME to a folder that only you can write to and that allows execution.";
}

export function assetsNotBuilt(): string {
  return "Cannot load llama.cpp: build/llamacpp has no manifest.json. Make it with scripts/llamacpp_assets.ts.";
}
