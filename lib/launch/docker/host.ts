import type { Image } from "../../experiment/inputs.ts";
import type { Gpu } from "../../host/gpus.ts";
import type { DockerCli } from "../../process/docker.ts";

/** What containers of a study are started with, found before its first run. */
export interface DockerHost {
  readonly cli: DockerCli;
  /** By backend, and by `serverImageKey`. */
  readonly images: ReadonlyMap<string, Image>;
  /** NVIDIA's driver is at work here, so containers get GPUs. */
  readonly nvidia: boolean;
  readonly gpus: readonly Gpu[];
  /** For `--shm-size`; `host` is the machine's own. */
  readonly shared_memory: string;
  /** The daemon runs as this user. */
  readonly rootless: boolean;
  /** The daemon may give containers more locked memory and stack than it has itself. */
  readonly raises_limits: boolean;
  /** The daemon labels files, so that a container sees none of ours unless told otherwise. */
  readonly selinux: boolean;
}
