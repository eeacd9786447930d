import { formatDuration } from "../../base/duration.ts";

export function noGpuForContainers(): string {
  return "this machine has no NVIDIA GPU, so containers get none";
}

export function daemonUnreachable(reason: string): string {
  return `runners: docker's daemon cannot be reached: ${reason}. Start it (systemctl start docker), ` +
    "join its group (usermod -aG docker), or name its address in DOCKER_HOST.";
}

/** `named` says what is wrong with the program that LLEM_DOCKER names; null where it names none. */
export function dockerProgramMissing(named: string | null): string {
  return `runners: docker needs the docker program, which was not found. ${
    named === null ? "" : `LLEM_DOCKER: ${named} `
  }Install Docker (docs.docker.com/engine/install), name one in LLEM_DOCKER, or set local in runners.`;
}

export function pullingImage(name: string): string {
  return `pulling ${name}, which is not on this machine yet; images with an engine are many GB`;
}

/** `image` where several are pulled at a time; null for one. */
export function dockerPullLine(line: string, image: string | null): string {
  return `docker pull${image === null ? "" : ` ${image}`}: ${line}`;
}

/** `layers` says how many are here, null where docker has not told. */
export function stillPulling(name: string, seconds: number, layers: string | null): string {
  return `still pulling ${name} after ${formatDuration(seconds)}${
    layers === null ? "" : `: ${layers} layers`
  }`;
}

export function othersStillPulled(): string {
  return "Other images are still being pulled and stay for the next start; Ctrl-C ends that.";
}

export function pullLeftNoImage(): string {
  return "docker pull left no such image";
}

export function imageUnavailable(name: string, reason: string): string {
  return `runners: the image ${name} is not on this machine and cannot be pulled: ${reason}. ` +
    "Pull or build it by hand, or name another one: docker:<image> in runners.";
}

export function imageDiskFull(name: string, reason: string): string {
  return `runners: the image ${name} cannot be pulled, since docker's disk is full: ${reason}. ` +
    "Images with an engine need 20 to 60 GB while they are unpacked. Free some (docker system df, docker image prune), " +
    "or move docker's data-root to a larger disk.";
}

export function imageNotAllowed(name: string, reason: string): string {
  return `runners: the image ${name} is not on this machine, and its registry does not hand it out: ${reason}. ` +
    "Check its name, sign in (docker login), or name another one: docker:<image> in runners.";
}

export function imageNameMoved(name: string, now: string, pinned: string): string {
  return `the image name ${name} now means ${now}; this study goes on with the image that it began with, ${pinned}`;
}

export function nameMeansOtherImage(id: string): string {
  return `the name now means ${id}`;
}

export function studyImageGone(name: string, id: string, reason: string): string {
  return `runners: the image ${name} (${id}) that the study began with is no longer on this machine: ${reason}. ` +
    "Load it again (docker load), or start a new study.";
}

export function badSharedMemory(value: string): string {
  return `LLEM_DOCKER_SHM_SIZE must be a size such as 16g, or host for the shared memory of this machine, ` +
    `but it is "${value}".`;
}

export function limitsNotRaised(): string {
  return "docker cannot raise limits here: containers keep the daemon's limits on locked memory and stack";
}

export function containerNotStartable(image: string, reason: string): string {
  return `runners: docker cannot start a container of ${image}: ${reason}`;
}

export function containerWithoutGpus(image: string, reason: string): string {
  return `runners: docker can start a container of ${image}, but not with the GPUs of this machine: ${reason}. ` +
    "Install the NVIDIA Container Toolkit (nvidia-ctk runtime configure --runtime=docker, then restart docker).";
}

/** `cuda` is the release that the image asks of the driver. */
export function driverTooOld(image: string, cuda: string): string {
  return `runners: the image ${image} needs an NVIDIA driver for CUDA ${cuda}, and the driver of this machine is older. ` +
    "Update the driver, or name an image that was built for an older CUDA: docker:<image> in runners.";
}

export function imageNeedsGpu(image: string): string {
  return `runners: the engine in the image ${image} was built for NVIDIA GPUs, and this machine has none. ` +
    "Name an image with the engine's build for CPUs: docker:<image> in runners.";
}

/** `packages` are names and versions. */
export function imageReady(image: string, python: string, packages: readonly string[]): string {
  return `the image ${image} has Python ${python}, ${packages.join(", ")}`;
}

const ADVICE = "Name an image with Python 3.10 or newer and the engine: docker:<image> in runners.";

export function imagePythonNotUsable(python: string, image: string, reason: string): string {
  return `runners: ${python} of the image ${image} is not a usable Python interpreter: ${reason}. ${ADVICE}`;
}

export function imagePythonLacks(python: string, image: string, shortfall: string): string {
  return `runners: ${python} of the image ${image} ${shortfall}. ${ADVICE}`;
}

export function containersNotSupported(backend: string, supported: string, advice: string): string {
  return `runners: docker is not supported for ${backend} (only for ${supported}). ${advice}`;
}
