/** Texts for people about what an engine needs: one function each, nothing else. */

/** `message` is a sentence that names the path. */
export function unusableProgram(message: string): string {
  return `command.argv: ${message}`;
}

/** A script that an interpreter is to run. */
export function scriptTrouble(path: string, trouble: "missing" | "unreadable"): string {
  const what = trouble === "missing" ? "does not exist" : "cannot be read: check its permissions";
  return `command.argv: the script ${path} ${what}. Relative paths start at the study file's folder.`;
}

/** The first line of a script names an interpreter that cannot be started. */
export function noScriptInterpreter(
  path: string,
  interpreter: string,
  trouble: "carriage_return" | "not_usable" | "not_in_path",
): string {
  const subject = `command.argv: the first line of ${path}`;
  switch (trouble) {
    case "carriage_return":
      return `${subject} ends with a carriage return, so the kernel looks for "${interpreter}\\r". ` +
        `Convert the file to Unix line ends: sed -i 's/\\r$//' ${path}`;
    case "not_usable":
      return `${subject} names ${interpreter}, which is not an executable program here. Correct that line, or install it.`;
    case "not_in_path":
      return `${subject} names ${interpreter}, which is not in PATH. Install it, or give its path.`;
  }
}

/** `found` is what is too old, such as `glibc 2.31`; never empty. Without a full stop. */
export function oldSystemLibraries(
  found: readonly string[],
  needed: { readonly glibc: string; readonly glibcxx: string },
): string {
  return `the embedded llama.cpp needs glibc ${needed.glibc} and libstdc++ with GLIBCXX_${needed.glibcxx}; ` +
    `this system has ${found.join(" and ")}`;
}

/** The remedy for a system that is too old for the embedded libraries. Without a full stop. */
export function newerSystemAdvice(): string {
  return "run llem on Debian 12, Ubuntu 22.04, RHEL 9 or newer (in a container if need be), name a build for this system in " +
    "llamacpp.library_dir, or use another backend";
}

/** What is wrong with the engine and what to do about it, as one line before the first run. */
export function engineProblem(trouble: string, remedy: string): string {
  return `backend llamacpp: ${trouble}. To fix this, ${remedy}.`;
}

/** `troubles` says of every place why it cannot be used. */
export function noPlaceForLibraries(troubles: readonly string[]): string {
  return `backend llamacpp: the engine's libraries cannot be unpacked anywhere: ${troubles.join("; ")}. ` +
    "Set XDG_CACHE_HOME to a folder that only you can write to and that allows execution, " +
    "or choose another folder for results with -o.";
}

/** The user's cache has no place on this machine. */
export function noCacheFolder(): string {
  return "neither XDG_CACHE_HOME nor HOME names a folder for the cache";
}

/** A folder named in llamacpp.library_dir or LLEM_LLAMACPP_DIR. */
export function libraryFolderTrouble(folder: string, trouble: "missing" | "noexec"): string {
  const subject = `backend llamacpp: the library folder ${folder}`;
  return trouble === "missing"
    ? `${subject} does not exist. Correct llamacpp.library_dir (or LLEM_LLAMACPP_DIR), or leave it out.`
    : `${subject} is on a file system mounted noexec, from which no library can be loaded. Move it to another one.`;
}

/** A build that is named and does not load; `reason` is the worker's sentence. */
export function libraryRefused(reason: string): string {
  return `backend llamacpp: ${reason}`;
}

/** A run that asks for layers on a GPU of an engine that has none. */
export function noGpuInEngine(layers: number): string {
  return `backend llamacpp: llamacpp.n_gpu_layers is ${layers}, but the embedded llama.cpp runs on CPUs only. ` +
    `${gpuBuildAdvice()}, or set n_gpu_layers to 0.`;
}

/** What a user of a machine with GPUs should know before the first run. */
export function runsOnCpuOnly(): string {
  return "backend llamacpp: this machine has a GPU, but the embedded llama.cpp runs on CPUs only. " +
    `${gpuBuildAdvice()}; set llamacpp.n_gpu_layers to 0 to silence this.`;
}

/** The remedy for an engine without GPU support, without a full stop. */
export function gpuBuildAdvice(): string {
  return "For the GPU, name a folder with a CUDA, HIP or Vulkan build of llama.cpp v0.5.0 in llamacpp.library_dir";
}

/** The remedy for a build in LLEM_LLAMACPP_DIR that does not load. Without a full stop. */
export function unsetLibraryAdvice(): string {
  return "name a full build of that release in LLEM_LLAMACPP_DIR, or unset it to use the embedded one";
}

/** The remedy for an embedded engine that does not load. Without a full stop. */
export function otherBuildAdvice(): string {
  return "name a build of llama.cpp v0.5.0 for this machine in llamacpp.library_dir, or use another backend";
}

/** What the engine computes on; `folder` is null for the embedded build, `cpu` where its kernels have no name. */
export function engineLoads(
  release: string,
  hardware: { readonly folder: string | null; readonly cpu: string | null; readonly gpus: readonly string[] },
): string {
  const { folder, cpu, gpus } = hardware;
  const kernels = cpu === null ? "" : ` (${cpu})`;
  const where = folder === null ? "" : ` from ${folder}`;
  return `llama.cpp ${release}${where}: ${
    gpus.length === 0 ? "CPU only" : `${gpus.join(", ")}; CPU`
  }${kernels}`;
}

/** An engine that is unpacked anew for every run, and why. */
export function unpackedForEveryRun(reason: string): string {
  return `unpacked for every run, because ${reason}`;
}

/** A GPU library that brought no device. */
export function gpuLibraryTrouble(reason: string): string {
  return `no GPU: ${reason}`;
}

