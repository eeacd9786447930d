/** What the failures mean that programs print, and what to try. */
import type { Explanation } from "../../engines/failure_rule.ts";

type Explanations = Readonly<Record<string, Explanation>>;

/** Drivers, runtimes and devices. */
export const GPU_FAILURE = {
  driverMismatch: {
    cause: "The NVIDIA driver was updated, but the old kernel module is still loaded.",
    remedy: "Reboot, or unload and load the nvidia kernel modules.",
  },
  driverTooOld: {
    cause: "The NVIDIA driver is too old for the CUDA version that this program was built with.",
    remedy: "Update the driver (nvidia-smi shows the newest CUDA version that it supports), " +
      "or install a build for an older CUDA.",
  },
  noKernelImage: {
    cause: "This build has no code for the compute capability of this GPU.",
    remedy: "Install a build that supports this GPU, or use another GPU.",
  },
  noGpu: {
    cause:
      "The program found no GPU: there is none, its driver is not loaded, or CUDA_VISIBLE_DEVICES hides it.",
    remedy: "Compare nvidia-smi with execution.devices; in a container check --gpus all.",
  },
  noSuchGpu: {
    cause: "The program asked for a GPU that does not exist.",
    remedy: "Compare nvidia-smi -L with execution.devices and with the number of GPUs in the configuration.",
  },
  gpuBusy: {
    cause: "Another process holds the GPU in exclusive mode, or the GPU is in a bad state.",
    remedy: "Check the processes on the GPU and its compute mode with nvidia-smi.",
  },
  torchWithoutCuda: {
    cause: "The installed torch is a CPU-only build.",
    remedy: "Install the build for your CUDA version; pytorch.org shows the command.",
  },
  hardwareFault: {
    cause: "The GPU has a hardware fault.",
    remedy:
      "Look for Xid lines in dmesg, exclude this GPU (execution.devices), and have it reset or replaced.",
  },
  illegalAccess: {
    cause: "A GPU kernel made an illegal memory access: a defect of the engine, " +
      "or token ids or lengths beyond the model's limits.",
    remedy: "Check the prompt lengths; run once with CUDA_LAUNCH_BLOCKING=1 in the environment " +
      "to see where it happens.",
  },
  gpuCommunication: {
    cause: "The communication between the GPUs failed.",
    remedy: "Run once with NCCL_DEBUG=INFO in the environment; " +
      "check /dev/shm and the links between the GPUs (nvidia-smi topo -m).",
  },
} as const satisfies Explanations;

/** `smaller` is what makes a run need less memory, such as `lower pytorch.batch_size`. */
export function gpuMemoryFull(smaller: string): Explanation {
  return {
    cause: "The GPU's memory was full.",
    remedy: `${capital(smaller)}; nvidia-smi shows whether another process holds memory.`,
  };
}

/** The kernel killed the worker, or one of its processes. */
export function killedForMemory(smaller: string): Explanation {
  return {
    cause: "The memory of the machine, or of the container or job this runs in, was full.",
    remedy: moreMemory(smaller),
  };
}

export function hostMemoryFull(smaller: string): Explanation {
  return {
    cause: "The machine, or the limit of its container, job or ulimit -v, had no memory left.",
    remedy: moreMemory(smaller),
  };
}

/** The text does not say which memory it was. */
export function someMemoryFull(smaller: string): Explanation {
  return { cause: "Memory ran out, on the device or on the machine.", remedy: moreMemory(smaller) };
}

