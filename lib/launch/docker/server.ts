import { basename } from "node:path";
import type { ServerWish } from "../../engines/server_wish.ts";
import type { Image } from "../../experiment/inputs.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import { pathFrom } from "../../base/expand_home.ts";
import { exists } from "../../base/files.ts";
import type { Affinity } from "../../process/affinity.ts";
import { type Container, removeContainers } from "../../process/container.ts";
import { callDocker, type DockerCli } from "../../process/docker.ts";
import { resolveProgram } from "../../process/resolve_program.ts";
import { commonArguments, cpuArguments, withHubFolders } from "./launch.ts";
import type { DockerHost } from "./host.ts";
import { environmentArguments } from "./environment.ts";
import { mountArguments } from "./mounts.ts";
import { hubFiles, hubFolders } from "./paths.ts";
import { containerEnvironment } from "./program.ts";

type Env = Readonly<Record<string, string>>;

/** The label of a server's container; its value is the instance. */
export const SERVER_LABEL = "llem.server";

/** Programs whose `run`, `ps` and `rm` take docker's options. */
const PROGRAMS: ReadonlySet<string> = new Set(["docker", "podman", "nerdctl"]);
/** Where an image's program listens unless it is told, where its kind has no usual port. */
const PORT = 8000;

/** One instance that is about to be started. */
export interface ServerStart {
  readonly instance: string;
  readonly port: number;
  /** With its places filled in. */
  readonly argv: readonly string[];
}

/** How a server in a container is started, and by what it is known and removed. */
export interface ServerContainer {
  /** What makes the container. */
  readonly program: string;
  /** Null where the command line names it. */
  readonly image: Image | null;
  /** The arguments for that program, and the container that it will make. */
  start(of: ServerStart): { readonly args: readonly string[]; readonly container: Container };
}

/** The key of an image among those of a study, beside those of backends. */
export function serverImageKey(name: string): string {
  return `server ${name}`;
}

/** The words of a command line that begins a container (`docker run`, `docker container run`); 0 where it does not. */
function runWords([program = "", first, second]: readonly string[]): number {
  if (!PROGRAMS.has(basename(program))) return 0;
  if (first === "run") return 2;
  return first === "container" && second === "run" ? 3 : 0;
}

/** The program that removes the container of such a server, and its environment; null where it is none. */
export function containerCli(
  { argv }: Pick<ServerWish, "argv">,
  env: Env,
  base_dir: string,
): DockerCli | null {
  if (runWords(argv) === 0) return null;
  const found = resolveProgram(argv[0] ?? "", { baseDir: base_dir, searchPath: env["PATH"] ?? "" });
  return found.path === null ? null : { program: found.path, env: containerEnvironment(env) };
}

/** A command line of the user's own that begins a container: it gets a name, a label and the server's tag. */
export function commandContainer(
  wish: Pick<ServerWish, "argv">,
  cli: DockerCli,
  tag: string,
): ServerContainer {
  const words = runWords(wish.argv);
  return {
    program: cli.program,
    image: null,
    start: ({ instance, argv }) => {
      const [begin, rest] = [argv.slice(1, words), argv.slice(words)];
      const given = givenName(rest);
      const name = given ?? nameOf(instance);
      const named = given === null ? ["--name", name] : [];
      const args = [...begin, ...named, ...marksOf(instance), "--env", tag, ...rest];
      return { args, container: containerOf(cli, name, instance, null) };
    },
  };
}

/** What an image is started with. */
export interface ImageServer {
  readonly wish: ServerWish;
  readonly config: ExperimentConfig;
  readonly docker: DockerHost;
  readonly devices: readonly string[];
  /** Of the program that makes the container; what the server gets of it docker takes from there. */
  readonly env: Env;
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  /** Names of variables that the study sets or passes. */
  readonly variables: readonly string[];
  /** Of the variable by which its processes are known. */
  readonly tag: string;
  /** What the container is kept to of the machine; null or left out for all. */
  readonly affinity?: Affinity | null;
}

/**
 * An image as the server. It shares the network of this machine, so that no proxy of docker's stands between it and its
 * requests, where the port is told to it; else its usual port is published.
 */
export function imageContainer(
  { wish, config, docker, devices, env, base_dir, variables, tag, affinity = null }: ImageServer,
): ServerContainer {
  const image = docker.images.get(serverImageKey(wish.image ?? ""));
  if (image === undefined) throw new Error(`Preflight found no image ${wish.image}`);
  const isTold = [...wish.argv, ...Object.values(wish.env)].some((text) => text.includes("{port}"));
  const inside = (port: number): number => isTold ? port : wish.usual_port ?? PORT;
  const network = (port: number): string[] =>
    isTold && !docker.rootless ? ["--network", "host"] : ["--publish", `127.0.0.1:${port}:${inside(port)}`];
  const mounts = [
    ...hubFolders(env).map((path) => ({ path, writable: true })),
    ...[base_dir, ...hubFiles(env), pathFrom(base_dir, config.model, env)].map((path) => ({
      path,
      writable: false,
    })),
  ].filter(({ path }) => exists(path));
  return {
    program: docker.cli.program,
    image,
    start: ({ instance, port, argv }) => {
      const name = nameOf(instance);
      const args = [
        "run",
        ...["--name", name],
        ...marksOf(instance),
        ...commonArguments(docker, devices, env["CUDA_VISIBLE_DEVICES"]),
        ...cpuArguments(affinity),
        ...network(port),
        ...mountArguments(mounts),
        ...environmentArguments(env, [...variables, tag], NOTHING),
        image.id,
        ...argv,
      ];
      return { args, container: containerOf(docker.cli, name, instance, image) };
    },
  };
}

const NOTHING = /(?!)/;

/** The environment of the program that makes the container of an image. */
export function imageEnvironment(env: Env, cwd: string): Record<string, string> {
  return withHubFolders(env, cwd);
}

/** Short enough for a host name, which it becomes. */
function nameOf(instance: string): string {
  return `llem-server-${instance}`;
}

function marksOf(instance: string): string[] {
  return ["--label", `${SERVER_LABEL}=${instance}`];
}

function containerOf(cli: DockerCli, name: string, instance: string, image: Image | null): Container {
  return {
    made: () => image === null ? madeOf(cli, name) : Promise.resolve(image),
    name,
    program: cli.program,
    image: image?.name ?? "",
    image_id: image?.id ?? "",
    remove: async (limitMs) => (await removeContainers(cli, { [SERVER_LABEL]: instance }, limitMs)).trouble,
  };
}

const ASK_MS = 5000;

/** The image of a container that the user's own command line has made; null where the program does not tell. */
async function madeOf(cli: DockerCli, container: string): Promise<Image | null> {
  const args = ["inspect", "--format", "{{.Config.Image}} {{.Image}}", container];
  const { code, stdout } = await callDocker(cli, args, { limit_ms: ASK_MS });
  const [name = "", id = ""] = stdout.trim().split(" ");
  return code === 0 && name !== "" ? { name, id } : null;
}

/** The name that the user gives; null where it gives none. */
function givenName(args: readonly string[]): string | null {
  for (const [index, arg] of args.entries()) {
    if (arg === "--name") return args[index + 1] ?? null;
    if (arg.startsWith("--name=")) return arg.slice("--name=".length);
  }
  return null;
}
