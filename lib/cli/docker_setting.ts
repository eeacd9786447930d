import type { Gpu } from "../host/gpus.ts";
import type { DockerCli } from "../process/docker.ts";

/** An image that is on this machine. */
export interface Image {
  /** As the study names it. */
  readonly name: string;
  /** `sha256:...`: what a name stands for may change, and a study sees the same in every run. */
  readonly id: string;
}

/** What containers of a study are started with, found before its first run. */
export interface DockerSetting {
  readonly cli: DockerCli;
  /** By backend. */
  readonly images: ReadonlyMap<string, Image>;
  /** NVIDIA's driver is at work here, so containers get GPUs. */
  readonly nvidia: boolean;
  readonly gpus: readonly Gpu[];
  /** The daemon runs as this user. */
  readonly rootless: boolean;
  /** The daemon may give containers more locked memory and stack than it has itself. */
  readonly raises_limits: boolean;
  /** The daemon labels files, so that a container sees none of ours unless told otherwise. */
  readonly selinux: boolean;
}