function moreMemory(smaller: string): string {
  return `${
    capital(smaller)
  }; or provide more memory: check the limit of a container, cgroup or Slurm job (--mem).`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function sharedMemoryFull(): Explanation {
  return {
    cause: "Shared memory (/dev/shm) is full or too small.",
    remedy:
      "Enlarge it (docker run --shm-size=8g, or mount -o remount,size=8g /dev/shm), or use fewer processes.",
  };
}

/** Models and data. */
export const MODEL_FAILURE = {
  accessDenied: {
    cause: "The hub denied access to the model: it is gated or private, or the token is missing or wrong.",
    remedy: "Accept the model's licence on its page, and set HF_TOKEN in the environment.",
  },
  hubUnreachable: {
    cause: "The hub could not be reached, and the model or data is not in the local cache.",
    remedy:
      "Check the network and HTTPS_PROXY, or download it on a machine with network access (hf download).",
  },
  fileMissing: {
    cause: "The model's folder lacks a file that the engine needs.",
    remedy: "Download the whole model again, or name the folder that holds config.json and the weights.",
  },
  lfsPointer: {
    cause: "The model's file is a Git LFS pointer, not the model.",
    remedy: "Fetch the file itself: git lfs pull.",
  },
  damaged: {
    cause: "The model's file is damaged, incomplete or of another format.",
    remedy: "Compare its size and SHA-256 with those of the source and download it again, or convert it.",
  },
  quantisationNotSupported: {
    cause: "The engine, or this GPU, does not support the model's form of quantisation.",
    remedy: "Use another form of the model, a newer engine or a newer GPU.",
  },
  contextTooShort: {
    cause: "Prompt and output together are longer than the context that the model or engine allows.",
    remedy: "Lower the prompt and output lengths " +
      "(dataset.input_len, output_len, max_input_tokens, max_output_tokens).",
  },
  notANumber: {
    cause: "The model computed NaN or infinity: often fp16 for a model made for bf16, or damaged weights.",
    remedy: "Set precision: bf16 or fp32, or check the model's file.",
  },
} as const satisfies Explanations;

/** `engines` are those that take a relative path, such as `llamacpp and pytorch`. */
export function noSuchModel(engines: string): Explanation {
  return {
    cause: "Neither a local folder nor a model of the hub has this name.",
    remedy: "Check the spelling of model. " +
      `A relative path starts at the study file's folder for ${engines}; other engines need an absolute one.`,
  };
}

/** `options` are the fields that permit it. */
export function modelBringsCode(options: string): Explanation {
  return {
    cause: "The model comes with code of its own, which the engine runs only with explicit permission.",
    remedy:
      `Read that code: it runs as you. Then set ${options}: true, or the option of that name of your engine.`,
  };
}

export function unknownArchitecture(name: string | null): Explanation {
  return {
    cause: `This version of the engine does not support the model's architecture${
      name === null ? "" : ` (${name})`
    }.`,
    remedy: "Update the engine (llama.cpp, transformers, vllm), or use another model.",
  };
}

/** `options` are the fields that choose the attention. */
export function gpuTooOld(options: string): Explanation {
  return {
    cause: "This GPU is too old for the number format or the attention that the run asks for.",
    remedy: `Set precision: fp16, or another attention (${options}: sdpa).`,
  };
}

/** Programs and libraries. */
export const PROGRAM_FAILURE = {
  noDriverLibrary: {
    cause: "The library of the NVIDIA driver, libcuda.so.1, was not found: " +
      "there is no driver, or the container has no GPU.",
    remedy: "Install the driver; in a container use the NVIDIA Container Toolkit (--gpus all, or --nv).",
  },
  librariesDoNotFit: {
    cause: "Two libraries are incompatible: one was built against another version of the other.",
    remedy: "Reinstall both from the same release, such as torch and the extension named in the log.",
  },
  wrongMachine: {
    cause: "A program or library is damaged or built for another kind of processor.",
    remedy: "Install the build for this machine (uname -m).",
  },
  illegalInstruction: {
    cause: "The processor lacks instructions (AVX2, AVX-512 ...) that this build uses.",
    remedy: "Install a build for this processor, or run it on a newer one.",
  },
} as const satisfies Explanations;

/** `version` is a symbol version such as `GLIBC_2.38`. */
export function systemLibraryTooOld(version: string): Explanation {
  return {
    cause: `The program needs ${version}, but the C or C++ library of this system is older.`,
    remedy: "Use a build for an older system, a container with a newer one, or a newer system.",
  };
}

export function libraryMissing(library: string): Explanation {
  return {
    cause: `The shared library ${library} is not installed, or not where the loader looks.`,
    remedy: "Install its package, or add its folder to LD_LIBRARY_PATH (command.env of the study).",
  };
}

export function moduleMissing(module: string): Explanation {
  return {
    cause: `The Python interpreter of this run has no module ${module}.`,
    remedy:
      "Install it there (python3 -m pip install ...), or name the python of its environment in command.argv.",
  };
}

export function packageMissing(name: string): Explanation {
  return {
    cause: `The Python interpreter of this run has no package ${name}.`,
    remedy: "Install it there with pip.",
  };
}

export function commandMissing(name: string): Explanation {
  return {
    cause: `A shell script calls ${name}, which is not in PATH.`,
    remedy: "Install it, or set PATH in command.env.",
  };
}

/** What the operating system refused. */
export const SYSTEM_FAILURE = {
  diskFull: {
    cause: "A disk that the worker writes to is full.",
    remedy:
      "Free space (df -h; caches such as ~/.cache/huggingface, and TMPDIR), or use another disk for it.",
  },
  quotaUsedUp: {
    cause: "The user's disk quota is used up.",
    remedy: "Free space, or move caches (HF_HOME, TMPDIR) to another file system.",
  },
  readOnly: {
    cause: "The worker writes to a file system that is mounted read-only.",
    remedy: "Move its caches (HF_HOME, TMPDIR) to a writable folder.",
  },
  portTaken: {
    cause: "The port that the worker needs is taken, perhaps by a process left over from an earlier run.",
    remedy: "Find it (ss -ltnp) and end it, or set another port.",
  },
  openFiles: {
    cause: "The worker reached the limit of open files.",
    remedy: "Raise it (ulimit -n) before starting llem.",
  },
  threads: {
    cause: "The limit of processes and threads is reached.",
    remedy: "Raise it (ulimit -u, pids limit of the container), or use fewer threads (OMP_NUM_THREADS).",
  },
  serverDown: {
    cause: "A server that the worker needs does not answer.",
    remedy: "Start it, or check its address and port.",
  },
} as const satisfies Explanations;

/** `path` is null where the text does not name it. */
export function permissionDenied(path: string | null): Explanation {
  return {
    cause: `The worker cannot use ${path ?? "a file or device"}: permission denied.`,
    remedy: "Check owner and mode (ls -l), and the groups of the user for GPU devices (render, video).",
  };
}

export function pathMissing(path: string | null): Explanation {
  return {
    cause: `A file is missing: ${path ?? "its name is in the log"}.`,
    remedy: "Check the path; a worker starts in the study file's folder.",
  };
}