/** Packages that the folders of an interpreter do not hold; `modules` is never empty. */
export function packagesNotFound(backend: string, python: string, modules: readonly string[]): string {
  return `backend ${backend}: ${python} has no ${modules.join(", ")}. ` +
    "Install the missing packages, or name another interpreter in LLEM_PYTHON; llem doctor has the command.";
}

/** What to do where libraries cannot be unpacked into the cache. Without a full stop. */
export function unpackElsewhereAdvice(): string {
  return "set XDG_CACHE_HOME to a folder that only you can write to and that allows execution";
}

/** A look at the engine that ended without a word. */
export function librariesDoNotLoad(): string {
  return "its libraries cannot be loaded";
}

/** What doctor says of backend command. */
export function ownProgram(): string {
  return "your own program as the worker";
}

/** What to do instead of `docker` in `runners`: llem itself is the worker. */
export function runItselfLocally(backend: string): string {
  return `Remove that line, or set ${backend}: local.`;
}

/** What to do instead of `docker` in `runners`: the worker is a program of the user's. */
export function startContainerYourself(): string {
  return "Remove that line, and start the container in the command: " +
    'command: { argv: [docker, run, --rm, "-i", IMAGE, ...] }.';
}

/** Words as a sentence lists them: `llamacpp, pytorch and vllm`. */
export function allOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** The remedy for an interpreter that cannot be used; `field` is a dotted path. Without a full stop. */
export function namePythonAdvice(field: string): string {
  return `set LLEM_PYTHON or ${field} to a Python interpreter`;
}

/** `trouble` is a clause. */
export function unusablePython(path: string, trouble: string): string {
  return `${path} cannot be used as a Python interpreter: ${trouble}`;
}

/** An interpreter that has what an engine needs; `missing` are optional packages. */
export function pythonReady(
  path: string,
  version: string,
  { packages, build, missing }: {
    /** Such as `torch 2.13.0`. */
    readonly packages: readonly string[];
    /** What torch was built for; null where that is not known. */
    readonly build: { readonly cuda: string | null; readonly hip: string | null } | null;
    readonly missing: readonly string[];
  },
): string {
  const rest = missing.length === 0 ? "" : `; not installed: ${missing.join(", ")}`;
  return `${path} (Python ${version}): ${packages.join(", ")}${builtFor(build)}${rest}`;
}

function builtFor(build: { readonly cuda: string | null; readonly hip: string | null } | null): string {
  if (build === null) return "";
  if (build.cuda !== null) return `; torch is built for CUDA ${build.cuda}`;
  return build.hip !== null ? `; torch is built for ROCm ${build.hip}` : "; torch is built for CPUs only";
}

/** `shortfall` says what the interpreter lacks; `hardware` is a sentence without its full stop. */
export function packagesAndHardwareMissing(
  path: string,
  version: string,
  shortfall: string,
  hardware: string,
): string {
  return `${path} (Python ${version}) ${shortfall}. ${hardware}`;
}

/** `then_python` is the interpreter that the command makes; null where it changes the one that is there. */
export function installPackages(command: string, then_python: string | null): string {
  return then_python === null ? command : `${command}, then LLEM_PYTHON=${then_python}`;
}

/** What makes a run need less memory, where nothing is known of its settings. Without a full stop. */
export function lessMemory(): string {
  return "use a smaller model, batch or context, or a device with more memory";
}

export function llamacppLessMemory(): string {
  return "lower llamacpp.n_gpu_layers, n_parallel or n_ctx, or use a model with fewer bits per weight";
}

export function pytorchLessMemory(): string {
  return "lower pytorch.batch_size or the prompt and output lengths, or load the weights in 8 or 4 bits " +
    "(pytorch.load_in_8bit, load_in_4bit)";
}

export function tensorrtLessMemory(): string {
  return "lower tensorrt.max_batch_size or the prompt and output lengths, or use more GPUs (tp_size)";
}

/** Without a full stop. */
export function tensorrtNeedsGpu(): string {
  return "TensorRT-LLM needs an NVIDIA GPU, and no device of one (/dev/nvidia0) is here";
}

/** Of a run that reached a limit. */
export function mpiHangs(): string {
  return "TensorRT-LLM was waiting for Open MPI, which did not start.";
}

export function mpiRemedy(): string {
  return "Check that Open MPI works here (mpirun -n 1 true), unset variables of a Slurm job that started llem (SLURM_*, PMI_*), " +
    "or start llem by srun --mpi=pmix. A lower execution.startup_timeout_seconds or silence_timeout_seconds ends such a run sooner.";
}

export function vllmLessMemory(): string {
  return "lower vllm.engine.max_model_len, max_num_seqs or gpu_memory_utilization, or distribute the model " +
    "over more GPUs (tensor_parallel_size)";
}

/** `pid` is as the driver reports it; `size` is such as `20.03 GiB`. */
export function gpuHeldBy(pid: string, size: string): string {
  return `The GPU's memory is full; process ${pid} (its id outside any container) holds ${size}.`;
}

/** `free` and `total` are GiB. */
export function gpuPartlyFree(free: string, total: string): string {
  return `Only ${free} of the GPU's ${total} GiB are free: another process, perhaps left over from an earlier run, ` +
    "holds the rest.";
}

/** The remedy where another process holds a GPU's memory; null: there is no setting that helps. */
export function endHolder(lower: string | null): string {
  const other = lower === null ? "" : ` Or lower ${lower}.`;
  return `End that process (nvidia-smi lists it), or select another device in execution.devices.${other}`;
}

export function noRoomForKvCache(): string {
  return "The GPU has no room for the KV cache of one sequence beside the weights.";
}

export function smallerKvCache(): string {
  return "Lower vllm.engine.max_model_len, or raise gpu_memory_utilization or tensor_parallel_size.";
}
