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
      return `${subject} names ${interpreter}, which is not a program here. Correct that line, or install it.`;
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
  return "run llem on Debian 12, Ubuntu 22.04, RHEL 9 or newer (a container will do), name a build for this system in " +
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
